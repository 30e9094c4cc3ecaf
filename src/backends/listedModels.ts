import { compareCodePoints } from '../shared/codePointOrder';
import type { ListedModel } from './contract';

/** What no model name in the registry may hold; a name from a server is for people, and loses these. */
const NOT_SHOWN = /[^\p{L}\p{N}\p{M}._\-:/\\ ()+@,]+/gu;

const MAX_NAME_BYTES = 256;

/**
 * A server's own name of a model as it may be shown: one line, without control characters and signs that names do not
 * have, at most 256 bytes; the id where nothing is left of it or none is given.
 */
export function displayNameOf(name: string | undefined, modelId: string): string {
  const shown = (name ?? '').replace(NOT_SHOWN, ' ').replace(/ {2,}/g, ' ').trim();
  return shown === '' || Buffer.byteLength(shown) > MAX_NAME_BYTES ? modelId : shown;
}

/**
 * The models by id (code point), each once: of two with one id and provider the loaded one, else the later one.
 * LM Studio lists a model once more for each instance that is loaded.
 */
export function modelList(models: readonly ListedModel[]): readonly ListedModel[] {
  const unique = new Map<string, ListedModel>();
  for (const model of models) {
    const key = JSON.stringify([model.modelId, model.provider]);
    if (model.running === undefined && unique.get(key)?.running !== undefined) continue;
    unique.set(key, model);
  }
  return [...unique.values()].sort((a, b) => compareCodePoints(a.modelId, b.modelId));
}
