import { describe, expect, it } from 'vitest';
import type { BackendConfig, ListedCapabilities } from '../../../src/backends/contract';
import type { ToolCallingVerdict } from '../../../src/dispatch/toolCallingProbe';
import { LoadedProbes } from '../../../src/engine/loadedProbes';
import type { RegisteredModel } from '../../../src/registry/row';
import { abortReason } from '../../../src/shared/abort';
import { silentLogger } from '../../../src/shared/logger';
import type { ModelRef } from '../../../src/shared/modelRef';

const KINDS: Readonly<Record<string, BackendConfig['kind']>> = {
  ...{ local: 'llama_server', hosted: 'openai', editor: 'vscode' },
};

function unloaded(
  modelId: string,
  capabilities: ListedCapabilities = {},
  backend = 'local',
): RegisteredModel {
  return {
    ...{ backend, provider: 'local', modelId, displayName: modelId, capabilities },
    ...{ source: 'probe', refreshedAt: 0 },
  };
}

function model(...given: Parameters<typeof unloaded>): RegisteredModel {
  return { ...unloaded(...given), running: {} };
}

function rig(options: { readonly found?: readonly string[]; readonly inUse?: Set<string> } = {}) {
  const tried: string[] = [];
  let running = 0;
  let atOnce = 0;
  let verdict: (signal: AbortSignal) => Promise<ToolCallingVerdict> = () =>
    Promise.resolve({ result: 'inconclusive', message: '', recordId: null });
  const probes = new LoadedProbes({
    trials: {
      toolCallingFound: ({ modelId }) =>
        options.found?.includes(modelId) === true
          ? { callsTools: true, how: 'tried', foundAtMs: 0 }
          : undefined,
      probeToolCalling: async ({ modelId }: ModelRef, signal) => {
        tried.push(modelId);
        atOnce = Math.max(atOnce, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        try {
          return await verdict(signal);
        } finally {
          running -= 1;
        }
      },
    },
    backend: (id) => {
      const kind = KINDS[id];
      return kind && { id, kind, url: '', host: 'local', headers: {} };
    },
    isHosted: (kind) => kind === 'openai',
    inUse: { has: ({ modelId }) => options.inUse?.has(modelId) === true },
    logger: silentLogger,
  });
  return {
    probes,
    tried,
    get atOnce() {
      return atOnce;
    },
    answer: (next: typeof verdict) => (verdict = next),
  };
}

describe('models that are tried by themselves', () => {
  it('are the loaded ones of this kind of machine of which nobody knows whether they call tools', async () => {
    const { probes, tried } = rig({ found: ['found'] });
    await probes.consider([
      ...[model('unknown'), unloaded('unloaded'), model('found'), model('listed', { tools: true })],
      ...[model('listed not to', { tools: false }), model('embedding', { embedding: true })],
      ...[
        model('at a provider', {}, 'hosted'),
        model('of the editor', {}, 'editor'),
        model('gone', {}, 'gone'),
      ],
    ]);
    expect(tried).toEqual(['unknown']);
  });

  it('are tried once, one after the other, whatever came of it', async () => {
    const rigged = rig();
    const models = [model('a'), model('b'), model('c', { digest: 'x' }), model('same file', { digest: 'x' })];
    await Promise.all([rigged.probes.consider(models), rigged.probes.consider(models)]);
    await rigged.probes.consider(models);
    expect(rigged.tried).toEqual(['a', 'b', 'c']);
    expect(rigged.atOnce).toBe(1);
  });

  it('are left alone while they answer somebody, and tried when they come again', async () => {
    const inUse = new Set(['a']);
    const { probes, tried } = rig({ inUse });
    await probes.consider([model('a')]);
    expect(tried).toEqual([]);
    inUse.clear();
    await probes.consider([model('a')]);
    expect(tried).toEqual(['a']);
  });

  it('end with the window', async () => {
    const { probes, tried, answer } = rig();
    answer(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(abortReason(signal)));
          probes.dispose();
        }),
    );
    await probes.consider([model('a'), model('b')]);
    expect(tried).toEqual(['a']);
  });
});
