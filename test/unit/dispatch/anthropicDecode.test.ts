import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../src/dispatch/dialect';
import { anthropicDialect } from '../../../src/dispatch/dialects/anthropic';

async function decoded(...packets: readonly string[]): Promise<readonly WireEvent[]> {
  const body = (async function* () {
    await Promise.resolve();
    for (const packet of packets) yield Buffer.from(packet);
  })();
  const events: WireEvent[] = [];
  for await (const event of anthropicDialect.decode(body)) events.push(event);
  return events;
}

const sse = (value: { readonly type: string; readonly [key: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const start = (usage: object = { input_tokens: 3, output_tokens: 1 }): string =>
  sse({ type: 'message_start', message: { model: 'claude-x', usage } });
const block = (index: number, content_block: object): string =>
  sse({ type: 'content_block_start', index, content_block });
const delta = (index: number, value: object): string =>
  sse({ type: 'content_block_delta', index, delta: value });
const json = (index: number, partial_json: string): string =>
  delta(index, { type: 'input_json_delta', partial_json });
const stop = sse({ type: 'message_stop' });
const reason = (stop_reason: string | null, usage: object = { output_tokens: 9 }): string =>
  sse({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage });

it('counts what was cached as input, and what was thought as output', async () => {
  const usage = {
    input_tokens: 3,
    cache_creation_input_tokens: 20,
    cache_read_input_tokens: 100,
    output_tokens: 1,
  };
  const end = reason('end_turn', {
    input_tokens: null,
    output_tokens: 50,
    output_tokens_details: { thinking_tokens: 30 },
  });
  expect(await decoded(start(usage), end, stop)).toEqual([
    {
      type: 'end',
      finishReason: 'stop',
      rawReason: 'end_turn',
      usage: { inputTokens: 123, outputTokens: 50, cachedTokens: 100, reasoningTokens: 30 },
      responseModel: 'claude-x',
    },
  ]);
});

it('lets a later count of the input replace an earlier one', async () => {
  const [end] = await decoded(start(), reason('end_turn', { input_tokens: 8, output_tokens: 2 }), stop);
  expect(end).toMatchObject({ usage: { inputTokens: 8, outputTokens: 2 } });
});

it('does not know how much was written before the end says so', async () => {
  const events = await decoded(start(), delta(0, { type: 'text_delta', text: 'x' }));
  expect(events.at(-1)).toEqual({
    type: 'end',
    finishReason: 'error',
    usage: { inputTokens: 3, outputTokens: null },
    failure: { code: 'truncated' },
  });
});

it('takes nothing but message_stop for the end', async () => {
  expect((await decoded(start(), reason('end_turn'))).at(-1)).toMatchObject({
    failure: { code: 'truncated' },
  });
});

it('leaves aside pings, signatures, citations, encrypted thinking, tools of the server and what it does not know', async () => {
  const events = await decoded(
    start(),
    sse({ type: 'ping' }),
    block(0, { type: 'redacted_thinking', data: 'abc' }),
    sse({ type: 'content_block_stop', index: 0 }),
    block(1, { type: 'thinking', thinking: '', signature: '' }),
    delta(1, { type: 'thinking_delta', thinking: 'hm' }),
    delta(1, { type: 'signature_delta', signature: 'abc' }),
    block(2, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
    json(2, '{"query": "weat'),
    block(3, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
    block(4, { type: 'text', text: 'so' }),
    delta(4, { type: 'citations_delta', citation: { type: 'page_location' } }),
    delta(4, { type: 'text_delta', text: ' it is' }),
    sse({ type: 'something_of_2030', text: 'x' }),
    reason('end_turn'),
    stop,
  );
  expect(events.map((event) => ('text' in event ? event.text : event.type))).toEqual([
    'hm',
    'so',
    ' it is',
    'end',
  ]);
  expect(events.at(-1)).toMatchObject({ finishReason: 'stop' });
});

describe('calls', () => {
  it('are put together from their pieces, several at once and interleaved', async () => {
    const events = await decoded(
      start(),
      block(1, { type: 'tool_use', id: 'a', name: 'first', input: {} }),
      json(1, ''),
      block(2, { type: 'tool_use', id: 'b', name: 'second', input: {} }),
      json(1, '{"x": [1,'),
      json(2, '{"y":'),
      json(1, ' 2]}'),
      json(2, ' true}'),
      block(3, { type: 'tool_use', id: 'c', name: 'third', input: {} }),
      reason('tool_use'),
      stop,
    );
    expect(events).toMatchObject([
      { call: { id: 'a', name: 'first', arguments: { x: [1, 2] } } },
      { call: { id: 'b', name: 'second', arguments: { y: true } } },
      { call: { id: 'c', name: 'third', arguments: {} } },
      { type: 'end', finishReason: 'tool_calls' },
    ]);
  });

  it.each(['{"city": "Par', '[1]', '"text"', 'nope'])('with the arguments %s are malformed', async (text) => {
    const call = block(0, { type: 'tool_use', id: 'a', name: 'look', input: {} });
    expect(await decoded(start(), call, json(0, text), reason('tool_use'), stop)).toMatchObject([
      { finishReason: 'malformed', rawReason: 'tool_use', failure: { code: 'malformed_response' } },
    ]);
  });

  it.each([
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'context_limit'],
  ])('that %s cut off are no fault of the model', async (raw, finishReason) => {
    const call = block(0, { type: 'tool_use', id: 'a', name: 'look', input: {} });
    const events = await decoded(start(), call, json(0, '{"ci'), reason(raw), stop);
    expect(events).toMatchObject([{ finishReason, rawReason: raw }]);
    expect(events[0]).not.toHaveProperty('failure');
  });
});

describe('an error inside the stream', () => {
  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate_limited'],
    ['api_error', 'provider_unavailable'],
    ['timeout_error', 'timeout'],
    ['invalid_request_error', 'invalid_request'],
  ])('of the type %s is %s, and keeps what was counted', async (type, code) => {
    const error = sse({ type: 'error', error: { type, message: 'Of what was said' } });
    expect(await decoded(start(), error)).toEqual([
      {
        type: 'end',
        finishReason: 'error',
        usage: { inputTokens: 3, outputTokens: null },
        failure: { code },
      },
    ]);
  });

  it('may come bare, as llama-server writes it', async () => {
    const error = { code: 500, message: 'Context size has been exceeded.', type: 'server_error' };
    expect(await decoded(start(), `event: error\ndata: ${JSON.stringify(error)}\n\n`)).toMatchObject([
      { failure: { code: 'context_length_exceeded', serverText: 'Context size has been exceeded.' } },
    ]);
  });

  it('may come in JSON without a type', async () => {
    expect(await decoded(start(), 'data: {"error": {"message": "x", "code": 503}}\n\n')).toMatchObject([
      { failure: { code: 'overloaded' } },
    ]);
  });
});

it.each([
  ['an event without its data', 'event: content_block_delta\ndata: {"type": "content_block_delta"}\n\n'],
  ['no JSON', 'data: hello\n\n'],
  ['JSON without a type', 'data: {"choices": []}\n\n'],
  ['a plain answer', '{"type": "message", "content": []}\n'],
])('takes %s for malformed', async (_, packet) => {
  expect((await decoded(packet)).at(-1)).toMatchObject({ failure: { code: 'malformed_response' } });
});

it('takes a missing reason for a stop', async () => {
  const [end] = await decoded(start(), reason(null), stop);
  expect(end).toMatchObject({ finishReason: 'stop' });
  expect(end).not.toHaveProperty('rawReason');
});
