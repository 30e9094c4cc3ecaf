import { sumsByBuild } from './buildSums';
import { EVIDENCE_CONFIDENCE, EVIDENCE_GRADES } from './evidence';
import { clampScore, EvidenceAdder, UNSTATED_STANDARD_ERROR, weighObservations } from './merge';
import type { EvidenceSum } from './merge';
import type { ModelGroup } from './rankGroups';
import type { RankIndex } from './rankIndex';
import type { RankSettings } from './rankSettings';
import type { Contribution } from './rankTypes';
import { ageDecay, ageInMonths, dateMs, lineagePenalty, recencyWeight } from './recency';
import { sourceWeight } from './sources';
import type { ModelEvidence, ModelWeigher } from './taskWeigher';

const NO_EVIDENCE: ModelEvidence = { unscored: 0 };
const DIRECT = EVIDENCE_GRADES.indexOf('direct');

/**
 * The peers' way: every figure counts as it was published, for every task. It says the same as `weighObservations`, to
 * the last bit, and so adds the heaviest first as that does; but from the numbers of the table.
 */
export class PublishedWeigher implements ModelWeigher {
  readonly #adder = new EvidenceAdder();
  /** By kind of observation. */
  readonly #confidences: Float64Array;
  readonly #sourceWeights: Float64Array;
  /** By date. */
  readonly #decays: Float64Array;

  constructor(
    private readonly index: RankIndex,
    private readonly settings: Pick<RankSettings, 'rankingDate'>,
  ) {
    const { kinds, dates } = index.table;
    const rankedMs = dateMs(settings.rankingDate);
    this.#confidences = Float64Array.from(
      kinds,
      ({ grade }) => EVIDENCE_CONFIDENCE[EVIDENCE_GRADES[grade] ?? 'interpolated'],
    );
    this.#sourceWeights = Float64Array.from(kinds, ({ sourceName }) => sourceWeight(sourceName));
    this.#decays = dates.map((observedMs) => ageDecay(ageInMonths(observedMs, rankedMs)));
  }

  weigh(group: ModelGroup): ModelEvidence {
    if (group.number === undefined) return NO_EVIDENCE;
    const { table } = this.index;
    const start = table.starts[group.number] ?? 0;
    const end = table.starts[group.number + 1] ?? 0;
    const penalty = lineagePenalty(group.lineagePosition);
    const ofModel = this.#sum(start, end, penalty, 0);
    if (ofModel === undefined) return NO_EVIDENCE;
    const ofQuant = sumsByBuild(table, group, [start, end], (quant) => this.#sum(start, end, penalty, quant));
    return ofQuant === undefined ? { unscored: 0, ofModel } : { unscored: 0, ofModel, ofQuant };
  }

  contributions(group: ModelGroup, quant: string | undefined): readonly Contribution[] {
    return weighObservations({
      observations: this.index
        .rowsOf(group.number)
        .filter(({ observation }) => observation.weak !== true)
        .map(({ observation }) => observation),
      target: { model: group.modelId, ...(quant === undefined ? {} : { quant }) },
      snapshotDate: this.settings.rankingDate,
      lineagePosition: group.lineagePosition,
    }).contributions;
  }

  /** Of a model's rows; undefined where all are weak. */
  #sum(start: number, end: number, penalty: number, quant: number): EvidenceSum | undefined {
    const { kinds, rows } = this.index.table;
    const counted: number[] = [];
    const weights: number[] = [];
    for (let row = start; row < end; row += 1) {
      const number = rows.kind[row] ?? 0;
      const kind = kinds[number];
      const direct = quant !== 0 && kind?.quant === quant;
      const confidence = direct ? EVIDENCE_CONFIDENCE.direct : (this.#confidences[number] ?? 0);
      weights.push(confidence * this.#recencyWeight(row, penalty) * (this.#sourceWeights[number] ?? 0));
      if (kind?.weak === false) counted.push(row);
    }
    if (counted.length === 0) return undefined;
    counted.sort((a, b) => (weights[b - start] ?? 0) - (weights[a - start] ?? 0) || this.#between(a, b));
    for (const row of counted) {
      const number = rows.kind[row] ?? 0;
      const kind = kinds[number];
      if (kind === undefined) continue;
      this.#adder.add({
        grade: quant !== 0 && kind.quant === quant ? DIRECT : kind.grade,
        recencyWeight: this.#recencyWeight(row, penalty),
        sourceWeight: this.#sourceWeights[number] ?? 0,
        relevance: 1,
        share: 1,
        normalisedValue: clampScore(rows.value[row] ?? 0),
        standardError: UNSTATED_STANDARD_ERROR,
        source: kind.source,
        independent: kind.independent,
      });
    }
    return this.#adder.take();
  }

  #recencyWeight(row: number, penalty: number): number {
    return recencyWeight(this.#decays[this.index.table.rows.date[row] ?? 0] ?? 1, penalty);
  }

  /** Of rows that weigh the same: by source, benchmark and value. */
  #between(a: number, b: number): number {
    const { kinds, rows } = this.index.table;
    const [one, other] = [kinds[rows.kind[a] ?? 0], kinds[rows.kind[b] ?? 0]];
    if (one === undefined || other === undefined) return 0;
    if (one.sourceName !== other.sourceName) return one.sourceName < other.sourceName ? -1 : 1;
    if (one.benchmark !== other.benchmark) return one.benchmark < other.benchmark ? -1 : 1;
    return (rows.value[a] ?? 0) - (rows.value[b] ?? 0);
  }
}
