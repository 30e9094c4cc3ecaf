import { expect, it } from 'vitest';
import { BackgroundRankings } from '../../../src/engine/backgroundRankings';
import type { Ranking } from '../../../src/engine/rankingService';
import { Emitter } from '../../../src/shared/events';
import { silentLogger } from '../../../src/shared/logger';
import type { HostId } from '../../../src/shared/modelRef';
import { TASKS, type Task } from '../../../src/shared/settings';
import { FakeClock } from '../../fakes/fakeClock';

function rig(hosts: readonly HostId[]) {
  const clock = new FakeClock();
  const changed = new Emitter<void>();
  const ranked: (readonly [Task, HostId])[] = [];
  const known = new Set<string>();
  const machines = new Set(hosts);
  const background = new BackgroundRankings({
    rankings: {
      onDidChange: changed.on,
      known: (task, host) => (known.has(`${task} ${host}`) ? ({} as Ranking) : undefined),
      rank: async (task, host) => {
        ranked.push([task, host ?? '']);
        if (task === 'vision') throw new Error('no snapshot');
        return {} as Ranking;
      },
    },
    hosts: () => machines,
    clock,
    logger: silentLogger,
  });
  return { clock, changed, ranked, known, machines, background };
}

it('ranks for every task on every machine with a choice, also where one of them fails', async () => {
  const { clock, ranked, background } = rig(['local', 'gpubox']);
  background.soon();
  await clock.advance(60_000);
  expect(ranked).toEqual(['local', 'gpubox'].flatMap((host) => TASKS.map((task) => [task, host])));
  background.dispose();
  expect(clock.pending).toBe(0);
});

it('waits until nothing has changed for a while, and begins anew when something does', async () => {
  const { clock, changed, ranked, background } = rig(['local']);
  background.soon();
  await clock.advance(2_000);
  changed.fire();
  await clock.advance(2_000);
  expect(ranked).toEqual([]);
  await clock.advance(1_100);
  expect(ranked.length).toBeGreaterThan(0);
  const before = ranked.length;
  changed.fire();
  await clock.advance(2_900);
  expect(ranked.length).toBeLessThanOrEqual(before + 1);
  await clock.advance(60_000);
  expect(ranked.slice(-TASKS.length).map(([task]) => task)).toEqual(TASKS);
  background.dispose();
});

it('ranks for no machine without a choice, and nothing after its end', async () => {
  const { clock, ranked, machines, background } = rig([]);
  background.soon();
  await clock.advance(60_000);
  machines.add('local');
  background.soon();
  background.dispose();
  await clock.advance(60_000);
  expect(ranked).toEqual([]);
});

it('ranks at once for a call that is to choose, on each machine where that was not done', async () => {
  const { ranked, known, background } = rig(['local', 'gpubox']);
  known.add('coding local');
  await background.missing('coding')?.();
  expect(ranked).toEqual([['coding', 'gpubox']]);
  known.add('coding gpubox');
  expect(background.missing('coding')).toBeUndefined();
  // One that cannot be ranked keeps no call from being made.
  await expect(background.missing('vision')?.()).resolves.toBeUndefined();
  background.dispose();
});
