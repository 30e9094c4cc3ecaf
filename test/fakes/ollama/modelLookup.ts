import type { ModelName } from './names';
import { isCloudName } from './names';
import type { StoredModel } from './store';
import type { World } from './world';

export type Found =
  | { readonly ok: true; readonly model: StoredModel }
  | { readonly ok: false; readonly status: number; readonly error: string };

/** The installed model of that name, or the answer of routes that need one. `shown` is the name in a 404. */
export function findModel(world: World, name: ModelName, shown: string): Found {
  const model = world.store.find(name);
  if (model === undefined) return { ok: false, status: 404, error: `model '${shown}' not found` };
  if (model.manifestError !== undefined) return { ok: false, status: 500, error: model.manifestError };
  return { ok: true, model };
}

/** The answer for a name that Ollama would pass on to its cloud; null for every other name. */
export function cloudRefusal(
  world: World,
  name: ModelName,
  path: string,
): { readonly status: number; readonly error: string } | null {
  if (!isCloudName(name)) return null;
  if (world.settings.cloud === 'disabled') {
    return { status: 403, error: 'ollama cloud is disabled: remote model is unavailable' };
  }
  const seconds = Math.floor(world.nowMs() / 1_000);
  const reason = 'proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused';
  return { status: 502, error: `Post "https://ollama.com:443${path}?ts=${seconds}": ${reason}` };
}
