import { describe, expect, it } from 'vitest';
import type { ChatEvent, ChatRequest } from '../../../src/dispatch/chat';
import type { Explanation } from '../../../src/dispatch/explanation';
import { openSession } from '../../../src/engine/openSession';
import type { ModelPoolSession } from '../../../src/engine/sessionApi';
import { Sessions } from '../../../src/registry/sessions';
import { systemClock } from '../../../src/shared/clock';
import { silentLogger } from '../../../src/shared/logger';
import { DEFAULT_RETRY_POLICY } from '../../../src/shared/retryPolicy';
import { memoryRegistry } from '../../support/registryState';

const REF = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const MESSAGES = [{ role: 'user', content: 'Hello?' }];
const EXPLANATION: Explanation = {
  primary: {
    ...{ ok: true, ref: REF, kind: 'ollama', hosted: false, host: 'http://127.0.0.1:11434' },
    ...{ wireFormat: 'ollama', toolFormat: 'none', thinking: { mode: 'default' }, contextTokens: null },
    provenance: {
      ...{ backend: 'operator_pin', provider: 'operator_pin', model: 'operator_pin' },
      ...{ wireFormat: 'catalog_default', thinking: 'catalog_default', toolFormat: 'catalog_default' },
      contextTokens: 'unknown',
    },
    retry: DEFAULT_RETRY_POLICY,
    breaker: 'closed',
  },
  runnersUp: [],
  escalation: null,
  warnings: [],
};

interface Opened {
  /** Not of its own type: another extension may pass anything. */
  readonly session: {
    dispatch(request: unknown): unknown;
    explain(request?: unknown): Explanation;
    resolveModel(request?: unknown): unknown;
  };
  readonly real: ModelPoolSession;
  readonly dispatched: readonly ChatRequest[];
  readonly explained: readonly ChatRequest[];
}

function open(explanation: Explanation = EXPLANATION): Opened {
  const dispatched: ChatRequest[] = [];
  const explained: ChatRequest[] = [];
  const sessions = new Sessions({
    ...{ registry: memoryRegistry(), clock: systemClock, logger: silentLogger, bootId: 'boot' },
    newId: () => 'id',
  });
  const real = openSession(
    {
      sessions,
      dispatcher: {
        dispatch: (request) => {
          dispatched.push(request);
          return noEvents();
        },
      },
      explain: (request) => (explained.push(request), explanation),
      logger: silentLogger,
    },
    'other',
  );
  return { session: real, real, dispatched, explained };
}

async function* noEvents(): AsyncGenerator<ChatEvent, void, undefined> {
  yield* [];
  await Promise.resolve();
}

describe('what a session asks for', () => {
  const whole = {
    tools: [{ name: 'f', description: '', parameters: {} }],
    parameters: { maxTokens: 5, contextTokens: 2_048, thinking: { mode: 'enabled', budgetTokens: 512 } },
    retry: { maxAttempts: 2, retryOn: { timeout: false } },
  };

  it.each([
    ['a model', REF],
    ['the best one', { best: {} }],
    [
      'the best one for a need',
      { best: { task: 'coding', requireToolCalling: true, minContext: 8_192, host: 'local' } },
    ],
  ])('is passed on as it is: %s', (_what, model) => {
    const { session, dispatched, explained } = open();
    session.dispatch({ ...whole, model, messages: MESSAGES, iteration: 3 });
    expect(dispatched).toEqual([{ ...whole, model, messages: MESSAGES, iteration: 3, sessionId: 'other' }]);
    session.explain({ ...whole, model });
    expect(explained).toEqual([{ ...whole, model, messages: [], sessionId: 'other' }]);
  });

  it.each<readonly [string, object]>([
    ['a need that is misspelt', { model: { best: { requireTools: true } } }],
    ['a task that there is not', { model: { best: { task: 'cooking' } } }],
    ['a context of nothing', { model: { best: { minContext: 0 } } }],
    ['half a model', { model: { backend: 'ollama' } }],
    ['thinking in a word', { parameters: { thinking: 'on' } }],
    ['a level that there is not', { parameters: { thinking: { mode: 'effort', level: 'hard' } } }],
    ['no attempt at all', { retry: { maxAttempts: 0 } }],
    ['a least wait above the longest', { retry: { minDelayMs: 9_000 } }],
    ['a policy that is misspelt', { retry: { attempts: 3 } }],
    ['a word for a policy', { retry: 'often' }],
  ])('is refused before anything is sent: %s', (_what, wrong) => {
    const { session, dispatched, explained } = open();
    for (const ask of [
      () => session.dispatch({ ...wrong, messages: MESSAGES }),
      () => session.explain(wrong),
      () => session.resolveModel(wrong),
    ]) {
      expect(ask).toThrow(expect.objectContaining({ name: 'SessionError', code: 'bad_request' }));
    }
    expect([dispatched, explained]).toEqual([[], []]);
  });

  it.each([0, 1.5, 'first'])('is refused with an iteration of %s', (iteration) => {
    const { session, dispatched } = open();
    expect(() => session.dispatch({ messages: MESSAGES, iteration })).toThrow(/at iteration/);
    expect(dispatched).toEqual([]);
  });
});

describe('what a session is told', () => {
  it('by explain is the explanation, as a copy that is its own', () => {
    const told = open().session.explain();
    expect(told).toEqual(EXPLANATION);
    expect(told).not.toBe(EXPLANATION);
    expect(told.primary.ref).not.toBe(EXPLANATION.primary.ref);
  });

  it('by resolveModel is the model and where it is, or why there is none', () => {
    expect(open().session.resolveModel()).toEqual({ ok: true, model: REF, host: 'http://127.0.0.1:11434' });
    const failure = { code: 'no_route', message: 'There is no model to ask.' } as const;
    const nowhere: Explanation = {
      ...EXPLANATION,
      primary: { ok: false, failure, ref: null, origin: 'unknown' },
    };
    expect(open(nowhere).session.resolveModel()).toEqual({ ok: false, ...failure });
  });

  it('is nothing after its end, nor through a copy', () => {
    const { real } = open();
    const copy = { ...real };
    expect(() => copy.explain()).toThrow(expect.objectContaining({ code: 'not_a_session' }));
    real.dispose();
    expect(() => real.explain()).toThrow(expect.objectContaining({ code: 'session_ended' }));
  });
});
