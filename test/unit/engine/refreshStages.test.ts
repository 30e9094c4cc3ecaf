import { describe, expect, it } from 'vitest';
import type { Candidate, SnapshotLoadResult } from '../../../src/catalog/candidate';
import type { CatalogueStatus } from '../../../src/engine/catalogueStatus';
import { RankingService } from '../../../src/engine/rankingService';
import { RefreshCycle, type RefreshReason } from '../../../src/engine/refreshCycle';
import { refreshStages, type Installer } from '../../../src/engine/refreshStages';
import { profileFromOverride } from '../../../src/hardware/overrideProfile';
import type { Reconciled } from '../../../src/pool/poolReconcile';
import type { PoolEntry, PoolState } from '../../../src/pool/poolState';
import { ProposalStore } from '../../../src/pool/proposalStore';
import { systemClock } from '../../../src/shared/clock';
import { silentLogger } from '../../../src/shared/logger';
import type { Task } from '../../../src/shared/settings';
import { FakeClock } from '../../fakes/fakeClock';
import { poolEntry } from '../../support/poolEntries';
import { proposalOf } from '../../support/proposals';
import { MemoryState } from '../../support/registryState';

const GIB = 2 ** 30;
const clock = new FakeClock('2026-11-21T00:00:00Z');
const SMALL = { platform: 'cpu', vramGb: 0, ramGb: 16, bandwidthGbps: 40 } as const;
const LARGE = { platform: 'nvidia', vramGb: 48, ramGb: 128, bandwidthGbps: 936 } as const;

function candidate(name: string, sizeB: number): Candidate {
  const sizeBytes = sizeB * 0.6 * GIB;
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB },
    capabilities: { tools: true, thinking: null, vision: true },
    builds: [{ quant: 'Q4_K_M', sizeBytes, sizeBasis: 'exact', ollamaName: `${name}:q4` }],
    lineagePosition: 0,
  };
}

const CATALOGUE: SnapshotLoadResult = {
  ...{ source: 'frozen', warnings: [] },
  snapshot: {
    ...{ version: 1, generatedAt: '2026-11-01T00:00:00Z' },
    candidates: [candidate('small', 4), candidate('large', 50), candidate('middle', 8)],
    observations: [['small', 40] as const, ['middle', 55] as const, ['large', 80] as const].map(
      ([name, value]) => ({
        ...{ hfRepoId: `maker/${name}`, source: 'livebench', benchmark: 'average', task: 'general', value },
        ...{ scale: 'percent', observedAt: '2026-10-01', independent: true },
      }),
    ),
  },
};

function setUp() {
  const entries: PoolEntry[] = [];
  const house = {
    installers: [
      { backend: 'ollama', host: 'local' },
      { backend: 'ollama_box', host: 'box' },
    ] as readonly Installer[],
    entries,
    status: {
      state: 'snapshot',
      source: 'snapshot 2026-11-01',
      date: null,
      message: 'old',
    } as CatalogueStatus,
    due: false,
    looks: 0,
    forgotten: 0,
    invalidated: 0,
    failingTask: null as Task | null,
    unreachable: new Set<string>(),
    installed: new Set<string>(),
    drained: 0,
    detected: [] as string[],
  };
  const hosts = {
    forget: () => void (house.forgotten += 1),
    profileOf: (host: string) => {
      house.detected.push(host);
      return Promise.resolve(profileFromOverride(host, host === 'box' ? LARGE : SMALL, clock));
    },
  };
  const service = new RankingService(
    {
      detect: (host) => Promise.resolve(profileFromOverride(host, host === 'box' ? LARGE : SMALL, clock)),
      forgetHardware: () => undefined,
      loadSnapshot: () => Promise.resolve(CATALOGUE),
    },
    clock,
    silentLogger,
  );
  const scores = new Map<string, number | undefined>();
  const snapshot = (): PoolState => ({
    ...{ diskBudgetGb: 60, allowedOrgs: ['maker'], allowedFamilies: [], lastRefreshAt: null },
    ...{ diskUsedGb: 0, disks: [], entries: house.entries },
  });
  const proposals = new ProposalStore({
    state: new MemoryState(),
    scope: { hostOf: (id) => (id === 'ollama_box' ? 'box' : 'local'), hostName: 'desk' },
  });
  let ids = 0;
  const stages = refreshStages({
    hosts,
    catalogue: {
      isDue: () => Promise.resolve(house.due),
      refresh: () => {
        house.looks += 1;
        return Promise.resolve(house.status);
      },
      snapshot: () => Promise.resolve(CATALOGUE),
      get status() {
        return house.status;
      },
    },
    rankings: {
      rank: (task, host) =>
        task === house.failingTask && host === 'box'
          ? Promise.reject(new Error('no memory'))
          : service.rank(task, host),
      invalidate: () => {
        house.invalidated += 1;
        service.invalidate();
      },
    },
    pool: {
      snapshot,
      drain: () => {
        house.drained += 1;
        return Promise.resolve();
      },
      reconcile: (backend): Promise<Reconciled> =>
        Promise.resolve(
          house.unreachable.has(backend)
            ? { status: 'unknown', message: 'It does not answer.' }
            : { status: 'reconciled', dropped: [], outside: [] },
        ),
      updateScores: (scoreOf) => {
        for (const entry of house.entries) scores.set(entry.ollamaName, scoreOf(entry));
        return Promise.resolve();
      },
    },
    // Pauses are over at once.
    clock: { ...systemClock, now: () => clock.now(), after: (_delayMs, fn) => systemClock.after(0, fn) },
    ...{ proposals, installers: () => house.installers, newId: () => `p${(ids += 1)}` },
    isInstalled: (host, id) => house.installed.has(`${host} ${id}`),
    ...{ catalogueMaxAgeMs: () => 1, task: () => 'general', threshold: () => 5 },
  });
  const completed = () => Promise.resolve();
  const cycle = new RefreshCycle({ stages, completed, clock, logger: silentLogger });
  const refresh = (reason: RefreshReason = 'schedule') => cycle.refresh({ reason });
  const shown = () =>
    proposals.all.map(
      ({ kind, target, status }) => `${status} ${kind} ${target.backend} ${target.ollamaName}`,
    );
  return { house, proposals, refresh, scores, shown };
}

describe('the stages of a refresh', () => {
  it('propose for each machine what fits there, and count every model that was looked at', async () => {
    const { refresh, shown } = setUp();
    const report = await refresh();
    expect(report).toMatchObject({ errors: [], proposalsEmitted: 2, catalogue: 'snapshot 2026-11-01' });
    // Three models for six tasks on two machines.
    expect(report.candidatesEvaluated).toBe(36);
    expect(shown()).toEqual(['open add ollama middle:q4', 'open add ollama_box large:q4']);
    expect((await refresh()).proposalsEmitted).toBe(0);
  });

  it('look at this machine anew but after a start, and rank anew for the day', async () => {
    const { refresh, house } = setUp();
    await refresh('start');
    expect([house.forgotten, house.invalidated, house.detected]).toEqual([0, 0, ['local', 'box']]);
    await refresh('schedule');
    expect([house.forgotten, house.invalidated]).toEqual([1, 1]);
    house.installers = [{ backend: 'ollama_box', host: 'box' }];
    await refresh('demand');
    // This machine has no part in it then.
    expect([house.forgotten, house.invalidated]).toEqual([1, 2]);
  });

  it('ask for new models when that is due or a person asks, and say where the list is from where that fails', async () => {
    const { refresh, house } = setUp();
    await refresh('start');
    expect(house.looks).toBe(0);
    house.due = true;
    await refresh('schedule');
    house.due = false;
    house.status = { ...house.status, state: 'offline', message: 'No way to Hugging Face.' };
    const report = await refresh('demand');
    expect(house.looks).toBe(2);
    expect(report).toMatchObject({
      errors: [{ stage: 'catalogue', code: 'offline', message: 'No way to Hugging Face.' }],
      ...{ catalogue: 'snapshot 2026-11-01', proposalsEmitted: 0 },
    });
    house.status = { ...house.status, state: 'off' };
    expect((await refresh('demand')).errors).toEqual([]);
  });

  it('leave the proposals of a machine as they are that could not be ranked in full', async () => {
    const { refresh, house, shown } = setUp();
    await refresh();
    house.failingTask = 'vision';
    const report = await refresh();
    expect(report.errors).toEqual([
      { stage: 'rank', code: 'rank_failed', message: 'box, vision: no memory' },
    ]);
    expect(report.candidatesEvaluated).toBe(18);
    expect(shown()).toEqual(['open add ollama middle:q4', 'open add ollama_box large:q4']);
  });

  it('go on with the other servers where one does not answer', async () => {
    const { refresh, house } = setUp();
    house.unreachable.add('ollama');
    const report = await refresh();
    expect(report.errors).toEqual([
      { stage: 'reconcile', code: 'reconcile_failed', message: 'ollama: It does not answer.' },
    ]);
    expect([report.proposalsEmitted, house.drained]).toEqual([2, 1]);
  });

  it('give each model the score of its own machine, and leave those that nobody knows', async () => {
    const { refresh, house, scores } = setUp();
    house.entries.push(
      poolEntry('large:q4', { hfRepoId: 'maker/large' }),
      poolEntry('mine', { hfRepoId: null }),
      poolEntry('middle:q4', { hfRepoId: 'maker/middle', backend: 'ollama_box' }),
      poolEntry('gone', { hfRepoId: 'maker/small', backend: 'removed' }),
    );
    await refresh();
    // Too big here.
    expect(scores.get('large:q4')).toBe(0);
    expect(scores.get('middle:q4')).toBeGreaterThan(20);
    expect([scores.get('mine'), scores.get('gone')]).toEqual([undefined, undefined]);
  });

  it('propose nothing that is installed outside the pool, and supersede what is about a server that is gone', async () => {
    const { refresh, house, shown, proposals } = setUp();
    await proposals.update('add', '2026-11-20T00:00:00Z', (_known, put) => {
      const old = proposalOf('old');
      put({ ...old, target: { ...old.target, backend: 'removed' } });
    });
    house.installed.add('local maker/middle');
    await refresh();
    expect(shown().filter((line) => !line.includes('ollama_box'))).toEqual([
      'superseded add removed a',
      'open add ollama small:q4',
    ]);
  });
});
