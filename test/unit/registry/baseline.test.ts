import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelRegistry } from '../../../src/registry/registry';
import type { Logger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry, MemoryState, SharedMemory } from '../../support/registryState';
import { config, model, row } from './support/rows';

const baseline = {
  observedAt: '2026-11-20',
  kinds: {
    ollama: [
      { provider: 'qwen', models: [model('bundled-qwen')] },
      { provider: 'google', models: [model('bundled-gemma')] },
    ],
  },
};

let clock: FakeClock;
let memory: SharedMemory;
let lines: string[];
let logger: Logger;

beforeEach(() => {
  clock = new FakeClock();
  memory = new SharedMemory();
  lines = [];
  logger = { log: (_level, event, facts) => lines.push(`${event} ${JSON.stringify(facts ?? {})}`) };
});

function window(state = new MemoryState(memory)): ModelRegistry {
  return memoryRegistry({ state, clock, logger });
}

function ids(registry: ModelRegistry): readonly string[] {
  return [...registry.listAllByBackend().values()].flat().map(({ modelId }) => modelId);
}

describe('the baseline', () => {
  it('is shown on a cold start for the configured backends of its kinds, however early or late it is given', async () => {
    const early = window();
    await early.seed(baseline);
    expect(ids(early)).toEqual([]);
    await early.configureBackends([config('gpubox'), config('llama', { kind: 'llama_server' })]);
    expect(ids(early)).toEqual(['bundled-gemma', 'bundled-qwen']);
    expect(early.find('gpubox', 'qwen', 'bundled-qwen')).toMatchObject({
      source: 'baseline',
      refreshedAt: Date.parse('2026-11-20T00:00:00Z') * 1_000,
    });
    const late = window();
    await late.configureBackends([config('gpubox'), config('ollama')]);
    expect(late.listForBackend('ollama')).toEqual([]);
    await late.seed(baseline);
    expect(late.listForBackend('ollama')).toHaveLength(2);
  });

  it('adds only what is missing on a warm start, and nothing to what a probe found empty', async () => {
    const before = window();
    await before.configureBackends([config('ollama')]);
    await before.upsert([row({ models: [model('real')] }), row({ provider: 'google', models: [] })]);
    const next = window();
    await next.seed(baseline);
    await next.configureBackends([config('ollama')]);
    expect(ids(next)).toEqual(['real']);
    expect(memory.generation).toBe(2);
  });

  it('gives way to any probe, whatever the wall clock says', async () => {
    const registry = window();
    await registry.seed(baseline);
    await registry.configureBackends([config('ollama')]);
    await registry.upsert([row({ refreshedAt: 1, refreshedMono: 0, models: [model('real')] })]);
    expect(ids(registry)).toEqual(['bundled-gemma', 'real']);
  });

  it('stands in memory while there is no state, and is stored when there is', async () => {
    const state = new MemoryState(memory, false);
    const registry = window(state);
    await registry.seed(baseline);
    await registry.configureBackends([config('ollama')]);
    expect(ids(registry)).toEqual(['bundled-gemma', 'bundled-qwen']);
    expect(memory.generation).toBe(0);
    await state.open();
    await clock.advance(5_000);
    expect(memory.generation).toBe(1);
    expect(ids(registry)).toEqual(['bundled-gemma', 'bundled-qwen']);
    expect(registry.rows()).toHaveLength(2);
  });

  it('loses its bad entries alone, which the log names', async () => {
    const registry = window();
    await registry.configureBackends([config('ollama')]);
    await registry.seed({
      ...baseline,
      kinds: {
        ollama: [
          { provider: 'Not An Id', models: [model('x')] },
          'no entry',
          { provider: 'google', models: [model('good'), model('bad\u0007')] },
          { provider: 'meta', models: [] },
        ],
      },
    });
    expect(ids(registry)).toEqual(['good']);
    expect(registry.rows()).toHaveLength(1);
    expect(lines.map((line) => line.slice(0, 70))).toEqual([
      expect.stringContaining('registry.baseline.dropped {"kind":"ollama","index":0,"provider":"Not'),
      expect.stringContaining('registry.baseline.dropped {"kind":"ollama","index":1'),
      expect.stringContaining('registry.baseline.dropped {"kind":"ollama","index":2,"provider":"goo'),
    ]);
  });

  it.each([null, {}, { observedAt: 'yesterday', kinds: {} }, { ...baseline, kinds: [] }])(
    'that is no baseline (%j) is refused with a log line, and nothing else happens',
    async (raw) => {
      const registry = window();
      await registry.configureBackends([config('ollama')]);
      await registry.seed(raw);
      expect(lines).toEqual([expect.stringContaining('registry.baseline.unreadable')]);
      expect(ids(registry)).toEqual([]);
    },
  );
});
