import { fileURLToPath } from 'node:url';
import type { Candidate, FrozenSnapshot } from '../../src/catalog/candidate';
import { seriesOf } from '../../src/catalog/lineage';
import { loadFrozenSnapshot } from '../../src/catalog/snapshot';
import { toRankCandidates } from '../../src/engine/rankCandidates';
import { rankModels } from '../../src/ranking/rank';
import { buildRankIndex } from '../../src/ranking/rankIndex';
import type { RankIndex } from '../../src/ranking/rankIndex';
import type { RankCandidate, RankedModel, RankHardware } from '../../src/ranking/rankTypes';
import type { Task } from '../../src/shared/settings';

/** The day on which the golden lists were last read by a person and found sensible. */
export const READ_ON = '2026-11-21';

/** The models and results that ship, prepared once for many rankings. */
export class ReferenceRankings {
  readonly #index: RankIndex;
  readonly candidates: readonly RankCandidate[];
  readonly #models: ReadonlyMap<string, Candidate>;
  readonly #places = new Map<string, ReturnType<typeof seriesOf>>();

  private constructor(readonly snapshot: FrozenSnapshot) {
    const chat = snapshot.candidates.filter(({ role }) => role === 'chat');
    this.#index = buildRankIndex(snapshot.observations);
    this.candidates = chat.flatMap(toRankCandidates);
    this.#models = new Map(snapshot.candidates.map((candidate) => [candidate.hfRepoId, candidate]));
  }

  static async load(): Promise<ReferenceRankings> {
    const path = fileURLToPath(new URL('../../data/snapshot.json', import.meta.url));
    return new ReferenceRankings((await loadFrozenSnapshot({ path })).snapshot);
  }

  /** Every model that fits the machine and can do the task, best first. */
  rank(hardware: RankHardware, task: Task): readonly RankedModel[] {
    const options = { task, rankingDate: READ_ON };
    return rankModels(
      { candidates: this.candidates, hardware, snapshot: this.snapshot, options },
      this.#index,
    ).models;
  }

  /** What the catalogue knows of a ranked model. */
  modelOf({ modelId }: RankedModel): Candidate {
    const model = this.#models.get(modelId);
    if (model === undefined) throw new Error(`${modelId} is not in the snapshot`);
    return model;
  }

  /** Its place in the line of models that replace each other, where it has one. */
  placeOf(row: RankedModel): ReturnType<typeof seriesOf> {
    const { modelId } = row;
    if (!this.#places.has(modelId)) {
      const { name, org } = this.modelOf(row);
      this.#places.set(modelId, seriesOf(name, org));
    }
    return this.#places.get(modelId);
  }
}
