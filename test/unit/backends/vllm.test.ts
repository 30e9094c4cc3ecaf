import { expect, it } from 'vitest';
import { serveJson } from './loopback';
import { probeOf } from './support/probe';

const entry = (id: string, root: unknown) => ({ id, root, owned_by: 'vllm', max_model_len: 4096 });

it('lists without a version where it tells none', async () => {
  const { url } = await serveJson({ '/v1/models': { data: [entry('m', 'Qwen/Qwen3-8B')] } });
  const result = await probeOf('vllm', url);
  expect(result).toMatchObject({ readiness: 'ok', models: [{ modelId: 'm' }] });
  expect(result).not.toHaveProperty('version');
});

it('tells its version and what that lacks', async () => {
  const { url } = await serveJson({ '/v1/models': { data: [] }, '/version': { version: '0.5.4' } });
  expect(await probeOf('vllm', url)).toEqual({
    readiness: 'ok',
    version: '0.5.4',
    limits: ['vLLM 0.5.4 does not let models call tools of their own choice: update it to 0.6.0 or newer.'],
    models: [],
  });
});

it.each([
  ['Qwen/Qwen3-8B', 'Qwen'],
  ['meta-llama/Llama-3.1-8B-Instruct', 'meta-llama'],
  ['/data/models/Qwen3-8B', undefined],
  ['models/a/b', undefined],
  ['./models/qwen', undefined],
  ['../qwen', undefined],
  ['~/qwen', undefined],
  ['qwen', undefined],
  [null, undefined],
])('a model that was loaded from %s is of %s', async (root, provider) => {
  const { url } = await serveJson({ '/v1/models': { data: [entry('m', root)] } });
  const result = await probeOf('vllm', url);
  if (result.readiness !== 'ok') throw new Error(result.message);
  expect(result.models[0]?.provider).toBe(provider);
});
