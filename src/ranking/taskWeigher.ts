import { sumsByBuild } from './buildSums';
import { EVIDENCE_GRADES } from './evidence';
import { EvidenceAdder, weighObservations } from './merge';
import type { EvidenceSum } from './merge';
import type { ModelGroup } from './rankGroups';
import type { RankIndex } from './rankIndex';
import type { RankSettings } from './rankSettings';
import type { Contribution } from './rankTypes';
import { ageDecay, ageInMonths, dateMs, lineagePenalty, recencyWeight } from './recency';
import { sourceWeight } from './sources';
import { evidenceForTask } from './taskEvidence';

/** What the observations of a model say to a task. */
export interface ModelEvidence {
  /** Results that speak of the task but are not on the common scale, or are too weak. */
  readonly unscored: number;
  /** Absent where no result counts. */
  readonly ofModel?: EvidenceSum;
  /** For builds of which there is an observation, which is direct evidence for them; by canonical quantisation. */
  readonly ofQuant?: ReadonlyMap<string, EvidenceSum>;
}

export interface ModelWeigher {
  /** What the model's observations say together, before a prior is known. */
  readonly weigh: (group: ModelGroup) => ModelEvidence;
  /** The single observations behind that, for the model or its builds of one canonical quantisation; heaviest first. */
  readonly contributions: (group: ModelGroup, quant: string | undefined) => readonly Contribution[];
}

const NO_EVIDENCE: ModelEvidence = { unscored: 0 };
const DIRECT = EVIDENCE_GRADES.indexOf('direct');

/**
 * Weighs the observations of models for one task and date. It says the same as `weighObservations` of `evidenceForTask`,
 * and makes those contributions when they are asked for; but what is the same for all rows of a date, a source or a task
 * is worked out once, and a row is a few products of numbers.
 */
export class TaskWeigher implements ModelWeigher {
  readonly #adder = new EvidenceAdder();
  /** How much each kind of observation says about the task, 0..1, and how much its source counts. */
  readonly #relevances: Float64Array;
  readonly #sourceWeights: Float64Array;
  /** By date. */
  readonly #decays: Float64Array;

  constructor(
    private readonly index: RankIndex,
    private readonly settings: RankSettings,
  ) {
    const { kinds, dates } = index.table;
    const relevances: Readonly<Record<string, number>> = settings.profile.relevance;
    const rankedMs = dateMs(settings.rankingDate);
    this.#relevances = Float64Array.from(kinds, ({ task }) =>
      Object.hasOwn(relevances, task) ? (relevances[task] ?? 0) : 0,
    );
    this.#sourceWeights = Float64Array.from(kinds, ({ sourceName }) => sourceWeight(sourceName));
    this.#decays = dates.map((observedMs) => ageDecay(ageInMonths(observedMs, rankedMs)));
  }

  weigh(group: ModelGroup): ModelEvidence {
    if (group.number === undefined) return NO_EVIDENCE;
    const { starts } = this.index.table;
    const start = starts[group.number] ?? 0;
    const end = starts[group.number + 1] ?? 0;
    const unscored = this.#countUnscored(start, end);
    const penalty = lineagePenalty(group.lineagePosition);
    const ofModel = this.#sum(start, end, penalty, 0);
    if (ofModel === undefined) return { unscored };
    const ofQuant = sumsByBuild(this.index.table, group, [start, end], (quant) =>
      this.#sum(start, end, penalty, quant),
    );
    return ofQuant === undefined ? { unscored, ofModel } : { unscored, ofModel, ofQuant };
  }

  contributions(group: ModelGroup, quant: string | undefined): readonly Contribution[] {
    return weighObservations({
      observations: evidenceForTask(this.index.rowsOf(group.number), this.settings.profile).observations,
      target: { model: group.modelId, ...(quant === undefined ? {} : { quant }) },
      snapshotDate: this.settings.rankingDate,
      lineagePosition: group.lineagePosition,
    }).contributions;
  }

  #countUnscored(start: number, end: number): number {
    const { kind } = this.index.table.rows;
    let unscored = 0;
    for (let row = start; row < end; row += 1)
      if (this.#relevanceOf(kind[row]) > 0 && Number.isNaN(this.index.normalised[row])) unscored += 1;
    return unscored;
  }

  /** Of a model's rows, voice by voice; undefined where none counts. */
  #sum(start: number, end: number, penalty: number, quant: number): EvidenceSum | undefined {
    const { kinds, rows } = this.index.table;
    let counted = 0;
    let next = start;
    while (next < end) {
      const first = next;
      const voice = kinds[rows.kind[first] ?? 0]?.voice;
      next = first + 1;
      while (next < end && kinds[rows.kind[next] ?? 0]?.voice === voice) next += 1;
      counted += this.#addVoice(first, next, penalty, quant);
    }
    return counted === 0 ? undefined : this.#adder.take();
  }

  /** Rows of one voice share its weight, by how relevant each is and how well it agrees with the common scale. */
  #addVoice(start: number, end: number, penalty: number, quant: number): number {
    const { normalised, reliabilities, standardErrors } = this.index;
    const { kinds, rows } = this.index.table;
    let strongest = 0;
    let whole = 0;
    for (let row = start; row < end; row += 1) {
      const number = rows.kind[row] ?? 0;
      const relevance = this.#relevanceOf(number);
      if (relevance <= 0 || Number.isNaN(normalised[row])) continue;
      strongest = Math.max(strongest, relevance);
      whole += relevance * (reliabilities[kinds[number]?.column ?? 0] ?? 0);
    }
    if (strongest === 0) return 0;
    let counted = 0;
    for (let row = start; row < end; row += 1) {
      const number = rows.kind[row] ?? 0;
      const relevance = this.#relevanceOf(number);
      const kind = kinds[number];
      if (kind === undefined || relevance <= 0 || Number.isNaN(normalised[row])) continue;
      this.#adder.add({
        grade: quant !== 0 && kind.quant === quant ? DIRECT : kind.grade,
        recencyWeight: recencyWeight(this.#decays[rows.date[row] ?? 0] ?? 1, penalty),
        sourceWeight: this.#sourceWeights[number] ?? 0,
        relevance: strongest,
        share: whole > 0 ? (relevance * (reliabilities[kind.column] ?? 0)) / whole : 0,
        normalisedValue: normalised[row] ?? 0,
        standardError: standardErrors[kind.column] ?? 0,
        source: kind.source,
        independent: kind.independent,
      });
      counted += 1;
    }
    return counted;
  }

  #relevanceOf(kind: number | undefined): number {
    return this.#relevances[kind ?? 0] ?? 0;
  }
}
