import * as z from 'zod';
import type { HttpClient } from '../shared/http';
import type { LoadEnd } from './modelLoad';
import { COLD_LOAD_MS, failedLoad } from './modelLoad';

/**
 * How long Ollama keeps a model that was loaded on request: half an hour instead of its own five minutes, so that it is
 * still there after the thought that comes before the first question.
 */
export const WARM_KEEP_MINUTES = 30;

const loadAnswer = z.object({ done: z.literal(true), done_reason: z.string().optional() });

export interface OllamaLoad {
  readonly http: HttpClient;
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly modelId: string;
  /** Null: as Ollama likes it. */
  readonly contextTokens: number | null;
  readonly signal: AbortSignal;
}

/**
 * Loads a model into Ollama, and keeps it for half an hour: a generate request without a prompt, which answers
 * `done_reason: load` when the model is in memory. Leaving ends the load. Rejects only when `signal` aborts.
 */
export async function loadInOllama({
  http,
  url,
  modelId,
  contextTokens,
  signal,
}: OllamaLoad): Promise<LoadEnd> {
  const answer = await http.json(`${url}/api/generate`, loadAnswer, {
    json: {
      model: modelId,
      keep_alive: `${WARM_KEEP_MINUTES}m`,
      stream: false,
      ...(contextTokens === null ? {} : { options: { num_ctx: contextTokens } }),
    },
    headersTimeoutMs: COLD_LOAD_MS,
    bodyTimeoutMs: COLD_LOAD_MS,
    signal,
  });
  return answer.ok ? { ok: true, loaded: true } : failedLoad(answer.failure, modelId);
}
