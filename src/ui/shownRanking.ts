import type { Ranking } from '../engine/rankingService';
import type { RankedModel } from '../ranking/rankTypes';
import { rankingKey } from '../shared/reportMessages';

/**
 * The ranking that the page has, so that what stands under a row can be told when it is opened: of the very ranking
 * that the row is of, or not at all.
 */
export class ShownRanking {
  /** The rows that are open on the page, by their keys. */
  opened: readonly string[] = [];
  #asked = 0;
  #shown: { readonly number: number; readonly byKey: ReadonlyMap<string, RankedModel> } | undefined;

  /** Gives a ranking that is asked for now its number. */
  next(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** It is there, and takes the place of one that was asked for earlier. */
  take(number: number, { models }: Pick<Ranking, 'models'>): void {
    if (this.#shown && this.#shown.number > number) return;
    this.#shown = { number, byKey: new Map(models.map((model) => [rankingKey(model), model])) };
  }

  /** The models of the open rows; undefined where the page asks about another ranking than this one. */
  openedModels(number: number): readonly RankedModel[] | undefined {
    if (this.#shown?.number !== number) return undefined;
    return this.opened.flatMap((key) => this.model(key) ?? []);
  }

  model(key: string): RankedModel | undefined {
    return this.#shown?.byKey.get(key);
  }

  /** The page is gone. */
  forget(): void {
    this.#shown = undefined;
    this.opened = [];
  }
}
