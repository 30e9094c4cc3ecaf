import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Candidate, FrozenSnapshot } from '../../../src/catalog/candidate';
import { CatalogFile } from '../../../src/catalog/catalogFile';
import type { DescribeRepo } from '../../../src/catalog/discovery';
import { RequestBudget } from '../../../src/catalog/discoveryBudget';
import { HubClient } from '../../../src/catalog/hubClient';
import { Catalogue } from '../../../src/engine/catalogue';
import { HttpClient } from '../../../src/shared/http';
import type { Logger } from '../../../src/shared/logger';
import { replaceFile } from '../../../src/storage/replaceFile';
import { FakeClock } from '../../fakes/fakeClock';
import { ggufRepo } from '../../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub } from '../../fakes/huggingFace/server';

/** Polls with a deadline that a busy machine keeps. */
const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let clock: FakeClock;
let server: FakeHub;
let agent: Agent;
let folder: string;
let online: boolean;
let lines: string[];
let opened: Catalogue[];

beforeEach(async () => {
  clock = new FakeClock('2026-11-21T12:00:00Z');
  server = await startFakeHub({ repos: [ggufRepo('maker/New-1B-GGUF')] });
  agent = new Agent();
  folder = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
  online = true;
  lines = [];
  opened = [];
});

afterEach(async () => {
  for (const catalogue of opened) await catalogue.dispose();
  await agent.destroy();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function model(hfRepoId: string): Candidate {
  const [org = '', name = ''] = hfRepoId.split('/');
  return {
    ...{ hfRepoId, org, name, family: org, role: 'chat', sizeB: 1, builds: [], lineagePosition: 0 },
    capabilities: { tools: null, thinking: null, vision: null },
  };
}

const SNAPSHOT: FrozenSnapshot = {
  ...{ version: 1, generatedAt: '2026-11-20', candidates: [model('old/Known-1B')], observations: [] },
};

/** Every repository holds a model of its own name. */
const describeAll: DescribeRepo = (repo) =>
  Promise.resolve({
    ok: true,
    finding: { kind: 'model', candidate: model(repo.id.replace(/-GGUF$/, '')) },
  });

/** The catalogue of one window; all share a folder. */
function openWindow(name = 'one'): Catalogue {
  const budget = new RequestBudget();
  const logger: Logger = { log: (_level, event) => void lines.push(event) };
  const http = new HttpClient(budget.limit(agent));
  const catalogue = new Catalogue({
    ...{ clock, logger, budget },
    loadSnapshot: () => Promise.resolve({ snapshot: SNAPSHOT, source: 'frozen', warnings: [] }),
    file: new CatalogFile({ folder, logger, replaceFile: (file, text) => replaceFile(file, text, name) }),
    hub: new HubClient({ baseUrl: server.url, http, clock, logger }),
    describe: () => describeAll,
    online: () => online,
    organisations: () => [{ name: 'maker', formats: ['gguf'] }],
  });
  opened.push(catalogue);
  return catalogue;
}

async function idsOf(catalogue: Catalogue): Promise<readonly string[]> {
  return (await catalogue.snapshot()).snapshot.candidates.map(({ hfRepoId }) => hfRepoId);
}

const BOTH = ['old/Known-1B', 'maker/New-1B'];

describe('the catalogue', () => {
  it('is the snapshot before anything was found, and says its date', async () => {
    const catalogue = openWindow();
    expect(await idsOf(catalogue)).toEqual(['old/Known-1B']);
    expect(catalogue.status).toMatchObject({
      ...{ state: 'snapshot', source: 'snapshot 2026-11-20', date: '2026-11-20' },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('has what a refresh found, says how old that is, and says so once', async () => {
    const catalogue = openWindow();
    await catalogue.snapshot();
    const changed = vi.fn();
    catalogue.onDidChangeModels(changed);
    expect(await catalogue.refresh()).toMatchObject({ state: 'live', source: 'live, just now' });
    expect(await idsOf(catalogue)).toEqual(BOTH);
    expect(changed).toHaveBeenCalledTimes(1);
    await catalogue.refresh();
    expect(changed).toHaveBeenCalledTimes(1);
    await clock.advance(5 * MINUTE_MS);
    expect(catalogue.status.source).toBe('live, 5 min ago');
    await clock.advance(3 * HOUR_MS);
    expect(catalogue.status.source).toBe('live, 3 h ago');
    await clock.advance(72 * HOUR_MS);
    expect(catalogue.status.source).toBe('live, 3 d ago');
  });

  it('has after a restart without a network what was found before, and says that it is offline', async () => {
    await openWindow().refresh();
    server.faults.refuse = true;
    const again = openWindow('two');
    expect(await idsOf(again)).toEqual(BOTH);
    expect(again.status.state).toBe('live');
    expect(await again.refresh()).toMatchObject({
      state: 'offline',
      source: 'offline, as of 2026-11-21',
      date: '2026-11-21T12:00:00.000Z',
      message: 'Hugging Face could not be reached; the models known so far stay.',
      nextStep: 'Check the network and the proxy settings, then refresh.',
    });
    expect(await idsOf(again)).toEqual(BOTH);
  });

  it.each(['refuse', 'html', 'portalRedirect', 'malformed', 'otherShape', 'rateLimited', 'cut'] as const)(
    'stays as it was whatever goes wrong: %s',
    async (fault) => {
      const catalogue = openWindow();
      await catalogue.refresh();
      server.faults[fault] = true;
      const status = await catalogue.refresh();
      expect(['offline', 'limited']).toContain(status.state);
      expect(status.nextStep).toBeDefined();
      expect(await idsOf(catalogue)).toEqual(BOTH);
      server.faults[fault] = false;
      await clock.advance(10_000);
      expect((await catalogue.refresh()).state).toBe('live');
    },
  );

  it('asks nothing while the setting is off, and ends what runs when it goes off', async () => {
    online = false;
    const catalogue = openWindow();
    expect(await catalogue.refresh()).toMatchObject({ state: 'off', source: 'snapshot 2026-11-20' });
    expect(server.requests).toHaveLength(0);
    online = true;
    server.faults.hang = true;
    const running = catalogue.refresh();
    await eventually(() => expect(server.requests.length).toBeGreaterThan(0));
    expect(catalogue.status.state).toBe('refreshing');
    online = false;
    catalogue.settingsChanged();
    expect((await running).state).toBe('off');
  });

  it('asks nothing before the time that the server set, in no window and after no restart', async () => {
    server.faults.retryAfter = '600';
    server.faults.rateLimited = true;
    expect((await openWindow().refresh()).state).toBe('limited');
    server.faults.rateLimited = false;
    const asked = server.requests.length;
    const again = openWindow('two');
    expect((await again.refresh()).state).toBe('limited');
    expect(server.requests).toHaveLength(asked);
    await clock.advance(601_000);
    expect((await again.refresh()).state).toBe('live');
  });

  it('makes one refresh of two that are asked for at once', async () => {
    const catalogue = openWindow();
    const [one, two] = await Promise.all([catalogue.refresh(), catalogue.refresh()]);
    expect(one).toEqual(two);
    expect(server.requests).toHaveLength(3);
  });

  it('keeps what it found when it is cancelled', async () => {
    const catalogue = openWindow();
    const controller = new AbortController();
    catalogue.onDidProgress(({ reposLookedAt }) => {
      if (reposLookedAt === 1) controller.abort(new Error('enough'));
    });
    server.repos.set(
      'maker/More-1B-GGUF',
      ggufRepo('maker/More-1B-GGUF', { createdAt: '2020-01-01T00:00:00.000Z' }),
    );
    server.faults.affects = ({ path: asked }) => asked.includes('More-1B');
    server.faults.hang = true;
    await expect(catalogue.refresh(controller.signal)).rejects.toThrow('enough');
    await eventually(async () => expect(await idsOf(openWindow('two'))).toEqual(BOTH));
    expect(catalogue.status.state).toBe('snapshot');
  });

  it('goes on without its file where that is damaged', async () => {
    await openWindow().refresh();
    await writeFile(path.join(folder, 'catalogue.json'), '{');
    const again = openWindow('two');
    expect(await idsOf(again)).toEqual(['old/Known-1B']);
    expect(lines).toContain('catalogue.file.bad');
    expect((await again.refresh()).state).toBe('live');
    expect(await idsOf(again)).toEqual(BOTH);
  });

  it('holds in each of two windows what either found, at the next look', async () => {
    const [one, two] = [openWindow('one'), openWindow('two')];
    expect(await idsOf(two)).toEqual(['old/Known-1B']);
    const changed = vi.fn();
    two.onDidChangeModels(changed);
    two.start();
    await one.refresh();
    await clock.advance(59_000);
    expect(changed).not.toHaveBeenCalled();
    await eventually(async () => {
      await clock.advance(1_000);
      expect(changed).toHaveBeenCalledTimes(1);
    });
    expect(await idsOf(two)).toEqual(BOTH);
    expect(two.status.state).toBe('live');
    server.repos.set('maker/Later-1B-GGUF', ggufRepo('maker/Later-1B-GGUF'));
    await Promise.all([one.refresh(), two.refresh()]);
    expect(await readFile(path.join(folder, 'catalogue.json'), 'utf8')).toContain('maker/Later-1B');
  });
});

describe('when a refresh is due', () => {
  it('is not due in a window that follows another one that has just refreshed', async () => {
    await openWindow().refresh();
    const next = openWindow('two');
    expect(await next.isDue(24 * HOUR_MS)).toBe(false);
    await clock.advance(24 * HOUR_MS);
    expect(await next.isDue(24 * HOUR_MS)).toBe(true);
  });

  it('is due again a quarter of an hour after a failure, and when the clock was set back', async () => {
    const catalogue = openWindow();
    server.faults.refuse = true;
    await catalogue.refresh();
    expect(await catalogue.isDue(24 * HOUR_MS)).toBe(false);
    await clock.advance(15 * MINUTE_MS);
    expect(await catalogue.isDue(24 * HOUR_MS)).toBe(true);
    server.faults.refuse = false;
    await catalogue.refresh();
    expect(await catalogue.isDue(24 * HOUR_MS)).toBe(false);
    clock.stepWall(-HOUR_MS);
    expect(await catalogue.isDue(24 * HOUR_MS)).toBe(true);
  });
});
