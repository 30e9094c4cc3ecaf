import { bytesToGib } from '../shared/units';
import { freedBytes } from './diskUse';
import { entryKey, type PoolEntry } from './poolState';
import { compareCodePoints } from '../shared/codePointOrder';

/** Why a model stays although space is needed. */
type KeptReason =
  /** Its backend has it loaded. */
  | 'running'
  /** A call uses it, in whichever window. */
  | 'in-use'
  | 'pinned'
  /** Its user installed it outside the pool. */
  | 'user'
  /** No other model that calls tools would be left on that machine. */
  | 'last-tool-capable'
  /** It goes already, for something else. */
  | 'leaving'
  /** The space is there without it. */
  | 'not-needed';

export interface EvictionQuery {
  /** Everything that is known to lie on the one disk. */
  readonly entries: readonly PoolEntry[];
  readonly neededBytes: number;
  /** Keys of models that a call uses now. */
  readonly inUse?: ReadonlySet<string>;
  /** Keys of models that their backend has loaded. */
  readonly running?: ReadonlySet<string>;
  /** Keys of models that go already, for something else: their layers are as good as gone. */
  readonly leaving?: ReadonlySet<string>;
  /**
   * Keys of the only models that may go, where somebody has agreed to no other; by default any. Of these even the last
   * one that calls tools goes: it was agreed to by its name, or what comes for it calls tools too.
   */
  readonly only?: ReadonlySet<string>;
}

export interface EvictionPlan {
  /** In the order in which they go. */
  readonly evict: readonly PoolEntry[];
  /** GiB that removing them really frees. */
  readonly freedGb: number;
  /** GiB that are still missing then; 0 where the plan is enough. */
  readonly remainingNeededGb: number;
  readonly kept: readonly { readonly entry: PoolEntry; readonly reason: KeptReason }[];
}

/**
 * Which models go so that so many bytes become free: the worst score first, then the longest unused, then the oldest;
 * and of those only as many as are needed, the better ones spared first. Changes nothing.
 */
export function planEviction(query: EvictionQuery): EvictionPlan {
  const leaving = query.leaving ?? new Set<string>();
  const goes = (entry: PoolEntry): boolean => entry.pendingEviction === true || leaving.has(entryKey(entry));
  // What goes anyway frees nothing more, and shields no layer.
  const there = query.entries.filter((entry) => !goes(entry));
  const reasons = new Map<PoolEntry, KeptReason>();
  for (const entry of query.entries) {
    const reason = goes(entry) ? 'leaving' : protectionOf(entry, query);
    if (reason !== null) reasons.set(entry, reason);
  }
  const { only } = query;
  const candidates = there
    .filter((entry) => !reasons.has(entry) && (only?.has(entryKey(entry)) ?? true))
    .sort(worstFirst);
  let plan: PoolEntry[] = [];
  for (const entry of candidates) {
    if (freedBytes(there, plan) >= query.neededBytes) break;
    if (!only && isLastToolCapable(entry, there, plan)) reasons.set(entry, 'last-tool-capable');
    else plan.push(entry);
  }
  for (const entry of plan.toReversed()) {
    const without = plan.filter((other) => other !== entry);
    if (freedBytes(there, without) >= query.neededBytes) plan = without;
  }
  const freed = freedBytes(there, plan);
  return {
    evict: plan,
    freedGb: bytesToGib(freed),
    remainingNeededGb: bytesToGib(Math.max(0, query.neededBytes - freed)),
    kept: query.entries
      .filter((entry) => !plan.includes(entry))
      .map((entry) => ({ entry, reason: reasons.get(entry) ?? 'not-needed' })),
  };
}

function protectionOf(entry: PoolEntry, query: EvictionQuery): KeptReason | null {
  const key = entryKey(entry);
  if (entry.origin === 'user') return 'user';
  if (query.inUse?.has(key)) return 'in-use';
  if (query.running?.has(key)) return 'running';
  return entry.pinned ? 'pinned' : null;
}

function isLastToolCapable(
  entry: PoolEntry,
  there: readonly PoolEntry[],
  leaving: readonly PoolEntry[],
): boolean {
  if (entry.toolCalling !== true) return false;
  return !there.some((other) => other !== entry && other.toolCalling === true && !leaving.includes(other));
}

function worstFirst(a: PoolEntry, b: PoolEntry): number {
  return (
    a.currentScore - b.currentScore ||
    // Times are ISO 8601 of one form, so that their texts sort as they do.
    compareCodePoints(a.lastUsedAt ?? '', b.lastUsedAt ?? '') ||
    compareCodePoints(a.installedAt, b.installedAt) ||
    compareCodePoints(entryKey(a), entryKey(b))
  );
}
