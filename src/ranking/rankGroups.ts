import { compareCodePoints } from '../shared/codePointOrder';
import { identityKey } from './evidence';
import { seriesKey } from './interpolate';
import { lineagePositions } from './lineage';
import type { LineMember } from './lineage';
import type { RankIndex } from './rankIndex';
import type { RankCandidate, RankWarning } from './rankTypes';
import { dateMs } from './recency';

/** All builds of one model. */
export interface ModelGroup {
  readonly modelKey: string;
  readonly modelId: string;
  /** In the index; undefined where it knows no result of the model. */
  readonly number: number | undefined;
  readonly sizeB: number;
  readonly activeB: number | undefined;
  /** Milliseconds since the epoch; NaN where it is not known. */
  readonly releasedMs: number;
  readonly series: string;
  readonly lineage: RankCandidate['lineage'];
  /** Newer generations of its line; what the catalogue states where it names no line. */
  readonly lineagePosition: number;
  /** In a fixed order, whatever order they came in. */
  readonly builds: readonly RankCandidate[];
}

/** Candidates by model, as every ranking of them needs them. */
export interface PreparedCandidates {
  readonly candidates: readonly RankCandidate[];
  /** By key, so that nothing depends on the order in which candidates came. */
  readonly groups: readonly ModelGroup[];
  readonly warnings: readonly RankWarning[];
}

/** One group per model; candidates that cannot be right are dropped, each with a warning. */
export function prepareCandidates(
  candidates: readonly RankCandidate[],
  index: Pick<RankIndex, 'numberOf' | 'isScored' | 'modelCount'>,
): PreparedCandidates {
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
  const groups = inOrder(byModel, index);
  const positions = lineagePositions(groups);
  for (const [place, group] of groups.entries())
    group.lineagePosition = positions[place] ?? group.lineagePosition;
  return {
    // A copy: whoever made the array may go on filling it.
    candidates: [...candidates],
    groups,
    warnings,
  };
}

type Draft = { -readonly [Key in keyof ModelGroup]: ModelGroup[Key] } & Pick<
  LineMember,
  'line' | 'order' | 'scored'
>;

/** Models that the index knows by their number there, the others behind them by their key. */
function inOrder(
  byModel: ReadonlyMap<string, RankCandidate[]>,
  index: Pick<RankIndex, 'numberOf' | 'isScored' | 'modelCount'>,
): Draft[] {
  const known = new Array<Draft | undefined>(index.modelCount);
  const unknown: string[] = [];
  for (const [modelKey, builds] of byModel) {
    const number = index.numberOf(modelKey);
    if (number === undefined) unknown.push(modelKey);
    else known[number] = draftOf(modelKey, builds, number, index.isScored(number));
  }
  const groups: Draft[] = [];
  for (const draft of known) if (draft !== undefined) groups.push(draft);
  for (const modelKey of unknown.sort()) {
    const draft = draftOf(modelKey, byModel.get(modelKey) ?? [], undefined, false);
    if (draft !== undefined) groups.push(draft);
  }
  return groups;
}

/** Undefined for no builds. The lineage position is the stated one. */
function draftOf(
  modelKey: string,
  builds: RankCandidate[],
  number: number | undefined,
  scored: boolean,
): Draft | undefined {
  if (builds.length > 1) builds.sort(compareBuilds);
  const [first] = builds;
  if (first === undefined) return undefined;
  const modelId = first.modelId ?? first.hfRepoId;
  return {
    modelKey,
    modelId,
    number,
    sizeB: first.sizeB,
    activeB: first.activeB,
    releasedMs: dateMs(first.released ?? ''),
    series: seriesOf(first, modelId),
    lineage: first.lineage,
    lineagePosition: Math.max(0, finiteOr(first.lineagePosition, 0)),
    builds,
    line: first.lineage?.line,
    order: first.lineage?.order ?? 0,
    scored,
  };
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
