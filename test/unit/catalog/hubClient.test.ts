import { describe, expect, it, onTestFinished } from 'vitest';
import type { HubResult } from '../../../src/catalog/hub';
import { HubClient, type HubClientOptions } from '../../../src/catalog/hubClient';
import { createLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import type { HubFaults } from '../../fakes/huggingFace/faults';
import { ggufRepo } from '../../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub, type FakeHubOptions } from '../../fakes/huggingFace/server';
import { closedUrl, httpClient, keepingLogger, serve, until } from '../backends/loopback';

const TOKEN = 'hf_QwErTyUiOpAsDfGhJkLzXcVbNm12345678';

async function hub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const started = await startFakeHub(options);
  onTestFinished(() => started.stop());
  return started;
}

function client(baseUrl: string, more: Partial<HubClientOptions> = {}) {
  const clock = new FakeClock();
  const logger = keepingLogger();
  const hubClient = new HubClient({ baseUrl, http: httpClient(), clock, logger, ...more });
  return { hubClient, clock, logger };
}

function failureIn(result: HubResult<unknown>) {
  if (result.ok) throw new Error('it should have failed');
  return result.failure;
}

const qwen = ggufRepo('Qwen/Qwen3-4B-GGUF', {
  tags: ['gguf', 'base_model:Qwen/Qwen3-4B', 'license:apache-2.0'],
  downloads: 5_000,
  trendingScore: 40,
  gated: 'manual',
  createdAt: '2025-04-28T12:00:00.000Z',
  lastModified: '2025-05-01T12:00:00.000Z',
  files: {
    'README.md': { content: '# Qwen' },
    'Qwen3-4B-Q4_K_M.gguf': { sizeBytes: 2_497_280_256, sha256: 'AB'.repeat(32) },
  },
});

describe('what it reads', () => {
  it('is what the list says of a repository, in the words of the catalogue', async () => {
    const { hubClient } = client((await hub({ repos: [qwen] })).url);
    expect(await hubClient.listModels({ author: 'Qwen' })).toEqual({
      ok: true,
      value: [
        {
          id: 'Qwen/Qwen3-4B-GGUF',
          tags: ['gguf', 'base_model:Qwen/Qwen3-4B', 'license:apache-2.0'],
          downloads: 5_000,
          trendingScore: 40,
          createdAt: '2025-04-28T12:00:00.000Z',
          lastModified: '2025-05-01T12:00:00.000Z',
          pipelineTag: 'text-generation',
          libraryName: 'gguf',
          gated: true,
        },
      ],
    });
  });

  it('is the files of a repository with their sizes, digests and commit', async () => {
    const { hubClient } = client((await hub({ repos: [qwen] })).url);
    const model = await hubClient.getModel('Qwen/Qwen3-4B-GGUF');
    expect(model).toMatchObject({
      ok: true,
      value: {
        id: 'Qwen/Qwen3-4B-GGUF',
        gated: true,
        files: [
          { path: 'README.md', sizeBytes: 6 },
          { path: 'Qwen3-4B-Q4_K_M.gguf', sizeBytes: 2_497_280_256, sha256: 'ab'.repeat(32) },
        ],
      },
    });
    expect(model.ok && model.value.revision).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is the count of downloads', async () => {
    const { hubClient } = client((await hub({ repos: [qwen] })).url);
    expect(await hubClient.getDownloadCount('Qwen/Qwen3-4B-GGUF')).toEqual({ ok: true, value: 5_000 });
  });

  it('follows a renamed repository on the same host', async () => {
    const { hubClient } = client(
      (await hub({ repos: [qwen, { id: 'old/name', movedTo: 'Qwen/Qwen3-4B-GGUF' }] })).url,
    );
    expect(await hubClient.getModel('old/name')).toMatchObject({ value: { id: 'Qwen/Qwen3-4B-GGUF' } });
    expect(hubClient.requestsSent).toBe(2);
  });

  it('leaves a redirect that leads in a circle after three steps', async () => {
    const { hubClient } = client((await hub({ repos: [{ id: 'a/b', movedTo: 'a/b' }] })).url);
    const failure = failureIn(await hubClient.getModel('a/b'));
    expect(failure).toMatchObject({ code: 'HF_UNAVAILABLE', status: 307 });
    expect(hubClient.requestsSent).toBe(4);
  });
});

describe('what it asks', () => {
  it('has its parameters by name and leaves empty ones out', async () => {
    const fake = await hub();
    const { hubClient } = client(fake.url);
    await hubClient.listModels({
      sort: 'downloads',
      search: 'qwen 3&x',
      filter: 'gguf',
      author: '',
      limit: 7,
    });
    const expand = 'createdAt downloads gated lastModified library_name pipeline_tag tags trendingScore'
      .split(' ')
      .map((field) => `expand=${field}&`)
      .join('');
    expect(fake.requests.map(({ path }) => path)).toEqual([
      `/api/models?${expand}filter=gguf&limit=7&search=qwen%203%26x&sort=downloads`,
    ]);
  });

  it.each([
    ['a b/c', '/api/models/a%20b/c?blobs=true'],
    ['a/ü?x#y%2F', '/api/models/a/%C3%BC%3Fx%23y%252F?blobs=true'],
    ['gpt2', '/api/models/gpt2?blobs=true'],
  ])('escapes the repository %j', async (repo, path) => {
    const fake = await hub();
    const { hubClient } = client(fake.url);
    await hubClient.getModel(repo);
    expect(fake.requests.map((request) => request.path)).toEqual([path]);
  });

  it.each(['', '/', '..', '../..', 'a/..', './b', 'a/b/c', 'a/'])(
    'asks nothing for the name %j',
    async (repo) => {
      const fake = await hub();
      const { hubClient } = client(fake.url);
      for (const result of [await hubClient.getModel(repo), await hubClient.getDownloadCount(repo)]) {
        expect(failureIn(result)).toMatchObject({ code: 'HF_NOT_FOUND' });
      }
      expect(fake.requests).toEqual([]);
    },
  );

  it('names the address of a file, escaped', () => {
    const { hubClient } = client('http://127.0.0.1:1/');
    expect(hubClient.fileUrl('a/b c', 'Q4 0/x#1.gguf')).toBe(
      'http://127.0.0.1:1/a/b%20c/resolve/main/Q4%200/x%231.gguf',
    );
  });

  it('keeps the path of a base address that has one', async () => {
    const seen = await serve((_request, response) => {
      response.setHeader('link', `<${seen.url}/hf/api/models?cursor=2>; rel="next"`);
      response.end('[]');
    });
    const { hubClient } = client(`${seen.url}/hf/`);
    await hubClient.listModels({ limit: 5 });
    expect(seen.requests.map(({ path }) => path.replace(/expand=\w+&/g, ''))).toEqual([
      '/hf/api/models?limit=5',
      '/hf/api/models?cursor=2',
    ]);
  });
});

describe('pages', () => {
  const repos = Array.from({ length: 1_203 }, (_, index) =>
    ggufRepo(`org/model-${String(index).padStart(4, '0')}`, { downloads: 9_999 - index }),
  );

  it('are followed as far as is asked for, and each model comes once, in order', async () => {
    const fake = await hub({ repos });
    const { hubClient } = client(fake.url);
    const result = await hubClient.listModels({ sort: 'downloads', limit: 1_100 });
    expect(result.ok && result.value.map(({ id }) => id)).toEqual(repos.slice(0, 1_100).map(({ id }) => id));
    expect(hubClient.requestsSent).toBe(3);
  });

  it('end where the server has no more', async () => {
    const { hubClient } = client((await hub({ repos })).url);
    const result = await hubClient.listModels({ sort: 'downloads', limit: 5_000 });
    expect(result.ok && result.value.length).toBe(1_203);
  });

  it('are one where one is enough', async () => {
    const { hubClient } = client((await hub({ repos })).url);
    const result = await hubClient.listModels({ limit: 50 });
    expect(result.ok && result.value.length).toBe(50);
    expect(hubClient.requestsSent).toBe(1);
  });

  it.each([
    ['0', 0, 1],
    ['a negative number', -3, 1],
    ['a fraction', 2.9, 2],
    ['none', undefined, 100],
  ])('hold what a limit of %s means', async (_what, limit, expected) => {
    const { hubClient } = client((await hub({ repos })).url);
    const result = await hubClient.listModels(limit === undefined ? {} : { limit });
    expect(result.ok && result.value.length).toBe(expected);
  });

  it('are not followed to another host', async () => {
    const fake = await hub({ repos, faults: { foreignNext: true }, tokens: { [TOKEN]: [] } });
    const { hubClient, logger } = client(fake.url, { token: () => Promise.resolve(TOKEN) });
    const result = await hubClient.listModels({ limit: 1_000 });
    expect(result.ok && result.value.length).toBe(500);
    expect(fake.requests.map(({ host }) => host)).toEqual(['hub']);
    expect(logger.lines).toMatchObject([{ level: 'warn', event: 'catalog.hub_next_page_elsewhere' }]);
  });

  it('that overlap, because the order changed between them, give each model once', async () => {
    const seen = await serve((request, response) => {
      const isFirst = !request.path.includes('cursor=');
      if (isFirst) response.setHeader('link', `<${seen.url}/api/models?cursor=2>; rel="next"`);
      response.end(JSON.stringify((isFirst ? ['a/1', 'a/2'] : ['a/2', 'a/3']).map((id) => ({ id }))));
    });
    const result = await client(seen.url).hubClient.listModels({ limit: 10 });
    expect(result.ok && result.value.map(({ id }) => id)).toEqual(['a/1', 'a/2', 'a/3']);
  });

  it('that never end are left', async () => {
    const { hubClient } = client((await hub({ repos: [qwen], faults: { endlessPages: true } })).url);
    expect(await hubClient.listModels({ limit: 10_000 })).toMatchObject({
      ok: true,
      value: [{ id: qwen.id }],
    });
    expect(hubClient.requestsSent).toBe(40);
  });

  it('that fail make the list fail', async () => {
    const fake = await hub({ repos });
    const { hubClient } = client(fake.url);
    Object.assign(fake.faults, {
      status: 500,
      affects: ({ path }) => path.includes('cursor='),
    } satisfies Partial<HubFaults>);
    expect(failureIn(await hubClient.listModels({ limit: 1_000 }))).toMatchObject({ status: 500 });
  });
});

it('a list of 10,000 comes whole and in good time, by pages or in one piece', async () => {
  const repos = Array.from({ length: 12_000 }, (_, index) => ggufRepo(`org${index % 50}/model-${index}`));
  const fake = await hub({ repos });
  const { hubClient } = client(fake.url);
  const paged = await hubClient.listModels({ limit: 1_000_000 });
  expect(paged.ok && paged.value.length).toBe(10_000);
  expect(hubClient.requestsSent).toBe(20);
  fake.faults.ignoreLimit = true;
  const whole = await hubClient.listModels({ limit: 20 });
  expect(whole.ok && whole.value.length).toBe(20);
}, 20_000);

describe('elements that are no repositories', () => {
  it('are left out of a list with one warning, and the list stays', async () => {
    const { hubClient, logger } = client((await hub({ repos: [qwen], faults: { garbageElements: 8 } })).url);
    expect(await hubClient.listModels({})).toMatchObject({ ok: true, value: [{ id: qwen.id }] });
    expect(logger.lines).toMatchObject([
      { level: 'warn', event: 'catalog.hub_elements_dropped', facts: { elements: 8 } },
    ]);
  });

  it('are left out of the files of a repository, and so are paths that lead out of it', async () => {
    const siblings = [
      { rfilename: 'a/b.gguf', size: 5, lfs: { sha256: 'no digest', size: 7 } },
      { rfilename: 'c.gguf', size: -1 },
      { rfilename: 'd.gguf', size: '12', lfs: 'none' },
      { rfilename: 'e.gguf', size: null, lfs: null },
      ...['../x', '/etc/x', 'a//b', 'a/./b', 'a\\..\\b', ''].map((rfilename) => ({ rfilename })),
      ...[null, 7, 'text', {}],
    ];
    const { url } = await serve(
      (_request, response) => void response.end(JSON.stringify({ id: 'a/b', siblings })),
    );
    const { hubClient, logger } = client(url);
    expect(await hubClient.getModel('a/b')).toEqual({
      ok: true,
      value: {
        id: 'a/b',
        tags: [],
        files: [
          { path: 'a/b.gguf', sizeBytes: 7 },
          { path: 'c.gguf' },
          { path: 'd.gguf' },
          { path: 'e.gguf' },
        ],
      },
    });
    expect(logger.lines).toMatchObject([{ facts: { elements: 10 } }]);
  });
});

describe('failures', () => {
  const table: readonly [string, Partial<HubFaults>, object][] = [
    ['400', { status: 400 }, { code: 'HF_UNAVAILABLE', status: 400 }],
    ['401', { status: 401 }, { code: 'HF_UNAUTHORIZED', status: 401 }],
    ['403', { status: 403 }, { code: 'HF_UNAUTHORIZED', status: 403 }],
    ['404', { status: 404 }, { code: 'HF_NOT_FOUND', status: 404 }],
    ['410', { status: 410 }, { code: 'HF_UNAVAILABLE', status: 410 }],
    ['418', { status: 418 }, { code: 'HF_UNAVAILABLE', status: 418 }],
    ['429', { rateLimited: true }, { code: 'HF_UNAVAILABLE', status: 429, retryAfterMs: 7_000 }],
    ['500', { status: 500 }, { code: 'HF_UNAVAILABLE', status: 500 }],
    ['502', { status: 502 }, { code: 'HF_UNAVAILABLE', status: 502 }],
    ['503', { status: 503 }, { code: 'HF_UNAVAILABLE', status: 503 }],
    ['504', { status: 504 }, { code: 'HF_UNAVAILABLE', status: 504 }],
    ['a portal that redirects', { portalRedirect: true }, { code: 'HF_UNAVAILABLE', status: 302 }],
    ['a portal that answers itself', { html: true }, { code: 'HF_PARSE' }],
    ['broken JSON', { malformed: true }, { code: 'HF_PARSE' }],
    ['another shape', { otherShape: true }, { code: 'HF_PARSE' }],
    ['a closed connection', { refuse: true }, { code: 'HF_NETWORK' }],
    ['a connection that breaks off', { cut: true }, { code: 'HF_NETWORK' }],
  ];

  it.each(table)('%s is told for a list, a repository and a count alike', async (_what, faults, expected) => {
    const fake = await hub({ repos: [qwen], faults });
    const { hubClient } = client(fake.url);
    const asks = [
      () => hubClient.listModels({}),
      () => hubClient.getModel(qwen.id),
      () => hubClient.getDownloadCount(qwen.id),
    ];
    for (const ask of asks) {
      const failure = failureIn(await ask());
      expect(failure).toMatchObject(expected);
      expect(failure.path).toMatch(/^\/api\/models/);
      expect(failure.message).toMatch(/[.]$/);
      expect(failure.bodyExcerpt?.length ?? 0).toBeLessThanOrEqual(200);
    }
  });

  it('says that a web page came instead of data', async () => {
    const { hubClient } = client((await hub({ faults: { html: true } })).url);
    const failure = failureIn(await hubClient.listModels({}));
    expect(failure.message).toContain('a web page instead of data');
    expect(failure.bodyExcerpt).toContain('<!doctype html>');
  });

  it('is HF_NETWORK where nothing listens', async () => {
    const { hubClient } = client(await closedUrl());
    expect(failureIn(await hubClient.listModels({}))).toMatchObject({ code: 'HF_NETWORK' });
  });

  it('is HF_NETWORK where no answer comes in time', async () => {
    const fake = await hub({ faults: { hang: true } });
    const { hubClient, clock } = client(fake.url);
    const asked = hubClient.listModels({});
    await until(() => fake.requests.length === 1);
    await clock.advance(8_000);
    const failure = failureIn(await asked);
    expect(failure.code).toBe('HF_NETWORK');
    expect(failure.message).toContain('did not answer in 8 seconds');
    expect(clock.pending).toBe(0);
  });

  it('is HF_NETWORK where the body drips on for ever', async () => {
    let wasOpened = false;
    const { url } = await serve((_request, response) => {
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
      response.write('[');
      wasOpened = true;
    });
    const { hubClient, clock } = client(url, { timeoutMs: 1_000 });
    const asked = hubClient.listModels({});
    await until(() => wasOpened);
    await clock.advance(1_000);
    expect(failureIn(await asked)).toMatchObject({ code: 'HF_NETWORK' });
  });

  it('is HF_PARSE where the answer is larger than any list is', async () => {
    const { url } = await serve((_request, response) => void response.end('['.padEnd(17 * 1024 * 1024)));
    expect(failureIn(await client(url).hubClient.listModels({}))).toMatchObject({ code: 'HF_PARSE' });
  });

  it('keeps secrets out of what it tells', async () => {
    const { url } = await serve((_request, response) => void response.writeHead(500).end(`token ${TOKEN}`));
    const { hubClient } = client(url, { token: () => Promise.resolve(TOKEN) });
    const failure = failureIn(await hubClient.listModels({ search: TOKEN }));
    expect(JSON.stringify(failure)).not.toContain('QwErTyUiOp');
  });

  it('ends with the reason of the signal, before and during a request', async () => {
    const fake = await hub({ faults: { hang: true } });
    const { hubClient } = client(fake.url);
    const why = new Error('enough');
    await expect(hubClient.getModel('a/b', AbortSignal.abort(why))).rejects.toBe(why);
    expect(hubClient.requestsSent).toBe(0);
    const controller = new AbortController();
    const asked = hubClient.getModel('a/b', controller.signal);
    await until(() => fake.requests.length === 1);
    controller.abort(why);
    await expect(asked).rejects.toBe(why);
  });
});

describe('repositories that may not be read', () => {
  const closed = ggufRepo('meta-llama/Llama-3.3-70B-Instruct', { gated: 'manual', restricted: true });

  it.each([
    ['nobody', undefined, 401],
    ['somebody without access', TOKEN, 403],
  ])('are said to be gated to %s, with the page to ask at', async (_who, token, status) => {
    const fake = await hub({ repos: [closed], tokens: { [TOKEN]: [] } });
    const { hubClient } = client(fake.url, { token: () => Promise.resolve(token) });
    const failure = failureIn(await hubClient.getModel(closed.id));
    expect(failure).toMatchObject({ code: 'HF_UNAUTHORIZED', status });
    expect(failure.message).toContain(
      `is gated (${status}): accept its conditions at ${fake.url}/${closed.id}`,
    );
  });

  it('are said to be gated where only the body says so', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(403).end('{"error":"Access to model a/b is restricted."}');
    });
    expect(failureIn(await client(url).hubClient.getModel('a/b')).message).toContain('a/b is gated (403)');
  });

  it('are read with a token that was granted access', async () => {
    const fake = await hub({ repos: [closed], tokens: { [TOKEN]: [closed.id] } });
    const { hubClient } = client(fake.url, { token: () => Promise.resolve(`${TOKEN}\n`) });
    expect(await hubClient.getModel(closed.id)).toMatchObject({ ok: true });
  });

  it('are not told from those that are gone without a token, and it says so', async () => {
    const { hubClient } = client((await hub()).url);
    const failure = failureIn(await hubClient.getModel('gone/away'));
    expect(failure).toMatchObject({ code: 'HF_UNAUTHORIZED', status: 401 });
    expect(failure.message).toContain('it is private, gated or gone');
  });

  it('are gone where the server says so, whatever its status', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
    });
    expect(failureIn(await client(url).hubClient.getModel('a/b'))).toMatchObject({
      code: 'HF_NOT_FOUND',
      status: 401,
    });
  });

  it('are gone between list and detail', async () => {
    const { hubClient } = client((await hub({ repos: [{ ...qwen, vanished: true }] })).url);
    expect(await hubClient.listModels({})).toMatchObject({ value: [{ id: qwen.id }] });
    expect(failureIn(await hubClient.getModel(qwen.id))).toMatchObject({ code: 'HF_NOT_FOUND', status: 404 });
  });

  it('blame a token that the server does not know', async () => {
    const { hubClient } = client((await hub({ repos: [qwen] })).url, { token: () => Promise.resolve(TOKEN) });
    expect(failureIn(await hubClient.listModels({})).message).toContain('refused the token');
  });
});

describe('a wait that the server asks for', () => {
  it.each([
    ['seconds', '30', 30_000],
    ['a date', 'Sat, 21 Nov 2026 00:01:00 GMT', 60_000],
    ['a date in the past', 'Sat, 21 Nov 2020 00:01:00 GMT', 0],
    ['a time beyond all reason', '999999', 900_000],
    ['a date beyond all reason', 'Sat, 21 Nov 2099 00:01:00 GMT', 900_000],
    ['nonsense', 'soon', undefined],
  ])('is read from %s', async (_what, retryAfter, expected) => {
    const { hubClient } = client((await hub({ faults: { status: 503, retryAfter } })).url);
    expect(failureIn(await hubClient.listModels({})).retryAfterMs).toBe(expected);
  });

  it('is read from the header RateLimit where there is no other', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(429, { ratelimit: '"api";r=0;t=55' }).end();
    });
    expect(failureIn(await client(url).hubClient.listModels({})).retryAfterMs).toBe(55_000);
  });

  it('is kept: until it is over, no request is sent', async () => {
    const fake = await hub({ repos: [qwen], faults: { rateLimited: 1 } });
    const { hubClient, clock } = client(fake.url);
    await hubClient.listModels({});
    await clock.advance(6_000);
    const failure = failureIn(await hubClient.getModel(qwen.id));
    expect(failure).toMatchObject({ code: 'HF_UNAVAILABLE', status: 429, retryAfterMs: 1_000 });
    expect(failure.path).toContain(qwen.id);
    expect(failure.message).toContain('Try again in 1 s;');
    expect(hubClient.requestsSent).toBe(1);
    await clock.advance(1_000);
    expect(await hubClient.getModel(qwen.id)).toMatchObject({ ok: true });
  });
});

describe('the token', () => {
  it('is asked for each time, and goes with each page', async () => {
    const repos = Array.from({ length: 600 }, (_, index) => ggufRepo(`a/m${index}`));
    const fake = await hub({ repos, tokens: { [TOKEN]: [] } });
    let token = '';
    const { hubClient } = client(fake.url, { token: () => Promise.resolve(token) });
    await hubClient.listModels({ limit: 600 });
    token = TOKEN;
    await hubClient.listModels({ limit: 600 });
    const sent = fake.requests.map(({ headers }) => headers['authorization']);
    expect(sent).toEqual([undefined, undefined, `Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it.each([undefined, '', '  '])('that is %j sends no header', async (token) => {
    const fake = await hub({ repos: [qwen] });
    const { hubClient } = client(fake.url, { token: () => Promise.resolve(token) });
    expect(await hubClient.getModel(qwen.id)).toMatchObject({ ok: true });
    expect(fake.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('never follows a redirect to another host, nor does the request', async () => {
    const fake = await hub({ faults: { portalRedirect: true }, tokens: { [TOKEN]: [] } });
    const { hubClient } = client(fake.url, { token: () => Promise.resolve(TOKEN) });
    await hubClient.getModel('a/b');
    expect(fake.requests.map(({ host }) => host)).toEqual(['hub']);
  });

  it('is in no log and no failure, whatever goes wrong', async () => {
    const lines: string[] = [];
    const logger = createLogger((_level, line) => lines.push(line));
    const faults: readonly Partial<HubFaults>[] = [
      { html: true },
      { status: 500 },
      { status: 401 },
      { portalRedirect: true },
      { refuse: true },
      { garbageElements: 3 },
      { foreignNext: true, endlessPages: true },
    ];
    const told: unknown[] = [];
    for (const fault of faults) {
      const fake = await hub({ repos: [qwen], faults: fault, tokens: { [TOKEN]: [] } });
      const { hubClient } = client(fake.url, { token: () => Promise.resolve(TOKEN), logger });
      told.push(await hubClient.listModels({ search: 'qwen' }), await hubClient.getModel(qwen.id));
    }
    expect(lines).toHaveLength(2);
    expect(JSON.stringify([lines, told])).not.toContain(TOKEN.slice(3));
  });

  it('that is no text of a header is a failure that does not tell it', async () => {
    const fake = await hub({ repos: [qwen] });
    const { hubClient } = client(fake.url, { token: () => Promise.resolve('secret\nother: x') });
    const failure = failureIn(await hubClient.getModel(qwen.id));
    expect(failure.code).toBe('HF_NETWORK');
    expect(JSON.stringify(failure)).not.toContain('secret');
    expect(fake.requests).toEqual([]);
  });

  it('that cannot be read is a failure, not a crash', async () => {
    const fake = await hub({ repos: [qwen] });
    const { hubClient } = client(fake.url, { token: () => Promise.reject(new Error('locked')) });
    expect(failureIn(await hubClient.getModel(qwen.id))).toMatchObject({ code: 'HF_NETWORK' });
    expect(fake.requests).toEqual([]);
  });
});
