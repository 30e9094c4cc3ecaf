import type { RegisteredModel } from '../registry/row';
import { modelRefKey } from '../shared/modelRef';

/**
 * By what a finding about a model is kept: the digest that its backend lists, lower case and without `sha256:`, so that
 * all names of one file share it; else its backend, provider and id. Ollama lists the digest of the manifest, not that of
 * the weights: two tags with other parameters are two subjects.
 */
export function modelSubject(
  model: Pick<RegisteredModel, 'backend' | 'provider' | 'modelId' | 'capabilities'>,
): string {
  const { digest } = model.capabilities;
  return digest === undefined ? modelRefKey(model) : digestSubject(digest);
}

/** The subject of a digest however it is written. */
export function digestSubject(digest: string): string {
  return digest.replace(/^sha256[:-]/i, '').toLowerCase();
}
