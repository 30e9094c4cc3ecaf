import { describe, expect, it } from 'vitest';
import { allPages } from '../../../src/backends/pages';
import type { HttpFailure } from '../../../src/shared/http';
import { serve } from './loopback';
import { probeOf } from './support/probe';

const failure: HttpFailure = { code: 'timeout', message: 'late', url: 'http://127.0.0.1:1' };

describe('allPages', () => {
  it('gives the entries of all pages in order', async () => {
    const pages: Readonly<Record<string, readonly [unknown[], string | undefined]>> = {
      first: [[1, 2], 'b'],
      b: [[], 'c'],
      c: [[3], undefined],
    };
    const all = await allPages((next) => {
      const [entries, following] = pages[next ?? 'first'] ?? [[], undefined];
      return Promise.resolve({ ok: true, entries, next: following });
    });
    expect(all).toEqual({ ok: true, entries: [1, 2, 3] });
  });

  it('fails where any page fails', async () => {
    const all = await allPages((next) =>
      Promise.resolve(next === undefined ? { ok: true, entries: [1], next: 'b' } : { ok: false, failure }),
    );
    expect(all).toEqual({ ok: false, failure });
  });

  it('follows no server for ever, whether it names new pages or the same again', async () => {
    for (const name of [(n: number) => String(n), () => 'same', (n: number) => String(n % 3)]) {
      let asked = 0;
      await allPages(() => Promise.resolve({ ok: true, entries: [1], next: name(++asked) }));
      expect(asked).toBeLessThanOrEqual(20);
    }
  });

  it('ends at an empty name', async () => {
    let asked = 0;
    await allPages(() => Promise.resolve({ ok: true, entries: [++asked], next: '' }));
    expect(asked).toBe(1);
  });
});

it.each([
  ['anthropic', '{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}'],
  [
    'gemini',
    '{"models":[{"name":"models/a","supportedGenerationMethods":["generateContent"]}],"nextPageToken":"x"}',
  ],
] as const)('a backend of kind %s lists a half of its models never', async (kind, firstPage) => {
  const server = await serve((_request, response) => {
    if (server.requests.length === 1) response.end(firstPage);
    else response.writeHead(500).end();
  });
  expect(await probeOf(kind, server.url)).toMatchObject({ readiness: 'bad_status' });
  expect(server.requests).toHaveLength(2);
});

it('a key that Google does not know asks for another one, and no other 400 does', async () => {
  const refusal = (reason: string) =>
    serve(
      (_request, response) =>
        void response
          .writeHead(400)
          .end(JSON.stringify({ error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason }] } })),
    );
  const bad = await refusal('API_KEY_INVALID');
  expect(await probeOf('gemini', bad.url)).toMatchObject({
    readiness: 'unauthorized',
    message: `${bad.url} refuses us (status 400).`,
  });
  const other = await refusal('SOMETHING_ELSE');
  expect(await probeOf('gemini', other.url)).toMatchObject({ readiness: 'bad_status' });
});
