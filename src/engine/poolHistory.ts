import type { Proposal } from '../pool/proposal';
import type { PoolRemoval } from '../pool/poolRemovals';
import type { PoolEntry } from '../pool/poolState';
import type { PullRun } from '../pool/pullRuns';
import type { PoolEvent } from '../shared/poolMessage';
import { gibToBytes } from '../pool/poolState';
import { compareCodePoints } from '../shared/codePointOrder';

export interface PoolHistoryFacts {
  readonly entries: readonly PoolEntry[];
  readonly removals: readonly PoolRemoval[];
  readonly proposals: readonly Proposal[];
  readonly runs: readonly PullRun[];
}

/**
 * What was done with the pool as far as its state still tells: when each model came into it and left it, how each
 * proposal ended, and which downloads did not. Newest first; a download that did not end has no date, and comes before all. Pure.
 */
export function poolHistory({ entries, removals, proposals, runs }: PoolHistoryFacts): PoolEvent[] {
  const dated = [
    ...[...entries.map(addedEvent), ...removals.flatMap(removedEvents)],
    ...proposals.flatMap(settledEvents),
  ].sort((a, b) => compareCodePoints(b.at, a.at));
  return [...runs.flatMap(unfinishedEvents), ...dated];
}

function addedEvent({ ollamaName, installedAt, sizeOnDiskGb }: PoolEntry): PoolEvent & { at: string } {
  return {
    ...{ kind: 'added', at: installedAt, came: ollamaName, went: null, reason: null },
    bytes: gibToBytes(sizeOnDiskGb),
  };
}

/** What is gone came at some time, too. */
function removedEvents({
  ollamaName,
  bytes,
  installedAt,
  removedAt,
  by,
}: PoolRemoval): (PoolEvent & { at: string })[] {
  const common = { reason: null, bytes };
  return [
    { ...common, kind: by === 'pool' ? 'removed' : 'gone', at: removedAt, came: null, went: ollamaName },
    { ...common, kind: 'added', at: installedAt, came: ollamaName, went: null },
  ];
}

function settledEvents({
  status,
  kind,
  target,
  replacesName,
  changedAt,
  problem,
}: Proposal): (PoolEvent & { at: string })[] {
  if (status !== 'approved' && status !== 'rejected' && status !== 'failed_target_missing') return [];
  const removes = kind === 'evict';
  return [
    {
      kind: status === 'failed_target_missing' ? 'missing' : status,
      at: changedAt,
      came: removes ? null : target.ollamaName,
      went: removes ? target.ollamaName : (replacesName ?? null),
      reason: problem?.message ?? null,
      bytes: null,
    },
  ];
}

function unfinishedEvents({ status, name, message, highWaterBytes }: PullRun): PoolEvent[] {
  if (status !== 'failed' && status !== 'cancelled') return [];
  return [
    {
      ...{ kind: status === 'failed' ? 'failed' : 'stopped', at: null, came: name, went: null },
      ...{ reason: status === 'failed' ? (message ?? null) : null, bytes: highWaterBytes },
    },
  ];
}
