import { describe, expect, it, vi } from 'vitest';
import { ContextStore } from '../../../src/engine/contextStore';
import { MeasurementStore } from '../../../src/engine/measurementStore';
import { digestSubject, modelSubject } from '../../../src/engine/modelSubject';
import { ToolCallingStore } from '../../../src/engine/toolCallingStore';
import { createLogger, silentLogger } from '../../../src/shared/logger';
import type { Measurement } from '../../../src/shared/modelRef';
import { MemoryState, SharedMemory } from '../../support/registryState';

const DIGEST = 'c5c76530a7da874ddd1fcf3b40768cad0f4c543d86ccdc49311e70054a01e06d';
const START_MS = Date.parse('2026-11-21T10:00:00.000Z');

function measurement(change: Partial<Measurement> = {}): Measurement {
  return {
    ...{ hostId: 'local', digest: DIGEST, quant: 'Q4_K_M', contextTokens: 8_192, decodeTokPerSec: 34.5 },
    ...{
      readTokens: 576,
      promptTokPerSec: 600,
      loadMs: 2_500,
      measuredAt: '2026-11-21T10:00:00.000Z',
      from: 'measure',
    },
    ...change,
  };
}

function at(minutes: number): Pick<Measurement, 'measuredAt'> {
  return { measuredAt: new Date(START_MS + minutes * 60_000).toISOString() };
}

/** The stores of one window; windows with the same memory share a folder. */
function stores(memory = new SharedMemory(), hostName = 'box') {
  const state = new MemoryState(memory);
  const options = { state, hostName, logger: silentLogger };
  return {
    ...{ state, memory },
    tools: new ToolCallingStore(options),
    measurements: new MeasurementStore(options),
    contexts: new ContextStore(options),
  };
}

describe('the subject of a finding', () => {
  it('is the digest, however it is written, so that all names of a file share it', () => {
    const model = { backend: 'ollama', provider: 'qwen', modelId: 'a', capabilities: { digest: DIGEST } };
    expect(modelSubject(model)).toBe(DIGEST);
    const prefixed = { ...model, modelId: 'b', capabilities: { digest: `sha256:${DIGEST.toUpperCase()}` } };
    expect(modelSubject(prefixed)).toBe(DIGEST);
    expect(digestSubject(`sha256-${DIGEST}`)).toBe(DIGEST);
  });

  it('is the model of its backend where there is no digest', () => {
    const model = { provider: 'local', modelId: 'tiny', capabilities: {} };
    const [a, b] = ['one', 'two'].map((backend) => modelSubject({ ...model, backend }));
    expect(a).not.toBe(b);
    expect(a).toBe('["one","local","tiny"]');
  });
});

describe('what was found of tool calling', () => {
  it('is there in every window, the newest result of each subject', async () => {
    const { memory, tools } = stores();
    const other = stores(memory).tools;
    const heard = vi.fn();
    other.onDidChange(heard);
    await tools.save(DIGEST, { callsTools: false, how: 'listed', foundAtMs: START_MS });
    await tools.save(DIGEST, { callsTools: true, how: 'tried', foundAtMs: START_MS + 1 });
    expect(other.find(DIGEST)).toEqual({ callsTools: true, how: 'tried', foundAtMs: START_MS + 1 });
    expect(stores(memory).tools.find(DIGEST)?.callsTools).toBe(true);
    expect(other.find('another')).toBeUndefined();
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('is not told again when something else is stored', async () => {
    const { memory, tools, state } = stores();
    await tools.save(DIGEST, { callsTools: true, how: 'tried', foundAtMs: START_MS });
    const heard = vi.fn();
    stores(memory).tools.onDidChange(heard);
    await state.transaction('other', (sql) => sql.run("INSERT INTO meta (key, value) VALUES ('a', 'b')"));
    expect(heard).not.toHaveBeenCalled();
  });

  it('is kept for this window while nothing can be stored', async () => {
    const lines: string[] = [];
    const state = new MemoryState();
    state.failure = { ok: false, code: 'storage_unavailable', message: 'full' };
    const tools = new ToolCallingStore({ state, logger: createLogger((_level, line) => lines.push(line)) });
    await tools.save(DIGEST, { callsTools: true, how: 'tried', foundAtMs: START_MS });
    expect(tools.find(DIGEST)?.callsTools).toBe(true);
    expect(lines.join()).toContain('tool_calling.not_stored');
  });

  it('forgets the oldest beyond a thousand', async () => {
    const { tools, state } = stores();
    await state.transaction('fill', (sql) => {
      for (let n = 0; n < 1_000; n++)
        sql.run("INSERT INTO tool_calling (subject, calls_tools, how, found_at) VALUES (?, 1, 'tried', ?)", [
          `model ${n}`,
          n,
        ]);
    });
    await tools.save('newest', { callsTools: true, how: 'tried', foundAtMs: START_MS });
    expect(tools.find('model 0')).toBeUndefined();
    expect(tools.find('model 1')).toBeDefined();
    expect(tools.find('newest')).toBeDefined();
  });
});

describe('measurements', () => {
  it('come back as they were, in every window, newest first', async () => {
    const { memory, measurements } = stores();
    const least: Measurement = {
      ...{ hostId: 'local', digest: 'other', quant: 'Q8_0', contextTokens: 512, decodeTokPerSec: 3 },
      ...{ ...at(1), from: 'dispatch' },
    };
    await measurements.save(measurement());
    await measurements.save(least);
    expect(stores(memory).measurements.all()).toEqual([least, measurement()]);
    expect(stores(memory).measurements.newest('local', DIGEST)).toEqual(measurement());
    expect(stores(memory).measurements.newest('gpubox', DIGEST)).toBeNull();
  });

  it('are kept five of a kind; those of another context, origin or machine are another kind', async () => {
    const { measurements } = stores();
    const others: readonly Partial<Measurement>[] = [
      { contextTokens: 4_096 },
      { from: 'dispatch' },
      { hostId: 'gpubox' },
      { quant: 'Q8_0' },
      { digest: 'other' },
    ];
    for (const other of others) await measurements.save(measurement({ ...at(0), ...other }));
    for (let minute = 1; minute <= 7; minute++) await measurements.save(measurement(at(minute)));
    const all = measurements.all();
    expect(all).toHaveLength(5 + others.length);
    const kept = all.filter((one) => one.measuredAt !== at(0).measuredAt);
    expect(kept.map(({ measuredAt }) => measuredAt)).toEqual([7, 6, 5, 4, 3].map((m) => at(m).measuredAt));
  });

  it('of this machine are not those of another one that shares the folder; of a third one they are', async () => {
    const { memory, measurements } = stores(undefined, 'box');
    await measurements.save(measurement());
    await measurements.save(measurement({ hostId: 'gpubox' }));
    expect(stores(memory, 'laptop').measurements.all()).toEqual([measurement({ hostId: 'gpubox' })]);
  });

  it.each([
    ['rates that are no JSON', "UPDATE measurements SET rates = 'fast' WHERE subject = 'bad'"],
    ['a rate of zero', `UPDATE measurements SET rates = '{"decodeTokPerSec":0}' WHERE subject = 'bad'`],
    ['an origin of a later version', "UPDATE measurements SET origin = 'guess' WHERE subject = 'bad'"],
    ['a context of nothing', "UPDATE measurements SET context_tokens = 0 WHERE subject = 'bad'"],
  ])('with %s are dropped, and the others stay', async (_what, damage) => {
    const { state, measurements } = stores();
    await measurements.save(measurement());
    await measurements.save(measurement({ digest: 'bad' }));
    await state.transaction('damage', (sql) => sql.run(damage));
    expect(measurements.all()).toEqual([measurement()]);
  });
});

describe('contexts that were chosen', () => {
  it('are remembered by machine and file, for every window of that machine', async () => {
    const { memory, contexts } = stores();
    await contexts.save('local', DIGEST, { contextTokens: 8_192, chosenAtMs: START_MS });
    await contexts.save('gpubox', DIGEST, { contextTokens: 65_536, chosenAtMs: START_MS });
    await contexts.save('local', DIGEST, { contextTokens: 16_384, chosenAtMs: START_MS + 5 });
    const other = stores(memory).contexts;
    expect(other.find('local', DIGEST)).toEqual({ contextTokens: 16_384, chosenAtMs: START_MS + 5 });
    expect(other.find('gpubox', DIGEST)?.contextTokens).toBe(65_536);
    expect(stores(memory, 'laptop').contexts.find('local', DIGEST)).toBeUndefined();
    expect(stores(memory, 'laptop').contexts.find('gpubox', DIGEST)?.contextTokens).toBe(65_536);
  });
});
