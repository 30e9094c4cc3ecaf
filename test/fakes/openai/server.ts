import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { answerEvents } from './answers';
import { FAKE_MODELS } from './models';
import type { Refusal } from './requests';
import { readRequest } from './requests';

export const FAKE_KEY = 'sk-fake-0123456789abcdefghijklmnopqrstuv';

/** What has become of the account of the one who calls. */
type FakeAccount = 'good' | 'too_many_requests' | 'too_many_tokens' | 'out_of_credit' | 'overloaded';

export interface FakeOpenAi {
  /** Base address without `/v1`. */
  readonly url: string;
  /** Bodies of the requests that were let in. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  account: FakeAccount;
  close(): Promise<void>;
}

const LIMITS: Readonly<Record<string, string>> = {
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-limit-tokens': '30000',
  'x-ratelimit-remaining-requests': '499',
  'x-ratelimit-remaining-tokens': '29994',
  'x-ratelimit-reset-requests': '120ms',
  'x-ratelimit-reset-tokens': '12ms',
};

const ACCOUNTS: Readonly<
  Record<
    Exclude<FakeAccount, 'good'>,
    { readonly refusal: Refusal; readonly headers: Readonly<Record<string, string>> }
  >
> = {
  too_many_requests: {
    refusal: { status: 429, type: 'requests', code: 'rate_limit_exceeded', param: null },
    headers: {
      ...LIMITS,
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m30s',
      'retry-after': '90',
    },
  },
  too_many_tokens: {
    refusal: { status: 429, type: 'tokens', code: 'rate_limit_exceeded', param: null },
    headers: {
      ...LIMITS,
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
      'retry-after-ms': '1',
      'retry-after': '1',
    },
  },
  out_of_credit: {
    refusal: { status: 429, type: 'insufficient_quota', code: 'credit_balance_exhausted', param: null },
    headers: {},
  },
  overloaded: {
    refusal: { status: 503, type: 'service_unavailable_error', code: 'server_is_overloaded', param: null },
    headers: { 'retry-after': '0' },
  },
};

/**
 * OpenAI's own service as far as chat completions are streamed from it, on loopback. Written from its public
 * documentation, in words of our own: the API reference (chat completions, its streaming, models), the guides to
 * reasoning (developers.openai.com/api/docs/guides/reasoning), to rate limits and to error codes (the latter by
 * developersdigest.tech/errors/api/openai-api and learn.microsoft.com's Dev Proxy, which list its codes of 2026).
 */
export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  const bodies: Readonly<Record<string, unknown>>[] = [];
  const state: { account: FakeAccount } = { account: 'good' };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(request, body, response, state.account, bodies));
  });
  const url = await listening(server);
  return {
    url,
    bodies,
    get account() {
      return state.account;
    },
    set account(account) {
      state.account = account;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
  account: FakeAccount,
  bodies: Readonly<Record<string, unknown>>[],
): void {
  response.setHeader('x-request-id', 'req_fake');
  response.setHeader('openai-version', '2020-10-01');
  if (request.headers.authorization !== `Bearer ${FAKE_KEY}`) {
    return refuse(response, {
      status: 401,
      type: 'invalid_request_error',
      code: request.headers.authorization === undefined ? null : 'invalid_api_key',
      param: null,
    });
  }
  const target = `${request.method} ${request.url}`;
  if (target === 'GET /v1/models') {
    const data = Object.keys(FAKE_MODELS).map((id) => ({
      id,
      object: 'model',
      created: 1,
      owned_by: 'openai',
    }));
    return sendJson(response, 200, { object: 'list', data });
  }
  if (target !== 'POST /v1/chat/completions') {
    return refuse(response, { status: 404, type: 'invalid_request_error', code: 'unknown_url', param: null });
  }
  if (account !== 'good') {
    const { refusal, headers } = ACCOUNTS[account];
    return refuse(response, refusal, headers);
  }
  const read = readRequest(body);
  if (!('request' in read)) return refuse(response, read);
  bodies.push(read.request);
  response.writeHead(200, {
    ...LIMITS,
    'content-type': 'text/event-stream; charset=utf-8',
    'openai-processing-ms': '12',
  });
  const model = FAKE_MODELS[read.request.model] ?? { contextTokens: 1 };
  for (const event of answerEvents(read.request, model)) response.write(event);
  response.end();
}

function refuse(
  response: ServerResponse,
  { status, type, code, param }: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  const message = `refused by the fake service: ${code ?? type}${param === null ? '' : ` (${param})`}`;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, { error: { message, type, param, code } });
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value, null, 2));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
