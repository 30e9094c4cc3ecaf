import * as l10n from '@vscode/l10n';
import { formatNumber } from '../shared/numberText';
import { formatBytes } from '../shared/units';
import { distinctBytes } from './diskUse';
import type { Refusal } from './livePull';
import { planEviction, type EvictionPlan } from './planEviction';
import type { PoolDraft, PoolScope } from './poolRows';
import { entryKey, gibToBytes, type PoolEntry } from './poolState';
import { isOver, type StoredRun } from './pullRunRows';

/** Models that must stay now, by their keys. */
export interface Uses {
  /** A call uses them, in whichever window. */
  readonly inUse: ReadonlySet<string>;
  /** Their backend has them loaded. */
  readonly running: ReadonlySet<string>;
}

export interface SpaceQuery {
  readonly pool: PoolDraft;
  readonly runs: readonly StoredRun[];
  readonly scope: PoolScope;
  /** What the space is for. */
  readonly backend: string;
  readonly ollamaName: string;
  readonly neededBytes: number;
  readonly uses: Uses;
  /** Keys of the only models that may go for it; by default any. */
  readonly only?: ReadonlySet<string>;
}

/** What is promised on the disk of one host, so that nothing is promised twice. */
export interface Promises {
  readonly budgetBytes: number;
  /** Models of the pool that stay, as far as is decided. */
  readonly settledBytes: number;
  /**
   * For models that are on their way: each its own bytes, or those of the models that go for it where these are more.
   * They stay if it fails, and by then others must not have been given their room.
   */
  readonly reservedBytes: number;
  /** Keys of models that go when those are there. */
  readonly leaving: ReadonlySet<string>;
  /** All that is known to lie on that disk. */
  readonly entries: readonly PoolEntry[];
}

/**
 * What the budget of a host is promised to. A run that is not over holds its bytes, whichever window it runs in, and
 * whether or not its window lives: another one goes on with it. `exceptKey`: a model whose own run does not count.
 */
export function promisesOn(
  query: Pick<SpaceQuery, 'pool' | 'runs' | 'scope' | 'backend'>,
  exceptKey?: string,
  leavingBesides: readonly string[] = [],
): Promises {
  const { pool, runs, scope } = query;
  const host = scope.hostOf(query.backend);
  const open = runs.filter(
    (run) =>
      !isOver(run) &&
      scope.hostOf(run.backend) === host &&
      entryKey({ backend: run.backend, ollamaName: run.name }) !== exceptKey,
  );
  const entries = pool.entries.filter(({ backend }) => scope.hostOf(backend) === host);
  const leaving = new Set([...open.flatMap(({ evicts }) => evicts), ...leavingBesides]);
  for (const entry of entries) if (entry.pendingEviction) leaving.add(entryKey(entry));
  const staying = entries.filter((entry) => entry.origin === 'pool' && !leaving.has(entryKey(entry)));
  return {
    budgetBytes: gibToBytes(pool.diskBudgetGb),
    settledBytes: distinctBytes(staying),
    reservedBytes: open.reduce((sum, run) => sum + heldBytes(run, entries), 0),
    leaving,
    entries,
  };
}

function heldBytes(run: StoredRun, entries: readonly PoolEntry[]): number {
  const going = entries.filter((entry) => !entry.pendingEviction && run.evicts.includes(entryKey(entry)));
  return Math.max(run.reservedBytes, distinctBytes(going));
}

/** By how many bytes the budget would be exceeded with so many more than what is promised; 0: it holds. */
export function overBytes(promises: Promises, moreBytes: number): number {
  const { settledBytes, reservedBytes, budgetBytes } = promises;
  return Math.max(0, settledBytes + reservedBytes + moreBytes - budgetBytes);
}

/** Bytes that stay free on a host's disk, of those that are now, when all runs have come that are not over. */
export function unpromisedBytes(
  { runs, scope, backend }: Pick<SpaceQuery, 'runs' | 'scope' | 'backend'>,
  freeBytes: number,
  exceptKey?: string,
): number {
  const host = scope.hostOf(backend);
  const coming = runs.filter(
    (run) =>
      !isOver(run) &&
      scope.hostOf(run.backend) === host &&
      entryKey({ backend: run.backend, ollamaName: run.name }) !== exceptKey,
  );
  return coming.reduce((free, run) => free - Math.max(0, run.reservedBytes - run.highWaterBytes), freeBytes);
}

/** `needed` is a size in words. */
export function noDiskSpace(name: string, leftBytes: number, needed: string): Refusal {
  const message = l10n.t(
    'The disk has {0} free, and {1} needs {2}. Free some space, then install again.',
    formatBytes(Math.max(0, leftBytes)),
    name,
    needed,
  );
  return { code: 'disk_full', message };
}

export type SpaceAnswer =
  | { readonly kind: 'space'; readonly plan: EvictionPlan; readonly promises: Promises }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly plan: EvictionPlan };

/**
 * Finds room within the budget for a model, at the cost of others where that must be. Within a transaction that then
 * stores the reservation, no two installs of whichever windows can be given the same bytes.
 */
export function findSpace(query: SpaceQuery): SpaceAnswer {
  const { ollamaName, neededBytes, uses, only } = query;
  const promises = promisesOn(query, entryKey(query));
  const { budgetBytes, leaving, entries } = promises;
  const missingBytes = overBytes(promises, neededBytes);
  const asked = { entries, neededBytes: missingBytes, leaving, ...(only ? { only } : {}) };
  const plan = planEviction({ ...asked, ...uses });
  if (plan.remainingNeededGb === 0) return { kind: 'space', plan, promises };
  const later = planEviction(asked);
  const overGb = formatNumber(plan.remainingNeededGb, 2);
  const refusal: Refusal =
    later.remainingNeededGb === 0
      ? {
          code: 'in_use',
          message: l10n.t(
            '{0} ({1}) would exceed disk budget by {2} GB while models that could make room are in use. Install it again when they are not.',
            ollamaName,
            formatBytes(neededBytes),
            overGb,
          ),
        }
      : {
          code: 'budget_exceeded',
          message: l10n.t(
            '{0} ({1}) would exceed disk budget by {2} GB (budget {3}). Raise modelPool.pool.diskBudgetGb, or remove or unpin a model.',
            ollamaName,
            formatBytes(neededBytes),
            overGb,
            formatBytes(budgetBytes),
          ),
        };
  return { kind: 'refused', refusal, plan };
}
