import { bytesToGib } from '../shared/units';
import { isAllowed } from './allowed';
import { freedBytes } from './diskUse';
import { entryKey, gibToBytes, type PoolEntry, type PoolState } from './poolState';
import type { Proposal, ProposalCandidate, ProposalTarget } from './proposal';
import { ProposalRoles } from './proposalRoles';
import { additionSummary, evictionSummary, swapSummary } from './proposalSummary';

export interface ProposalQuery {
  /** Of one disk: what is on others makes no room here. */
  readonly pool: PoolState;
  /** Every proposal about that disk that was ever made and is still kept. */
  readonly known: readonly Proposal[];
  readonly candidates: readonly ProposalCandidate[];
  /** Tasks that models are wanted for, the user's own first. */
  readonly tasks: readonly string[];
  /** 0..100 of an installed model for a task; undefined where nobody knows. */
  readonly scoreOf: (entry: PoolEntry, task: string) => number | undefined;
  /** Points by which a candidate must be better. */
  readonly threshold: number;
  /** ISO 8601. */
  readonly now: string;
  readonly newId: () => string;
}

export interface ProposalChange {
  readonly added: readonly Proposal[];
  /** Known ones that are other than they were: superseded, done meanwhile, or with new figures. */
  readonly changed: readonly Proposal[];
}

/** A proposal that was not made yet. */
type Draft = Omit<Proposal, 'id'>;

const DAY_MS = 86_400_000;
const REJECTED_DAYS = 90;
const UNUSED_DAYS = 30;
/** Below this share of the budget a pool has room to grow into. */
const UNDER_FILLED = 0.5;
/** What is proposed stays so until its lead is less than this share of the threshold: scores of a day differ a little. */
const HOLDS = 0.5;

/**
 * What to propose now: a better model for each one of the pool, models for an empty or half-empty pool, and the removal
 * of what is dominated and unused. Pure; nothing is installed or removed by it. Never two open ones about one model.
 *
 * Each model is measured at the task that it is there for (`ProposalRoles`), so that carrying out every proposal again
 * and again comes to an end: the best score of a task falls only where that of an earlier one rises by the threshold.
 */
export function propose(query: ProposalQuery): ProposalChange {
  return new Proposing(query).change();
}

/** One round: what is there, and what was said until now. */
class Proposing {
  readonly #usable: readonly ProposalCandidate[];
  readonly #staying: readonly PoolEntry[];
  readonly #roles: ProposalRoles;
  readonly #added: Proposal[] = [];

  constructor(private readonly query: ProposalQuery) {
    const { pool, candidates } = query;
    this.#usable = candidates
      .filter((candidate) => candidate.fits && isAllowed(pool, candidate) && !this.#isPooled(candidate))
      .sort((a, b) => b.score - a.score || (entryKey(a) < entryKey(b) ? -1 : 1));
    this.#staying = pool.entries.filter(({ pendingEviction }) => !pendingEviction);
    this.#roles = new ProposalRoles({ entries: this.#staying, tasks: query.tasks, scoreOf: query.scoreOf });
  }

  change(): ProposalChange {
    const { known } = this.query;
    const next = known.map((proposal) => (proposal.status === 'open' ? this.#renewed(proposal) : proposal));
    const live = next.filter(({ status }) => status === 'open' || status === 'installing');
    const taken = new Set(live.flatMap(keysOf));
    const offer = (draft: Draft): boolean => {
      if (keysOf(draft).some((key) => taken.has(key)) || this.#wasRefused(draft)) return false;
      keysOf(draft).forEach((key) => taken.add(key));
      this.#added.push({ id: this.query.newId(), ...draft });
      return true;
    };
    for (const entry of this.#own().toSorted((a, b) => a.currentScore - b.currentScore)) {
      const spent = this.#eviction(entry);
      if (spent && offer(spent)) continue;
      this.#betterThan(entry, 1).some((candidate) => offer(this.#swap(entry, candidate)));
    }
    this.#offerAdditions(live, offer);
    return { added: this.#added, changed: next.filter((proposal, index) => proposal !== known[index]) };
  }

  #own(): readonly PoolEntry[] {
    return this.#staying.filter(({ origin, pinned }) => origin === 'pool' && !pinned);
  }

  #offerAdditions(live: readonly Proposal[], offer: (draft: Draft) => boolean): void {
    const { pool, tasks, threshold } = this.query;
    const comes = [...live, ...this.#added].reduce((sum, each) => sum + Math.max(0, each.diskImpactGb), 0);
    let heldGb = pool.diskUsedGb + comes;
    for (const task of tasks) {
      if (heldGb >= pool.diskBudgetGb * UNDER_FILLED) return;
      const room = gibToBytes(pool.diskBudgetGb - heldGb);
      const coming = this.#scoreOfComing(task, [...live, ...this.#added]);
      const made = this.#worthAdding(task, 1).find(
        (candidate) =>
          candidate.score - coming >= threshold &&
          candidate.sizeBytes <= room &&
          offer(this.#addition(candidate)),
      );
      if (made) heldGb += bytesToGib(made.sizeBytes);
    }
  }

  /** The best score for a task among what is proposed already, for whichever task; -Infinity where none is known. */
  #scoreOfComing(task: string, proposals: readonly Proposal[]): number {
    const models = new Set(
      proposals.flatMap(({ kind, target }) => (kind === 'evict' ? [] : [modelKey(target)])),
    );
    const same = this.#usable.find((candidate) => candidate.task === task && models.has(modelKey(candidate)));
    return same?.score ?? -Infinity;
  }

  /** What an open proposal is by now: as it was, with new figures, or over. */
  #renewed(proposal: Proposal): Proposal {
    const { now } = this.query;
    const key = entryKey(proposal.target);
    const target = this.#find(key);
    const replaced = this.#find(proposal.replaces);
    if (proposal.phase !== null && proposal.kind !== 'evict' && target) {
      // The target has come, by whichever way: what is left of it is the other half.
      return replaced ? proposal : { ...proposal, status: 'approved', problem: null, changedAt: now };
    }
    const superseded: Proposal = { ...proposal, status: 'superseded', changedAt: now };
    const renew = (fresh: Draft | null | undefined): Proposal =>
      fresh ? updated(proposal, fresh) : superseded;
    switch (proposal.kind) {
      case 'evict':
        return renew(target && this.#eviction(target));
      case 'add':
        return renew(
          this.#pick(proposal, this.#worthAdding(proposal.task, HOLDS), (it) => this.#addition(it)),
        );
      case 'swap': {
        const spent = replaced && this.#eviction(replaced);
        if (!replaced || (spent && !this.#wasRefused(spent))) return superseded;
        const better = this.#betterThan(replaced, HOLDS);
        return renew(this.#pick(proposal, better, (candidate) => this.#swap(replaced, candidate)));
      }
    }
  }

  /** The proposal made anew, unless something has come that is better by the threshold and could be proposed for it. */
  #pick(
    proposal: Proposal,
    candidates: readonly ProposalCandidate[],
    make: (candidate: ProposalCandidate) => Draft,
  ): Draft | null {
    const { known, threshold } = this.query;
    const key = entryKey(proposal.target);
    const own = candidates.find((candidate) => entryKey(candidate) === key);
    if (!own) return null;
    const others = known.filter(
      ({ id, status }) => id !== proposal.id && (status === 'open' || status === 'installing'),
    );
    const taken = new Set(others.flatMap(keysOf));
    const isOutdone = candidates.some((candidate) => {
      if (candidate.score - own.score < threshold) return false;
      const rival = make(candidate);
      return !taken.has(entryKey(candidate)) && !taken.has(modelKey(candidate)) && !this.#wasRefused(rival);
    });
    return isOutdone ? null : make(own);
  }

  #find(key: string | undefined): PoolEntry | undefined {
    return key === undefined ? undefined : this.#staying.find((entry) => entryKey(entry) === key);
  }

  /** The same build is there, on whichever backend of the host. */
  #isPooled(candidate: ProposalCandidate): boolean {
    return this.query.pool.entries.some(
      (entry) =>
        entryKey(entry) === entryKey(candidate) ||
        (entry.hfRepoId === candidate.hfRepoId && entry.quant === candidate.quant),
    );
  }

  /** The task at which a model is measured, and its score for it. */
  #measureOf(entry: PoolEntry): { readonly task: string; readonly score: number } {
    const { tasks, scoreOf } = this.query;
    const task = this.#roles.roleOf(entry) ?? tasks[0] ?? '';
    return { task, score: scoreOf(entry, task) ?? entry.currentScore };
  }

  /** Best first, each within the budget once the entry is gone. `share`: of the threshold, that it must be better by. */
  #betterThan(entry: PoolEntry, share: number): readonly ProposalCandidate[] {
    const { pool, threshold } = this.query;
    if (entry.pinned || entry.origin === 'user') return [];
    const { task, score } = this.#measureOf(entry);
    const room = gibToBytes(pool.diskBudgetGb - pool.diskUsedGb) + freedBytes(pool.entries, [entry]);
    const others = this.#staying.filter((other) => other !== entry);
    const mustCallTools = entry.toolCalling === true && !others.some((other) => other.toolCalling);
    return this.#usable.filter(
      (candidate) =>
        candidate.task === task &&
        candidate.backend === entry.backend &&
        candidate.score - score >= threshold * share &&
        candidate.sizeBytes <= room &&
        // Another build of a model that is there can only come in its place.
        !others.some(({ hfRepoId }) => hfRepoId === candidate.hfRepoId) &&
        (!mustCallTools || candidate.toolCalling === true),
    );
  }

  /** Best first: what would be better for a task than anything that is there, and cannot come in its place. */
  #worthAdding(task: string, share: number): readonly ProposalCandidate[] {
    const { entries } = this.query.pool;
    const best = this.#roles.bestAt(task);
    if (best && this.#own().includes(best.entry) && this.#measureOf(best.entry).task === task) return [];
    return this.#usable.filter(
      (candidate) =>
        candidate.task === task &&
        (!best || candidate.score - best.score >= this.query.threshold * share) &&
        !entries.some(({ hfRepoId }) => hfRepoId === candidate.hfRepoId),
    );
  }

  /** The removal of what was not used for a month, while a better one of the pool takes no more room; else null. */
  #eviction(entry: PoolEntry): Draft | null {
    const { pool, now, threshold, tasks } = this.query;
    const own = this.#own();
    if (!own.includes(entry) || this.#roles.leads(entry, threshold)) return null;
    const idleMs = Date.parse(now) - Date.parse(entry.lastUsedAt ?? entry.installedAt);
    if (idleMs < UNUSED_DAYS * DAY_MS) return null;
    const better = this.#staying.find(
      (other) =>
        other.backend === entry.backend &&
        other.currentScore - entry.currentScore >= threshold &&
        other.sizeOnDiskGb <= entry.sizeOnDiskGb &&
        (entry.toolCalling !== true || other.toolCalling === true),
    );
    if (!better) return null;
    const freed = freedBytes(pool.entries, [entry]);
    const task = tasks[0] ?? '';
    const points = better.currentScore - entry.currentScore;
    const summary = evictionSummary(entry, better, points, task, freed);
    const { backend, ollamaName, hfRepoId, quant, family } = entry;
    return {
      ...this.#open('evict', task, {
        ...{ backend, ollamaName, hfRepoId, quant, label: ollamaName, score: entry.currentScore },
        ...{ sizeBytes: gibToBytes(entry.sizeOnDiskGb), ...(family === undefined ? {} : { family }) },
      }),
      ...{ scoreDelta: 0, diskImpactGb: -bytesToGib(freed) },
      justification: { summary, benchmarkBasis: [], hardwareFit: '', evidence: '', freshness: '' },
    };
  }

  #swap(entry: PoolEntry, candidate: ProposalCandidate): Draft {
    const { score } = this.#measureOf(entry);
    const bytes = candidate.sizeBytes - freedBytes(this.query.pool.entries, [entry]);
    const summary = swapSummary(candidate, entry, score, bytes);
    return {
      ...this.#open('swap', candidate.task, targetOf(candidate)),
      ...{ replaces: entryKey(entry), replacesName: entry.ollamaName },
      ...{ scoreDelta: candidate.score - score, diskImpactGb: bytesToGib(bytes) },
      justification: { summary, ...candidate.justify() },
    };
  }

  #addition(candidate: ProposalCandidate): Draft {
    const summary = additionSummary(candidate, this.#roles.bestAt(candidate.task));
    return {
      ...this.#open('add', candidate.task, targetOf(candidate)),
      ...{ scoreDelta: candidate.score, diskImpactGb: bytesToGib(candidate.sizeBytes) },
      justification: { summary, ...candidate.justify() },
    };
  }

  #open(kind: Proposal['kind'], task: string, target: ProposalTarget) {
    const { now } = this.query;
    const fresh = { phase: null, problem: null, owner: null, createdAt: now, changedAt: now };
    return { kind, status: 'open' as const, target, task, ...fresh };
  }

  /** Whether a person, or the registry, has said no to this pair: for 90 days, or until it is better by a threshold more. */
  #wasRefused(draft: Draft): boolean {
    const { known, now, threshold } = this.query;
    return known.some((before) => {
      const days = (Date.parse(now) - Date.parse(before.changedAt)) / DAY_MS;
      if (days >= REJECTED_DAYS) return false;
      if (before.status === 'failed_target_missing')
        return entryKey(before.target) === entryKey(draft.target);
      const isSame =
        before.kind === draft.kind && before.replaces === draft.replaces && isOneModel(before, draft);
      if (before.status !== 'rejected' || !isSame) return false;
      // Scores of another task are no growth of what was rejected.
      return before.task !== draft.task || draft.scoreDelta - before.scoreDelta < threshold;
    });
  }
}

/** What a proposal is about, so that there are no two about one model. */
function keysOf({ kind, target, replaces }: Draft): readonly string[] {
  const own = kind === 'evict' ? [entryKey(target)] : [entryKey(target), modelKey(target)];
  return replaces === undefined ? own : [...own, replaces];
}

/** Whoever does not want a model wants no other build of it; what goes is one build. */
function isOneModel(a: Draft, b: Draft): boolean {
  if (entryKey(a.target) === entryKey(b.target)) return true;
  return a.kind !== 'evict' && a.target.hfRepoId !== null && a.target.hfRepoId === b.target.hfRepoId;
}

/** A model whatever its build. */
function modelKey({ hfRepoId }: { readonly hfRepoId: string | null }): string {
  return JSON.stringify([hfRepoId]);
}

function targetOf(candidate: ProposalCandidate): ProposalTarget {
  const { backend, ollamaName, hfRepoId, label, quant, family, sizeBytes, score } = candidate;
  const known = { backend, ollamaName, hfRepoId, label, quant, sizeBytes, score };
  return { ...known, ...(family === undefined ? {} : { family }) };
}

/** The figures of today for what was said before; the same object where none has changed. */
function updated(before: Proposal, fresh: Draft): Proposal {
  const { scoreDelta, diskImpactGb, justification, target } = fresh;
  if (before.justification.summary === justification.summary) return before;
  return { ...before, scoreDelta, diskImpactGb, justification, target };
}
