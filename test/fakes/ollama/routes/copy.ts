import { z } from 'zod';
import { findModel } from '../modelLookup';
import { parseModelName, shortName } from '../names';
import { replyEmpty, replyError } from '../reply';
import { parseBody } from '../requests';
import type { Exchange, Route } from '../world';

export const copyRoutes: readonly Route[] = [{ method: 'POST', path: '/api/copy', handle: copy }];

const copySchema = z.object({ source: z.string().nullish(), destination: z.string().nullish() });

function copy({ body, response, world }: Exchange): void {
  const parsed = parseBody(body, 'CopyRequest', copySchema);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const [from, to] = [parsed.value.source ?? '', parsed.value.destination ?? ''];
  const [source, destination] = [parseModelName(from), parseModelName(to)];
  if (source === null) return replyError(response, 400, `source ${JSON.stringify(from)} is invalid`);
  if (destination === null) return replyError(response, 400, `destination ${JSON.stringify(to)} is invalid`);
  const found = findModel(world, source, from);
  if (!found.ok) {
    const error = found.status === 404 ? `model ${JSON.stringify(from)} not found` : found.error;
    return replyError(response, found.status, error);
  }
  world.store.copy(shortName(source), shortName(destination));
  replyEmpty(response, 200);
}
