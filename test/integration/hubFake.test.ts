import { describe, expect, it, onTestFinished } from 'vitest';
import { ggufRepo } from '../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub, type FakeHubOptions } from '../fakes/huggingFace/server';

const TOKEN = 'hf_test';
const repo = ggufRepo('org/model-GGUF', {
  files: {
    'README.md': { content: 'hello' },
    'model.gguf': { content: 'GGUFxyz', sizeBytes: 40_000_000_000 },
  },
});
const gated = ggufRepo('meta-llama/Llama-GGUF', { gated: 'manual' });

async function hub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const fake = await startFakeHub({
    repos: [repo, gated],
    tokens: { [TOKEN]: [], granted: [gated.id] },
    ...options,
  });
  onTestFinished(() => fake.stop());
  return fake;
}

const FILE = '/org/model-GGUF/resolve/main/model.gguf';
const bearer = (token: string): RequestInit => ({
  headers: { authorization: `Bearer ${token}` },
  redirect: 'manual',
});

describe('the fake’s files', () => {
  it('that are large are on the other host, and a part of one can be asked for', async () => {
    const fake = await hub();
    const asked = await fetch(`${fake.url}${FILE}`, { redirect: 'manual' });
    expect(asked.status).toBe(302);
    expect(asked.headers.get('x-linked-size')).toBe('40000000000');
    const location = asked.headers.get('location') ?? '';
    expect(new URL(location).origin).toBe(fake.cdnUrl);
    const part = await fetch(location, { headers: { range: 'bytes=2-9' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 2-9/40000000000');
    expect(await part.text()).toBe('UFxyz\0\0\0');
    expect(fake.requests.map(({ host }) => host)).toEqual(['hub', 'cdn']);
  });

  it.each([
    ['bytes=39999999998-', 206, 'bytes 39999999998-39999999999/40000000000', 2],
    ['bytes=39999999998-99999999999', 206, 'bytes 39999999998-39999999999/40000000000', 2],
    ['bytes=-3', 206, 'bytes 39999999997-39999999999/40000000000', 3],
    ['bytes=40000000000-', 416, 'bytes */40000000000', 0],
  ])('answer the range %s', async (range, status, contentRange, length) => {
    const fake = await hub();
    const response = await fetch(`${fake.url}${FILE}`, { headers: { range } });
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange]);
    expect((await response.arrayBuffer()).byteLength).toBe(length);
  });

  it('answer HEAD with their size, and small ones are served at once', async () => {
    const fake = await hub();
    const head = await fetch(`${fake.url}${FILE}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '40000000000']);
    const readme = await fetch(`${fake.url}/org/model-GGUF/resolve/main/README.md`, { redirect: 'error' });
    expect(await readme.text()).toBe('hello');
  });

  it('are refused by the other host to a request that brings the token along', async () => {
    const fake = await hub();
    const location = (await fetch(`${fake.url}${FILE}`, bearer(TOKEN))).headers.get('location') ?? '';
    expect((await fetch(location, bearer(TOKEN))).status).toBe(400);
    expect((await fetch(`${fake.cdnUrl}/xet-bridge-us/org/model-GGUF/model.gguf`)).status).toBe(403);
  });

  it.each([
    [401, undefined],
    [403, TOKEN],
    [302, 'granted'],
  ])('that are gated answer %i for the token %s', async (status, token) => {
    const fake = await hub();
    const url = `${fake.url}/${gated.id}/resolve/main/Llama-Q4_K_M.gguf`;
    const response = await fetch(url, token === undefined ? { redirect: 'manual' } : bearer(token));
    expect(response.status).toBe(status);
    expect(response.headers.get('x-error-code')).toBe(status === 302 ? null : 'GatedRepo');
  });

  it('that are missing answer 404', async () => {
    const fake = await hub();
    const response = await fetch(`${fake.url}/org/model-GGUF/resolve/main/none.gguf`);
    expect([response.status, response.headers.get('x-error-code')]).toEqual([404, 'EntryNotFound']);
  });

  it('come whole where the server knows no ranges, and break off where it is told to', async () => {
    const fake = await hub({ faults: { ignoreRange: true } });
    const url = `${fake.url}/org/model-GGUF/resolve/main/README.md`;
    const whole = await fetch(url, { headers: { range: 'bytes=1-2' } });
    expect([whole.status, await whole.text()]).toEqual([200, 'hello']);
    fake.faults.cut = true;
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  });
});

describe('the fake’s lists', () => {
  it('refuse parameters that the real server refuses', async () => {
    const fake = await hub();
    for (const query of ['expand=everything', 'sort=size']) {
      expect((await fetch(`${fake.url}/api/models?${query}`)).status).toBe(400);
    }
  });

  it('are filtered by every tag, author and text', async () => {
    const fake = await hub();
    const ids = async (query: string): Promise<unknown> => {
      const models: unknown = await (await fetch(`${fake.url}/api/models?${query}`)).json();
      return Array.isArray(models) ? models.map((model: { readonly id: string }) => model.id) : models;
    };
    expect(await ids('filter=gguf&filter=none')).toEqual([]);
    expect(await ids('filter=gguf&author=org')).toEqual([repo.id]);
    expect(await ids('search=LLAMA')).toEqual([gated.id]);
  });
});

it('a counted fault strikes so often and no more, and only what it is meant for', async () => {
  const fake = await hub({ faults: { refuse: 1, affects: ({ path }) => path.startsWith('/api/models/') } });
  expect((await fetch(`${fake.url}/api/models`)).status).toBe(200);
  await expect(fetch(`${fake.url}/api/models/${repo.id}`)).rejects.toThrow();
  expect((await fetch(`${fake.url}/api/models/${repo.id}`)).status).toBe(200);
});
