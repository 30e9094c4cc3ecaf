import type { RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';

/**
 * The served chat model that ranks highest on this machine; where none of them is ranked, the first one. Undefined
 * where nothing is served.
 */
export function bestServedModel(
  served: readonly RegisteredModel[],
  ranked: readonly RankedModel[],
  canonicalId: (model: RegisteredModel) => string | undefined,
): RegisteredModel | undefined {
  const places = new Map(ranked.map((model, place) => [model.modelId, place]));
  const placeOf = (model: RegisteredModel): number => places.get(canonicalId(model) ?? '') ?? Infinity;
  return [...served].sort((a, b) => compare(placeOf(a), placeOf(b)))[0];
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
