import { describe, expect, it } from 'vitest';
import type { Dialect, WireEvent } from '../../../src/dispatch/dialect';
import { ollamaDialect } from '../../../src/dispatch/dialects/ollama';
import { openaiCompatDialect } from '../../../src/dispatch/dialects/openaiCompat';

describe('ollama', () => {
  const done = '{"message":{"role":"assistant","content":""},"done":true';

  it('says whether the model was loaded or unloaded without an answer', async () => {
    for (const reason of ['load', 'unload']) {
      expect(await decoded(ollamaDialect, `${done},"done_reason":"${reason}"}\n`)).toEqual([
        {
          type: 'end',
          rawReason: reason,
          finishReason: 'stop',
          usage: { inputTokens: null, outputTokens: null },
        },
      ]);
    }
  });

  it('takes a model that was unloaded under its answer for a broken one', async () => {
    const piece = '{"message":{"role":"assistant","content":"Hel"},"done":false}\n';
    expect(await decoded(ollamaDialect, `${piece}${done},"done_reason":"unload"}\n`)).toMatchObject([
      { type: 'text' },
      { rawReason: 'unload', finishReason: 'error', failure: { code: 'truncated' } },
    ]);
  });

  it('names the model that answered', async () => {
    const end = await decoded(ollamaDialect, `${done},"done_reason":"stop","model":"qwen3:8b"}\n`);
    expect(end).toMatchObject([{ responseModel: 'qwen3:8b' }]);
  });

  it('takes an end without a reason for a stop', async () => {
    expect(await decoded(ollamaDialect, `${done}}`)).toMatchObject([{ finishReason: 'stop' }]);
  });

  it('gives calls without an id one of their own', async () => {
    const call = '{"function":{"name":"a","arguments":{}}}';
    const line = `{"message":{"role":"assistant","content":"","tool_calls":[${call},${call}]},"done":false}\n${done}}\n`;
    expect(await decoded(ollamaDialect, line)).toMatchObject([
      { call: { id: 'call_0' } },
      { call: { id: 'call_1' } },
      { finishReason: 'tool_calls' },
    ]);
  });

  it('keeps length as the reason when the limit cut a tool call off', async () => {
    const line = `{"message":{"content":"","tool_calls":[{"function":{"name":"a"}}]},"done":false}\n${done},"done_reason":"length"}\n`;
    expect((await decoded(ollamaDialect, line)).at(-1)).toMatchObject({ finishReason: 'length' });
  });

  it.each([
    [
      'an error was encountered while running the model: unexpected EOF',
      'provider_unavailable',
      'an error was encountered while running the model: unexpected EOF',
    ],
    [
      '{"error":{"code":400,"message":"request (7604 tokens) exceeds the available context size (256 tokens)","type":"exceed_context_size_error","n_prompt_tokens":7604,"n_ctx":256}}',
      'context_length_exceeded',
      '7604 tokens where 256 fit',
    ],
    [
      'model requires more system memory (5.6 GiB) than is available (3.2 GiB)',
      'out_of_memory',
      'model requires more system memory (5.6 GiB) than is available (3.2 GiB)',
    ],
    ['the model wrote: my secret', 'provider_unavailable', undefined],
  ])('reads the error line %j', async (message, code, serverText) => {
    const [end] = await decoded(ollamaDialect, `${JSON.stringify({ error: message })}\n`);
    expect(end).toEqual({
      type: 'end',
      finishReason: 'error',
      usage: { inputTokens: null, outputTokens: null },
      failure: { code, ...(serverText === undefined ? {} : { serverText }) },
    });
  });
});

describe('openai_compat', () => {
  const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
  const finish = (reason: string): string => data({ choices: [{ delta: {}, finish_reason: reason }] });
  const calls = (piece: object): string => data({ choices: [{ delta: { tool_calls: [piece] } }] });
  const names = (events: readonly WireEvent[]): readonly string[] =>
    events.flatMap((event) => (event.type === 'toolCall' ? [`${event.call.id} ${event.call.name}`] : []));

  it('counts by the timings of the server where it sends no usage', async () => {
    const timings = {
      cache_n: 29,
      prompt_n: 1,
      prompt_ms: 0.6,
      predicted_n: 10,
      predicted_ms: 4,
      predicted_per_second: 0,
    };
    const text = data({ choices: [{ delta: {}, finish_reason: 'stop' }], timings }) + 'data: [DONE]\n\n';
    expect(await decoded(openaiCompatDialect, text)).toEqual([
      {
        type: 'end',
        rawReason: 'stop',
        finishReason: 'stop',
        usage: { inputTokens: 30, outputTokens: 10, cachedTokens: 29 },
        timings: { promptMs: 0.6, decodeMs: 4, measuredBy: 'server' },
      },
    ]);
  });

  it('takes the finish reason for the end where [DONE] is missing, and [DONE] where the reason is', async () => {
    expect(await decoded(openaiCompatDialect, finish('length'))).toMatchObject([{ finishReason: 'length' }]);
    expect(await decoded(openaiCompatDialect, 'data: [DONE]\n\n')).toMatchObject([{ finishReason: 'stop' }]);
    expect(await decoded(openaiCompatDialect, 'data: [DONE]')).toMatchObject([{ finishReason: 'stop' }]);
  });

  it('reads cached and reasoning tokens, comments, CRLF and the reasoning field of other servers', async () => {
    const text = [
      ': ping',
      '',
      `data: ${JSON.stringify({ choices: [{ delta: { reasoning: 'hm', content: '' } }] })}`,
      '',
      `data: ${JSON.stringify({
        choices: [{ delta: null, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 9,
          completion_tokens: 5,
          prompt_tokens_details: { cached_tokens: 4 },
          completion_tokens_details: { reasoning_tokens: 3 },
        },
      })}`,
      '',
      'data: [DONE]',
      '',
      '',
    ].join('\r\n');
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { type: 'thinking', text: 'hm' },
      { usage: { inputTokens: 9, outputTokens: 5, cachedTokens: 4, reasoningTokens: 3 } },
    ]);
  });

  it('puts interleaved calls together by their index', async () => {
    const piece = (index: number, rest: object): string =>
      data({ choices: [{ delta: { tool_calls: [{ index, ...rest }] } }] });
    const text =
      piece(0, { id: 'a', function: { name: 'one', arguments: '{"x"' } }) +
      piece(1, { function: { name: 'two', arguments: '' } }) +
      piece(0, { function: { arguments: ':1}' } }) +
      finish('tool_calls');
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { call: { id: 'a', name: 'one', arguments: { x: 1 } } },
      { call: { id: 'call_1', name: 'two', arguments: {} } },
      { finishReason: 'tool_calls' },
    ]);
  });

  it('puts calls in the order of their index, whatever is missing between', async () => {
    const text =
      calls({ index: 7, id: 'b', function: { name: 'two', arguments: '{}' } }) +
      calls({ index: 2, id: 'a', function: { name: 'one', arguments: '{}' } }) +
      finish('tool_calls');
    expect(names(await decoded(openaiCompatDialect, text))).toEqual(['a one', 'b two']);
  });

  it.each([
    [
      'whole calls without an index',
      [
        { id: 'a', function: { name: 'one', arguments: '{"x":1}' } },
        { id: 'b', function: { name: 'two', arguments: '' } },
      ],
    ],
    [
      'calls without an index, in pieces',
      [
        { id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { function: { arguments: ':1}' } },
        { id: 'b', function: { name: 'two' } },
      ],
    ],
    [
      'calls that share an index, with ids of their own',
      [
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x":1}' } },
        { index: 0, id: 'b', function: { name: 'two', arguments: '{}' } },
      ],
    ],
    [
      'calls whose pieces repeat id and name',
      [
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 0, id: 'a', function: { name: 'one', arguments: ':1}' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: null } },
      ],
    ],
  ])('tells %s apart', async (_what, pieces) => {
    const text = pieces.map((piece) => calls(piece)).join('') + finish('tool_calls');
    const events = await decoded(openaiCompatDialect, text);
    expect(names(events)).toEqual(['a one', 'b two']);
    expect(events[0]).toMatchObject({ call: { arguments: { x: 1 } } });
  });

  it('reads the function_call of before tool_calls', async () => {
    const piece = (function_call: object): string => data({ choices: [{ delta: { function_call } }] });
    const text =
      piece({ name: 'one', arguments: '{"x"' }) + piece({ arguments: ':1}' }) + finish('function_call');
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { call: { id: 'call_0', name: 'one', arguments: { x: 1 } } },
      { finishReason: 'tool_calls', rawReason: 'function_call' },
    ]);
  });

  it('knows a call by itself where the server says stop, or nothing', async () => {
    const call = calls({ index: 0, id: 'a', function: { name: 'one', arguments: '{}' } });
    for (const end of [finish('stop') + 'data: [DONE]\n\n', 'data: [DONE]\n\n']) {
      expect(await decoded(openaiCompatDialect, call + end)).toMatchObject([
        { call: { name: 'one' } },
        { finishReason: 'tool_calls' },
      ]);
    }
  });

  it('leaves out a call that the limit has cut off, and says length', async () => {
    const call = calls({ index: 0, id: 'a', function: { name: 'one', arguments: '{"x' } });
    expect(await decoded(openaiCompatDialect, call + finish('length'))).toMatchObject([
      { type: 'end', finishReason: 'length' },
    ]);
  });

  it('shows the words of a refusal, and ends as one', async () => {
    const refusal = (text: string): string =>
      data({ choices: [{ delta: { content: null, refusal: text } }] });
    const events = await decoded(
      openaiCompatDialect,
      refusal('I cannot') + refusal(' help.') + finish('stop'),
    );
    expect(events).toMatchObject([
      { type: 'text', text: 'I cannot' },
      { type: 'text', text: ' help.' },
      { finishReason: 'refusal', rawReason: 'stop' },
    ]);
  });

  it('passes over what gateways add: filter results, empty first deltas, chunks without choices', async () => {
    const text =
      data({ id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] }) +
      data({
        choices: [{ index: 0, delta: { role: 'assistant', content: null, refusal: null } }],
        error: null,
      }) +
      ': OPENROUTER PROCESSING\n\n' +
      data({ model: 'm-1', choices: [{ index: 0, delta: { content: 'x' }, content_filter_results: {} }] }) +
      data({ object: 'chat.completion.chunk', usage: null }) +
      finish('stop') +
      data({ choices: null, usage: { prompt_tokens: 3, completion_tokens: 1 } }) +
      'data: [DONE]\n\n';
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { type: 'text', text: 'x' },
      { finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 1 }, responseModel: 'm-1' },
    ]);
  });

  it('keeps a word that it does not know', async () => {
    expect(await decoded(openaiCompatDialect, finish('tired'))).toMatchObject([
      { finishReason: 'error', rawReason: 'tired', failure: { code: 'unknown' } },
    ]);
  });

  it('keeps what was counted before an error', async () => {
    const text =
      data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } }) +
      data({ error: { code: 503, message: 'no provider' } });
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { usage: { inputTokens: 3, outputTokens: 1 }, failure: { code: 'overloaded' } },
    ]);
  });

  it.each(['{"city": "Par', '[1]', '"text"', 'nope'])(
    'is malformed where the arguments of a call are %s',
    async (text) => {
      const call = { index: 0, function: { name: 'f', arguments: text } };
      const events = await decoded(
        openaiCompatDialect,
        data({ choices: [{ delta: { tool_calls: [call] } }] }) + finish('tool_calls') + 'data: [DONE]\n\n',
      );
      expect(events).toMatchObject([
        { type: 'end', finishReason: 'malformed', failure: { code: 'malformed_response' } },
      ]);
    },
  );

  it.each([
    ['data: {"error":{"code":500,"message":"boom","type":"server_error"}}\n\n', 'provider_unavailable'],
    ['data: {"error":{"code":400,"message":"bad","type":"invalid_request_error"}}\n\n', 'invalid_request'],
    ['data: {"error":{"message":"slow down","type":"rate_limit_error"}}\n\n', 'rate_limited'],
    [
      'error: {"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":9,"n_ctx":4}\n\n',
      'context_length_exceeded',
    ],
    ['error: boom\n\n', 'provider_unavailable'],
    // OpenRouter's error in the middle of a stream has a choice beside it, or around it.
    [
      'data: {"id":"x","error":{"code":429,"message":"slow"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}\n\n',
      'rate_limited',
    ],
    [
      'data: {"choices":[{"delta":{},"finish_reason":"error","error":{"code":502,"message":"gone"}}]}\n\n',
      'provider_unavailable',
    ],
    ['event: error\ndata: {"message":"gone","code":503}\n\n', 'overloaded'],
    ['data: {"error":{"message":"x","type":"BadRequestError","code":400}}\n\n', 'invalid_request'],
    ['data: {"error":"boom"}\n\n', 'provider_unavailable'],
  ])('reads %j as an error', async (text, code) => {
    expect(await decoded(openaiCompatDialect, text)).toMatchObject([
      { finishReason: 'error', failure: { code } },
    ]);
  });

  it('takes a whole JSON answer, a web page without a line end, and an endless event for malformed', async () => {
    for (const text of ['{"choices":[{"message":{"content":"x"}}]}', '<html>']) {
      expect(await decoded(openaiCompatDialect, text)).toMatchObject([
        { failure: { code: 'malformed_response' } },
      ]);
    }
    const endless = Array.from({ length: 20 }, () => Buffer.from('data: ' + 'x'.repeat(1024 * 1024)));
    expect(await decoded(openaiCompatDialect, endless)).toMatchObject([
      { failure: { code: 'malformed_response' } },
    ]);
  });
});

async function decoded(
  dialect: Dialect,
  body: string | readonly Uint8Array[],
): Promise<readonly WireEvent[]> {
  const packets = typeof body === 'string' ? [Buffer.from(body)] : body;
  const events: WireEvent[] = [];
  const bytes = (async function* () {
    await Promise.resolve();
    yield* packets;
  })();
  for await (const event of dialect.decode(bytes)) events.push(event);
  return events;
}
