import * as l10n from '@vscode/l10n';
import { entryKey, type PoolEntry, type PoolState } from './poolState';
import type { Proposal } from './proposal';

/** What carrying out a proposal comes to, as the pool is. */
export type ProposalStep =
  | { readonly kind: 'install' }
  | { readonly kind: 'evict'; readonly entry: PoolEntry }
  /** Nothing is left to do. `pending`: what goes as soon as no call uses it. */
  | { readonly kind: 'done'; readonly pending: readonly string[] }
  /** It makes no sense any more; why, for a person. */
  | { readonly kind: 'moot'; readonly message: string };

const DONE: ProposalStep = { kind: 'done', pending: [] };

/**
 * The half of a proposal that comes next. One that was begun goes on where it stood: what has come stays, whoever brought
 * it; one that was not is moot as soon as the pool has the target, or lacks what it would replace.
 */
export function nextStep(proposal: Proposal, pool: Pick<PoolState, 'entries'>): ProposalStep {
  const { kind, target, replaces, replacesName, phase } = proposal;
  const find = (key: string): PoolEntry | undefined => pool.entries.find((entry) => entryKey(entry) === key);
  const found = find(entryKey(target));
  const began = phase !== null;
  if (kind === 'evict') return found ? removal(found) : gone(target.ollamaName, began);
  const isThere = found !== undefined && found.pendingEviction !== true;
  if (isThere && !began)
    return { kind: 'moot', message: l10n.t('{0} is in the pool already.', target.label) };
  if (replaces === undefined) return isThere ? DONE : { kind: 'install' };
  const replaced = find(replaces);
  if (!replaced) return gone(replacesName ?? target.label, began && isThere);
  const next = removal(replaced);
  return isThere || next.kind === 'moot' ? next : { kind: 'install' };
}

function removal(entry: PoolEntry): ProposalStep {
  const { ollamaName: name, pinned, origin, pendingEviction } = entry;
  if (pendingEviction) return { kind: 'done', pending: [name] };
  if (pinned) return { kind: 'moot', message: l10n.t('{0} is pinned now, so it stays.', name) };
  if (origin === 'user')
    return { kind: 'moot', message: l10n.t('{0} is outside the pool, so it stays.', name) };
  return { kind: 'evict', entry };
}

function gone(name: string, isDone: boolean): ProposalStep {
  return isDone ? DONE : { kind: 'moot', message: l10n.t('{0} is not in the pool any more.', name) };
}
