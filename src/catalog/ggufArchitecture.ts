import { computeWidthOf } from '../shared/computeWidth';
import { kvCostOf } from '../shared/kvCost';
import { mostOfLayers } from '../shared/modelShape';
import type { ModelArchitecture } from './candidate';
import type { GgufHeader } from './ggufHeader';
import { shapeOf } from './ggufShape';

/** Facts of a model that its file tells, with what its cache costs; null where the file names no architecture. */
export function architectureOf(header: GgufHeader): ModelArchitecture | null {
  const shape = shapeOf(header);
  if (!shape) return null;
  const { arch, layers, hidden, vocab, contextMax, experts = 0, expertsUsed = 0, expertFeedForward } = shape;
  const heads = mostOfLayers(shape.heads);
  const feedForward = mostOfLayers(shape.feedForward);
  // MLA files describe the cache here (one head of the compressed size); the model's own heads are meant.
  const compressed = (shape.kvRank ?? 0) > 0;
  const kvHeads = compressed ? heads : (mostOfLayers(shape.kvHeads) ?? heads);
  const own = heads && hidden ? Math.floor(hidden / heads) : undefined;
  const headDimK = (compressed ? shape.mlaHeadDim : shape.headDimK) ?? own;
  const headDimV = (compressed ? shape.mlaValueDim : shape.headDimV) ?? own;
  const kv = kvCostOf(shape);
  const computeWidth = computeWidthOf({ ...shape, ...(headDimK !== undefined && { headDimK }) });
  return {
    arch,
    ...(layers !== undefined && { layers }),
    ...(heads !== undefined && { heads }),
    ...(kvHeads !== undefined && { kvHeads }),
    ...(headDimK !== undefined && { headDimK }),
    ...(headDimV !== undefined && { headDimV }),
    ...(hidden !== undefined && { hidden }),
    ...(feedForward !== undefined && feedForward > 0 && { feedForward }),
    ...(expertFeedForward !== undefined && expertFeedForward > 0 && { expertFeedForward }),
    ...(vocab !== undefined && { vocab }),
    ...(contextMax !== undefined && contextMax > 0 && { contextMax }),
    ...(experts > 0 && { experts }),
    ...(expertsUsed > 0 && { expertsUsed }),
    ...(kv && { kv }),
    ...(computeWidth !== undefined && { computeWidth }),
  };
}

/** Parameters in billions, to the million. */
export interface CountedParameters {
  readonly sizeB: number;
  /** With experts: what every token uses and its share of the experts. */
  readonly activeB?: number;
}

/** Counts the tensors; null where only a part of them is known. */
export function parametersOf(header: GgufHeader): CountedParameters | null {
  const { elements, expertElements, complete } = header.tensors;
  if (!complete || elements === 0) return null;
  const { experts = 0, expertsUsed = 0 } = shapeOf(header) ?? {};
  const sizeB = billions(elements);
  if (expertElements === 0 || expertsUsed === 0 || expertsUsed >= experts) return { sizeB };
  return { sizeB, activeB: billions(elements - expertElements * (1 - expertsUsed / experts)) };
}

function billions(elements: number): number {
  return Math.round(elements / 1e6) / 1e3;
}
