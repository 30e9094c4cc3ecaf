import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../src/dispatch/dialect';
import { DIALECTS } from '../../../src/dispatch/dialectTable';
import type { Wire } from './support/wires';
import { WIRES } from './support/wires';

describe.each(WIRES)('$format', (wire) => {
  const answer = [
    wire.thinking('Überlegen …'),
    wire.text('Hello 千'),
    wire.text(' \u{1F600}'),
    ...wire.toolCall('get_weather', { city: 'Paris' }),
    wire.end(wire.format === 'ollama' ? 'stop' : 'tool_calls', 7),
  ].join('');

  it('reads the same events however the bytes are cut into packets', async () => {
    const bytes = Buffer.from(answer);
    const whole = await decoded(wire, [bytes]);
    expect(whole.map(({ type }) => type)).toEqual(['thinking', 'text', 'text', 'toolCall', 'end']);
    expect(
      await decoded(
        wire,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const packets = at.slice(1).map((end, n) => bytes.subarray(at[n], end));
        expect(await decoded(wire, packets)).toEqual(whole);
      }),
    );
  });

  it('never takes a part of an answer for a whole one, wherever it is cut', async () => {
    const bytes = Buffer.from(answer);
    // A finish reason is an end mark as well as the last line.
    const mark = wire.format === 'ollama' ? '"done":true' : '"finish_reason":"tool_calls"';
    const ended = Buffer.byteLength(answer.slice(0, answer.indexOf(mark)));
    for (let length = 0; length < ended; length++) {
      const events = await decoded(wire, [bytes.subarray(0, length)]);
      const [end, ...others] = events.filter((event) => event.type === 'end');
      expect(others).toEqual([]);
      expect(end, `cut at ${length}`).toMatchObject({
        finishReason: 'error',
        failure: { code: 'truncated' },
      });
    }
  });

  it('yields exactly one end, and throws nothing, for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), async (packets) => {
        const events = await decoded(wire, packets);
        expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
        expect(events.at(-1)?.type).toBe('end');
      }),
    );
  });

  it('yields exactly one end for any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { maxLength: 4 }), async (values) => {
        const packets = values.map((json) =>
          Buffer.from(wire.format === 'ollama' ? `${json}\n` : `data: ${json}\n\n`),
        );
        const events = await decoded(wire, packets);
        expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
      }),
    );
  });

  it('reads on after the end, so that the connection is free, and yields nothing more', async () => {
    let read = 0;
    const body = (async function* () {
      await Promise.resolve();
      for (const packet of [wire.text('x'), wire.end('stop', 1), wire.text('late')]) {
        read += 1;
        yield Buffer.from(packet);
      }
    })();
    const events: WireEvent[] = [];
    for await (const event of DIALECTS[wire.format].decode(body)) events.push(event);
    expect(read).toBe(3);
    expect(events.map(({ type }) => type)).toEqual(['text', 'end']);
  });
});

describe('ollama', () => {
  const done = '{"message":{"role":"assistant","content":""},"done":true';

  it('says whether the model was loaded or unloaded without an answer', async () => {
    for (const reason of ['load', 'unload']) {
      expect(await decodedText('ollama', `${done},"done_reason":"${reason}"}\n`)).toEqual([
        {
          type: 'end',
          rawReason: reason,
          finishReason: 'stop',
          usage: { inputTokens: null, outputTokens: null },
        },
      ]);
    }
  });

  it('takes an end without a reason for a stop', async () => {
    expect(await decodedText('ollama', `${done}}`)).toMatchObject([{ finishReason: 'stop' }]);
  });

  it('gives calls without an id one of their own', async () => {
    const call = '{"function":{"name":"a","arguments":{}}}';
    const line = `{"message":{"role":"assistant","content":"","tool_calls":[${call},${call}]},"done":false}\n${done}}\n`;
    expect(await decodedText('ollama', line)).toMatchObject([
      { call: { id: 'call_0' } },
      { call: { id: 'call_1' } },
      { finishReason: 'tool_calls' },
    ]);
  });

  it('keeps length as the reason when the limit cut a tool call off', async () => {
    const line = `{"message":{"content":"","tool_calls":[{"function":{"name":"a"}}]},"done":false}\n${done},"done_reason":"length"}\n`;
    expect((await decodedText('ollama', line)).at(-1)).toMatchObject({ finishReason: 'length' });
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
    const [end] = await decodedText('ollama', `${JSON.stringify({ error: message })}\n`);
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
    expect(await decodedText('openai_compat', text)).toEqual([
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
    expect(await decodedText('openai_compat', finish('length'))).toMatchObject([{ finishReason: 'length' }]);
    expect(await decodedText('openai_compat', 'data: [DONE]\n\n')).toMatchObject([{ finishReason: 'stop' }]);
    expect(await decodedText('openai_compat', 'data: [DONE]')).toMatchObject([{ finishReason: 'stop' }]);
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
    expect(await decodedText('openai_compat', text)).toMatchObject([
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
    expect(await decodedText('openai_compat', text)).toMatchObject([
      { call: { id: 'a', name: 'one', arguments: { x: 1 } } },
      { call: { id: 'call_1', name: 'two', arguments: {} } },
      { finishReason: 'tool_calls' },
    ]);
  });

  it.each(['{"city": "Par', '[1]', '"text"', 'nope'])(
    'is malformed where the arguments of a call are %s',
    async (text) => {
      const call = { index: 0, function: { name: 'f', arguments: text } };
      const events = await decodedText(
        'openai_compat',
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
  ])('reads %j as an error', async (text, code) => {
    expect(await decodedText('openai_compat', text)).toMatchObject([
      { finishReason: 'error', failure: { code } },
    ]);
  });

  it('takes a whole JSON answer, a web page without a line end, and an endless event for malformed', async () => {
    for (const text of ['{"choices":[{"message":{"content":"x"}}]}', '<html>']) {
      expect(await decodedText('openai_compat', text)).toMatchObject([
        { failure: { code: 'malformed_response' } },
      ]);
    }
    const endless = Array.from({ length: 20 }, () => Buffer.from('data: ' + 'x'.repeat(1024 * 1024)));
    const [wire] = WIRES.filter(({ format }) => format === 'openai_compat');
    if (!wire) throw new Error('no wire');
    expect(await decoded(wire, endless)).toMatchObject([{ failure: { code: 'malformed_response' } }]);
  });
});

function decodedText(format: Wire['format'], text: string): Promise<readonly WireEvent[]> {
  return collect(format, [Buffer.from(text)]);
}

function decoded(wire: Wire, packets: readonly Uint8Array[]): Promise<readonly WireEvent[]> {
  return collect(wire.format, packets);
}

async function collect(
  format: Wire['format'],
  packets: readonly Uint8Array[],
): Promise<readonly WireEvent[]> {
  const body = (async function* () {
    await Promise.resolve();
    yield* packets;
  })();
  const events: WireEvent[] = [];
  for await (const event of DIALECTS[format].decode(body)) events.push(event);
  return events;
}
