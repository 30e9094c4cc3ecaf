import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PullRun } from '../../src/pool/pullRuns';
import { isRunning, pullDescription, pullPercent } from '../../src/ui/pullText';

const GIB = 2 ** 30;

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'qwen3:8b', label: 'Qwen3 8B', status: 'pulling' },
  ...{ completedBytes: 2 * GIB, highWaterBytes: 2 * GIB, totalBytes: 5 * GIB, percent: 40 },
  ...{ attempt: 1, elsewhere: false, takenOver: false },
};

describe('the text of a pull', () => {
  const rows: readonly (readonly [string, Partial<PullRun>, string])[] = [
    ['a queued one', { status: 'queued' }, 'waits for its turn'],
    ['one that has not begun', { percent: null, totalBytes: 0, completedBytes: 0 }, 'starting'],
    ['one without a speed yet', {}, '40 % · 2.0 GiB of 5.0 GiB'],
    [
      'one with a speed',
      { bytesPerSecond: 32 * 2 ** 20, secondsLeft: 90 },
      '40 % · 2.0 GiB of 5.0 GiB · 32.0 MiB/s · 1 min 30 s left',
    ],
    ['one of another window', { elsewhere: true }, '40 % · other window · 2.0 GiB of 5.0 GiB'],
    ['one that goes on here', { takenOver: true }, '40 % · taken over · 2.0 GiB of 5.0 GiB'],
    ['one that is verified', { status: 'verifying', percent: 99 }, 'verifying, this can take minutes'],
    ['one that was paused', { status: 'cancelled' }, 'paused at 2.0 GiB, resumes from there'],
    ['one that was paused before it began', { status: 'cancelled', highWaterBytes: 0 }, 'paused'],
    [
      'one that failed',
      {
        status: 'failed',
        code: 'disk_full',
        message: "The disk with Ollama's models is full (no space left).",
      },
      'failed: the disk is full',
    ],
    [
      'one that failed for a reason of many',
      { status: 'failed', code: 'install_failed', message: 'The registry refused this model (403).' },
      'failed',
    ],
    ['one that failed without a word', { status: 'failed' }, 'failed'],
    ['one that is there', { status: 'succeeded', percent: 100 }, 'installed'],
  ];
  for (const [name, change, text] of rows) {
    it(`of ${name} is "${text}"`, () => assert.equal(pullDescription({ ...RUN, ...change }), text));
  }

  it('shows the percentage of the run, which does not fall where the server names another layer', () => {
    const more = { ...RUN, totalBytes: 20 * GIB };
    assert.equal(pullPercent(more), 40);
    assert.match(pullDescription(more), /^40 % · 2\.0 GiB of 20\.0 GiB$/);
  });

  it('shows 100 % at the end alone', () => {
    const nearly = { ...RUN, completedBytes: 5 * GIB, percent: 99 };
    assert.equal(pullPercent(nearly), 99);
    assert.equal(pullPercent({ ...nearly, status: 'succeeded', percent: 100 }), 100);
  });

  it('offers to cancel what waits, moves or is verified, and nothing else', () => {
    const running = (['queued', 'pulling', 'verifying', 'succeeded', 'failed', 'cancelled'] as const).filter(
      (status) => isRunning({ ...RUN, status }),
    );
    assert.deepEqual(running, ['queued', 'pulling', 'verifying']);
  });
});
