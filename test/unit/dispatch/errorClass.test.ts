import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { brokenAnswer } from '../../../src/dispatch/attempt';
import { quotesRequest } from '../../../src/dispatch/echo';
import { classifyError, safeServerText, serverErrorOf } from '../../../src/dispatch/errorClass';
import { describeFailure } from '../../../src/dispatch/failureText';
import type { Route } from '../../../src/dispatch/route';
import { chatRequest } from './support/rig';

describe('bodies of real servers', () => {
  // Ollama v0.32.15 and llama-server b11669, as captured.
  it.each([
    ['Ollama: missing model', 404, '{"error":"model \'nope\' not found"}', 'model_missing'],
    [
      'Ollama: missing blob',
      404,
      '{"error":"model \\"trunc\\" not found, try pulling it first"}',
      'model_missing',
    ],
    ['Ollama: no thinking', 400, '{"error":"\\"tiny\\" does not support thinking"}', 'invalid_request'],
    [
      'Ollama: no tools',
      400,
      '{"error":"registry.ollama.ai/library/tiny:latest does not support tools"}',
      'invalid_request',
    ],
    ['Ollama: embedding model', 400, '{"error":"\\"emb\\" does not support chat"}', 'invalid_request'],
    [
      'Ollama: context, JSON in a string',
      400,
      '{"error":"{\\"error\\":{\\"code\\":400,\\"message\\":\\"request (7604 tokens) exceeds the available context size (256 tokens), try increasing it\\",\\"type\\":\\"exceed_context_size_error\\",\\"n_prompt_tokens\\":7604,\\"n_ctx\\":256}}"}',
      'context_length_exceeded',
    ],
    [
      'Ollama: no images, JSON in a string',
      400,
      '{"error":"{\\"error\\":{\\"code\\":400,\\"message\\":\\"Multimodal data provided, but model does not support multimodal requests.\\",\\"type\\":\\"invalid_request_error\\"}}"}',
      'invalid_request',
    ],
    [
      'Ollama: wrong option',
      500,
      '{"error":"option \\"num_ctx\\" must be of type integer"}',
      'provider_unavailable',
    ],
    [
      'Ollama: broken file',
      500,
      '{"error":"tensor \\"blk.0.attn_k.weight\\" offset+size (308576) exceeds file size (300000)"}',
      'provider_unavailable',
    ],
    [
      'Ollama: busy',
      503,
      '{"error":"server busy, please try again.  maximum pending requests exceeded"}',
      'overloaded',
    ],
    [
      'Ollama: memory',
      500,
      '{"error":"model requires more system memory (5.6 GiB) than is available (3.2 GiB)"}',
      'out_of_memory',
    ],
    ['Ollama: foreign origin', 403, '', 'auth'],
    ['Ollama: unknown route', 404, '404 page not found', 'invalid_request'],
    [
      'Ollama: cloud',
      502,
      '{"error":"Post \\"https://ollama.com:443\\": connection refused"}',
      'provider_unavailable',
    ],
    [
      'llama-server: key',
      401,
      '{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}',
      'auth',
    ],
    [
      'llama-server: loading',
      503,
      '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
      'provider_unavailable',
    ],
    [
      'llama-server: context',
      400,
      '{"error":{"code":400,"message":"request (1620 tokens) exceeds the available context size (1024 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":1620,"n_ctx":1024}}',
      'context_length_exceeded',
    ],
    [
      'llama-server: router, wrong model',
      400,
      '{"error":{"code":400,"message":"model \'no-such\' not found","type":"invalid_request_error"}}',
      'model_missing',
    ],
    [
      'llama-server: router, broken model',
      500,
      '{"error":{"code":500,"message":"model name=broken failed to load","type":"server_error"}}',
      'provider_unavailable',
    ],
    [
      'llama-server: image',
      500,
      '{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}',
      'provider_unavailable',
    ],
    [
      'llama-server: wrong path',
      404,
      '{"error":{"message":"File Not Found","type":"not_found_error","code":404}}',
      'invalid_request',
    ],
    [
      'llama-server: not supported',
      501,
      '{"error":{"code":501,"message":"x","type":"not_supported_error"}}',
      'invalid_request',
    ],
    [
      'OpenAI: quota',
      429,
      '{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}',
      'usage_limit',
    ],
    [
      'OpenAI: rate',
      429,
      '{"error":{"message":"x","type":"requests","code":"rate_limit_exceeded"}}',
      'rate_limited',
    ],
    [
      'OpenAI: model',
      404,
      '{"error":{"message":"x","type":"invalid_request_error","code":"model_not_found"}}',
      'model_missing',
    ],
    [
      'OpenAI: context',
      400,
      '{"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}',
      'context_length_exceeded',
    ],
    ['a proxy', 502, '<html>Bad Gateway</html>', 'provider_unavailable'],
  ])('%s', (_what, status, body, code) => {
    expect(classifyError(status, serverErrorOf(body))).toBe(code);
  });

  it('are not judged by a text that quotes another error', () => {
    const body = JSON.stringify({ error: "cannot parse: model 'x' not found in rate_limit_exceeded" });
    expect(classifyError(400, serverErrorOf(body))).toBe('invalid_request');
  });

  it('may be nested without end, or be anything at all', () => {
    let body = 'deep';
    for (let depth = 0; depth < 8; depth++) body = JSON.stringify({ error: body });
    expect(classifyError(500, serverErrorOf(body))).toBe('provider_unavailable');
    for (const odd of [
      '',
      '{',
      '{}',
      '{"error":null}',
      '{"error":7}',
      '{"error":{}}',
      '[]',
      null,
      undefined,
      7,
    ]) {
      expect(classifyError(418, serverErrorOf(odd))).toBe('invalid_request');
    }
  });

  it('of odd statuses have a code too', () => {
    expect([302, 418, 599].map((status) => classifyError(status, undefined))).toEqual([
      'unknown',
      'invalid_request',
      'provider_unavailable',
    ]);
  });
});

it('shows in a stream only the words that cannot quote the answer', () => {
  expect(safeServerText(serverErrorOf('{"error":"model \'a\' not found"}'))).toBe("model 'a' not found");
  expect(safeServerText(serverErrorOf('{"error":"Failed to parse: <the answer>"}'))).toBeUndefined();
  expect(safeServerText(undefined)).toBeUndefined();
});

describe('a connection that breaks', () => {
  const route = { url: 'http://127.0.0.1:1' } as Route;

  it.each([
    ['a silent body', new errors.BodyTimeoutError(), true, 'timeout'],
    ['silent headers', new errors.HeadersTimeoutError(), false, 'timeout'],
    ['a closed socket after the first piece', new errors.SocketError('other side closed'), true, 'truncated'],
    ['a closed socket before it', new errors.SocketError('other side closed'), false, 'network'],
  ])('by %s', (_what, thrown, sawEvent, code) => {
    expect(brokenAnswer(thrown, route, sawEvent)).toEqual({ code });
  });
});

describe('the words of a server', () => {
  const request = chatRequest({
    messages: [
      { role: 'user', content: 'Please summarise the quarterly report of the fourth department' },
      { role: 'user', content: 'why?' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: '1', name: 'f', arguments: { patient: 'Ada Lovelace, 1815' } }],
      },
    ],
    tools: [
      {
        name: 'f',
        description: 'Reads a secret drawer of mine',
        parameters: { properties: { drawer_number: {} } },
      },
    ],
    parameters: { stop: ['STOP-HERE'] },
  });

  it.each([
    'cannot parse "summarise the quarterly report of"',
    'bad input: why?',
    'tools = {"properties":{"drawer_number":{}}}',
    'arguments {"patient":"Ada Lovelace, 1815"} are no object',
    'the tool "Reads a secret drawer of mine" is odd',
    'stop STOP-HERE is too long',
  ])('are left out when they quote the request: %s', (message) => {
    expect(quotesRequest(message, request)).toBe(true);
  });

  it.each([
    "model 'nope' not found",
    'server busy, please try again.  maximum pending requests exceeded',
    '',
  ])('are kept when they do not: %s', (message) => {
    expect(quotesRequest(message, request)).toBe(false);
  });
});

describe('the sentences of a failure', () => {
  const subject = { backend: 'ollama', host: 'http://127.0.0.1:11434', model: 'qwen3:8b' };

  it('name what happened, what the server says, and what to do', () => {
    expect(describeFailure({ code: 'overloaded', status: 503, serverText: 'server busy' }, subject)).toEqual({
      code: 'overloaded',
      status: 503,
      message:
        'ollama has too much to do (status 503). It says: server busy. ' +
        'Wait until other calls have ended, then try again.',
    });
  });

  it('hold no secret and stay below 500 characters', () => {
    const serverText = `bad key sk-${'a'.repeat(40)} ${'x'.repeat(1_000)}`;
    const { message } = describeFailure(
      { code: 'auth', status: 401, serverText },
      { ...subject, model: 'm'.repeat(256) },
    );
    expect(message).toContain('[REDACTED:api_key]');
    expect(message).not.toContain('sk-a');
    expect(message.length).toBeLessThanOrEqual(500);
    expect(message).toContain('Set its key');
  });
});
