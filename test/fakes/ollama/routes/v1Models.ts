import type { ServerResponse } from 'node:http';
import { findModel } from '../modelLookup';
import { parseModelName, shortName } from '../names';
import { replyOpenAi, replyOpenAiError } from '../openAi';
import type { StoredModel } from '../store';
import type { Exchange, Route } from '../world';
import { listedModels } from './tags';

/** The models as OpenAI's API lists them. */
export const v1ModelRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/models', handle: list },
  { method: 'GET', path: '/v1/models/:', handle: one },
];

/** An empty list is null: Go's nil slice. */
function list({ response, world }: Exchange): void {
  const data = listedModels(world).map((model) => described(shortName(model.name), model));
  replyOpenAi(response, 200, { object: 'list', data: data.length === 0 ? null : data });
}

function one({ response, segment, world }: Exchange): void {
  const name = parseModelName(segment);
  if (name === null) return notFound(response, segment);
  const found = findModel(world, name, shortName(name));
  if (!found.ok) return replyOpenAiError(response, found.status, found.error);
  if (!world.store.hasWeights(found.model)) return notFound(response, shortName(name));
  replyOpenAi(response, 200, described(segment, found.model));
}

function notFound(response: ServerResponse, name: string): void {
  replyOpenAiError(response, 404, `model '${name}' not found`);
}

function described(id: string, { modifiedAtMs, name }: StoredModel): object {
  return { id, object: 'model', created: Math.floor(modifiedAtMs / 1_000), owned_by: name.namespace };
}
