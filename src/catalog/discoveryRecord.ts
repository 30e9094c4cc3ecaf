import type { Candidate, ModelBuild } from './candidate';

/** What a look at a repository gave. */
export type RepoFinding =
  /** A model that could be installed from it. */
  | { readonly kind: 'model'; readonly candidate: Candidate }
  /** Files of a model that has an id of its own: a mirror, or the maker's conversion. */
  | { readonly kind: 'builds'; readonly buildsFor: string; readonly builds: readonly ModelBuild[] }
  /** Nothing that can be recommended: an adapter, an embedding model, a file that cannot be trusted. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** A repository that a list named. */
export interface DiscoveredRepo {
  /** `organisation/name`. */
  readonly repo: string;
  /** ISO 8601, when a list last named it. */
  readonly seenAt: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** ISO 8601, as the list said. */
  readonly lastModified?: string;
  readonly downloads?: number;
  readonly trendingScore?: number;
  /** Absent until it was looked at. */
  readonly finding?: RepoFinding;
  /** The `lastModified` that the finding is of. */
  readonly findingOf?: string;
  /** How often a look failed since the last one that did not. */
  readonly tries?: number;
}

/** What discovery knows from one refresh to the next. */
export interface DiscoveryRecord {
  /** When each organisation was last asked, ISO 8601. */
  readonly askedAt: Readonly<Record<string, string>>;
  readonly repos: readonly DiscoveredRepo[];
}

export const NOTHING_DISCOVERED: DiscoveryRecord = { askedAt: {}, repos: [] };

/**
 * Two windows' records as one: of each repository and organisation the younger one. Equal ones are taken from `ours`.
 */
export function joinRecords(ours: DiscoveryRecord, theirs: DiscoveryRecord): DiscoveryRecord {
  const askedAt: Record<string, string> = { ...theirs.askedAt };
  for (const [organisation, at] of Object.entries(ours.askedAt)) {
    if (at >= (askedAt[organisation] ?? '')) askedAt[organisation] = at;
  }
  const repos = new Map(theirs.repos.map((repo) => [repo.repo, repo]));
  for (const repo of ours.repos) {
    const other = repos.get(repo.repo);
    if (other === undefined || isYounger(repo, other)) repos.set(repo.repo, repo);
  }
  return { askedAt, repos: [...repos.values()] };
}

/** A look is worth more than being seen: a record with a finding is not replaced by one that only was listed since. */
function isYounger(ours: DiscoveredRepo, theirs: DiscoveredRepo): boolean {
  if ((ours.finding === undefined) !== (theirs.finding === undefined)) return ours.finding !== undefined;
  return ours.seenAt >= theirs.seenAt;
}
