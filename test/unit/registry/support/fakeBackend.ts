import type { Backend, BackendConfig, ListedModel, ProbeResult } from '../../../../src/backends/contract';
import { config, model } from './rows';

export const unreachable: ProbeResult = {
  readiness: 'unreachable',
  message: 'nothing there',
  nextStep: 'start it',
};

export function serving(...models: readonly ListedModel[]): ProbeResult {
  return { readiness: 'ok', version: '0.32.15', models: models.length === 0 ? [model('qwen3:8b')] : models };
}

export function providerOf({ modelId }: ListedModel): string {
  if (modelId.startsWith('qwen')) return 'qwen';
  return modelId.startsWith('gemma') ? 'google' : 'Not An Id';
}

export interface FakeBackend extends Backend {
  probes: number;
  signal: AbortSignal | undefined;
  answer: () => Promise<ProbeResult>;
}

/** Serves one model until it is told to answer otherwise, and counts how often it was asked. */
export function fakeBackend(id: string, change: Partial<BackendConfig> = {}): FakeBackend {
  return {
    config: config(id, change),
    probes: 0,
    signal: undefined,
    answer: () => Promise.resolve(serving()),
    probe(signal) {
      this.probes += 1;
      this.signal = signal;
      return this.answer();
    },
  };
}

/** An answer that comes when the test says so. */
export function laterAnswer(): {
  readonly answer: () => Promise<ProbeResult>;
  readonly give: (result: ProbeResult) => void;
} {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  return { answer: () => promise, give: resolve };
}
