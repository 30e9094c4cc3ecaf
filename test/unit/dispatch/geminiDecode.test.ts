import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../src/dispatch/dialect';
import { geminiDialect } from '../../../src/dispatch/dialects/gemini';

async function decoded(...packets: readonly string[]): Promise<readonly WireEvent[]> {
  const body = (async function* () {
    await Promise.resolve();
    for (const packet of packets) yield Buffer.from(packet);
  })();
  const events: WireEvent[] = [];
  for await (const event of geminiDialect.decode(body)) events.push(event);
  return events;
}

const sse = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const parts = (...list: readonly object[]): string =>
  sse({ candidates: [{ content: { parts: list, role: 'model' }, index: 0 }] });
const end = (finishReason: string, usageMetadata?: object): string =>
  sse({ candidates: [{ finishReason, index: 0 }], usageMetadata, modelVersion: 'gemini-x' });

it('counts thoughts as output, and what came from the cache as input', async () => {
  const usage = {
    promptTokenCount: 100,
    cachedContentTokenCount: 60,
    toolUsePromptTokenCount: 5,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 300,
    totalTokenCount: 425,
  };
  expect(await decoded(end('STOP', usage))).toEqual([
    {
      type: 'end',
      finishReason: 'stop',
      rawReason: 'STOP',
      usage: { inputTokens: 105, outputTokens: 320, cachedTokens: 60, reasoningTokens: 300 },
      responseModel: 'gemini-x',
    },
  ]);
});

it('knows no usage where there is none, and takes a count that is left out for none', async () => {
  expect(await decoded(end('STOP'))).toMatchObject([{ usage: { inputTokens: null, outputTokens: null } }]);
  expect(await decoded(end('MAX_TOKENS', { promptTokenCount: 7 }))).toMatchObject([
    { finishReason: 'length', usage: { inputTokens: 7, outputTokens: 0 } },
  ]);
});

it('keeps the latest count where the answer breaks off', async () => {
  const chunk = {
    candidates: [{ content: { parts: [{ text: 'x' }] } }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1 },
  };
  expect((await decoded(sse(chunk))).at(-1)).toEqual({
    type: 'end',
    finishReason: 'error',
    usage: { inputTokens: 7, outputTokens: 1 },
    failure: { code: 'truncated' },
  });
});

it('tells thoughts, text, calls and parts that it does not know apart within a chunk', async () => {
  const events = await decoded(
    parts(
      { text: 'hm', thought: true },
      { text: 'so' },
      { functionCall: { name: 'first', args: { x: 1 } }, thoughtSignature: 'abc' },
      { executableCode: { language: 'PYTHON', code: '1' } },
      { functionCall: { id: 'fc_2', name: 'second' } },
      { text: '' },
    ),
    parts({ functionCall: { name: 'third', args: {} } }),
    end('STOP'),
  );
  expect(events).toMatchObject([
    { type: 'thinking', text: 'hm' },
    { type: 'text', text: 'so' },
    { call: { id: 'call_0', name: 'first', arguments: { x: 1 } } },
    { call: { id: 'fc_2', name: 'second', arguments: {} } },
    { call: { id: 'call_2', name: 'third', arguments: {} } },
    { finishReason: 'tool_calls', rawReason: 'STOP' },
  ]);
});

it('reads the last text in the chunk that ends the answer', async () => {
  const chunk = { candidates: [{ content: { parts: [{ text: 'bye' }] }, finishReason: 'MAX_TOKENS' }] };
  expect(await decoded(sse(chunk))).toMatchObject([{ text: 'bye' }, { finishReason: 'length' }]);
});

it.each([
  ['no object', { name: 'look', args: 'x' }],
  ['no name', { args: {} }],
])('takes a call with %s for malformed', async (_, functionCall) => {
  expect(await decoded(parts({ functionCall }), end('STOP'))).toMatchObject([
    { finishReason: 'malformed', rawReason: 'STOP', failure: { code: 'malformed_response' } },
  ]);
});

it.each(['OTHER', 'LANGUAGE', 'UNEXPECTED_TOOL_CALL', 'FINISH_REASON_UNSPECIFIED'])(
  'keeps the word %s, which means an error',
  async (word) => {
    expect(await decoded(end(word))).toMatchObject([
      { finishReason: 'error', rawReason: word, failure: { code: 'unknown' } },
    ]);
  },
);

it('takes a question that is blocked for a filter', async () => {
  const chunk = {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    modelVersion: 'gemini-x',
  };
  expect(await decoded(sse(chunk))).toEqual([
    {
      type: 'end',
      finishReason: 'content_filter',
      rawReason: 'PROHIBITED_CONTENT',
      usage: { inputTokens: 9, outputTokens: 0 },
      responseModel: 'gemini-x',
    },
  ]);
});

describe('an error inside the stream', () => {
  it.each([
    [429, 'RESOURCE_EXHAUSTED', 'rate_limited'],
    [500, 'INTERNAL', 'provider_unavailable'],
    [503, 'UNAVAILABLE', 'overloaded'],
    [504, 'DEADLINE_EXCEEDED', 'timeout'],
    [400, 'INVALID_ARGUMENT', 'invalid_request'],
  ])('with %d %s is %s', async (code, status, expected) => {
    const error = sse({ error: { code, status, message: 'Of what was said' } });
    expect((await decoded(parts({ text: 'x' }), error)).at(-1)).toEqual({
      type: 'end',
      finishReason: 'error',
      usage: { inputTokens: null, outputTokens: null },
      failure: { code: expected },
    });
  });

  it('hands on the wait that it names', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' }];
    const error = sse({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x', details } });
    expect(await decoded(error)).toMatchObject([{ failure: { retryAfterMs: 12_500 } }]);
  });
});

it.each([
  ['a JSON list, as without alt=sse', '[{\n  "candidates": [\n    {"content": {}}\n  ]\n}\n]\n'],
  ['no JSON', 'data: hello\r\n\r\n'],
  ['JSON of another kind', sse({ choices: [] })],
  ['candidates that are none', sse({ candidates: 'x' })],
])('takes %s for malformed', async (_, packet) => {
  expect(await decoded(packet)).toMatchObject([{ failure: { code: 'malformed_response' } }]);
});
