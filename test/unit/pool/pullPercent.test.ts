import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PullProgress } from '../../../src/backends/pullProgress';
import { LivePull } from '../../../src/pool/livePull';
import type { PullRun } from '../../../src/pool/pullRuns';
import type { StoredRun } from '../../../src/pool/pullRunRows';
import type { InstallEvent } from '../../../src/backends/installAdapter';
import { FakeClock } from '../../fakes/fakeClock';
import { SharedMemory } from '../../support/registryState';
import { rounds } from '../../support/soak';
import { DONE, FAILED, pullWindow, settle } from './pullWindow';

const STORED: StoredRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'a', label: 'the a', status: 'pulling', owner: 'w1' },
  ...{ bootId: 'boot', renewedMono: 0, position: 1, attempt: 1, attemptFromBytes: 0, idleAttempts: 0 },
  ...{ highWaterBytes: 0, totalBytes: 0, percent: null, takenOver: false, message: null, code: null },
  ...{ reservedBytes: 0, evicts: [], intent: null },
};

const LAYERS = ['sha256:a', 'sha256:b', 'sha256:c'] as const;

/** What a server may say next, in any order: layers that grow, start again, and change their minds about a total. */
const line = fc.record({
  digest: fc.constantFrom(...LAYERS),
  completedBytes: fc.nat(1_000),
  totalBytes: fc.integer({ min: 1, max: 1_000 }),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('line' as const), line }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'verifying' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'message' as const }) },
  /** The adapter begins the pull anew: its counts start at nothing. */
  { weight: 1, arbitrary: fc.constant({ kind: 'attempt' as const }) },
  /** Time enough for the progress to be stored. */
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'takeover' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'failure' as const }) },
);

describe('LivePull', () => {
  it('shows a percentage that never falls and stays below 100, whatever is counted', () => {
    const reserved = fc.constantFrom(0, 500, 5_000);
    fc.assert(
      fc.property(fc.array(step), reserved, (steps, reservedBytes) => {
        let stored: StoredRun = { ...STORED, reservedBytes };
        let live = new LivePull(stored);
        let progress = new PullProgress();
        let before = { percent: 0, bytes: 0 };
        for (const [index, next] of steps.entries()) {
          switch (next.kind) {
            case 'line':
              live.note(progress.line(next.line, index * 60).event);
              break;
            case 'verifying': {
              const event = progress.complete();
              if (event !== null) live.note(event);
              live.note({ type: 'verifying', message: 'verifying sha256 digest' });
              break;
            }
            case 'message':
              live.note({ type: 'pulling', message: 'pulling manifest' });
              break;
            case 'takeover':
            case 'failure':
              stored = { ...stored, ...live.progress };
              live = new LivePull(stored);
              progress = new PullProgress();
              break;
            case 'attempt':
            case 'wait':
              progress = new PullProgress();
          }
          const { percent, highWaterBytes, totalBytes } = live.progress;
          expect(percent ?? before.percent).toBeGreaterThanOrEqual(before.percent);
          expect(percent ?? 0).toBeLessThan(100);
          expect(highWaterBytes).toBeGreaterThanOrEqual(before.bytes);
          expect(highWaterBytes).toBeLessThanOrEqual(totalBytes);
          before = { percent: percent ?? before.percent, bytes: highWaterBytes };
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('PullRuns', () => {
  it(
    'shows no window a percentage that falls, over attempts, failures and changes of the window, and ends at 100',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const memory = new SharedMemory();
          const clock = new FakeClock();
          const shownIn: (number | null)[][] = [];
          const open = (owner: string) => {
            const window = pullWindow({ memory, clock, owner, maxIdleAttempts: Infinity });
            const shown: (number | null)[] = [];
            shownIn.push(shown);
            const look = (runs: readonly PullRun[]): void => void shown.push(runs[0]?.percent ?? null);
            window.pulls.onDidChange(look);
            return { ...window, look: () => look(window.pulls.runs) };
          };
          let [puller, other] = [open('w1'), open('w2')];
          await puller.start('a');
          let progress = new PullProgress();
          const tell = (event: InstallEvent): void => {
            puller.installs.at(-1)?.tell(event);
            for (const window of [puller, other]) window.look();
          };
          for (const next of steps) {
            switch (next.kind) {
              case 'line':
                tell(progress.line(next.line, clock.monotonicMs()).event);
                break;
              case 'verifying': {
                const event = progress.complete();
                if (event !== null) tell(event);
                tell({ type: 'verifying', message: 'verifying sha256 digest' });
                break;
              }
              case 'message':
                tell({ type: 'pulling', message: 'pulling manifest' });
                break;
              case 'attempt':
                progress = new PullProgress();
                break;
              case 'wait':
                await clock.advance(6_000);
                break;
              case 'takeover': {
                puller.pulls.dispose();
                await settle();
                [puller, other] = [other, open(`w${shownIn.length + 1}`)];
                progress = new PullProgress();
                break;
              }
              case 'failure':
                await puller.installs.at(-1)?.end(FAILED);
                await puller.act('resume', 'run-1');
                progress = new PullProgress();
            }
          }
          await puller.installs.at(-1)?.end(DONE);
          expect(puller.run('run-1')).toMatchObject({ status: 'succeeded', percent: 100 });
          expect(other.run('run-1')).toMatchObject({ status: 'succeeded', percent: 100 });
          for (const shown of shownIn) {
            const percents = shown.map((percent) => percent ?? 0);
            expect(percents).toEqual(percents.toSorted((a, b) => a - b));
          }
          for (const { pulls } of [puller, other]) pulls.dispose();
        }),
        { numRuns: rounds(100, 3_000) },
      );
    },
    rounds(20_000, 600_000),
  );
});
