import { describe, expect, it } from 'vitest';
import {
  attemptSpans,
  escalationText,
  firstTokenFraction,
  fitText,
  hasInherited,
  OUTCOME_KINDS,
  outcomeLabel,
  phaseText,
  rateLimitText,
  retryText,
  thinkingText,
} from '../../../webview-ui/dispatchesView';
import { dispatchRecord } from './samples';

const provenance = dispatchRecord().provenance;

it('an inherited value is known in any field', () => {
  for (const field of Object.keys(provenance)) {
    expect(
      hasInherited(dispatchRecord({ provenance: { ...provenance, [field]: 'inherited_from_primary' } })),
    ).toBe(true);
  }
  expect(hasInherited(dispatchRecord({ provenance: { ...provenance, thinking: 'unknown' } }))).toBe(false);
});

it('every outcome has a name of its own', () => {
  expect(new Set(OUTCOME_KINDS.map(outcomeLabel)).size).toBe(OUTCOME_KINDS.length);
});

describe('the waterfall', () => {
  const attempt = {
    n: 1,
    route: 'primary' as const,
    status: 503,
    reason: 'overloaded',
    delayMs: null,
    delayOrigin: null,
    firstChunk: false,
  };
  const startedAt = '2026-03-09T14:00:00.000Z';

  it('places each attempt and the wait before it on the time line of the call', () => {
    const { spans, totalMs } = attemptSpans({
      startedAt,
      durationMs: 4_000,
      attempts: [
        { ...attempt, startedAt, durationMs: 1_000 },
        { ...attempt, n: 2, startedAt: '2026-03-09T14:00:02.000Z', durationMs: 2_000, delayMs: 1_000 },
      ],
    });
    expect(totalMs).toBe(4_000);
    expect(spans[0]).toMatchObject({ start: 0, width: 0.25, waitWidth: 0 });
    expect(spans[1]).toMatchObject({ start: 0.5, width: 0.5, waitWidth: 0.25 });
  });

  it('stretches its line when an attempt ends after the call, and never leaves it', () => {
    const { spans, totalMs } = attemptSpans({
      startedAt,
      durationMs: 100,
      attempts: [
        { ...attempt, startedAt: '2026-03-09T13:59:59.000Z', durationMs: 50 },
        { ...attempt, n: 2, startedAt: '2026-03-09T14:00:01.000Z', durationMs: 1_000, delayMs: 9_000 },
      ],
    });
    expect(totalMs).toBe(2_000);
    for (const { start, width, waitWidth } of spans) {
      expect(start - waitWidth).toBeGreaterThanOrEqual(0);
      expect(start + width).toBeLessThanOrEqual(1);
    }
  });

  it('of a call without attempts is empty', () => {
    expect(attemptSpans({ startedAt, durationMs: 0, attempts: [] })).toEqual({ spans: [], totalMs: 1 });
  });

  it('marks the first token on the same line', () => {
    expect(firstTokenFraction({ startedAt, firstTokenAt: '2026-03-09T14:00:01.000Z' }, 4_000)).toBe(0.25);
    expect(firstTokenFraction({ startedAt, firstTokenAt: null }, 4_000)).toBeNull();
    expect(firstTokenFraction({ startedAt, firstTokenAt: 'never' }, 4_000)).toBeNull();
  });
});

describe('the words for a record', () => {
  it.each([
    [{ mode: 'default', enabled: null }, "server's default"],
    [{ mode: 'off', enabled: false }, 'off'],
    [{ mode: 'enabled', enabled: true }, 'on'],
    [{ mode: 'enabled', enabled: true, budgetTokens: 4_096 }, 'on, at most 4,096 tokens'],
    [{ mode: 'adaptive', enabled: true }, 'as the model sees fit'],
    [{ mode: 'effort', enabled: true, level: 'high' }, 'effort high'],
  ] as const)('say what was asked of thinking: %j is %s', (thinking, text) => {
    expect(thinkingText(thinking)).toBe(text);
  });

  it.each([
    ['none', undefined, null],
    ['none', 3_000, 'the provider names a wait of 3.00 s'],
    ['active', undefined, 'retried until the attempts ran out'],
    ['deferred', 90_000, 'left for later: the provider names a wait of 1 min 30 s'],
  ] as const)('say of a retry that is %s with a wait of %s: %s', (retryKind, retryAfterMs, text) => {
    expect(
      retryText(dispatchRecord({ retryKind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })),
    ).toBe(text);
  });

  it.each([
    [{ scope: 'requests', limit: 50, remaining: 0, resetAt: null }, 'requests: 0 of 50 left'],
    [{ scope: 'input_tokens', limit: null, remaining: 7, resetAt: null }, 'input tokens: 7 left'],
    [{ scope: 'requests', limit: 50, remaining: null, resetAt: null }, 'requests: at most 50'],
    [{ scope: 'requests', limit: null, remaining: null, resetAt: null }, 'requests: used up'],
  ])('tell of the limit %j as %s', (rateLimit, text) => {
    expect(rateLimitText(dispatchRecord({ rateLimit }))).toBe(text);
  });

  it('tell when a limit is full again', () => {
    const rateLimit = { scope: 'requests', limit: 1, remaining: 0, resetAt: '2026-03-09T14:00:00Z' };
    expect(rateLimitText(dispatchRecord({ rateLimit }))).toMatch(
      /^requests: 0 of 1 left, full again at 2026-03-/,
    );
  });

  it('name whose place a model took, and why', () => {
    const escalation = { backend: 'cloud', provider: 'anthropic', model: 'big', reason: 'breaker_open' };
    expect(escalationText(dispatchRecord({ escalation, model: 'tiny', backend: 'ollama' }))).toBe(
      'big at cloud: it has failed several times in a row and is left alone for a while. tiny at ollama took its place.',
    );
    expect(
      escalationText(
        dispatchRecord({
          escalation: { ...escalation, reason: 'a_new_one' },
          model: 'tiny',
          backend: 'ollama',
        }),
      ),
    ).toBe('big at cloud: a new one. tiny at ollama took its place.');
  });

  it.each([
    ['waiting', 1, 'waiting for the first word'],
    ['retrying', 2, 'waiting to try again (attempt 2)'],
    ['answering', 1, '1,234 characters so far'],
    ['answering', 3, '1,234 characters so far (attempt 3)'],
  ] as const)('say of a running call that is %s in attempt %i: %s', (phase, attempt, text) => {
    const ref = { backend: 'ollama', provider: 'qwen', modelId: 'tiny' };
    const call = { callId: 'a', sessionId: 'ask', ref, startedAt: '', phase, attempt, characters: 1_234 };
    expect(phaseText(call)).toBe(text);
  });

  it('say how the model fitted', () => {
    expect(fitText(dispatchRecord({ fit: { kind: 'offload', contextTokens: 16_384 } }))).toBe(
      'partly in accelerator memory with 16k of context',
    );
    expect(fitText(dispatchRecord({ fit: { kind: 'gpu', contextTokens: null } }))).toBe(
      'in accelerator memory',
    );
  });
});
