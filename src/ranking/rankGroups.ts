import * as l10n from '@vscode/l10n';
import { compareCodePoints } from '../shared/codePointOrder';
import { identityKey } from './evidence';
import { seriesKey } from './interpolate';
import { lineagePositions } from './lineage';
import { NameOrder } from './nameOrder';
import type { RankIndex } from './rankIndex';
import type { RankCandidate, RankWarning } from './rankTypes';
import { dateMs } from './recency';

/** All builds of one model. */
export class ModelGroup {
  readonly sizeB: number;
  readonly activeB: number | undefined;
  /** Milliseconds since the epoch; NaN where it is not known. */
  readonly releasedMs: number;
  readonly #first: RankCandidate;

  constructor(
    /** In the index; undefined where it knows no result of the model. */
    readonly number: number | undefined,
    /** At least one, in a fixed order, whatever order they came in. */
    readonly builds: readonly [RankCandidate, ...RankCandidate[]],
    /** Newer generations of its line; what the catalogue states where it names no line. */
    readonly lineagePosition: number,
  ) {
    const [first] = builds;
    this.#first = first;
    this.sizeB = first.sizeB;
    this.activeB = first.activeB;
    this.releasedMs = first.released === undefined ? Number.NaN : dateMs(first.released);
  }

  get modelId(): string {
    return modelIdOf(this.#first);
  }

  get lineage(): RankCandidate['lineage'] {
    return this.#first.lineage;
  }

  /** The catalogue's series within its organisation; without one, what the id looks like. */
  get series(): string {
    const { series } = this.#first;
    if (series === undefined) return seriesKey(this.modelId);
    return `${this.modelId.split('/')[0] ?? ''}/${series}`.toLowerCase();
  }
}

/** Candidates by model, as every ranking of them needs them. */
export interface PreparedCandidates {
  readonly candidates: readonly RankCandidate[];
  /** By what the models are called, so that nothing depends on the order in which candidates came. */
  readonly groups: readonly ModelGroup[];
  /** Places in `groups` in the order in which the models came: who goes through them so reads the memory in sequence. */
  readonly arrival: Uint32Array;
  readonly names: NameOrder;
  readonly warnings: readonly RankWarning[];
}

/** One group per model; candidates that cannot be right are dropped, each with a warning. */
export function prepareCandidates(
  candidates: readonly RankCandidate[],
  index: Pick<RankIndex, 'numberOf' | 'isScored' | 'modelCount'>,
): PreparedCandidates {
  const warnings: RankWarning[] = [];
  const models = new ArrivedModels(index);
  for (const candidate of candidates) {
    const fault = faultOf(candidate);
    if (fault === null) models.add(candidate);
    else
      warnings.push({
        code: 'candidate_invalid',
        message: l10n.t('{0} ({1}) was left out: {2}.', candidate.hfRepoId, candidate.quant, fault),
        hfRepoId: candidate.hfRepoId,
      });
  }
  return {
    // A copy: whoever made the array may go on filling it.
    candidates: [...candidates],
    ...models.groups(),
    warnings,
  };
}

/** The models that candidates are builds of, in the order in which they came. */
class ArrivedModels {
  readonly #builds: [RankCandidate, ...RankCandidate[]][] = [];
  /** In the index. */
  readonly #numbers: (number | undefined)[] = [];
  /** Places in `#builds`: of models that the index knows by their number there, one more than it, and 0 for none. */
  readonly #known: Uint32Array;
  /** Of the others by their key. */
  readonly #unknown = new Map<string, number>();

  constructor(private readonly index: Pick<RankIndex, 'numberOf' | 'isScored' | 'modelCount'>) {
    this.#known = new Uint32Array(index.modelCount);
  }

  add(candidate: RankCandidate): void {
    const modelId = modelIdOf(candidate);
    const number = this.index.numberOf(modelId);
    const key = number === undefined ? identityKey(modelId) : '';
    const place = number === undefined ? this.#unknown.get(key) : (this.#known[number] ?? 0) - 1;
    const builds = place === undefined ? undefined : this.#builds[place];
    if (builds !== undefined) {
      builds.push(candidate);
      return;
    }
    this.#numbers.push(number);
    const count = this.#builds.push([candidate]);
    if (number === undefined) this.#unknown.set(key, count - 1);
    else this.#known[number] = count;
  }

  /** Models that the index knows by their number there, the others behind them by their key. */
  groups(): Pick<PreparedCandidates, 'groups' | 'arrival' | 'names'> {
    for (const builds of this.#builds) if (builds.length > 1) builds.sort(compareBuilds);
    const firsts = this.#builds.map((builds) => builds[0]);
    const isScored = (place: number): boolean => {
      const number = this.#numbers[place];
      return number !== undefined && this.index.isScored(number);
    };
    const positions = lineagePositions(firsts, isScored);
    const arrived = this.#builds.map((builds, place) => {
      const position = positions[place] ?? Math.max(0, finiteOr(builds[0].lineagePosition, 0));
      return new ModelGroup(this.#numbers[place], builds, position);
    });
    const unknown = [...this.#unknown.keys()].sort().map((key) => (this.#unknown.get(key) ?? 0) + 1);
    const groups: ModelGroup[] = [];
    const arrival = new Uint32Array(arrived.length);
    for (const places of [this.#known, unknown])
      for (const place of places) {
        const group = arrived[place - 1];
        if (group !== undefined) arrival[place - 1] = groups.push(group) - 1;
      }
    return { groups, arrival, names: new NameOrder(groups, arrival) };
  }
}

function modelIdOf({ modelId, hfRepoId }: RankCandidate): string {
  return modelId ?? hfRepoId;
}

function faultOf({ hfRepoId, sizeB, activeB }: RankCandidate): string | null {
  if (hfRepoId.trim() === '') return l10n.t('it has no id');
  if (!Number.isFinite(sizeB) || sizeB <= 0) return l10n.t('its number of parameters is not known');
  if (activeB === undefined) return null;
  if (!Number.isFinite(activeB) || activeB <= 0)
    return l10n.t('its number of active parameters makes no sense');
  // Rounding lets a dense model's two figures differ a little.
  return activeB > sizeB * 1.05 ? l10n.t('it has more active parameters than parameters') : null;
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
