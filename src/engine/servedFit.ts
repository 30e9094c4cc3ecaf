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

/**
 * How a served model fits, at the given context or, where none is given, at the one that it was ranked with; undefined
 * where its machine or the model is not ranked, or another build of it is.
 */
export function servedFit(
  served: RegisteredModel,
  contextTokens: number | null,
  { ranked, hostOf, canonicalId }: ServedFitSources,
): ServedFit | undefined {
  const id = canonicalId(served);
  if (id === undefined) return undefined;
  const model = ranked(hostOf(served.backend)).find(({ modelId }) => modelId === id);
  const { quant } = served.capabilities;
  if (!model || (quant !== undefined && quant.toUpperCase() !== model.quant.toUpperCase())) return undefined;
  if (contextTokens === null || contextTokens === model.contextTokens) {
    return { kind: model.fit, contextTokens: model.contextTokens };
  }
  // The least context that was looked at and is as long: what holds that one holds this one.
  const at = model.fitByContext.find((entry) => entry.contextTokens >= contextTokens);
  return at && { kind: at.fit, contextTokens: at.contextTokens };
}
