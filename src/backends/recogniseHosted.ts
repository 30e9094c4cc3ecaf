import type { AskedServer, Recognised } from './backendKind';

/** A provider's own service, known by its host: whether it takes the key, if any. Null where it cannot be reached. */
export async function recogniseHosted(server: AskedServer, path: string): Promise<Recognised | null> {
  const answer = await server.get(path);
  if (answer.ok) return { readiness: 'ok' };
  const { status } = answer.failure;
  if (status === undefined) return null;
  // Gemini says 400 to a key that it does not know.
  return { readiness: [400, 401, 403].includes(status) ? 'unauthorized' : 'bad_status' };
}
