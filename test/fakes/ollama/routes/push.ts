import { z } from 'zod';
import { parseModelName } from '../names';
import { LineStream, replyError, replyJson } from '../reply';
import { namedModel, parseBody } from '../requests';
import { manifestPath } from '../store';
import type { Exchange, Route } from '../world';

/**
 * Uploads a model to its registry, which offers it from then on. The captures hold a model that is not there; what a
 * push that works says is from Ollama's API documentation (docs/api.md, "Push a Model").
 */
export const pushRoutes: readonly Route[] = [{ method: 'POST', path: '/api/push', handle: push }];

const pushSchema = z.object({
  model: z.string().nullish(),
  name: z.string().nullish(),
  insecure: z.boolean().nullish(),
  stream: z.boolean().nullish(),
});

function push({ body, response, world }: Exchange): void {
  const parsed = parseBody(body, 'PushRequest', pushSchema);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const requested = namedModel(parsed.value);
  if (requested === '') return replyError(response, 400, 'model is required');
  const name = parseModelName(requested);
  if (name === null) return replyError(response, 400, 'invalid model name');
  const lines: object[] = [{ status: 'retrieving manifest' }];
  const model = world.store.find(name);
  const error =
    model === undefined
      ? `open ${manifestPath(name)}: no such file or directory`
      : world.registry.accept(name, parsed.value.insecure ?? false, model.package);
  if (model === undefined) lines.push({ status: "couldn't retrieve manifest" });
  if (model !== undefined && error === null) {
    for (const { digest, size } of model.package.layers) {
      const status = `pushing ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
      lines.push({ status, digest, total: size, completed: size });
    }
    lines.push({ status: 'pushing manifest' });
  }
  const last = error === null ? { status: 'success' } : { error };
  if (parsed.value.stream === false) {
    return replyJson(response, error === null ? 200 : 500, last, 'application/json');
  }
  const stream = new LineStream(response, world.faults);
  for (const line of [...lines, last]) stream.write(line);
  stream.end();
}
