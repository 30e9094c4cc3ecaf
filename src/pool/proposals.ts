import { formatBytes } from '../shared/units';
import { isAllowed } from './allowed';
import { freedBytes } from './diskUse';
import { entryKey, gibToBytes, type PoolEntry, type PoolState } from './poolState';

/** A build that could be installed, as the engine's ranking sees it for one task. */
export interface ProposalCandidate {
  readonly backend: string;
  readonly ollamaName: string;
  readonly hfRepoId: string;
  readonly quant: string;
  readonly family?: string;
  readonly task: string;
  readonly sizeBytes: number;
  /** 0..100, comparable with `currentScore` of an entry where `task` is the user's. */
  readonly score: number;
  readonly fits: boolean;
  readonly justification: Omit<Justification, 'summary'>;
}

/** Why it is proposed, for people. */
interface Justification {
  readonly summary: string;
  /** Benchmarks that the score stands on. */
  readonly benchmarkBasis: readonly string[];
  readonly hardwareFit: string;
  readonly evidence: string;
  readonly freshness: string;
}

type ProposalStatus =
  'open' | 'installing' | 'approved' | 'rejected' | 'failed_target_missing' | 'superseded';

export interface Proposal {
  readonly id: string;
  readonly kind: 'add' | 'swap' | 'evict';
  readonly status: ProposalStatus;
  /** What would come; for `evict` what would go. */
  readonly target: Pick<ProposalCandidate, 'backend' | 'ollamaName' | 'quant' | 'family'> & {
    readonly hfRepoId: string | null;
  };
  /** Key of the entry that would go for it. */
  readonly replaces?: string;
  /** Points by which the target is better than what it replaces; its score for `add`, 0 for `evict`. */
  readonly scoreDelta: number;
  /** GiB that the pool would hold more; negative: less. */
  readonly diskImpactGb: number;
  readonly justification: Justification;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface ProposalQuery {
  readonly pool: PoolState;
  /** Every proposal that was ever made and is still kept. */
  readonly known: readonly Proposal[];
  /** Of all tasks; the user's own is `task`. */
  readonly candidates: readonly ProposalCandidate[];
  readonly task: string;
  /** Points by which a candidate must be better. */
  readonly threshold: number;
  /** ISO 8601. */
  readonly now: string;
  readonly newId: () => string;
}

export interface ProposalChange {
  readonly added: readonly Proposal[];
  /** Open ones that hold no longer. */
  readonly superseded: readonly Proposal[];
}

const DAY_MS = 86_400_000;
const REJECTED_DAYS = 90;
const UNUSED_DAYS = 30;
/** Below this share of the budget a pool has room to grow into. */
const UNDER_FILLED = 0.5;
const GIB = 2 ** 30;

/**
 * What to propose now: a better model for each one of the pool, models for an empty or half-empty pool, and the removal
 * of what is dominated and unused. Pure; nothing is installed or removed by it. Never two open ones about one model.
 */
export function propose(query: ProposalQuery): ProposalChange {
  const usable = query.candidates
    .filter((candidate) => candidate.fits && isAllowed(query.pool, candidate) && !isPooled(query, candidate))
    .sort((a, b) => b.score - a.score || (entryKey(a) < entryKey(b) ? -1 : 1));
  const superseded = query.known
    .filter((proposal) => proposal.status === 'open' && !stillHolds(proposal, query, usable))
    .map((proposal): Proposal => ({ ...proposal, status: 'superseded', changedAt: query.now }));
  const gone = new Set(superseded.map(({ id }) => id));
  const live = query.known.filter(
    ({ id, status }) => (status === 'open' && !gone.has(id)) || status === 'installing',
  );
  const taken = new Set(live.flatMap(({ target, replaces }) => [entryKey(target), replaces ?? '']));
  const added: Proposal[] = [];
  const offer = (proposal: Proposal): void => {
    const keys = [entryKey(proposal.target), ...(proposal.replaces === undefined ? [] : [proposal.replaces])];
    if (keys.some((key) => taken.has(key)) || wasRefused(proposal, query)) return;
    keys.forEach((key) => taken.add(key));
    added.push(proposal);
  };
  const own = query.pool.entries.filter(
    ({ origin, pendingEviction }) => origin === 'pool' && !pendingEviction,
  );
  for (const entry of own.toSorted((a, b) => a.currentScore - b.currentScore)) {
    for (const candidate of betterThan(entry, usable, query)) {
      if (taken.has(entryKey(entry))) break;
      offer(swapOf(entry, candidate, query));
    }
  }
  offerAdditions(query, usable, live, added, offer);
  for (const entry of own) if (isSpent(entry, own, query)) offer(evictionOf(entry, query));
  return { added, superseded };
}

function offerAdditions(
  query: ProposalQuery,
  usable: readonly ProposalCandidate[],
  live: readonly Proposal[],
  added: readonly Proposal[],
  offer: (proposal: Proposal) => void,
): void {
  const budget = query.pool.diskBudgetGb;
  const comes = [...live, ...added].reduce((sum, { diskImpactGb }) => sum + Math.max(0, diskImpactGb), 0);
  let heldGb = query.pool.diskUsedGb + comes;
  for (const [task, ofTask] of Map.groupBy(usable, (candidate) => candidate.task)) {
    if (heldGb >= budget * UNDER_FILLED) return;
    const isServed = query.pool.entries.length > 0 && task === query.task;
    if (isServed) continue;
    const best = ofTask.find(({ sizeBytes }) => heldGb + sizeBytes / GIB <= budget);
    if (!best) continue;
    const before = added.length;
    offer(additionOf(best, query));
    if (added.length > before) heldGb += best.sizeBytes / GIB;
  }
}

function isPooled({ pool }: ProposalQuery, candidate: ProposalCandidate): boolean {
  return pool.entries.some(
    (entry) =>
      entryKey(entry) === entryKey(candidate) ||
      (entry.backend === candidate.backend &&
        entry.hfRepoId === candidate.hfRepoId &&
        entry.quant === candidate.quant),
  );
}

/** Best first, each within the budget once the entry is gone. */
function betterThan(
  entry: PoolEntry,
  usable: readonly ProposalCandidate[],
  { pool, task, threshold }: ProposalQuery,
): readonly ProposalCandidate[] {
  if (entry.pinned) return [];
  const left = gibToBytes(pool.diskBudgetGb - pool.diskUsedGb) + freedBytes(pool.entries, [entry]);
  return usable.filter(
    (candidate) =>
      candidate.task === task &&
      candidate.backend === entry.backend &&
      candidate.score - entry.currentScore >= threshold &&
      candidate.sizeBytes <= left,
  );
}

/** Unused for a month, while a better one of the pool takes no more room. */
function isSpent(entry: PoolEntry, own: readonly PoolEntry[], { now, threshold }: ProposalQuery): boolean {
  if (entry.pinned) return false;
  const idleMs = Date.parse(now) - Date.parse(entry.lastUsedAt ?? entry.installedAt);
  if (idleMs < UNUSED_DAYS * DAY_MS) return false;
  return own.some(
    (other) =>
      other.backend === entry.backend &&
      other.currentScore - entry.currentScore >= threshold &&
      other.sizeOnDiskGb <= entry.sizeOnDiskGb &&
      (entry.toolCalling !== true || other.toolCalling === true),
  );
}

/** Whether a person, or the registry, has said no to this pair: for 90 days, or until it is better by a threshold more. */
function wasRefused(proposal: Proposal, { known, now, threshold }: ProposalQuery): boolean {
  return known.some((before) => {
    const days = (Date.parse(now) - Date.parse(before.changedAt)) / DAY_MS;
    if (days >= REJECTED_DAYS || entryKey(before.target) !== entryKey(proposal.target)) return false;
    if (before.status === 'failed_target_missing') return true;
    const isSame = before.kind === proposal.kind && before.replaces === proposal.replaces;
    return before.status === 'rejected' && isSame && proposal.scoreDelta - before.scoreDelta < threshold;
  });
}

function stillHolds(proposal: Proposal, query: ProposalQuery, usable: readonly ProposalCandidate[]): boolean {
  const { entries } = query.pool;
  const find = (key: string): PoolEntry | undefined => entries.find((entry) => entryKey(entry) === key);
  const key = entryKey(proposal.target);
  switch (proposal.kind) {
    case 'add':
      return usable.some((candidate) => entryKey(candidate) === key);
    case 'swap': {
      const entry = find(proposal.replaces ?? '');
      return entry !== undefined && betterThan(entry, usable, query).some((each) => entryKey(each) === key);
    }
    case 'evict': {
      const entry = find(key);
      return entry !== undefined && isSpent(entry, entries, query);
    }
  }
}

function swapOf(entry: PoolEntry, candidate: ProposalCandidate, query: ProposalQuery): Proposal {
  const scoreDelta = candidate.score - entry.currentScore;
  const bytes = candidate.sizeBytes - freedBytes(query.pool.entries, [entry]);
  const change = bytes > 0 ? `${formatBytes(bytes)} more disk` : `${formatBytes(-bytes)} less disk`;
  const summary = `${candidate.ollamaName} scores ${scoreDelta.toFixed(1)} points more than ${entry.ollamaName} for ${candidate.task}, for ${change}.`;
  return {
    ...open('swap', candidate, query),
    ...{ replaces: entryKey(entry), scoreDelta, diskImpactGb: bytes / GIB },
    justification: { summary, ...candidate.justification },
  };
}

function additionOf(candidate: ProposalCandidate, query: ProposalQuery): Proposal {
  const summary = `${candidate.ollamaName} is the best model for ${candidate.task} that fits, with ${formatBytes(candidate.sizeBytes)} of disk.`;
  return {
    ...open('add', candidate, query),
    ...{ scoreDelta: candidate.score, diskImpactGb: candidate.sizeBytes / GIB },
    justification: { summary, ...candidate.justification },
  };
}

function evictionOf(entry: PoolEntry, query: ProposalQuery): Proposal {
  const freed = freedBytes(query.pool.entries, [entry]);
  const since = (entry.lastUsedAt ?? entry.installedAt).slice(0, 10);
  const summary = `${entry.ollamaName} was not used since ${since}, and a better model of the pool takes no more room. Removing it frees ${formatBytes(freed)}.`;
  return {
    ...open('evict', entry, query),
    ...{ scoreDelta: 0, diskImpactGb: -freed / GIB },
    justification: { summary, benchmarkBasis: [], hardwareFit: '', evidence: '', freshness: '' },
  };
}

function open(
  kind: Proposal['kind'],
  { backend, ollamaName, hfRepoId, quant, family }: ProposalCandidate | PoolEntry,
  { now, newId }: ProposalQuery,
) {
  const target = { backend, ollamaName, hfRepoId, quant, ...(family === undefined ? {} : { family }) };
  return { id: newId(), kind, status: 'open' as const, target, createdAt: now, changedAt: now };
}
