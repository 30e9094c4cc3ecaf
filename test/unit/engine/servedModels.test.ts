import { describe, expect, it } from 'vitest';
import { ServedModels } from '../../../src/engine/servedModels';
import type { RegisteredModel } from '../../../src/registry/row';

function machinesOf(backends: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const rows = Object.entries(backends).map(([backend, ids]) => [
    backend,
    ids.map((modelId): RegisteredModel => ({
      ...{ backend, provider: 'qwen', modelId, displayName: modelId, source: 'probe', refreshedAt: 0 },
      capabilities: { embedding: modelId === 'embed' },
    })),
  ]) satisfies [string, RegisteredModel[]][];
  const served = new ServedModels({
    registry: { listAllByBackend: () => new Map(rows) },
    hostOf: (id) => (id === 'box' ? 'gpubox' : 'local'),
    kindOf: () => 'ollama',
    isService: (id) => id === 'openai',
    canonicalId: () => undefined,
    ranked: () => [],
    contextFor: () => null,
    triedToolCalling: () => undefined,
  });
  return [...served.hostsWithChoice()];
}

describe('the machines whose models are ranked before anybody asks', () => {
  it('are all of ours where there is more than one model to choose from, however they lie', () => {
    expect(machinesOf({ ollama: ['a', 'b'] })).toEqual(['local']);
    expect(machinesOf({ ollama: ['a'], box: ['b'] })).toEqual(['local', 'gpubox']);
  });

  it('are none where there is no choice: one model, or services and embedding models beside it', () => {
    expect(machinesOf({ ollama: ['a'] })).toEqual([]);
    expect(machinesOf({ ollama: ['a', 'embed'], openai: ['gpt', 'mini'] })).toEqual([]);
  });
});
