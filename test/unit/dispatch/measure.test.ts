import { describe, expect, it } from 'vitest';
import type { ChatFinish, ChatTimings } from '../../../src/dispatch/chat';
import { measureRates } from '../../../src/dispatch/measure';
import { measurePrompt } from '../../../src/dispatch/measurePrompt';
import { REF } from './support/rig';
import { finish, scriptedDispatcher, type Step } from './support/scriptedDispatcher';

const NEVER = new AbortController().signal;

function run(timings: Partial<ChatTimings>, change: Partial<ChatFinish> = {}): readonly Step[] {
  return [
    { type: 'text', text: 'On the first day' },
    finish({
      finishReason: 'length',
      usage: { inputTokens: 500, outputTokens: 128 },
      timings: { decodeTokPerSec: 10, promptTokPerSec: 100, measuredBy: 'server', ...timings },
      ...change,
    }),
  ];
}

function measure(scripts: readonly (readonly Step[])[], signal = NEVER) {
  const dispatcher = scriptedDispatcher(scripts);
  const begun: number[] = [];
  const order = { model: REF, head: 'x', signal, onRun: (n: number) => void begun.push(n) };
  return { dispatcher, begun, rates: measureRates(dispatcher, order) };
}

describe('a measurement', () => {
  it('is the median of three runs after one that does not count', async () => {
    const { dispatcher, begun, rates } = measure([
      run({ decodeTokPerSec: 1, promptTokPerSec: 1 }),
      run({ decodeTokPerSec: 30, promptTokPerSec: 900 }, { recordId: 'one' }),
      run({ decodeTokPerSec: 10, promptTokPerSec: 300 }, { recordId: 'two' }),
      run({ decodeTokPerSec: 20, promptTokPerSec: 600 }, { recordId: 'three' }),
    ]);
    expect(await rates).toEqual({
      ok: true,
      decodeTokPerSec: 20,
      promptTokPerSec: 600,
      measuredBy: 'server',
      runs: 3,
      promptTokens: 500,
      answerTokens: 128,
      recordIds: ['one', 'two', 'three'],
    });
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(dispatcher.requests).toHaveLength(4);
  });

  it('asks each time with another beginning, always for 128 tokens without chance and without thinking', async () => {
    const { dispatcher, rates } = measure([run({})]);
    await rates;
    const prompts = dispatcher.requests.map(({ messages }) => messages[0]?.content ?? '');
    const heads = prompts.map((prompt) => prompt.slice(0, 'Journal 0'.length));
    expect(new Set(heads).size).toBe(4);
    for (const request of dispatcher.requests) {
      expect(request).toMatchObject({
        ...{ model: REF, sessionId: 'measure', retry: false },
        parameters: { maxTokens: 128, temperature: 0, thinking: { mode: 'off' } },
      });
      expect(request.parameters?.seed).toBeTypeOf('number');
    }
  });

  it('leaves out how fast prompts were read that came from a cache', async () => {
    const cached = { usage: { inputTokens: 500, outputTokens: 128, cachedTokens: 400 } };
    const some = measure([run({}), run({ promptTokPerSec: 9_000 }, cached), run({}), run({})]);
    expect(await some.rates).toMatchObject({ promptTokPerSec: 100 });
    const all = measure([run({}, cached)]);
    expect(await all.rates).not.toHaveProperty('promptTokPerSec');
  });

  it('says so where our clock took the place of the server', async () => {
    const { rates } = measure([run({}), run({}), run({ measuredBy: 'client' }), run({})]);
    expect(await rates).toMatchObject({ measuredBy: 'client' });
  });

  it.each([
    [
      'a run fails',
      finish({ finishReason: 'error', failure: { code: 'overloaded', message: 'It is busy.' } }),
      'It is busy.',
    ],
    [
      'an answer is too short',
      finish({ usage: { inputTokens: 500, outputTokens: 15 } }),
      /at least 16 tokens of an answer are needed \(15\)/,
    ],
    [
      'nobody counts tokens',
      finish({ usage: { inputTokens: null, outputTokens: null } }),
      /does not say how many/,
    ],
    ['nobody timed it', finish({ usage: { inputTokens: 500, outputTokens: 128 } }), /could time it/],
  ])('ends with a sentence where %s', async (_what, end, message) => {
    const { rates, dispatcher } = measure([run({}), [{ type: 'text', text: 'x' }, end]]);
    const result = await rates;
    expect(result).toMatchObject({ ok: false, recordId: 'record' });
    expect('message' in result && result.message).toMatch(message);
    expect(dispatcher.requests).toHaveLength(2);
  });

  it('rejects when it is called off, and asks no more', async () => {
    const abort = new AbortController();
    const { rates, dispatcher } = measure([[() => abort.abort(), finish()]], abort.signal);
    await expect(rates).rejects.toThrow(/abort/i);
    expect(dispatcher.requests).toHaveLength(1);
  });
});

describe('its prompt', () => {
  it('is about 512 tokens long and differs in nothing but its head', () => {
    const prompt = measurePrompt('1 x');
    // English has about four characters a token, and numbers fewer.
    expect(prompt.length / 4).toBeGreaterThan(440);
    expect(prompt.length / 4).toBeLessThan(600);
    expect(measurePrompt('2 x').replace('2 x', '1 x')).toBe(prompt);
  });
});
