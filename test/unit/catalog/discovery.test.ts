import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discover, REQUESTS_PER_REFRESH, type DiscoveryProgress } from '../../../src/catalog/discovery';
import { DiscoveryBook } from '../../../src/catalog/discoveryBook';
import { RequestBudget } from '../../../src/catalog/discoveryBudget';
import type { RefreshEnd } from '../../../src/catalog/discoveryEnd';
import {
  NOTHING_DISCOVERED,
  type DiscoveredRepo,
  type DiscoveryRecord,
} from '../../../src/catalog/discoveryRecord';
import type { RepoFormat } from '../../../src/catalog/discoveryLists';
import { organisationsToAsk } from '../../../src/catalog/discoveryOrganisations';
import { HubClient } from '../../../src/catalog/hubClient';
import { HttpClient } from '../../../src/shared/http';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import type { LoggedRequest } from '../../fakes/huggingFace/faults';
import { ggufRepo, type FakeRepo } from '../../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub } from '../../fakes/huggingFace/server';

const clock = new FakeClock();
let server: FakeHub;
let agent: Agent;
let budget: RequestBudget;
let record: DiscoveryRecord;
let progress: DiscoveryProgress[];

beforeEach(async () => {
  server = await startFakeHub();
  agent = new Agent();
  budget = new RequestBudget();
  record = NOTHING_DISCOVERED;
  progress = [];
});

afterEach(async () => {
  await agent.destroy();
  await server.stop();
});

function addRepos(repos: readonly FakeRepo[]): void {
  for (const repo of repos) server.repos.set(repo.id, repo);
}

interface RefreshOptions {
  readonly organisations: readonly string[];
  readonly formats?: readonly RepoFormat[];
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: () => void;
}

/** One refresh, which goes on from the one before; what a repository holds is said to be nothing. */
async function refresh(options: RefreshOptions): Promise<RefreshEnd> {
  const {
    organisations,
    formats = ['gguf'],
    url = server.url,
    signal = new AbortController().signal,
  } = options;
  const http = new HttpClient(budget.limit(agent));
  const book = new DiscoveryBook(record);
  try {
    return await discover(
      {
        ...{ budget, book, clock, logger: silentLogger },
        organisations: organisations.map((name) => ({ name, formats })),
        hub: new HubClient({ baseUrl: url, http, clock, logger: silentLogger, timeoutMs: 2_000 }),
        describe: (repo) =>
          Promise.resolve({ ok: true, finding: { kind: 'nothing', reason: `looked at ${repo.id}` } }),
        onProgress: (step) => {
          progress.push(step);
          options.onProgress?.();
        },
      },
      signal,
    );
  } finally {
    record = book.record();
    await clock.advance(1_000);
  }
}

/** `14/New 13/New ...`: in which order repositories of the test of 100 organisations were looked at. */
function lookOrder(requests: readonly LoggedRequest[]): string {
  return requests
    .flatMap(({ path }) => {
      const [, maker, name] = /^\/api\/models\/maker(\d+)\/(Old|New)-/.exec(path) ?? [];
      return maker === undefined ? [] : [`${maker}/${name}`];
    })
    .join(' ');
}

function lookedAt(): readonly string[] {
  return record.repos.filter((repo) => repo.finding).map((repo) => repo.repo);
}

function known(name: string): DiscoveredRepo | undefined {
  return record.repos.find(({ repo }) => repo === name);
}

function askedFor(sort: string): readonly string[] {
  return server.requests
    .filter(({ path }) => path.includes(`sort=${sort}`))
    .map(({ path }) => /author=([^&]*)/.exec(path)?.[1] ?? '');
}

describe('the requests of a refresh', () => {
  it('are never more than 60, and 100 organisations are all asked within seven refreshes, their repositories looked at newest first', async () => {
    const organisations = Array.from({ length: 100 }, (_, index) => `maker${index}`);
    for (const [index, organisation] of organisations.entries()) {
      addRepos([
        ggufRepo(`${organisation}/Old-1B-GGUF`, { createdAt: '2025-01-01T00:00:00.000Z' }),
        ggufRepo(`${organisation}/New-1B-GGUF`, {
          createdAt: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
        }),
      ]);
    }
    const looks: string[] = [];
    let refreshes = 0;
    for (; askedFor('downloads').length < 100; refreshes++) {
      const before = server.requests.length;
      const end = await refresh({ organisations });
      expect(end.code).toBe('partial');
      expect(server.requests.length - before).toBe(budget.made);
      expect(budget.made).toBeLessThanOrEqual(REQUESTS_PER_REFRESH);
      looks.push(lookOrder(server.requests.slice(before)));
    }
    expect(refreshes).toBe(7);
    expect(new Set(askedFor('trendingScore')).size).toBe(100);
    // Of the fifteen that were asked first: all that is new, from the newest on, and then the rest.
    const [first = ''] = looks;
    expect(first).toMatch(/^14\/New 13\/New 1[\d/New ]+ 0\/New [\d]+\/Old/);
    for (let end = 'partial'; end === 'partial'; refreshes++) {
      expect(refreshes).toBeLessThan(20);
      ({ code: end } = await refresh({ organisations: organisations.slice(0, 2) }));
    }
    expect(lookedAt()).toHaveLength(200);
  });

  it('are four at once at most', async () => {
    addRepos(Array.from({ length: 20 }, (_, index) => ggufRepo(`maker/M${index}-1B-GGUF`)));
    let underWay = 0;
    let most = 0;
    const counting = agent.compose((dispatch) => (options, handler) => {
      most = Math.max(most, ++underWay);
      return dispatch(options, {
        onRequestStart: (...event) => handler.onRequestStart?.(...event),
        onResponseStart: (...event) => handler.onResponseStart?.(...event),
        onResponseData: (...event) => handler.onResponseData?.(...event),
        onResponseEnd: (...event) => {
          underWay--;
          handler.onResponseEnd?.(...event);
        },
        onResponseError: (...event) => {
          underWay--;
          handler.onResponseError?.(...event);
        },
      });
    });
    server.faults.delayMs = 10;
    const http = new HttpClient(budget.limit(counting));
    const end = await discover(
      {
        hub: new HubClient({ baseUrl: server.url, http, clock, logger: silentLogger }),
        ...{ budget, clock, logger: silentLogger, book: new DiscoveryBook(record) },
        describe: () => Promise.resolve({ ok: true, finding: { kind: 'nothing', reason: '' } }),
        organisations: ['maker', 'a', 'b', 'c', 'd', 'e'].map((name) => ({ name, formats: ['gguf'] })),
      },
      new AbortController().signal,
    );
    expect(end.code).toBe('complete');
    expect(most).toBe(4);
  });

  it('are refused before and after a refresh, so that nothing leaves unasked', async () => {
    const hub = new HubClient({
      ...{ baseUrl: server.url, http: new HttpClient(budget.limit(agent)), clock, logger: silentLogger },
    });
    expect(await hub.getModel('a/b')).toMatchObject({ ok: false, failure: { code: 'HF_NETWORK' } });
    await refresh({ organisations: ['maker'] });
    const made = server.requests.length;
    expect(await hub.getModel('a/b')).toMatchObject({ ok: false });
    expect(server.requests).toHaveLength(made);
  });

  it('ask for GGUF files, and for MLX files where those can be run', async () => {
    await refresh({ organisations: ['maker'] });
    expect(server.requests.map(({ path }) => /filter=(\w+)/.exec(path)?.[1])).toEqual(['gguf', 'gguf']);
    await refresh({ organisations: ['maker'], formats: ['gguf', 'mlx'] });
    expect(server.requests.slice(2).map(({ path }) => /filter=(\w+)/.exec(path)?.[1])).toEqual([
      ...['gguf', 'gguf', 'mlx', 'mlx'],
    ]);
  });

  it('are not spent on what is known and has not changed, nor on what cannot be talked to', async () => {
    addRepos([
      ggufRepo('maker/Talker-1B-GGUF'),
      ggufRepo('maker/Talker-Embedding-1B-GGUF'),
      ggufRepo('maker/Sounds-1B-GGUF', { pipelineTag: 'text-to-speech' }),
      { id: 'maker/Unsaid-1B-GGUF', tags: ['gguf'] },
    ]);
    await refresh({ organisations: ['maker'] });
    expect(lookedAt()).toEqual(['maker/Talker-1B-GGUF', 'maker/Unsaid-1B-GGUF']);
    await refresh({ organisations: ['maker'] });
    expect(budget.made).toBe(2);
    addRepos([ggufRepo('maker/Talker-1B-GGUF', { lastModified: '2026-03-01T00:00:00.000Z' })]);
    await refresh({ organisations: ['maker'] });
    expect(budget.made).toBe(3);
    await refresh({ organisations: ['maker'] });
    expect(budget.made).toBe(2);
  });
});

describe('whom a refresh asks', () => {
  it('are those whom the user allowed, first, and the built-in ones, each once', () => {
    const asked = organisationsToAsk(['mine', 'Qwen'], { runsMlx: false });
    expect(asked.slice(0, 3).map(({ name }) => name)).toEqual(['mine', 'Qwen', 'unsloth']);
    expect(asked.filter(({ name }) => name === 'Qwen')).toHaveLength(1);
    expect(asked.every(({ formats }) => formats.join() === 'gguf')).toBe(true);
  });

  it('are asked for MLX files on Apple alone, and only where there are some', () => {
    const asked = organisationsToAsk(['mine'], { runsMlx: true });
    const formatsOf = (wanted: string): string | undefined =>
      asked.find(({ name }) => name === wanted)?.formats.join();
    expect(['mine', 'mlx-community', 'lmstudio-community', 'Qwen'].map(formatsOf)).toEqual([
      ...['gguf,mlx', 'mlx', 'gguf,mlx', 'gguf'],
    ]);
  });
});

describe('the two arms', () => {
  beforeEach(() => {
    addRepos([
      ...Array.from({ length: 60 }, (_, index) =>
        ggufRepo(`maker/Loved-${index}B-GGUF`, { downloads: 1_000 - index, trendingScore: 0 }),
      ),
      ...Array.from({ length: 60 }, (_, index) =>
        ggufRepo(`maker/Trending-${index}B-GGUF`, { downloads: 0, trendingScore: 100 - index }),
      ),
    ]);
  });

  it('are joined, each repository once, and capped at 50', async () => {
    await refresh({ organisations: ['maker'] });
    const repos = record.repos.map(({ repo }) => repo);
    expect(repos).toHaveLength(50);
    expect(repos.filter((repo) => repo.includes('Loved'))).toHaveLength(25);
    expect(repos).toContain('maker/Trending-0B-GGUF');
    expect(repos).not.toContain('maker/Trending-30B-GGUF');
  });

  it.each(['trendingScore', 'downloads'])('stand in for each other: %s alone fails', async (sort) => {
    server.faults.affects = ({ path }) => path.includes(`sort=${sort}`);
    server.faults.status = 500;
    server.faults.retryAfter = null;
    const end = await refresh({ organisations: ['maker', 'other'] });
    expect(end.code).toBe('complete');
    const other = sort === 'downloads' ? 'Trending' : 'Loved';
    expect(record.repos).toHaveLength(50);
    expect(record.repos.every(({ repo }) => repo.includes(other))).toBe(true);
  });
});

describe('a refresh that cannot go on', () => {
  beforeEach(() => {
    record = {
      askedAt: {},
      repos: [
        {
          repo: 'maker/Known-1B-GGUF',
          seenAt: '2026-01-01T00:00:00.000Z',
          createdAt: '2026-01-01T00:00:00.000Z',
        },
      ],
    };
  });
  const organisations = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

  it.each([
    ['refuse', 'offline', /^Hugging Face could not be reached/],
    ['html', 'offline', /a network's sign-in/],
    ['portalRedirect', 'offline', /a network's sign-in/],
    ['malformed', 'offline', /a page/],
    ['otherShape', 'offline', /a page/],
  ] as const)('ends after the two requests of the first organisation: %s', async (fault, code, message) => {
    server.faults[fault] = true;
    const end = await refresh({ organisations });
    expect(end).toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
      nextStep: expect.any(String) as unknown,
    });
    expect(end.message.match(/\./g)).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
    expect(known('maker/Known-1B-GGUF')).toBeDefined();
  });

  it('ends at once where nothing listens, with the network as the reason', async () => {
    const gone = await startFakeHub();
    await gone.stop();
    expect(await refresh({ organisations, url: gone.url })).toMatchObject({ code: 'offline' });
    expect(budget.made).toBe(2);
  });

  it('ends where the token is refused, and says so', async () => {
    server.faults.status = 401;
    expect(await refresh({ organisations })).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('token') as unknown,
    });
  });

  it('stops at the first 429, says how long to wait, and asks that organisation first the next time', async () => {
    await refresh({ organisations: ['one'] });
    const before = server.requests.length;
    server.faults.retryAfter = '120';
    server.faults.affects = ({ path }) => path.includes('author=four');
    server.faults.rateLimited = true;
    const end = await refresh({ organisations });
    expect(end).toMatchObject({
      code: 'limited',
      waitMs: 120_000,
      message: expect.stringContaining('2 min') as unknown,
    });
    const asked = server.requests.slice(before).map(({ path }) => /author=(\w+)/.exec(path)?.[1]);
    expect(asked).toContain('four');
    expect(asked).not.toContain('six');
    server.faults.rateLimited = false;
    const after = server.requests.length;
    await refresh({ organisations });
    expect(server.requests[after]?.path).toContain('author=four');
  });

  it('ends after some failures in turn where the network goes away under way', async () => {
    let answered = 0;
    server.faults.affects = () => ++answered > 4;
    server.faults.refuse = true;
    const end = await refresh({ organisations });
    expect(end.code).toBe('offline');
    expect(server.requests.length).toBeLessThanOrEqual(4 + 6 + 3);
  });

  it('does not stand still at an organisation that always fails', async () => {
    server.faults.affects = ({ path }) => path.includes('author=one&');
    server.faults.status = 500;
    server.faults.retryAfter = null;
    addRepos([ggufRepo('two/New-1B-GGUF')]);
    expect((await refresh({ organisations })).code).toBe('refused');
    expect((await refresh({ organisations })).code).not.toBe('refused');
    expect(lookedAt()).toContain('two/New-1B-GGUF');
  });

  it('keeps what is known where nothing is found', async () => {
    addRepos([ggufRepo('maker/Known-1B-GGUF')]);
    await refresh({ organisations: ['maker'] });
    server.repos.clear();
    expect((await refresh({ organisations: ['maker'] })).code).toBe('complete');
    expect(known('maker/Known-1B-GGUF')?.finding).toBeDefined();
  });

  it('leaves out repositories that are gone between list and look, with and without a word', async () => {
    addRepos([
      ggufRepo('maker/Gone-1B-GGUF', { vanished: true }),
      ggufRepo('maker/Private-1B-GGUF', { restricted: true, gated: 'manual' }),
      ggufRepo('maker/There-1B-GGUF'),
    ]);
    expect((await refresh({ organisations: ['maker'] })).code).toBe('complete');
    expect(known('maker/Gone-1B-GGUF')).toBeUndefined();
    expect(known('maker/Private-1B-GGUF')).toMatchObject({ tries: 1 });
    expect(known('maker/Private-1B-GGUF')?.finding).toBeUndefined();
    expect(known('maker/There-1B-GGUF')?.finding).toBeDefined();
  });

  it('forgets nothing of a repository that may no longer be read', async () => {
    addRepos([ggufRepo('maker/There-1B-GGUF')]);
    await refresh({ organisations: ['maker'] });
    const changed = { restricted: true, gated: 'manual', lastModified: '2026-10-01T00:00:00.000Z' } as const;
    addRepos([ggufRepo('maker/There-1B-GGUF', changed)]);
    await refresh({ organisations: ['maker'] });
    expect(known('maker/There-1B-GGUF')).toMatchObject({ tries: 1, finding: { kind: 'nothing' } });
    expect(known('maker/There-1B-GGUF')?.finding).toEqual({
      ...{ kind: 'nothing', reason: 'looked at maker/There-1B-GGUF' },
    });
  });

  it('takes 50 of a list of 10,000 repositories', async () => {
    addRepos(Array.from({ length: 10_000 }, (_, index) => ggufRepo(`maker/M${index}-1B-GGUF`)));
    server.faults.ignoreLimit = true;
    expect((await refresh({ organisations: ['maker'] })).code).toBe('complete');
    expect(record.repos).toHaveLength(51);
    expect(budget.made).toBeLessThanOrEqual(REQUESTS_PER_REFRESH);
  });

  it('remembers the 1,000 newest repositories', async () => {
    const makers = Array.from({ length: 45 }, (_, index) => `maker${index}`);
    for (const [index, maker] of makers.entries()) {
      const createdAt = new Date(Date.UTC(2026, 0, 1 + index)).toISOString();
      addRepos(Array.from({ length: 50 }, (_, at) => ggufRepo(`${maker}/M${at}-1B-GGUF`, { createdAt })));
    }
    for (let round = 0; round < 3; round++) await refresh({ organisations: makers });
    expect(record.repos).toHaveLength(1_000);
    expect(record.repos.some(({ repo }) => repo.startsWith('maker0/'))).toBe(false);
    expect(record.repos.some(({ repo }) => repo.startsWith('maker44/'))).toBe(true);
  });

  it('tries a repository that cannot be read three times, and again when it has changed', async () => {
    addRepos([ggufRepo('maker/Broken-1B-GGUF'), ggufRepo('maker/Fine-1B-GGUF')]);
    record = NOTHING_DISCOVERED;
    server.faults.affects = ({ path }) => path.startsWith('/api/models/maker/Broken');
    server.faults.malformed = true;
    const looks = (): number =>
      server.requests.filter(({ path }) => path.startsWith('/api/models/maker/Broken')).length;
    for (let round = 0; round < 5; round++) await refresh({ organisations: ['maker'] });
    expect(looks()).toBe(3);
    addRepos([ggufRepo('maker/Broken-1B-GGUF', { lastModified: '2026-10-01T00:00:00.000Z' })]);
    server.faults.malformed = false;
    await refresh({ organisations: ['maker'] });
    expect(looks()).toBe(4);
    expect(known('maker/Broken-1B-GGUF')?.finding).toBeDefined();
  });

  it('ends at once when it is cancelled, and keeps what it found until then', async () => {
    addRepos([ggufRepo('one/New-1B-GGUF')]);
    const controller = new AbortController();
    server.faults.affects = ({ path }) => path.includes('author=two');
    server.faults.hang = true;
    const running = refresh({
      organisations,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
    expect(known('one/New-1B-GGUF')).toBeDefined();
    expect(budget.left).toBe(0);
  });

  it('tells how far it is', async () => {
    addRepos([ggufRepo('one/New-1B-GGUF')]);
    await refresh({ organisations: ['one', 'two'] });
    expect(progress.at(-1)).toEqual({
      ...{ organisationsAsked: 2, organisations: 2, reposLookedAt: 2, reposWaiting: 0, requests: 6 },
    });
  });
});
