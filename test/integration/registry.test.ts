import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Backend, BackendConfig } from '../../src/backends/contract';
import { createLlamaServerBackend } from '../../src/backends/llamaServer';
import { createOllamaBackend } from '../../src/backends/ollama';
import { Prober } from '../../src/registry/prober';
import type { ModelRegistry } from '../../src/registry/registry';
import { HttpClient } from '../../src/shared/http';
import { silentLogger } from '../../src/shared/logger';
import { FakeClock } from '../fakes/fakeClock';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import type { LlamaServer } from '../support/llamaServer';
import { startLlamaServer } from '../support/llamaServer';
import { memoryRegistry } from '../support/registryState';

let ollama: FakeOllama;
let llama: LlamaServer;
let hanging: Server;
let agent: Agent;
let clock: FakeClock;
let registry: ModelRegistry;
let prober: Prober;

beforeEach(async () => {
  [ollama, llama] = await Promise.all([
    startFakeOllama({
      installed: {
        'qwen3:8b': describeModel({ family: 'qwen3' }),
        'gemma3:4b': describeModel({ family: 'gemma3' }),
      },
    }),
    startLlamaServer({ args: ['--ctx-size', '512'] }),
  ]);
  hanging = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  agent = new Agent();
  clock = new FakeClock();
  registry = memoryRegistry({ clock });
  prober = new Prober({
    ...{ registry, clock, logger: silentLogger, bootId: 'boot' },
    providerOf: ({ modelId }) =>
      modelId.startsWith('qwen') ? 'qwen' : modelId.startsWith('gemma') ? 'google' : 'local',
  });
}, 60_000);

afterEach(async () => {
  prober.dispose();
  await agent.destroy();
  await Promise.all([ollama.stop(), llama.stop()]);
  await new Promise<void>((resolve) => {
    hanging.close(() => resolve());
    hanging.closeAllConnections();
  });
});

it('tells of every backend how it is, while one of them hangs and another is down', async () => {
  const { port } = hanging.address() as AddressInfo;
  await prober.configure({
    backends: [
      backend('ollama', ollama.url),
      backend('llama', llama.url, 'llama_server'),
      backend('hangs', `http://127.0.0.1:${port}`),
      backend('wrong', llama.url),
      backend('down', await freedUrl()),
    ],
  });
  prober.start();
  await clock.advance(5_000);
  await vi.waitFor(() => expect(registry.backends().filter(({ probing }) => probing)).toHaveLength(1), {
    timeout: 8_000,
  });
  expect(registry.backends().map(({ id, readiness }) => [id, readiness])).toEqual([
    ['down', 'unreachable'],
    ['hangs', 'unknown'],
    ['llama', 'ok'],
    ['ollama', 'ok'],
    ['wrong', expect.stringMatching(/^bad_/)],
  ]);
  expect(
    [...registry.listAllByProvider()].map(([provider, models]) => [provider, models.map((m) => m.modelId)]),
  ).toEqual([
    ['google', ['gemma3:4b']],
    ['local', ['tiny']],
    ['qwen', ['qwen3:8b']],
  ]);
  for (const state of registry.backends()) {
    if (state.readiness !== 'ok' && state.readiness !== 'unknown') expect(state.nextStep).toMatch(/\w{3,}/);
  }
  const hung = prober.refresh('hangs');
  await clock.advance(30_000);
  expect(await hung).toMatchObject({ state: { readiness: 'unreachable', probing: false } });
});

it('follows what is installed and removed, and keeps its rows while the server is down', async () => {
  await prober.configure({ backends: [backend('ollama', ollama.url)] });
  await prober.refresh('ollama');
  expect(ids()).toEqual(['gemma3:4b', 'qwen3:8b']);
  await fetch(`${ollama.url}/api/delete`, { method: 'DELETE', body: JSON.stringify({ model: 'gemma3:4b' }) });
  await clock.advance(10);
  await prober.refresh('ollama');
  expect(ids()).toEqual(['qwen3:8b']);
  expect([...registry.listAllByProvider().keys()]).toEqual(['qwen']);
  await ollama.stop();
  await clock.advance(10);
  expect(await prober.refresh('ollama')).toMatchObject({ state: { readiness: 'unreachable' } });
  expect(ids()).toEqual(['qwen3:8b']);
  await ollama.restart();
  await clock.advance(10);
  expect(await prober.refresh('ollama')).toMatchObject({ state: { readiness: 'ok' } });
});

function ids(): readonly string[] {
  return registry.listForBackend('ollama').map(({ modelId }) => modelId);
}

function backend(id: string, url: string, kind: BackendConfig['kind'] = 'ollama'): Backend {
  const config: BackendConfig = { id, kind, url, host: 'local', headers: {} };
  const options = { config, http: new HttpClient(agent), logger: silentLogger };
  return kind === 'ollama' ? createOllamaBackend(options) : createLlamaServerBackend(options);
}

/** An address at which nothing listens any more. */
async function freedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
}
