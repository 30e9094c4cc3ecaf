import { weighObservations } from './merge';
import type { WeighedObservations } from './merge';
import { normalizeQuantId } from './quantisation';
import type { ModelGroup } from './rankGroups';
import type { RankIndex } from './rankIndex';
import type { RankSettings } from './rankSettings';
import type { Contribution } from './rankTypes';
import type { ModelEvidence, ModelWeigher } from './taskWeigher';

/** The peers' way: every figure counts as it was published, for every task. */
export class PublishedWeigher implements ModelWeigher {
  constructor(
    private readonly index: Pick<RankIndex, 'rowsOf'>,
    private readonly settings: Pick<RankSettings, 'rankingDate'>,
  ) {}

  weigh(group: ModelGroup): ModelEvidence {
    const ofModel = this.#weigh(group, undefined);
    if (ofModel.contributions.length === 0) return { unscored: 0 };
    const ofQuant = new Map<string, WeighedObservations>();
    for (const { quant } of group.builds) {
      const { canonical } = normalizeQuantId(quant);
      if (!ofQuant.has(canonical)) ofQuant.set(canonical, this.#weigh(group, canonical));
    }
    return { unscored: 0, ofModel, ofQuant };
  }

  contributions(group: ModelGroup, quant: string | undefined): readonly Contribution[] {
    return this.#weigh(group, quant).contributions;
  }

  #weigh(group: ModelGroup, quant: string | undefined): WeighedObservations {
    return weighObservations({
      observations: this.index
        .rowsOf(group.number)
        .filter(({ observation }) => observation.weak !== true)
        .map(({ observation }) => observation),
      target: { model: group.modelId, ...(quant === undefined ? {} : { quant }) },
      snapshotDate: this.settings.rankingDate,
      lineagePosition: group.lineagePosition,
    });
  }
}
