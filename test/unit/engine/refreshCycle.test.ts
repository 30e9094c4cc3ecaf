import { describe, expect, it } from 'vitest';
import {
  REFRESH_STAGES,
  RefreshCycle,
  type RefreshReport,
  type RefreshStage,
  type RefreshStages,
  type StageContext,
} from '../../../src/engine/refreshCycle';
import type { Ranking } from '../../../src/engine/rankingService';
import { InstallError } from '../../../src/backends/installAdapter';
import { sleep } from '../../../src/shared/clock';
import { FakeClock } from '../../fakes/fakeClock';
import { keepingLogger } from '../backends/loopback';

const HOSTS = [{ host: 'local', rankings: [{ models: [1, 2, 3] } as unknown as Ranking] }];

/** A cycle whose stages take a second each, and do what a test says. */
function setUp(given: Partial<RefreshStages> = {}) {
  const clock = new FakeClock('2026-11-21T00:00:00Z');
  const logger = keepingLogger();
  const { lines } = logger;
  const ran: string[] = [];
  const completed: RefreshReport[] = [];
  const step = async <T>(stage: RefreshStage, { signal }: StageContext, value: T): Promise<T> => {
    ran.push(stage);
    await sleep(clock, 1_000, signal);
    return value;
  };
  const stages: RefreshStages = {
    detect: (context) => step('detect', context, undefined),
    catalogue: (context) => step('catalogue', context, 'live, just now'),
    rank: (context) => step('rank', context, HOSTS),
    reconcile: (context) => step('reconcile', context, undefined),
    scores: (context, hosts) => step('scores', context, void ran.push(`${hosts.length} hosts`)),
    propose: (context, hosts) => step('propose', context, hosts.length * 2),
    ...given,
  };
  const cycle = new RefreshCycle({
    ...{ stages, clock, logger },
    completed: (report) => {
      completed.push(report);
      return Promise.resolve();
    },
  });
  const events = () => lines.map(({ event }) => event);
  return { cycle, clock, ran, completed, lines, events };
}

/** Lets all stages run, and says how the refresh went. */
async function through(house: ReturnType<typeof setUp>): Promise<RefreshReport> {
  const report = house.cycle.refresh();
  await house.clock.advance(10_000);
  return report;
}

describe('a refresh', () => {
  it('runs its stages in their order, and tells in one line how long each took and what came of it', async () => {
    const house = setUp();
    const report = await through(house);
    expect(house.ran.filter((stage) => !stage.endsWith('hosts'))).toEqual(REFRESH_STAGES);
    expect(house.lines).toEqual([{ level: 'info', event: 'refresh.completed', facts: report }]);
    expect(report).toEqual({
      ...{ tick: 1, reason: 'demand', candidatesEvaluated: 3, proposalsEmitted: 2, errors: [] },
      ...{ started: '2026-11-21T00:00:00.000Z', completed: '2026-11-21T00:00:06.000Z', durationMs: 6_000 },
      catalogue: 'live, just now',
      stages: {
        detect: 1_000,
        catalogue: 1_000,
        rank: 1_000,
        reconcile: 1_000,
        scores: 1_000,
        propose: 1_000,
      },
    });
    expect([house.cycle.last, house.completed]).toEqual([report, [report]]);
    expect((await through(house)).tick).toBe(2);
  });

  it.each(REFRESH_STAGES)('goes on with what there is where %s fails, and says so', async (stage) => {
    const house = setUp({ [stage]: () => Promise.reject(new Error('It broke.')) });
    const report = await through(house);
    expect(report.errors).toEqual([{ stage, code: 'failed', message: 'It broke.' }]);
    const others = REFRESH_STAGES.filter((each) => each !== stage);
    expect(house.ran).toEqual(expect.arrayContaining(others));
    expect(report.catalogue).toBe(stage === 'catalogue' ? null : 'live, just now');
    // Without rankings there is nothing to propose from.
    expect(report.proposalsEmitted).toBe(stage === 'rank' || stage === 'propose' ? 0 : 2);
    expect(house.events()).toEqual(['refresh.completed']);
  });

  it('names the code of an error that has one, and everything that a stage could not do', async () => {
    const house = setUp({
      detect: () => Promise.reject(new InstallError('installer_unavailable', 'It does not answer.')),
      reconcile: ({ fail }) => {
        fail('reconcile_failed', 'one');
        fail('reconcile_failed', 'two');
        return Promise.resolve();
      },
    });
    expect((await through(house)).errors.map(({ stage, code }) => [stage, code])).toEqual([
      ['detect', 'installer_unavailable'],
      ['reconcile', 'reconcile_failed'],
      ['reconcile', 'reconcile_failed'],
    ]);
  });

  it('runs once for all who ask while it runs', async () => {
    const house = setUp();
    const changes: boolean[] = [];
    house.cycle.onDidChange(() => void changes.push(house.cycle.running));
    const first = house.cycle.refresh({ reason: 'schedule' });
    await house.clock.advance(2_500);
    const second = house.cycle.refresh();
    await house.clock.advance(10_000);
    expect(await second).toBe(await first);
    expect(await first).toMatchObject({ reason: 'schedule', tick: 1 });
    expect(house.completed).toHaveLength(1);
    expect(changes).toEqual([true, false]);
  });

  it('ends when the last one who waits for it has gone, in the middle of a stage', async () => {
    const house = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = house.cycle.refresh({ signal: one.signal });
    const second = house.cycle.refresh({ signal: two.signal });
    await house.clock.advance(1_500);
    one.abort(new Error('Another window leads.'));
    await expect(first).rejects.toThrow('Another window leads.');
    await house.clock.advance(1_000);
    expect(house.ran).toEqual(['detect', 'catalogue', 'rank']);
    two.abort(new Error('Cancelled by a person.'));
    await expect(second).rejects.toThrow('Cancelled by a person.');
    await house.clock.advance(10_000);
    expect(house.ran).toEqual(['detect', 'catalogue', 'rank']);
    expect([house.completed, house.cycle.last, house.cycle.running]).toEqual([[], null, false]);
    expect(house.events()).toEqual(['refresh.cancelled']);
  });

  it('begins anew after one that was cancelled, and not before that has ended', async () => {
    const house = setUp();
    const controller = new AbortController();
    const first = house.cycle.refresh({ signal: controller.signal });
    await house.clock.advance(500);
    controller.abort();
    await expect(first).rejects.toThrow();
    const second = house.cycle.refresh();
    await house.clock.advance(10_000);
    expect(await second).toMatchObject({ tick: 2, errors: [] });
  });

  it('does not begin for who has gone before', async () => {
    const house = setUp();
    await expect(house.cycle.refresh({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(house.ran).toEqual([]);
  });
});
