import { findModel } from '../modelLookup';
import { parseModelName } from '../names';
import { replyEmpty, replyError } from '../reply';
import { namedModel, parseDeleteBody } from '../requests';
import type { Exchange, Route } from '../world';

export const deleteRoutes: readonly Route[] = [
  { method: 'DELETE', path: '/api/delete', handle: deleteModel },
];

/** A loaded model stays in memory, and in `/api/ps`, until it expires. */
function deleteModel({ body, response, world }: Exchange): void {
  const parsed = parseDeleteBody(body);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const requested = namedModel(parsed.value);
  if (requested === '') return replyError(response, 400, 'model is required');
  const name = parseModelName(requested);
  if (name === null) return replyError(response, 400, `name ${JSON.stringify(requested)} is invalid`);
  const found = findModel(world, name, requested);
  if (!found.ok) return replyError(response, found.status, found.error);
  world.store.remove(found.model);
  replyEmpty(response, 200);
}
