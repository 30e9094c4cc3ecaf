import type { BackendConfig, ListedModel } from '../../../../src/backends/contract';
import type { RegistryRow } from '../../../../src/registry/row';

export function model(modelId: string, capabilities: ListedModel['capabilities'] = {}): ListedModel {
  return { modelId, displayName: modelId, capabilities };
}

export function row(change: Partial<RegistryRow> = {}): RegistryRow {
  return {
    backend: 'ollama',
    provider: 'qwen',
    source: 'probe',
    refreshedAt: 1_000,
    refreshedMono: 1_000,
    bootId: 'boot',
    models: [model('qwen3:8b')],
    ...change,
  };
}

export function config(id: string, change: Partial<BackendConfig> = {}): BackendConfig {
  return { id, kind: 'ollama', url: `http://127.0.0.1:1/${id}`, host: 'local', headers: {}, ...change };
}
