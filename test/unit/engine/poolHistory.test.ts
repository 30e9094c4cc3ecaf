import { describe, expect, it } from 'vitest';
import { poolHistory } from '../../../src/engine/poolHistory';
import type { PoolRemoval } from '../../../src/pool/poolRemovals';
import type { PullRun } from '../../../src/pool/pullRuns';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import { poolEntry } from '../../support/poolEntries';
import { proposalOf } from '../../support/sampleProposals';

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'new', label: 'New', status: 'failed' },
  ...{ completedBytes: 7, highWaterBytes: 7, totalBytes: 9, percent: 77 },
  ...{ attempt: 1, elsewhere: false, takenOver: false, message: 'The disk is full.' },
};

const NOTHING = { entries: [], removals: [], proposals: [], runs: [] };

describe('the history of the pool', () => {
  it('tells the newest first, and before all the downloads that nobody dated', () => {
    const history = poolHistory({
      entries: [
        poolEntry('old', { installedAt: '2026-01-01T00:00:00.000Z', sizeOnDiskGb: 2 }),
        poolEntry('newer', { installedAt: '2026-03-01T00:00:00.000Z' }),
      ],
      removals: [],
      proposals: [proposalOf('swap', { status: 'approved', changedAt: '2026-02-01T00:00:00.000Z' })],
      runs: [RUN],
    });
    expect(history.map(({ kind, at, came, went }) => [kind, at?.slice(0, 7) ?? null, came, went])).toEqual([
      ['failed', null, 'new', null],
      ['added', '2026-03', 'newer', null],
      ['approved', '2026-02', 'better:8b', 'worse:8b'],
      ['added', '2026-01', 'old', null],
    ]);
    expect(history[0]).toMatchObject({ reason: 'The disk is full.', bytes: 7 });
    expect(history.at(-1)?.bytes).toBe(2 * BYTES_PER_GIB);
  });

  it('tells when a model that is gone came and went, and who took it away', () => {
    const removal: PoolRemoval = {
      ...{ backend: 'ollama', ollamaName: 'old:7b', bytes: 5, by: 'pool' },
      ...{ installedAt: '2026-01-01T00:00:00.000Z', removedAt: '2026-03-01T00:00:00.000Z' },
    };
    const outside: PoolRemoval = {
      ...{ ...removal, ollamaName: 'lost:7b', by: 'outside' },
      ...{ installedAt: '2026-02-01T00:00:00.000Z', removedAt: '2026-04-01T00:00:00.000Z' },
    };
    const history = poolHistory({ ...NOTHING, removals: [outside, removal] });
    expect(history.map(({ kind, at, came, went }) => [kind, at?.slice(0, 7) ?? null, came, went])).toEqual([
      ['gone', '2026-04', null, 'lost:7b'],
      ['removed', '2026-03', null, 'old:7b'],
      ['added', '2026-02', 'lost:7b', null],
      ['added', '2026-01', 'old:7b', null],
    ]);
    expect(history.map(({ bytes }) => bytes)).toEqual([5, 5, 5, 5]);
  });

  it('tells a removal as what went, and a target that nobody has with its reason', () => {
    const missing = proposalOf('add', {
      status: 'failed_target_missing',
      problem: { code: 'failed_target_missing', message: 'No such model.', at: '2026-02-01', attempts: 1 },
    });
    const proposals = [proposalOf('evict', { status: 'rejected' }), missing];
    expect(poolHistory({ ...NOTHING, proposals })).toMatchObject([
      { kind: 'rejected', came: null, went: 'worse:8b' },
      { kind: 'missing', came: 'better:8b', went: null, reason: 'No such model.' },
    ]);
  });

  it('leaves out what is not decided, what fell away by itself, and downloads that are under way or done', () => {
    const proposals = (['open', 'installing', 'superseded'] as const).map((status) =>
      proposalOf('add', { status }),
    );
    const runs = (['queued', 'pulling', 'verifying', 'succeeded'] as const).map((status) => ({
      ...RUN,
      status,
    }));
    expect(poolHistory({ ...NOTHING, proposals, runs })).toEqual([]);
    const stopped = poolHistory({ ...NOTHING, runs: [{ ...RUN, status: 'cancelled' }] });
    expect(stopped).toMatchObject([{ kind: 'stopped', reason: null, bytes: 7 }]);
  });
});
