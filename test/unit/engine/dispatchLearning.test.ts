import { describe, expect, it } from 'vitest';
import type { BackendConfig } from '../../../src/backends/contract';
import { DispatchLearning } from '../../../src/engine/dispatchLearning';
import { MeasurementStore } from '../../../src/engine/measurementStore';
import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { dispatchRecord } from '../../support/dispatchRecords';
import { MemoryState, memoryRegistry } from '../../support/registryState';

const CONFIG: BackendConfig = {
  ...{ id: 'ollama', kind: 'ollama', url: 'http://gpubox:11434', host: 'gpubox', headers: {} },
};

function rig() {
  const clock = new FakeClock();
  const state = new MemoryState();
  const registry = memoryRegistry({ state, clock });
  const measurements = new MeasurementStore({ state, hostName: 'box', logger: silentLogger });
  const noted: [string, number][] = [];
  const learning = new DispatchLearning({
    ...{ registry, measurements, clock },
    backend: (id) => (id === CONFIG.id ? CONFIG : undefined),
    contexts: {
      note: (model, contextTokens) => {
        noted.push([model.modelId, contextTokens]);
        return Promise.resolve();
      },
    },
  });
  return { clock, registry, measurements, noted, learning };
}

/** Of a call that its server timed. */
function timed(change: Partial<DispatchRecord> = {}): DispatchRecord {
  return dispatchRecord(1, Date.parse('2026-11-21T00:00:00Z'), {
    ...{ backend: 'ollama', provider: 'qwen', model: 'qwen3:8b', wireFormat: 'ollama', sessionId: 'ask' },
    ...{ digest: 'sha256:ABC', quant: 'Q4_K_M', contextRequested: 8_192, contextAllocated: 16_384 },
    outcome: { kind: 'served', completionTokens: 100, contentLen: 400 },
    usage: { inputTokens: 900, outputTokens: 100 },
    timings: { measuredBy: 'server', decodeTokPerSec: 34, promptTokPerSec: 700, loadMs: 2_000 },
    firstTokenAt: '2026-11-21T00:00:00Z',
    ...change,
  });
}

describe('what a call tells of the speed of its model', () => {
  it('is kept as a measurement of the machine that it ran on, under the digest', () => {
    const { learning, measurements } = rig();
    learning.note(timed());
    expect(measurements.all()).toEqual([
      {
        ...{ hostId: 'gpubox', digest: 'abc', quant: 'Q4_K_M', contextTokens: 16_384 },
        ...{ readTokens: 950, decodeTokPerSec: 34, promptTokPerSec: 700, loadMs: 2_000 },
        ...{ measuredAt: '2026-11-21T00:00:00.000Z', from: 'dispatch' },
      },
    ]);
  });

  it('stands under the model itself where its server names no digest, and leaves out what says nothing', () => {
    const { learning, measurements } = rig();
    learning.note(
      timed({
        ...{ digest: null, quant: null, contextAllocated: null },
        timings: { measuredBy: 'server', decodeTokPerSec: 34, promptTokPerSec: 9_000, loadMs: 40 },
        usage: { inputTokens: 900, outputTokens: 32, cachedTokens: 800 },
      }),
    );
    const [kept] = measurements.all();
    expect(kept).toMatchObject({
      ...{ digest: '["ollama","qwen","qwen3:8b"]', quant: 'unknown', contextTokens: 8_192 },
    });
    expect(kept).not.toHaveProperty('promptTokPerSec');
    expect(kept).not.toHaveProperty('loadMs');
  });

  it.each<[string, Partial<DispatchRecord>]>([
    ['too short an answer', { usage: { inputTokens: 900, outputTokens: 31 } }],
    ['our own clock', { timings: { measuredBy: 'client', decodeTokPerSec: 34 } }],
    ['no rate', { timings: { measuredBy: 'server' } }],
    ['a rate of zero', { timings: { measuredBy: 'server', decodeTokPerSec: 0 } }],
    ['a call that failed', { outcome: { kind: 'provider_error', class: 'truncated' } }],
    ['a call that was called off', { outcome: { kind: 'cancelled' } }],
    ['a context that nobody knows', { contextAllocated: null, contextRequested: null }],
    ['a measurement, which keeps its own', { sessionId: 'measure' }],
    ['a backend that is gone', { backend: 'gone' }],
  ])('is not kept of %s', (_what, change) => {
    const { learning, measurements } = rig();
    learning.note(timed(change));
    expect(measurements.all()).toEqual([]);
  });

  it('is kept once an hour for each model and context', async () => {
    const { learning, measurements, clock } = rig();
    learning.note(timed());
    await clock.advance(59 * 60_000);
    learning.note(timed());
    expect(measurements.all()).toHaveLength(1);
    learning.note(timed({ contextAllocated: 4_096 }));
    learning.note(timed({ digest: 'other' }));
    expect(measurements.all()).toHaveLength(3);
    await clock.advance(60_000);
    learning.note(timed());
    expect(measurements.all()).toHaveLength(4);
  });
});

describe('what a call tells of the context of its model', () => {
  it('is remembered as soon as an answer has begun, of Ollama alone', async () => {
    const { learning, registry, noted } = rig();
    await registry.upsert([
      {
        ...{ backend: 'ollama', provider: 'qwen', source: 'probe', bootId: 'boot' },
        ...{ refreshedAt: 1_000, refreshedMono: 1 },
        models: [{ modelId: 'qwen3:8b', displayName: 'Qwen3', capabilities: {} }],
      },
    ]);
    learning.note(timed({ outcome: { kind: 'cancelled' } }));
    learning.note(timed({ firstTokenAt: null }));
    learning.note(timed({ contextRequested: null }));
    learning.note(timed({ wireFormat: 'openai_compat' }));
    learning.note(timed({ model: 'gone' }));
    expect(noted).toEqual([['qwen3:8b', 8_192]]);
  });
});
