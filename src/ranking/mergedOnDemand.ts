import { scoreOf } from './merge';
import type { EvidenceSum } from './merge';
import type { ModelGroup } from './rankGroups';
import type { Confidence, Contribution, MergedScore } from './rankTypes';
import type { ModelWeigher } from './taskWeigher';

/** A merged score whose contributions are made when they are looked at, which of most models nobody does. */
export class MergedOnDemand implements MergedScore {
  readonly score: number;
  readonly confidence: Confidence;
  readonly interval: readonly [number, number];
  declare readonly unscoredObservations?: number;
  #contributions: readonly Contribution[] | undefined;
  readonly #weigher: ModelWeigher;
  readonly #group: ModelGroup;
  readonly #quant: string | undefined;

  /** `quant`: canonical, of the builds that it is of; undefined where that makes no difference. */
  constructor(
    sum: EvidenceSum,
    prior: number | undefined,
    unscored: number,
    weigher: ModelWeigher,
    group: ModelGroup,
    quant: string | undefined,
  ) {
    const { score, confidence, interval } = scoreOf(sum, prior);
    this.score = score;
    this.confidence = confidence;
    this.interval = interval;
    if (unscored > 0) this.unscoredObservations = unscored;
    this.#weigher = weigher;
    this.#group = group;
    this.#quant = quant;
  }

  get contributions(): readonly Contribution[] {
    return (this.#contributions ??= this.#weigher.contributions(this.#group, this.#quant));
  }

  /** JSON leaves out what is made on demand. */
  toJSON(): MergedScore {
    return Object.assign({ contributions: this.contributions }, this);
  }
}
