import { compareCodePoints } from '../shared/codePointOrder';
import type { DiscoveredRepo, DiscoveryRecord, RepoFinding } from './discoveryRecord';
import type { HubSummary } from './hub';

/** Repositories that are remembered, the newest: some 5 MB on disk, which take 60 ms to read. */
const MAX_REPOS = 1_000;
/** A repository that could not be looked at this often is left alone until it changes. */
const MAX_TRIES = 3;

/** The record of discovery while a refresh writes it: whom to ask next, what to look at next. */
export class DiscoveryBook {
  readonly #askedAt: Record<string, string>;
  readonly #repos: Map<string, DiscoveredRepo>;
  /** Taken in this refresh: each repository is looked at once at most. */
  readonly #taken = new Set<string>();

  constructor(record: DiscoveryRecord) {
    this.#askedAt = { ...record.askedAt };
    this.#repos = new Map(record.repos.map((repo) => [repo.repo, repo]));
  }

  /** Never asked first, in the order given, then whoever was asked longest ago. */
  organisationsByTurn<T extends { readonly name: string }>(organisations: readonly T[]): readonly T[] {
    const askedAt = ({ name }: T): string => this.#askedAt[name] ?? '';
    return organisations.toSorted((a, b) => compareCodePoints(askedAt(a), askedAt(b)));
  }

  /** Takes down what an organisation's lists named. Nothing that is known goes because no list names it. */
  noteLists(organisation: string, listed: readonly HubSummary[], now: string): void {
    this.#askedAt[organisation] = now;
    for (const { id, createdAt, lastModified, downloads, trendingScore } of listed) {
      const known = this.#repos.get(id);
      // A changed repository deserves new tries.
      const { tries, ...kept } = known ?? { repo: id };
      const changed = lastModified !== known?.lastModified;
      this.#repos.set(id, {
        ...kept,
        seenAt: now,
        ...(tries !== undefined && !changed && { tries }),
        ...(createdAt !== undefined && { createdAt }),
        ...(lastModified !== undefined && { lastModified }),
        ...(downloads !== undefined && { downloads }),
        ...(trendingScore !== undefined && { trendingScore }),
      });
    }
    this.#bound();
  }

  /** The next repository to look at: the newest unknown one, then the one that changed last. Undefined where none waits. */
  take(): DiscoveredRepo | undefined {
    let best: DiscoveredRepo | undefined;
    for (const repo of this.#repos.values()) {
      if (!this.#waits(repo)) continue;
      if (best === undefined || compareByTurn(repo, best) < 0) best = repo;
    }
    if (best) this.#taken.add(best.repo);
    return best;
  }

  /** How many repositories wait to be looked at. */
  get waiting(): number {
    let count = 0;
    for (const repo of this.#repos.values()) if (this.#waits(repo)) count++;
    return count;
  }

  /** `of` is the date of change of what was looked at. */
  settle(name: string, finding: RepoFinding, of: string | undefined): void {
    const known = this.#repos.get(name);
    if (!known) return;
    const { repo, seenAt, createdAt, lastModified, downloads, trendingScore } = known;
    const findingOf = of ?? lastModified;
    this.#repos.set(name, {
      ...{ repo, seenAt, finding },
      ...(createdAt !== undefined && { createdAt }),
      ...(lastModified !== undefined && { lastModified }),
      ...(downloads !== undefined && { downloads }),
      ...(trendingScore !== undefined && { trendingScore }),
      ...(findingOf !== undefined && { findingOf }),
    });
  }

  /** The look failed; what was known of the repository stands. */
  postpone(name: string): void {
    const known = this.#repos.get(name);
    if (known) this.#repos.set(name, { ...known, tries: (known.tries ?? 0) + 1 });
  }

  /** The look was not made; the repository waits as before, for another refresh. */
  putBack(name: string): void {
    this.#taken.delete(name);
  }

  /** The repository is gone. */
  drop(name: string): void {
    this.#repos.delete(name);
  }

  /** In the order of names, so that equal records are equal texts. */
  record(): DiscoveryRecord {
    const byName = (a: string, b: string): number => compareCodePoints(a, b);
    return {
      askedAt: Object.fromEntries(Object.entries(this.#askedAt).sort(([a], [b]) => byName(a, b))),
      repos: [...this.#repos.values()].sort((a, b) => byName(a.repo, b.repo)),
    };
  }

  #waits(repo: DiscoveredRepo): boolean {
    if (this.#taken.has(repo.repo) || (repo.tries ?? 0) >= MAX_TRIES) return false;
    return repo.finding === undefined || (repo.findingOf ?? '') < (repo.lastModified ?? '');
  }

  #bound(): void {
    if (this.#repos.size <= MAX_REPOS) return;
    const newestFirst = [...this.#repos.values()].sort(
      (a, b) =>
        compareCodePoints(b.createdAt ?? '', a.createdAt ?? '') ||
        compareCodePoints(b.seenAt, a.seenAt) ||
        compareCodePoints(a.repo, b.repo),
    );
    for (const { repo } of newestFirst.slice(MAX_REPOS)) this.#repos.delete(repo);
  }
}

function compareByTurn(a: DiscoveredRepo, b: DiscoveredRepo): number {
  const unknownFirst = Number(a.finding !== undefined) - Number(b.finding !== undefined);
  if (unknownFirst !== 0) return unknownFirst;
  const date = (repo: DiscoveredRepo): string =>
    (repo.finding === undefined ? repo.createdAt : repo.lastModified) ?? '';
  return compareCodePoints(date(b), date(a)) || compareCodePoints(a.repo, b.repo);
}
