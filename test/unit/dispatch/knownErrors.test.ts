import { describe, expect, it } from 'vitest';
import { classifyError, serverErrorOf } from '../../../src/dispatch/errorClass';

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

  // From the providers' pages on errors, and from answers that people reported.
  it.each([
    ['OpenAI: credits', 429, typed('insufficient_quota', 'credit_balance_exhausted'), 'usage_limit'],
    ['OpenAI: too fast', 429, typed('rate_limit_error', 'slow_down'), 'rate_limited'],
    ['OpenAI: busy', 503, typed('service_unavailable_error', 'server_is_overloaded'), 'overloaded'],
    ['OpenAI: key', 401, typed('invalid_request_error', 'invalid_api_key'), 'auth'],
    ['OpenAI: parameter', 400, typed('invalid_request_error', 'unsupported_parameter'), 'invalid_request'],
    ['OpenAI: prompt refused', 400, typed('invalid_request_error', 'invalid_prompt'), 'content_policy'],
    ['Azure: filter', 400, typed(null, 'content_filter'), 'content_policy'],
    ['Azure: deployment', 404, typed(null, 'DeploymentNotFound'), 'model_missing'],
    ['Azure: limit', 429, typed(null, '429'), 'rate_limited'],
    ['Anthropic: request', 400, typed('invalid_request_error'), 'invalid_request'],
    ['Anthropic: key', 401, typed('authentication_error'), 'auth'],
    ['Anthropic: bill', 402, typed('billing_error'), 'usage_limit'],
    ['Anthropic: permission', 403, typed('permission_error'), 'auth'],
    ['Anthropic: model', 404, typed('not_found_error'), 'model_missing'],
    ['Anthropic: size', 413, typed('request_too_large'), 'invalid_request'],
    ['Anthropic: rate', 429, typed('rate_limit_error'), 'rate_limited'],
    ['Anthropic: fault', 500, typed('api_error'), 'provider_unavailable'],
    ['Anthropic: time', 504, typed('timeout_error'), 'timeout'],
    ['Anthropic: busy', 529, typed('overloaded_error'), 'overloaded'],
    [
      'Anthropic: context',
      400,
      typed('invalid_request_error', null, 'prompt is too long: 208310 tokens > 200000 maximum'),
      'context_length_exceeded',
    ],
    [
      'Anthropic: credits',
      400,
      typed(
        'invalid_request_error',
        null,
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      ),
      'usage_limit',
    ],
    ['Gemini: request', 400, google(400, 'INVALID_ARGUMENT'), 'invalid_request'],
    ['Gemini: precondition', 400, google(400, 'FAILED_PRECONDITION'), 'invalid_request'],
    ['Gemini: key', 400, google(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]), 'auth'],
    ['Gemini: no key', 401, google(401, 'UNAUTHENTICATED'), 'auth'],
    ['Gemini: permission', 403, google(403, 'PERMISSION_DENIED'), 'auth'],
    ['Gemini: model', 404, google(404, 'NOT_FOUND'), 'model_missing'],
    ['Gemini: rate', 429, google(429, 'RESOURCE_EXHAUSTED'), 'rate_limited'],
    ['Gemini: minute', 429, google(429, 'RESOURCE_EXHAUSTED', quota('PerMinute', '15')), 'rate_limited'],
    ['Gemini: day', 429, google(429, 'RESOURCE_EXHAUSTED', quota('PerDay', '250')), 'usage_limit'],
    [
      'Gemini: no quota at all',
      429,
      google(429, 'RESOURCE_EXHAUSTED', quota('PerMinute', '0')),
      'usage_limit',
    ],
    ['Gemini: in a list', 429, `[${google(429, 'RESOURCE_EXHAUSTED')}]`, 'rate_limited'],
    ['Gemini: fault', 500, google(500, 'INTERNAL'), 'provider_unavailable'],
    ['Gemini: busy', 503, google(503, 'UNAVAILABLE'), 'overloaded'],
    ['Gemini: time', 504, google(504, 'DEADLINE_EXCEEDED'), 'timeout'],
    [
      'Gemini: context',
      400,
      google(
        400,
        'INVALID_ARGUMENT',
        [],
        'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      ),
      'context_length_exceeded',
    ],
    ['OpenRouter: credits', 402, '{"error":{"code":402,"message":"x"}}', 'usage_limit'],
    [
      'OpenRouter: moderation',
      403,
      '{"error":{"code":403,"message":"x","metadata":{"reasons":["violence"],"flagged_input":"..."}}}',
      'content_policy',
    ],
    ['OpenRouter: nobody offers it', 503, '{"error":{"code":503,"message":"x"}}', 'overloaded'],
    [
      'vLLM: model, of before 2025',
      404,
      '{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}',
      'model_missing',
    ],
    [
      'vLLM: context',
      400,
      typed(
        'BadRequestError',
        null,
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.",
      ),
      'context_length_exceeded',
    ],
    ['vLLM: key', 401, '{"error":"Unauthorized"}', 'auth'],
    [
      'LM Studio: context',
      400,
      '{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"}',
      'context_length_exceeded',
    ],
    ['LM Studio: model', 404, typed('invalid_request_error', 'model_not_found'), 'model_missing'],
    [
      'Ollama: CUDA memory',
      500,
      '{"error":"llama runner process has terminated: cudaMalloc failed: out of memory"}',
      'out_of_memory',
    ],
    [
      'Ollama: Metal memory',
      500,
      '{"error":"llama runner process has terminated: error loading model: unable to allocate Metal buffer"}',
      'out_of_memory',
    ],
    [
      'Ollama: layout',
      500,
      '{"error":"memory layout cannot be allocated with num_gpu = 99"}',
      'out_of_memory',
    ],
    [
      'vLLM: CUDA memory',
      500,
      typed(
        'InternalServerError',
        null,
        'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 1 GiB free.',
      ),
      'out_of_memory',
    ],
    [
      'Ollama: cloud plan',
      403,
      '{"error":"this model requires a subscription, upgrade for access: https://ollama.com/upgrade (ref: 1f0a-22)"}',
      'usage_limit',
    ],
    ['Ollama: cloud bill', 402, '{"error":"payment required"}', 'usage_limit'],
    [
      'Ollama: cloud limit',
      429,
      '{"error":"you (somebody) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade or add extra usage: https://ollama.com/settings (ref: 1f0a-22)"}',
      'usage_limit',
    ],
    [
      'Ollama: cloud limit, older',
      429,
      '{"error":"you\'ve reached your hourly usage limit, please wait or upgrade to continue"}',
      'usage_limit',
    ],
    [
      'Ollama: cloud key',
      401,
      '{"error":"unauthorized","signin_url":"https://ollama.com/connect?name=x"}',
      'auth',
    ],
  ])('%s', (_what, status, body, code) => {
    expect(classifyError(status, serverErrorOf(body))).toBe(code);
  });

  it('inside a stream have the status that their own body gives them, or a name that says it', () => {
    const judged = (body: string): string => classifyError(null, serverErrorOf(body));
    expect(judged('{"error":{"code":402,"message":"x"}}')).toBe('usage_limit');
    expect(judged('{"error":{"code":"503","message":"x"}}')).toBe('overloaded');
    expect(judged(google(404, 'NOT_FOUND'))).toBe('model_missing');
    expect(judged(typed('not_found_error'))).toBe('model_missing');
    expect(judged(typed('invalid_request_error'))).toBe('invalid_request');
    expect(judged(typed('api_error'))).toBe('provider_unavailable');
    expect(judged('{"error":{"code":7,"message":"x"}}')).toBe('provider_unavailable');
  });

  it.each([
    ['26s', 26_000],
    ['1.5s', 1_500],
    ['0s', 0],
    ['99999999s', 30 * 86_400_000],
    ['soon', undefined],
    ['-3s', undefined],
  ])('of Google that say to wait %s', (retryDelay, waitMs) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }];
    expect(serverErrorOf(google(429, 'RESOURCE_EXHAUSTED', details))?.retryAfterMs).toBe(waitMs);
  });

  it('of Google may have odd details', () => {
    for (const details of [null, 'x', [null, 7, { violations: 'x', retryDelay: 7 }]]) {
      const body = JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } });
      expect(classifyError(429, serverErrorOf(body))).toBe('rate_limited');
    }
  });

  it('are not judged by the names of what every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(classifyError(400, serverErrorOf(typed(name, name)))).toBe('invalid_request');
    }
  });

  it.each([
    'the user wrote: CUDA error: out of memory',
    'prompt is too long: 5 tokens > 4 maximum, said the manual',
    "This model's maximum context length is 4096 tokens, they say",
    'you have reached your weekly usage limit',
  ])('are not judged by a text that only resembles another: %s', (message) => {
    expect(classifyError(400, serverErrorOf(typed('invalid_request_error', null, message)))).toBe(
      'invalid_request',
    );
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

/** The body of an error as OpenAI, Anthropic and those who speak like them write it. */
function typed(type: string | null, code: string | null = null, message = 'x'): string {
  return JSON.stringify({ type: 'error', error: { message, type, param: null, code } });
}

/** The body of an error as Google writes it. */
function google(code: number, status: string, details: readonly object[] = [], message = 'x'): string {
  return JSON.stringify({ error: { code, message, status, details } });
}

function quota(per: string, quotaValue: string): readonly object[] {
  const quotaId = `GenerateRequests${per}PerProjectPerModel-FreeTier`;
  return [
    { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId, quotaValue }] },
  ];
}
