import { describe, expect, it } from 'vitest';
import {
  askedForMachine,
  askedForPool,
  askedForRankings,
  askedForRecords,
  INITIAL_DATA,
  reduceHostMessage,
} from '../../../webview-ui/pageData';
import type { DispatchSummary } from '../../../src/shared/dispatchQuery';
import { machineSchema } from '../../../src/shared/machineMessage';
import { poolSchema } from '../../../src/shared/poolMessage';
import { sampleMachine } from '../../fixtures/report/sampleMachine.mjs';
import { samplePool } from '../../fixtures/report/samplePool.mjs';
import { dispatchesMessage, rankingsMessage } from './samples';

describe('rankings', () => {
  it('end the loading and clear an older failure', () => {
    const failed = reduceHostMessage(INITIAL_DATA, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(failed.rankings).toMatchObject({ data: null, loading: false, failure: 'no' });
    const message = rankingsMessage(3);
    expect(reduceHostMessage(failed, message, null).rankings).toMatchObject({
      data: message,
      loading: false,
      failure: null,
    });
  });

  it('for another task than the wanted one are dropped', () => {
    expect(reduceHostMessage(INITIAL_DATA, rankingsMessage(3), 'coding')).toBe(INITIAL_DATA);
    const coding = rankingsMessage(3, { task: 'coding' });
    expect(reduceHostMessage(INITIAL_DATA, coding, 'coding').rankings.data).toEqual(coding);
  });

  it('for a machine that is not the imagined one are dropped, and those for it are shown', () => {
    const machine = { device: 'sample-24', count: 2, ramGib: 64 };
    const imagined = rankingsMessage(3, { imagined: machine });
    expect(reduceHostMessage(INITIAL_DATA, imagined, null)).toBe(INITIAL_DATA);
    expect(reduceHostMessage(INITIAL_DATA, imagined, null, machine).rankings.data).toEqual(imagined);
    expect(reduceHostMessage(INITIAL_DATA, rankingsMessage(3), null, machine)).toBe(INITIAL_DATA);
    expect(reduceHostMessage(INITIAL_DATA, imagined, null, { ...machine, count: 1 })).toBe(INITIAL_DATA);
  });

  it('stay on the page while new ones are awaited and when these fail', () => {
    const shown = reduceHostMessage(INITIAL_DATA, rankingsMessage(3), null);
    const waiting = reduceHostMessage(shown, { type: 'loading', what: 'rankings' }, null);
    expect(waiting.rankings).toMatchObject({ loading: true, data: { type: 'rankings' } });
    const failed = reduceHostMessage(waiting, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(failed.rankings).toMatchObject({ loading: false, failure: 'no', data: { type: 'rankings' } });
    expect(failed.dispatches).toBe(shown.dispatches);
  });
});

describe('what stands under the rows', () => {
  const { details: all, ...message } = rankingsMessage(3);
  const [first, second, third] = all;
  if (!first || !second || !third) throw new Error('no sample details');
  const shown = reduceHostMessage(INITIAL_DATA, { ...message, details: [first] }, null);
  const keysOf = (data: typeof shown): readonly string[] => [...data.rankings.details.byKey.keys()];
  const came = (ranking: number) => ({ type: 'rankingDetails' as const, ranking, details: [second] });

  it('comes with its ranking for the rows that are open, and for others as they are opened', () => {
    expect(keysOf(shown)).toEqual([first.key]);
    expect(keysOf(reduceHostMessage(shown, came(message.ranking), null))).toEqual([first.key, second.key]);
  });

  it('is dropped where it is of another ranking than the rows', () => {
    expect(reduceHostMessage(shown, came(message.ranking - 1), null)).toBe(shown);
    expect(reduceHostMessage(INITIAL_DATA, came(message.ranking), null)).toBe(INITIAL_DATA);
    const failed = {
      ...{ type: 'rankingDetailsFailed' as const, ranking: message.ranking - 1, message: 'no' },
    };
    expect(reduceHostMessage(shown, failed, null)).toBe(shown);
  });

  it('goes with its ranking when another one comes', () => {
    const more = reduceHostMessage(shown, came(message.ranking), null);
    const next = { ...message, ranking: message.ranking + 1, details: [third] };
    expect(keysOf(reduceHostMessage(more, next, null))).toEqual([third.key]);
  });

  it('keeps what is there when the rest does not come, until it is asked for again', () => {
    const failed = reduceHostMessage(
      shown,
      { type: 'rankingDetailsFailed', ranking: message.ranking, message: 'no' },
      null,
    );
    expect(failed.rankings.details.failure).toBe('no');
    expect(keysOf(failed)).toEqual([first.key]);
    expect(askedForRankings(failed).rankings.details.failure).toBeNull();
    expect(reduceHostMessage(failed, came(message.ranking), null).rankings.details.failure).toBeNull();
  });
});

describe('dispatches', () => {
  const asked = askedForRecords(INITIAL_DATA, 1);
  const shown = reduceHostMessage(asked, dispatchesMessage(240), null);

  it('of the list that was asked for are shown, and of another one dropped', () => {
    expect(shown.dispatches).toMatchObject({ loading: false, list: { list: 1, total: 240 } });
    const late = { ...dispatchesMessage(3), list: 0 };
    expect(reduceHostMessage(shown, late, null)).toBe(shown);
    const summary: DispatchSummary = {
      facets: { backend: [], provider: [], model: [], outcome: [], errorCode: [] },
      inherited: 0,
      histogram: [],
    };
    expect(reduceHostMessage(shown, { type: 'dispatchSummary', list: 0, summary }, null)).toBe(shown);
    const counted = reduceHostMessage(shown, { type: 'dispatchSummary', list: 1, summary }, null);
    expect(counted.dispatches.summary).toBe(summary);
  });

  it('stay while another list is awaited', () => {
    const waiting = askedForRecords(shown, 2);
    expect(waiting.dispatches).toMatchObject({ wanted: 2, loading: true, list: { list: 1 } });
    const answered = reduceHostMessage(waiting, { ...dispatchesMessage(5), list: 2 }, null);
    expect(answered.dispatches.list).toMatchObject({ list: 2, total: 5 });
  });

  it('are announced as newer until another list is asked for, not by a further page', () => {
    const newer = reduceHostMessage(shown, { type: 'dispatchesChanged' }, null);
    expect(newer.dispatches.newer).toBe(true);
    expect(askedForRecords(newer, 1).dispatches).toMatchObject({ newer: true, loading: true });
    expect(askedForRecords(newer, 2).dispatches).toMatchObject({ newer: false, loading: true });
  });

  it('are not newer while older ones are still being read', () => {
    const building = reduceHostMessage(asked, { ...dispatchesMessage(240), complete: false }, null);
    expect(reduceHostMessage(building, { type: 'dispatchesChanged' }, null)).toBe(building);
  });
});

describe('asking', () => {
  it('takes an older failure away and shows that an answer is awaited', () => {
    const failed = reduceHostMessage(INITIAL_DATA, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(askedForRankings(failed).rankings).toMatchObject({ data: null, loading: true, failure: null });
    const lost = reduceHostMessage(INITIAL_DATA, { type: 'failed', what: 'dispatches', message: 'no' }, null);
    expect(lost.dispatches).toMatchObject({ loading: false, failure: 'no' });
    expect(askedForRecords(lost, 1).dispatches).toMatchObject({ loading: true, failure: null });
  });
});

describe('the machine', () => {
  const machine = machineSchema.parse(sampleMachine());

  it('is shown when it comes, and stays while it is looked at again and when that fails', () => {
    const shown = reduceHostMessage(INITIAL_DATA, machine, null);
    expect(shown.machine).toEqual({ data: machine, loading: false, failure: null });
    const failed = reduceHostMessage(shown, { type: 'failed', what: 'machine', message: 'no' }, null);
    expect(failed.machine).toEqual({ data: machine, loading: false, failure: 'no' });
    expect(askedForMachine(failed).machine).toEqual({ data: machine, loading: true, failure: null });
    expect(failed.rankings).toBe(INITIAL_DATA.rankings);
  });
});

describe('the pool', () => {
  const pool = poolSchema.parse(samplePool());

  it('is shown when it comes, and stays while it is looked at again and when that fails', () => {
    const shown = reduceHostMessage(INITIAL_DATA, pool, null);
    expect(shown.pool).toEqual({ data: pool, loading: false, failure: null });
    const failed = reduceHostMessage(shown, { type: 'failed', what: 'pool', message: 'no' }, null);
    expect(failed.pool).toEqual({ data: pool, loading: false, failure: 'no' });
    expect(askedForPool(failed).pool).toEqual({ data: pool, loading: true, failure: null });
    expect(failed.machine).toBe(INITIAL_DATA.machine);
  });
});

describe('running calls', () => {
  const call = {
    ...{ callId: 'a', sessionId: 'ask', startedAt: '2026-03-09T14:00:00.000Z', phase: 'waiting' as const },
    ...{ ref: { backend: 'ollama', provider: 'qwen', modelId: 'tiny' }, attempt: 1, characters: 0 },
  };

  it('are shown in the order in which they began, each as it is now, until they end', () => {
    const both = [call, { ...call, callId: 'b' }].reduce(
      (data, running) => reduceHostMessage(data, { type: 'callRunning', call: running }, null),
      INITIAL_DATA,
    );
    const grown = reduceHostMessage(
      both,
      { type: 'callRunning', call: { ...call, phase: 'answering', characters: 12 } },
      null,
    );
    expect(grown.running.map(({ callId, characters }) => [callId, characters])).toEqual([
      ['a', 12],
      ['b', 0],
    ]);
    expect(grown.dispatches).toBe(both.dispatches);
    const ended = reduceHostMessage(grown, { type: 'callEnded', callId: 'a' }, null);
    expect(ended.running.map(({ callId }) => callId)).toEqual(['b']);
    expect(reduceHostMessage(ended, { type: 'callEnded', callId: 'never known' }, null).running).toEqual(
      ended.running,
    );
  });
});
