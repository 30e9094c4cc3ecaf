import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BackendConfig, ProbeResult } from '../../src/backends/contract';
import { createLlamaServerBackend } from '../../src/backends/llamaServer';
import { recogniseBackend } from '../../src/backends/recognise';
import { HttpClient } from '../../src/shared/http';
import type { LlamaServer } from '../support/llamaServer';
import { startLlamaServer } from '../support/llamaServer';
import { ggufModel } from '../support/scriptedModel';
import { matching } from '../unit/backends/textMatchers';

const agent = new Agent();
const http = new HttpClient(agent);
afterAll(() => agent.destroy());

function probe(url: string, headers: BackendConfig['headers'] = {}): Promise<ProbeResult> {
  const config: BackendConfig = { id: 'llama_server', kind: 'llama_server', url, host: 'local', headers };
  const own = http.withHeaders(() => Promise.resolve(headers));
  return createLlamaServerBackend({ config, http: own }).probe(AbortSignal.timeout(10_000));
}

function recognise(url: string) {
  return recogniseBackend({ http, url, signal: AbortSignal.timeout(10_000) });
}

describe('the llama-server backend against a real llama-server', () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ args: ['--ctx-size', '512', '--parallel', '1'] });
  }, 60_000);
  afterAll(() => server.stop());

  it('tells the model, its contexts and that it calls tools', async () => {
    const result = await probe(server.url);
    expect(result).toMatchObject({
      readiness: 'ok',
      version: matching(/./),
      models: [
        {
          modelId: 'tiny',
          displayName: 'tiny',
          capabilities: {
            tools: true,
            vision: false,
            allocatedContext: 512,
            quant: matching(/F16|F32/),
          },
          running: { contextTokens: 512 },
        },
      ],
    });
    if (result.readiness !== 'ok') throw new Error(result.message);
    expect(result.models[0]?.capabilities.contextLength).toBeGreaterThanOrEqual(512);
    expect(result.models[0]?.capabilities.sizeBytes).toBeGreaterThan(1_000);
  });

  it('is recognised', async () => {
    await expect(recognise(server.url)).resolves.toMatchObject({
      kind: 'llama_server',
      readiness: 'ok',
      url: server.url,
      version: matching(/./),
    });
  });
});

describe('the llama-server backend against other real servers', () => {
  let server: LlamaServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('is unauthorized until its key is in the headers', async () => {
    server = await startLlamaServer({ args: ['--ctx-size', '512', '--api-key', 'sesame'] });
    await expect(probe(server.url)).resolves.toMatchObject({ readiness: 'unauthorized' });
    await expect(recognise(server.url)).resolves.toMatchObject({
      kind: 'llama_server',
      readiness: 'unauthorized',
    });
    await expect(probe(server.url, { authorization: 'Bearer sesame' })).resolves.toMatchObject({
      readiness: 'ok',
    });
  });

  it('is unreachable once the server was killed', async () => {
    server = await startLlamaServer({ args: ['--ctx-size', '512'] });
    await expect(probe(server.url)).resolves.toMatchObject({ readiness: 'ok' });
    await server.kill();
    await expect(probe(server.url)).resolves.toMatchObject({ readiness: 'unreachable' });
  });

  it('lists the models of a router and loads none of them by asking', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'model-pool-router-'));
    try {
      for (const preset of ['tiny-llama', 'tiny-qwen3']) {
        symlinkSync(ggufModel(preset), path.join(folder, `${preset}.gguf`));
      }
      server = await startLlamaServer({
        args: ['--models-dir', folder, '--models-max', '1', '--ctx-size', '512'],
      });
      const running = async (url: string): Promise<readonly string[]> => {
        const result = await probe(url);
        if (result.readiness !== 'ok') throw new Error(result.message);
        expect(result.models.map(({ modelId }) => modelId)).toEqual(['tiny-llama', 'tiny-qwen3']);
        return result.models.filter((model) => model.running).map(({ modelId }) => modelId);
      };
      await expect(running(server.url)).resolves.toEqual([]);
      await expect(running(server.url)).resolves.toEqual([]);
      const chat = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({
          model: 'tiny-qwen3',
          messages: [{ role: 'user', content: 'hi' }],
          max_tokens: 1,
        }),
      });
      expect(chat.status).toBe(200);
      await chat.text();
      await expect(running(server.url)).resolves.toEqual(['tiny-qwen3']);
    } finally {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
