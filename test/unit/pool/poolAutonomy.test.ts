import { describe, expect, it } from 'vitest';
import { PoolAutonomy } from '../../../src/pool/poolAutonomy';
import type { Proposal } from '../../../src/pool/proposal';
import type { ApproveOptions, ApproveOutcome } from '../../../src/pool/proposalRuns';
import { silentLogger } from '../../../src/shared/logger';
import type { Autonomy } from '../../../src/shared/settings';
import { FakeClock } from '../../fakes/fakeClock';
import { proposalOf } from '../../support/proposals';

const HOUR_MS = 60 * 60_000;

function setUp(autonomy: Autonomy, all: readonly Proposal[]) {
  const clock = new FakeClock('2026-11-21T00:00:00.000Z');
  const asked: string[] = [];
  const house = { autonomy, leads: true, all, asked, clock };
  const approve = (id: string, { consent }: ApproveOptions = {}): Promise<ApproveOutcome> => {
    asked.push(`${id} ${String(consent)}`);
    return Promise.resolve({ status: 'success', evicted: [], pending: [] });
  };
  const runs = { approve };
  const pool = new PoolAutonomy({
    ...{ autonomy: () => house.autonomy, leads: () => house.leads, store: house, runs, clock },
    logger: silentLogger,
  });
  return { house, pool, runs };
}

const failed = (id: string, attempts: number, code: 'disk_full' | 'cancelled' = 'disk_full') =>
  proposalOf(id, {
    ...{ phase: 'installing' },
    problem: { code, message: 'no', at: '2026-11-21T00:00:00.000Z', attempts },
  });

describe('autonomy', () => {
  it('carries out what is open, by policy: first what makes room, last what takes it', async () => {
    const { pool, house } = setUp('within-budget', [
      proposalOf('add'),
      proposalOf('said no', { status: 'rejected' }),
      proposalOf('elsewhere', { status: 'installing' }),
      proposalOf('swap', { kind: 'swap' }),
      proposalOf('evict', { kind: 'evict' }),
    ]);
    await pool.consider();
    expect(house.asked).toEqual(['evict policy', 'swap policy', 'add policy']);
  });

  it.each([
    ['the user wants to be asked', 'ask', true],
    ['another window leads', 'within-budget', false],
  ] as const)('does nothing where %s', async (_what, autonomy, leads) => {
    const { pool, house } = setUp(autonomy, [proposalOf('p')]);
    house.leads = leads;
    await pool.consider();
    expect(house.asked).toEqual([]);
  });

  it('stops between two when the user wants to be asked from now on', async () => {
    const { pool, house, runs } = setUp('within-budget', [proposalOf('p'), proposalOf('q')]);
    const { approve } = runs;
    runs.approve = (id, options) => {
      house.autonomy = 'ask';
      return approve(id, options);
    };
    await pool.consider();
    expect(house.asked).toEqual(['p policy']);
  });

  it('does not repeat a failure soon: half a day after the first, then twice as long after each', async () => {
    const { pool, house } = setUp('within-budget', [
      failed('once', 1),
      failed('thrice', 3),
      failed('often', 40),
    ]);
    const after = async (hours: number) => {
      house.clock.stepWall(hours * HOUR_MS);
      await pool.consider();
      return house.asked.splice(0);
    };
    expect(await after(11)).toEqual([]);
    expect(await after(1)).toEqual(['once policy']);
    expect(await after(36)).toEqual(['once policy', 'thrice policy']);
    expect(await after(14 * 24)).toEqual(['once policy', 'thrice policy', 'often policy']);
  });

  it('leaves what a person has cancelled to a person', async () => {
    const { pool, house } = setUp('within-budget', [failed('stopped', 1, 'cancelled')]);
    house.clock.stepWall(400 * 24 * HOUR_MS);
    await pool.consider();
    expect(house.asked).toEqual([]);
  });

  it('runs once at a time', async () => {
    const { pool, house } = setUp('within-budget', [proposalOf('p')]);
    await Promise.all([pool.consider(), pool.consider()]);
    expect(house.asked).toEqual(['p policy']);
  });
});
