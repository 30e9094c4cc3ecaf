import { entryKey, type PoolEntry } from './poolState';

export interface RoleQuery {
  /** Every model that stays, the user's own ones too. */
  readonly entries: readonly PoolEntry[];
  /** The user's own task first. */
  readonly tasks: readonly string[];
  /** 0..100; undefined where nobody knows. */
  readonly scoreOf: (entry: PoolEntry, task: string) => number | undefined;
}

/** The best model that is there for a task, and by how much. */
interface Best {
  readonly entry: PoolEntry;
  readonly score: number;
  /** Points to the next one; Infinity where there is none. */
  readonly lead: number;
}

/**
 * What each model of a pool is there for: the first task at which none of the others is better. A model that was added
 * for vision is then measured at vision alone, and does not go for the next best coder while it comes back the day after
 * for vision.
 */
export class ProposalRoles {
  readonly #best = new Map<string, Best>();
  readonly #roles = new Map<string, string>();

  constructor(query: RoleQuery) {
    for (const task of query.tasks) {
      const best = bestAt(task, query);
      if (!best) continue;
      this.#best.set(task, best);
      const key = entryKey(best.entry);
      if (!this.#roles.has(key)) this.#roles.set(key, task);
    }
  }

  /** The task that a model is there for; undefined where others are at least as good at all of them. */
  roleOf(entry: PoolEntry): string | undefined {
    return this.#roles.get(entryKey(entry));
  }

  /** The best model that is there for a task; undefined where none has a score for it. */
  bestAt(task: string): Best | undefined {
    return this.#best.get(task);
  }

  /** Whether a model is better than all others at any task by so many points. */
  leads(entry: PoolEntry, points: number): boolean {
    const key = entryKey(entry);
    return [...this.#best.values()].some((best) => entryKey(best.entry) === key && best.lead >= points);
  }
}

function bestAt(task: string, { entries, scoreOf }: RoleQuery): Best | undefined {
  const scored = entries
    .flatMap((entry) => {
      const score = scoreOf(entry, task);
      return score === undefined || score <= 0 ? [] : [{ entry, score }];
    })
    .sort((a, b) => b.score - a.score || (entryKey(a.entry) < entryKey(b.entry) ? -1 : 1));
  const [first, second] = scored;
  return first && { ...first, lead: first.score - (second?.score ?? -Infinity) };
}
