import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { FakeAnswer } from './answer';
import { eventsOf, inventAnswer } from './answer';
import { CLAUDES } from './models';
import type { AnthropicBody } from './requests';
import { readBody, refusalOf } from './requests';

/** What goes wrong with the next call. */
interface AnthropicFault {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeAnthropic {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly key: string;
  /** Bodies that were taken, in order. */
  readonly taken: readonly AnthropicBody[];
  /** What it said to calls that it did not take, in order. */
  readonly refused: readonly string[];
  /** One for each of the next calls. */
  readonly faults: AnthropicFault[];
  /** Answers for the next calls; without one it invents them. */
  readonly answers: FakeAnswer[];
  /** Calls that are left in this minute. */
  requestsLeft: number;
  stop(): Promise<void>;
}

const KEY = 'sk-ant-api03-fake';
const REQUESTS_PER_MINUTE = 50;
const REQUEST_ID = 'req_011CSHoEeqs5C35K2UUqR7Fy';

/**
 * Starts Anthropic's API on loopback: `/v1/models` and streamed `/v1/messages`. Errors as
 * https://platform.claude.com/docs/en/api/errors lists them, rate limits and their headers as
 * https://platform.claude.com/docs/en/api/rate-limits does.
 */
export async function startFakeAnthropic(): Promise<FakeAnthropic> {
  const state = {
    key: KEY,
    taken: [] as AnthropicBody[],
    refused: [] as string[],
    faults: [] as AnthropicFault[],
    answers: [] as FakeAnswer[],
    requestsLeft: REQUESTS_PER_MINUTE,
  };
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    answer(state, request, response).catch((error: unknown) => {
      // A bug of the fake itself: said aloud in the answer, so that the test that meets it fails with it.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`the fake broke: ${String(error)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(state, {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

type State = Omit<FakeAnthropic, 'url' | 'stop'> & {
  readonly taken: AnthropicBody[];
  readonly refused: string[];
};

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (fault: AnthropicFault): void => {
    const { status, type, message, headers } = fault;
    state.refused.push(message);
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': REQUEST_ID, ...headers });
    response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: REQUEST_ID }));
  };
  const invalid = (message: string): void => refuse({ status: 400, type: 'invalid_request_error', message });
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const key = request.headers['x-api-key'];
  if (key !== KEY) {
    const message = key === undefined ? 'x-api-key header is required' : 'invalid x-api-key';
    return refuse({ status: 401, type: 'authentication_error', message });
  }
  if (request.headers['anthropic-version'] === undefined) {
    return invalid('anthropic-version: header is required');
  }
  if (path === '/v1/models' && request.method === 'GET') return listModels(response);
  if (path !== '/v1/messages' || request.method !== 'POST') {
    return refuse({ status: 404, type: 'not_found_error', message: 'Not found' });
  }
  const fault = state.faults.shift();
  if (fault) return refuse(fault);
  if (state.requestsLeft === 0) {
    const message =
      'This request would exceed the rate limit for your organization of 50 requests per minute.';
    const headers = { ...rateLimitHeaders(0), 'retry-after': '17' };
    return refuse({ status: 429, type: 'rate_limit_error', message, headers });
  }
  state.requestsLeft -= 1;
  const read = readBody(await json(request));
  if (!read.ok) return invalid(read.message);
  const { body } = read;
  const model = CLAUDES.find(({ id }) => id === body.model);
  if (!model) return refuse({ status: 404, type: 'not_found_error', message: `model: ${body.model}` });
  const inputTokens = Math.ceil(JSON.stringify([body.system, body.messages, body.tools]).length / 4);
  if (inputTokens > model.maxInputTokens) {
    return invalid(`prompt is too long: ${inputTokens} tokens > ${model.maxInputTokens} maximum`);
  }
  const refusal = refusalOf(body, model);
  if (refusal !== undefined) return invalid(refusal);
  if (body.stream !== true) return invalid('the fake streams only');
  state.taken.push(body);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': REQUEST_ID,
    ...rateLimitHeaders(state.requestsLeft),
  });
  const answered = state.answers.shift() ?? inventAnswer(body, model);
  for (const event of eventsOf(answered, model.id, inputTokens)) response.write(event);
  response.end();
}

function rateLimitHeaders(requestsLeft: number): Readonly<Record<string, string>> {
  const reset = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, '');
  return {
    'anthropic-ratelimit-requests-limit': String(REQUESTS_PER_MINUTE),
    'anthropic-ratelimit-requests-remaining': String(requestsLeft),
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-input-tokens-limit': '40000',
    'anthropic-ratelimit-input-tokens-remaining': '39000',
    'anthropic-ratelimit-input-tokens-reset': reset,
    'anthropic-ratelimit-output-tokens-limit': '8000',
    'anthropic-ratelimit-output-tokens-remaining': '8000',
    'anthropic-ratelimit-output-tokens-reset': reset,
  };
}

function listModels(response: ServerResponse): void {
  const data = CLAUDES.map(({ id, maxInputTokens, thinking }) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    max_input_tokens: maxInputTokens,
    capabilities: { image_input: { supported: true }, thinking: { supported: thinking.length > 0 } },
  }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id }));
}
