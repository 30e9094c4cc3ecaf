import type { FitKind, RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import type { HostId } from '../shared/modelRef';

/** How a served model fits its machine by our estimate, with the context that this was estimated for. */
export interface ServedFit {
  readonly kind: FitKind;
  readonly contextTokens: number | null;
}

export interface ServedFitSources {
  /** The ranking of a machine where it was computed already. */
  readonly ranked: (host: HostId) => readonly RankedModel[];
  readonly hostOf: (backendId: string) => HostId;
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
}

/** A served model in the ranking of its machine. */
export interface ServedRank {
  readonly model: RankedModel;
  /** Whether the build that stands for the model there is the one that is served. */
  readonly isSameBuild: boolean;
  /** Fit and speed of the build that is served, with the context that it was ranked with; undefined where it was not. */
  readonly build: RankedServedBuild | undefined;
}

interface RankedServedBuild {
  readonly quant: string;
  readonly fit: FitKind;
  readonly memoryGib: number;
  readonly tokPerSec: number;
  readonly speedBasis: RankedModel['speedEstimate']['basis'];
}

/** Where a served model stands in the ranking of its machine; undefined where that or the model is not known. */
export function servedRank(
  served: RegisteredModel,
  { ranked, hostOf, canonicalId }: ServedFitSources,
): ServedRank | undefined {
  const id = canonicalId(served);
  if (id === undefined) return undefined;
  const model = ranked(hostOf(served.backend)).find(({ modelId }) => modelId === id);
  const { quant } = served.capabilities;
  if (!model) return undefined;
  const isSameBuild = quant === undefined || quant.toUpperCase() === model.quant.toUpperCase();
  return { model, isSameBuild, build: isSameBuild ? ownBuild(model) : otherBuild(model, quant) };
}

function ownBuild(model: RankedModel): RankedServedBuild {
  const { quant, fit, estimatedVramGb, estimatedTokPerSec, speedEstimate } = model;
  const speedBasis = speedEstimate.basis;
  return { quant, fit, speedBasis, memoryGib: estimatedVramGb, tokPerSec: estimatedTokPerSec };
}

function otherBuild({ otherBuilds }: RankedModel, quant: string): RankedServedBuild | undefined {
  const build = otherBuilds.find((other) => other.quant.toUpperCase() === quant.toUpperCase());
  if (!build) return undefined;
  const { fit, speedBasis, estimatedVramGb, estimatedTokPerSec } = build;
  return { quant: build.quant, fit, speedBasis, memoryGib: estimatedVramGb, tokPerSec: estimatedTokPerSec };
}

/**
 * How a served model fits, at the given context or, where none is given, at the one that it was ranked with; undefined
 * where its machine or the model is not ranked, or another build of it is.
 */
export function servedFit(
  served: RegisteredModel,
  contextTokens: number | null,
  sources: ServedFitSources,
): ServedFit | undefined {
  const rank = servedRank(served, sources);
  if (!rank?.isSameBuild) return undefined;
  const { model } = rank;
  if (contextTokens === null || contextTokens === model.contextTokens) {
    return { kind: model.fit, contextTokens: model.contextTokens };
  }
  // The least context that was looked at and is as long: what holds that one holds this one.
  const at = model.fitByContext.find((entry) => entry.contextTokens >= contextTokens);
  // What does not hold a longer context may hold this one.
  if (!at || (at.fit === 'none' && at.contextTokens > contextTokens)) return undefined;
  return { kind: at.fit, contextTokens: at.contextTokens };
}
