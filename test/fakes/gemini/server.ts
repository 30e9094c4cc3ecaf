import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { FakeAnswer } from './answer';
import { chunksOf, inventAnswer } from './answer';
import type { GeminiFault } from './errors';
import { NO_KEY, quotaExceeded, UNKNOWN_KEY } from './errors';
import { GEMINIS } from './models';
import type { GeminiBody } from './requests';
import { readBody, refusalOf } from './requests';

export interface FakeGemini {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly key: string;
  /** Bodies that were taken, in order. */
  readonly taken: readonly GeminiBody[];
  /** What it said to calls that it did not take, in order. */
  readonly refused: readonly string[];
  /** One for each of the next calls. */
  readonly faults: GeminiFault[];
  /** Answers for the next calls; without one it invents them. */
  readonly answers: FakeAnswer[];
  /** Calls that are left in this minute. */
  requestsLeft: number;
  stop(): Promise<void>;
}

const KEY = 'AIzaSyFakeFakeFakeFakeFakeFakeFakeFake0';
const PER_MINUTE = 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier';
const METHOD = /^\/v1beta\/models\/([^/:]+):(\w+)$/;

/**
 * Starts Google's API on loopback: `/v1beta/models` and `streamGenerateContent`
 * (https://ai.google.dev/api/generate-content). Errors as https://ai.google.dev/gemini-api/docs/troubleshooting lists
 * them; the bodies of 429 as public clients have recorded them.
 */
export async function startFakeGemini(): Promise<FakeGemini> {
  const state = {
    key: KEY,
    taken: [] as GeminiBody[],
    refused: [] as string[],
    faults: [] as GeminiFault[],
    answers: [] as FakeAnswer[],
    requestsLeft: 10,
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

type State = Omit<FakeGemini, 'url' | 'stop'> & { readonly taken: GeminiBody[]; readonly refused: string[] };

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, encodedId, method] = METHOD.exec(url.pathname) ?? [];
  const isSse = url.searchParams.get('alt') === 'sse';
  const refuse = (fault: GeminiFault): void => {
    state.refused.push(fault.message);
    response.writeHead(fault.code, { 'content-type': 'application/json; charset=UTF-8' });
    const body = { error: fault };
    // Without `alt=sse` an answer is one JSON array, its errors too.
    response.end(JSON.stringify(method === undefined || isSse ? body : [body], null, 2));
  };
  const invalid = (message: string): void => refuse({ code: 400, status: 'INVALID_ARGUMENT', message });
  const key = request.headers['x-goog-api-key'];
  if (key !== KEY) return refuse(key === undefined ? NO_KEY : UNKNOWN_KEY);
  if (url.pathname === '/v1beta/models' && request.method === 'GET') return listModels(response);
  if (method !== 'streamGenerateContent' || encodedId === undefined || request.method !== 'POST') {
    return refuse({ code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' });
  }
  const fault = state.faults.shift();
  if (fault) return refuse(fault);
  const id = decodeURIComponent(encodedId);
  const model = GEMINIS.find((candidate) => candidate.id === id);
  if (!model) {
    const message = `models/${id} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`;
    return refuse({ code: 404, status: 'NOT_FOUND', message });
  }
  if (state.requestsLeft === 0) return refuse(quotaExceeded(id, PER_MINUTE, '12.941102168s'));
  state.requestsLeft -= 1;
  const read = readBody(await json(request));
  if (!read.ok) return invalid(read.message);
  const refusal = refusalOf(read.body, model);
  if (refusal !== undefined) return invalid(refusal);
  state.taken.push(read.body);
  const promptTokens = Math.ceil(JSON.stringify(read.body).length / 4);
  const answered = state.answers.shift() ?? inventAnswer(read.body, model);
  const chunks = [...chunksOf(answered, id, promptTokens)];
  response.writeHead(200, {
    'content-type': isSse ? 'text/event-stream' : 'application/json; charset=UTF-8',
  });
  if (!isSse) {
    response.end(JSON.stringify(chunks, null, 2));
    return;
  }
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`);
  response.end();
}

function listModels(response: ServerResponse): void {
  const models = GEMINIS.map(({ id, budget, levels, outputTokenLimit }) => ({
    name: `models/${id}`,
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    thinking: budget !== undefined || levels !== undefined,
  }));
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify({ models }, null, 2));
}
