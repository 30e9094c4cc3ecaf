import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { HubCache } from '../../../src/catalog/hubCache';
import { CachedHub } from '../../../src/catalog/hubCached';
import { HubClient } from '../../../src/catalog/hubClient';
import { FakeClock } from '../../fakes/fakeClock';
import type { HubFaults } from '../../fakes/huggingFace/faults';
import { ggufRepo } from '../../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub, type FakeHubOptions } from '../../fakes/huggingFace/server';
import { httpClient, keepingLogger, until } from '../backends/loopback';

const DAY_MS = 24 * 60 * 60_000;

let folder: string;
let caches: HubCache[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hub-'));
  caches = [];
  onTestFinished(async () => {
    // A write may be under way: the clock has been moved.
    await Promise.all(caches.map((cache) => cache.flush()));
    await rm(folder, { recursive: true, force: true });
  });
});

async function scene(options: FakeHubOptions = {}) {
  const fake = await startFakeHub(options);
  onTestFinished(() => fake.stop());
  return { fake, ...window(fake.url) };
}

/** A window with a clock and a client of its own, over the cache's folder. */
function window(baseUrl: string, clock = new FakeClock()) {
  const logger = keepingLogger();
  const cache = new HubCache({ folder, writerId: 'w', clock, logger });
  caches.push(cache);
  const client = new HubClient({ baseUrl, http: httpClient(), clock, logger });
  return { hub: new CachedHub(client, cache), cache, clock, logger };
}

function answers(fake: FakeHub): readonly (string | undefined)[] {
  return fake.requests.map(({ headers }) => {
    const etag = headers['if-none-match'];
    return typeof etag === 'string' ? 'asked by ETag' : 'asked';
  });
}

const repos = Array.from({ length: 1_200 }, (_, index) =>
  ggufRepo(`org/m${index}`, { downloads: 5_000 - index }),
);

it('asks for nothing that is fresh, in this window or the next', async () => {
  const { fake, hub, cache, clock } = await scene({ repos });
  const asked = async (from: CachedHub): Promise<readonly unknown[]> => [
    await from.listModels({ sort: 'downloads', limit: 1_100 }),
    await from.getModel('org/m1'),
    await from.getDownloadCount('org/m1'),
  ];
  const first = await asked(hub);
  expect(first).toMatchObject([
    { ok: true },
    { ok: true, value: { id: 'org/m1' } },
    { ok: true, value: 4_999 },
  ]);
  expect(hub.requestsSent).toBe(5);
  expect(await asked(hub)).toEqual(first);
  expect(hub.requestsSent).toBe(5);
  await cache.flush();
  const next = window(fake.url, clock);
  expect(await asked(next.hub)).toEqual(first);
  expect(next.hub.requestsSent).toBe(0);
  expect(fake.requests).toHaveLength(5);
});

it('asks by ETag after a day, and what still holds is fresh for another', async () => {
  const { fake, hub, clock } = await scene({ repos });
  const first = await hub.getModel('org/m1');
  await clock.advance(DAY_MS);
  expect(await hub.getModel('org/m1')).toEqual(first);
  expect(answers(fake)).toEqual(['asked', 'asked by ETag']);
  await clock.advance(DAY_MS - 1);
  await hub.getModel('org/m1');
  expect(hub.requestsSent).toBe(2);
});

it('takes what changed, with its new ETag', async () => {
  const { fake, hub, clock } = await scene({ repos });
  await hub.getModel('org/m1');
  fake.repos.set('org/m1', ggufRepo('org/m1', { files: { 'new.gguf': { sizeBytes: 7 } } }));
  await clock.advance(DAY_MS);
  const changed = await hub.getModel('org/m1');
  expect(changed).toMatchObject({ ok: true, value: { files: [{ path: 'new.gguf', sizeBytes: 7 }] } });
  await clock.advance(DAY_MS);
  expect(await hub.getModel('org/m1')).toEqual(changed);
  expect(answers(fake)).toEqual(['asked', 'asked by ETag', 'asked by ETag']);
});

it('asks anew for what has no ETag', async () => {
  const { fake, hub, clock } = await scene({ repos, faults: { noEtag: true } });
  await hub.getModel('org/m1');
  await clock.advance(DAY_MS);
  await hub.getModel('org/m1');
  expect(answers(fake)).toEqual(['asked', 'asked']);
});

it('asks anew for what the cache holds in another shape', async () => {
  const { fake, hub, cache } = await scene({ repos });
  await cache.set(`${fake.url}/api/models/org/m1?blobs=true`, { files: 'none' }, 'W/"old"');
  expect(await hub.getModel('org/m1')).toMatchObject({ ok: true, value: { id: 'org/m1' } });
  expect(answers(fake)).toEqual(['asked']);
});

it('does not take one server’s answers for another’s', async () => {
  const { hub, cache, clock } = await scene({ repos });
  await hub.getModel('org/m1');
  await cache.flush();
  const other = await startFakeHub({ repos });
  onTestFinished(() => other.stop());
  await window(other.url, clock).hub.getModel('org/m1');
  expect(other.requests).toHaveLength(1);
});

it('keeps the budget: a second refresh asks only for what is new, and a day later each once, by ETag', async () => {
  const { fake, hub, clock } = await scene({ repos: repos.slice(0, 20) });
  const refresh = async (): Promise<number> => {
    const before = hub.requestsSent;
    const list = await hub.listModels({ author: 'org', sort: 'downloads', limit: 50 });
    if (!list.ok) throw new Error('no list');
    for (const { id } of list.value) await hub.getModel(id);
    return hub.requestsSent - before;
  };
  expect(await refresh()).toBe(21);
  expect(await refresh()).toBe(0);
  await clock.advance(DAY_MS);
  fake.repos.set('org/new', ggufRepo('org/new', { downloads: 1 }));
  expect(await refresh()).toBe(22);
  expect(answers(fake).filter((answer) => answer === 'asked by ETag')).toHaveLength(21);
  expect(fake.requests).toHaveLength(hub.requestsSent);
});

describe('where asking again fails', () => {
  const troubles: readonly [string, Partial<HubFaults>, string][] = [
    ['the connection is closed', { refuse: true }, 'HF_NETWORK'],
    ['the answer breaks off', { cut: true }, 'HF_NETWORK'],
    ['the server limits the rate', { rateLimited: true }, 'HF_UNAVAILABLE'],
    ['the server is down', { status: 503 }, 'HF_UNAVAILABLE'],
    ['a portal redirects', { portalRedirect: true }, 'HF_UNAVAILABLE'],
    ['a portal answers', { html: true }, 'HF_PARSE'],
  ];

  it.each(troubles)(
    'since %s, what was known is served and said to be stale',
    async (_what, faults, code) => {
      const { fake, hub, clock } = await scene({ repos });
      const [list, model] = [await hub.listModels({ limit: 3 }), await hub.getModel('org/m1')];
      await clock.advance(DAY_MS);
      // Changed, so that the server has a body to break off.
      fake.repos.set('org/m1', ggufRepo('org/m1', { downloads: 1 }));
      fake.repos.set('org/m0', ggufRepo('org/m0', { downloads: 1 }));
      Object.assign(fake.faults, faults);
      for (const [known, again] of [
        [list, await hub.listModels({ limit: 3 })],
        [model, await hub.getModel('org/m1')],
      ]) {
        expect(again).toMatchObject({ ...known, stale: true, staleBecause: { code } });
      }
      expect(await hub.getModel('org/m2')).toMatchObject({ ok: false, failure: { code } });
    },
  );

  it('it is tried again, and no longer stale once it succeeds', async () => {
    const { fake, hub, clock } = await scene({ repos });
    const known = await hub.getModel('org/m1');
    await clock.advance(DAY_MS);
    fake.faults.refuse = 1;
    expect(await hub.getModel('org/m1')).toMatchObject({ stale: true });
    expect(await hub.getModel('org/m1')).toEqual(known);
    expect(hub.requestsSent).toBe(3);
  });

  it('a list is stale where one page of it is', async () => {
    const { fake, hub, clock } = await scene({ repos });
    await hub.listModels({ sort: 'downloads', limit: 1_000 });
    await clock.advance(DAY_MS);
    Object.assign(fake.faults, {
      status: 500,
      affects: ({ path: asked }) => asked.includes('cursor='),
    } satisfies Partial<HubFaults>);
    const list = await hub.listModels({ sort: 'downloads', limit: 1_000 });
    expect(list).toMatchObject({ ok: true, stale: true, staleBecause: { status: 500 } });
    expect(list.ok && list.value.length).toBe(1_000);
  });

  it('since the repository is gone, it is forgotten', async () => {
    const { fake, hub, clock } = await scene({ repos });
    await hub.getModel('org/m1');
    await clock.advance(DAY_MS);
    fake.repos.set('org/m1', ggufRepo('org/m1', { vanished: true }));
    expect(await hub.getModel('org/m1')).toMatchObject({ ok: false, failure: { code: 'HF_NOT_FOUND' } });
    fake.faults.refuse = true;
    expect(await hub.getModel('org/m1')).toMatchObject({ ok: false, failure: { code: 'HF_NETWORK' } });
  });

  it('since the repository was closed, it is not served, but known again when it opens', async () => {
    const { fake, hub, clock } = await scene({ repos });
    const known = await hub.getModel('org/m1');
    await clock.advance(DAY_MS);
    fake.repos.set('org/m1', ggufRepo('org/m1', { downloads: 4_999, gated: 'auto', restricted: true }));
    expect(await hub.getModel('org/m1')).toMatchObject({ ok: false, failure: { code: 'HF_UNAUTHORIZED' } });
    fake.repos.set('org/m1', ggufRepo('org/m1', { downloads: 4_999 }));
    expect(await hub.getModel('org/m1')).toEqual(known);
    expect(answers(fake)).toEqual(['asked', 'asked by ETag', 'asked by ETag']);
  });

  it('by cancellation, it ends with the reason and changes nothing', async () => {
    const { fake, hub, clock } = await scene({ repos });
    const known = await hub.getModel('org/m1');
    await clock.advance(DAY_MS);
    fake.faults.hang = 1;
    const why = new Error('enough');
    const controller = new AbortController();
    const asked = hub.getModel('org/m1', controller.signal);
    await until(() => fake.requests.length === 2);
    controller.abort(why);
    await expect(asked).rejects.toBe(why);
    expect(await hub.getModel('org/m1')).toEqual(known);
  });
});

it('names the address of a file as the server does', async () => {
  const { fake, hub } = await scene();
  expect(hub.fileUrl('a/b', 'c d.gguf')).toBe(`${fake.url}/a/b/resolve/main/c%20d.gguf`);
});
