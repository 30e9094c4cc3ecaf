import { describe, expect, it } from 'vitest';
import type { RegisteredModel } from '../../../src/registry/row';
import type { EndedCall } from '../../../src/dispatch/record';
import { buildRecord, spanIdOf, totalUsage } from '../../../src/dispatch/record';
import type { Resolved } from '../../../src/dispatch/resolve';
import type { RouteThinking } from '../../../src/dispatch/route';
import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { dispatchRecordSchema } from '../../../src/shared/dispatchRecord';

const REF = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const usage = { inputTokens: 10, outputTokens: 2 };
const model: RegisteredModel = {
  ...{ backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b', displayName: 'Qwen3 8B' },
  capabilities: { digest: 'abc', quant: 'Q4_K_M', thinking: true },
  source: 'probe',
  refreshedAt: Date.parse('2026-11-21T00:00:00Z') * 1_000,
};
const provenance = {
  backend: 'operator_pin',
  provider: 'operator_pin',
  model: 'operator_pin',
  wireFormat: 'catalog_default',
  thinking: 'catalog_default',
  toolFormat: 'catalog_default',
  contextTokens: 'unknown',
} as const;
const resolution: Resolved = {
  ok: true,
  route: {
    ...{ ref: REF, kind: 'ollama', hosted: false, url: 'http://127.0.0.1:1', host: 'http://127.0.0.1:1' },
    ...{
      wireFormat: 'ollama',
      toolFormat: 'none',
      thinking: { mode: 'default' },
      contextTokens: null,
      provenance,
    },
  },
  model,
  retry: true,
  runnersUp: [],
};
const ended: EndedCall = {
  ids: { recordId: 'r', callId: 'c', spanId: 'a'.repeat(16) },
  request: { messages: [], sessionId: 'test' },
  resolution,
  escalationReason: null,
  finish: { type: 'finish', finishReason: 'stop', usage, retryKind: 'none', recordId: 'r' },
  outcome: { kind: 'served', completionTokens: 2, contentLen: 5 },
  attempts: [],
  stop: [],
  usage,
  hasThinking: false,
  startedAt: Date.parse('2026-11-21T00:01:00Z'),
  durationMs: 100,
  ttftMs: 20,
  fitOf: () => undefined,
};

/** A record that the schema takes. */
function build(change: Partial<EndedCall> = {}): DispatchRecord {
  const record = buildRecord({ ...ended, ...change });
  expect(dispatchRecordSchema.strict().parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  return record;
}

function withThinking(thinking: RouteThinking, change: Partial<EndedCall> = {}): DispatchRecord['thinking'] {
  const route = { ...resolution.route, thinking };
  return build({ resolution: { ...resolution, route }, ...change }).thinking;
}

it.each<readonly [RouteThinking, boolean, object]>([
  [{ mode: 'default' }, false, { mode: 'default', enabled: null }],
  [{ mode: 'default' }, true, { mode: 'default', enabled: true }],
  [{ mode: 'off' }, false, { mode: 'off', enabled: false }],
  [{ mode: 'off' }, true, { mode: 'off', enabled: true }],
  [{ mode: 'enabled' }, false, { mode: 'enabled', enabled: true }],
  [{ mode: 'enabled', budgetTokens: 1_024 }, false, { mode: 'enabled', enabled: true, budgetTokens: 1_024 }],
  [{ mode: 'adaptive' }, false, { mode: 'adaptive', enabled: null }],
  [{ mode: 'effort', level: 'high' }, false, { mode: 'effort', enabled: true, level: 'high' }],
])('thinking that was asked for as %j and showed: %s', (thinking, hasThinking, expected) => {
  expect(withThinking(thinking, { hasThinking })).toEqual(expected);
});

describe('the part in GPU memory', () => {
  it.each([
    [{ sizeBytes: 8, vramBytes: 6 }, 0.75],
    [{ sizeBytes: 8, vramBytes: 0 }, 0],
    [{ sizeBytes: 8, vramBytes: 9 }, 1],
    [{ sizeBytes: 0, vramBytes: 0 }, undefined],
    [{ sizeBytes: 8 }, undefined],
    [undefined, undefined],
  ])('of %j is %s', (running, gpuShare) => {
    const loaded = { ...model, ...(running && { running }) };
    expect(build({ resolution: { ...resolution, model: loaded } }).gpuShare).toBe(gpuShare);
  });
});

it('the fit is asked for with the context that the model had', () => {
  const asked: (number | null)[] = [];
  const fitOf: EndedCall['fitOf'] = (_model, contextTokens) => {
    asked.push(contextTokens);
    return { kind: 'full_gpu', contextTokens };
  };
  const loaded = { ...model, running: { contextTokens: 8_192 } };
  const route = { ...resolution.route, contextTokens: 4_096 };
  expect(build({ fitOf }).fit).toEqual({ kind: 'full_gpu', contextTokens: null });
  expect(build({ fitOf, resolution: { ...resolution, model: loaded } }).fit?.contextTokens).toBe(8_192);
  expect(build({ fitOf, resolution: { ...resolution, model: loaded, route } }).fit?.contextTokens).toBe(
    4_096,
  );
  expect(build({ fitOf, resolution: { ...resolution, model: null } })).not.toHaveProperty('fit');
  expect(asked).toEqual([null, 8_192, 4_096]);
});

it('carries what the answer was called, bounded, and the round of the exchange', () => {
  const finish = { ...ended.finish, responseModel: 'm'.repeat(1_000) };
  const record = build({ finish, request: { messages: [], sessionId: 'test', iteration: 7 } });
  expect([record.responseModel?.length, record.iteration]).toEqual([200, 7]);
});

describe('what attempts used together', () => {
  it.each([
    [[], { inputTokens: null, outputTokens: null }],
    [[usage, { inputTokens: null, outputTokens: null }], usage],
    [
      [usage, { inputTokens: 5, outputTokens: null, cachedTokens: 3 }],
      { inputTokens: 15, outputTokens: 2, cachedTokens: 3 },
    ],
    [
      [
        { ...usage, reasoningTokens: 1 },
        { ...usage, reasoningTokens: 2, cachedTokens: 0 },
      ],
      { inputTokens: 20, outputTokens: 4, reasoningTokens: 3, cachedTokens: 0 },
    ],
  ])('%j is %j', (attempts, total) => {
    expect(totalUsage(attempts.map((each) => ({ usage: each })))).toEqual(total);
  });
});

it.each([
  ['1b4e28ba-2fa1-4d3a-883f-0016d3cca427', '883f0016d3cca427'],
  ['1B4E28BA-2FA1-4D3A-883F-0016D3CCA427', '883f0016d3cca427'],
  ['id-7', '00000000000000d7'],
])('the span of %s is %s', (id, spanId) => {
  expect(spanIdOf(id)).toBe(spanId);
});
