import { compareCodePoints } from '../shared/codePointOrder';
import { identityKey } from './evidence';
import { seriesKey } from './interpolate';
import type { RankCandidate, RankWarning } from './rankTypes';

/** All builds of one model. */
export interface ModelGroup {
  readonly modelKey: string;
  readonly modelId: string;
  readonly sizeB: number;
  readonly series: string;
  readonly lineage: RankCandidate['lineage'];
  /** As the catalogue states it; used where there is no `lineage`. */
  readonly statedLineagePosition: number;
  /** In a fixed order, whatever order they came in. */
  readonly builds: readonly RankCandidate[];
}

/** One group per model; candidates that cannot be right are dropped, each with a warning. */
export function groupCandidates(candidates: readonly RankCandidate[]): {
  readonly groups: readonly ModelGroup[];
  readonly warnings: readonly RankWarning[];
} {
  const warnings: RankWarning[] = [];
  const byModel = new Map<string, RankCandidate[]>();
  for (const candidate of candidates) {
    const fault = faultOf(candidate);
    if (fault !== null) {
      warnings.push({
        code: 'candidate_invalid',
        message: `${candidate.hfRepoId} (${candidate.quant}) was left out: ${fault}.`,
        hfRepoId: candidate.hfRepoId,
      });
      continue;
    }
    const key = identityKey(candidate.modelId ?? candidate.hfRepoId);
    const builds = byModel.get(key);
    if (builds === undefined) byModel.set(key, [candidate]);
    else builds.push(candidate);
  }
  const groups: ModelGroup[] = [];
  for (const [modelKey, builds] of byModel) {
    builds.sort(compareBuilds);
    const [first] = builds;
    if (first === undefined) continue;
    const modelId = first.modelId ?? first.hfRepoId;
    groups.push({
      modelKey,
      modelId,
      sizeB: first.sizeB,
      series: seriesOf(first, modelId),
      lineage: first.lineage,
      statedLineagePosition: Math.max(0, finiteOr(first.lineagePosition, 0)),
      builds,
    });
  }
  return { groups, warnings };
}

function faultOf({ hfRepoId, sizeB, activeB }: RankCandidate): string | null {
  if (hfRepoId.trim() === '') return 'it has no id';
  if (!Number.isFinite(sizeB) || sizeB <= 0) return 'its number of parameters is not known';
  if (activeB === undefined) return null;
  if (!Number.isFinite(activeB) || activeB <= 0) return 'its number of active parameters makes no sense';
  // Rounding lets a dense model's two figures differ a little.
  return activeB > sizeB * 1.05 ? 'it has more active parameters than parameters' : null;
}

/** The catalogue's series within its organisation; without one, what the id looks like. */
function seriesOf(candidate: RankCandidate, modelId: string): string {
  if (candidate.series === undefined) return seriesKey(modelId);
  return `${modelId.split('/')[0] ?? ''}/${candidate.series}`.toLowerCase();
}

function compareBuilds(a: RankCandidate, b: RankCandidate): number {
  return (
    compareCodePoints(a.hfRepoId, b.hfRepoId) ||
    compareCodePoints(a.quant, b.quant) ||
    compareCodePoints(a.buildRepo ?? '', b.buildRepo ?? '') ||
    compareCodePoints(a.ollamaName ?? '', b.ollamaName ?? '') ||
    finiteOr(a.fileBytes, 0) - finiteOr(b.fileBytes, 0) ||
    a.sizeB - b.sizeB ||
    // Builds that differ in nothing that matters still need one order.
    compareCodePoints(JSON.stringify(a), JSON.stringify(b))
  );
}

function finiteOr(value: number | undefined, otherwise: number): number {
  return value !== undefined && Number.isFinite(value) ? value : otherwise;
}
