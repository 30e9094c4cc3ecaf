import { expect, it } from 'vitest';
import { serve, serveJson } from './loopback';
import { probeOf } from './support/probe';

const PLAIN = { data: [{ id: 'qwen/qwen3-8b', object: 'model', owned_by: 'organization_owner' }] };
const LISTED = { modelId: 'qwen/qwen3-8b', displayName: 'qwen/qwen3-8b', capabilities: {} };

it.each([
  ['404', 404, 'Not Found'],
  ['200 and an error', 200, '{"error":"Unexpected endpoint or method. (GET /api/v0/models)"}'],
])('falls back on the common list where its own is answered with %s', async (_what, status, body) => {
  const server = await serve(({ path }, response) => {
    if (path === '/v1/models') response.end(JSON.stringify(PLAIN));
    else response.writeHead(status).end(body);
  });
  expect(await probeOf('lm_studio', server.url)).toEqual({ readiness: 'ok', models: [LISTED] });
  expect(server.requests.map(({ path }) => path)).toEqual(['/api/v0/models', '/v1/models']);
});

it('does not ask twice where it wants a key or is in trouble', async () => {
  for (const status of [401, 500]) {
    const server = await serve((_request, response) => void response.writeHead(status).end());
    await probeOf('lm_studio', server.url);
    expect(server.requests).toHaveLength(1);
  }
});

it('takes a model with two instances for one that is loaded', async () => {
  const entry = { id: 'm', type: 'llm', state: 'not-loaded', max_context_length: 4096 };
  const loaded = { ...entry, state: 'loaded', loaded_context_length: 2048 };
  for (const data of [
    [entry, loaded],
    [loaded, entry],
  ]) {
    const { url } = await serveJson({ '/api/v0/models': { data } });
    expect(await probeOf('lm_studio', url)).toMatchObject({
      models: [{ modelId: 'm', running: { contextTokens: 2048 }, capabilities: { allocatedContext: 2048 } }],
    });
  }
});

it('says of no model that it cannot call tools before LM Studio tells so of any', async () => {
  const data = [
    { id: 'old', type: 'llm', state: 'loaded' },
    { id: 'without', type: 'llm', state: 'loaded', capabilities: [] },
  ];
  const { url } = await serveJson({ '/api/v0/models': { data } });
  const result = await probeOf('lm_studio', url);
  if (result.readiness !== 'ok') throw new Error(result.message);
  expect(result.models.map(({ capabilities }) => capabilities.tools)).toEqual([undefined, false]);
});
