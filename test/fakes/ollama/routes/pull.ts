import { parseModelName } from '../names';
import { pullModel } from '../pull';
import { LineStream, replyError, replyJson } from '../reply';
import { namedModel, parsePullBody } from '../requests';
import type { Exchange, Route } from '../world';

export const pullRoutes: readonly Route[] = [{ method: 'POST', path: '/api/pull', handle: pull }];

async function pull({ body, response, signal, world }: Exchange): Promise<void> {
  const parsed = parsePullBody(body);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const name = parseModelName(namedModel(parsed.value));
  if (name === null) return replyError(response, 400, 'invalid model name');
  const insecure = parsed.value.insecure ?? false;
  if (parsed.value.stream === false) {
    const end = await pullModel(world, name, insecure, () => undefined, signal);
    if (end.status === 'success') replyJson(response, 200, { status: 'success' }, 'application/json');
    if (end.status === 'failed') replyJson(response, 500, { error: end.error }, 'application/json');
    return;
  }
  const stream = new LineStream(response, world.faults);
  const end = await pullModel(world, name, insecure, (line) => stream.write(line), signal);
  if (end.status === 'failed') stream.write({ error: end.error });
  if (end.status !== 'left') stream.end();
}
