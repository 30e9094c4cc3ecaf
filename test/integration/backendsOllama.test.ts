import { Agent } from 'undici';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ProbeResult } from '../../src/backends/contract';
import { createOllamaBackend } from '../../src/backends/ollama';
import { recogniseBackend } from '../../src/backends/recognise';
import { HttpClient } from '../../src/shared/http';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import { matching } from '../unit/backends/textMatchers';

let fakes: FakeOllama[] = [];
afterEach(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  fakes = [];
});

const INSTALLED = {
  'qwen3:8b': describeModel({
    family: 'qwen3',
    parameterSize: '8.2B',
    contextLength: 40_960,
    capabilities: ['completion', 'tools', 'thinking'],
  }),
  'nomic-embed-text:latest': describeModel({
    family: 'nomic-bert',
    contextLength: 2048,
    capabilities: ['embedding'],
  }),
};

async function setUp(options: FakeOllamaOptions = {}) {
  const fake = await startFakeOllama({ installed: INSTALLED, ...options });
  fakes.push(fake);
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const http = new HttpClient(agent);
  const config = { id: 'ollama', kind: 'ollama', url: fake.url, host: 'local', headers: {} } as const;
  const backend = createOllamaBackend({ config, http });
  const probe = (): Promise<ProbeResult> => backend.probe(AbortSignal.timeout(5_000));
  return { fake, http, probe };
}

describe('the Ollama backend against a server that answers as Ollama does', () => {
  it('lists every model with what it can do, sorted, however the server orders them', async () => {
    const { probe } = await setUp();
    const first = await probe();
    expect(first).toMatchObject({
      readiness: 'ok',
      version: matching(/^\d+\.\d+/),
      models: [
        {
          modelId: 'nomic-embed-text:latest',
          capabilities: { embedding: true, tools: false, contextLength: 2048 },
        },
        {
          modelId: 'qwen3:8b',
          capabilities: {
            tools: true,
            thinking: true,
            contextLength: 40_960,
            parameterSize: '8.2B',
            quant: 'Q4_K_M',
          },
        },
      ],
    });
    for (let call = 0; call < 5; call++) await expect(probe()).resolves.toEqual(first);
  });

  it('shows what is loaded, and no longer once it is unloaded', async () => {
    const { fake, probe } = await setUp();
    const load = (keepAlive: number) =>
      fetch(`${fake.url}/api/generate`, {
        method: 'POST',
        body: JSON.stringify({ model: 'qwen3:8b', keep_alive: keepAlive, options: { num_ctx: 8192 } }),
      }).then((response) => response.text());
    await load(-1);
    const loaded = await probe();
    if (loaded.readiness !== 'ok') throw new Error(loaded.message);
    const model = loaded.models.find(({ modelId }) => modelId === 'qwen3:8b');
    expect(model).toMatchObject({
      capabilities: { allocatedContext: 8192 },
      running: { contextTokens: 8192 },
    });
    expect(model?.running).not.toHaveProperty('expiresAt');
    await load(0);
    const unloaded = await probe();
    if (unloaded.readiness !== 'ok') throw new Error(unloaded.message);
    expect(unloaded.models.filter((each) => each.running)).toEqual([]);
  });

  it('keeps a model whose files are damaged', async () => {
    const { fake, probe } = await setUp({ installed: { 'broken:1b': describeModel({ readable: false }) } });
    await expect(probe()).resolves.toMatchObject({ readiness: 'ok', models: [{ modelId: 'broken:1b' }] });
    expect(fake.requests.some(({ path }) => path === '/api/show')).toBe(true);
  });

  it('follows the server through empty, down and up again', async () => {
    const { fake, probe } = await setUp({ installed: {} });
    await expect(probe()).resolves.toMatchObject({ readiness: 'ok', models: [] });
    await fake.stop();
    await expect(probe()).resolves.toMatchObject({ readiness: 'unreachable' });
    await fake.restart();
    await expect(probe()).resolves.toMatchObject({ readiness: 'ok' });
  });

  it('is bad_response when another program has the port', async () => {
    const { probe } = await setUp({ faults: { html: true } });
    await expect(probe()).resolves.toMatchObject({ readiness: 'bad_response' });
  });

  it('gives up when its signal says so, on a server that hangs', async () => {
    const { fake, http } = await setUp({ faults: { hang: true } });
    const config = { id: 'ollama', kind: 'ollama', url: fake.url, host: 'local', headers: {} } as const;
    const controller = new AbortController();
    const probing = createOllamaBackend({ config, http }).probe(controller.signal);
    controller.abort(new Error('too late'));
    await expect(probing).rejects.toThrow('too late');
  });

  it('is recognised', async () => {
    const { fake, http } = await setUp();
    const request = { http, url: fake.url, signal: AbortSignal.timeout(5_000) };
    await expect(recogniseBackend(request)).resolves.toMatchObject({ kind: 'ollama', readiness: 'ok' });
  });
});
