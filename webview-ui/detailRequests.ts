import type { PageMessage } from '../src/shared/reportMessages';
import type { RankingsData } from './pageData';

/** What asking for details needs of the page. */
interface Asker {
  rankings(): Pick<RankingsData, 'data' | 'details'>;
  /** The rows that are open or compared, by their keys. */
  opened(): readonly string[];
  send(message: PageMessage): void;
}

/** Asks for what stands under the open rows of the ranking, once for each of its rows. */
export class DetailRequests {
  readonly #page: Asker;
  /** The ranking that was asked about, and its rows. */
  #ranking: number | null = null;
  readonly #asked = new Set<string>();

  constructor(page: Asker) {
    this.#page = page;
  }

  /** To be called when rows were opened, or when another ranking has come. */
  ask(): void {
    const { data, details } = this.#page.rankings();
    if (!data) return;
    if (data.ranking !== this.#ranking) this.#asked.clear();
    this.#ranking = data.ranking;
    const opened = this.#page.opened();
    const missing = opened.filter((key) => !details.byKey.has(key) && !this.#asked.has(key));
    if (missing.length === 0) return;
    for (const key of missing) this.#asked.add(key);
    this.#page.send({ type: 'queryRankingDetails', ranking: data.ranking, opened: [...opened] });
  }
}
