import { goTime } from '../goTime';
import { shortName } from '../names';
import { declaredBytes } from '../package';
import { modelDetails } from '../modelDetails';
import { replyJson } from '../reply';
import type { StoredModel } from '../store';
import type { Exchange, Route, World } from '../world';

export const tagsRoutes: readonly Route[] = [
  { method: 'HEAD', path: '/api/tags', handle: tags },
  { method: 'GET', path: '/api/tags', handle: tags },
];

function tags({ response, world }: Exchange): void {
  replyJson(response, 200, { models: listedModels(world).map((model) => entry(world, model)) });
}

/** What can be listed, the newest first. */
export function listedModels(world: World): StoredModel[] {
  world.listings += 1;
  const readable = [...world.store.manifests.values()].filter((model) => model.manifestError === undefined);
  return newestFirst(readable, world.listings);
}

/** By whole seconds; models of one second come in another order at each call, as from Go's maps. */
function newestFirst(models: readonly StoredModel[], turn: number): StoredModel[] {
  const second = (model: StoredModel): number => Math.floor(model.modifiedAtMs / 1_000);
  const start = models.length === 0 ? 0 : turn % models.length;
  return [...models.slice(start), ...models.slice(0, start)].sort((a, b) => second(b) - second(a));
}

function entry(world: World, model: StoredModel): object {
  const { facts } = model.package;
  const capabilities = world.store.capabilities(model);
  const name = shortName(model.name);
  return {
    name,
    model: name,
    modified_at: goTime(model.modifiedAtMs),
    size: declaredBytes(model.package),
    digest: model.digest,
    details: {
      ...modelDetails(model),
      ...(capabilities.length === 0
        ? {}
        : { context_length: facts.contextLength, embedding_length: facts.embeddingLength }),
    },
    ...(capabilities.length === 0 ? {} : { capabilities: listed(capabilities) }),
  };
}

/** The list of v0.32.15 calls an embedding model `completion`; only `/api/show` knows better. */
function listed(capabilities: readonly string[]): string[] {
  return capabilities.map((capability) => (capability === 'embedding' ? 'completion' : capability));
}
