import type { AnswerFormat } from './answer';
import { speak } from './answer';
import { strikes } from './faults';
import { replyError, replyJson } from './reply';
import { optionError, parseKeepAlive, parseThink } from './requests';
import type { Ask } from './script';
import { answerOf } from './script';
import type { StoredModel } from './store';
import type { Exchange } from './world';

/** What `/api/chat` and `/api/generate` have in common once the model is known. */
export interface Generation {
  readonly model: StoredModel;
  /** The name as the caller wrote it: answers repeat it. */
  readonly requestedName: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly keepAliveMs: number;
  readonly truncate: boolean;
  readonly stream: boolean;
  readonly promptTokens: number;
  /** Null: only load the model. */
  readonly ask: Ask | null;
  readonly format: AnswerFormat;
  /** The answer to a request that only loads. */
  readonly loaded: object;
}

const QUEUE_FULL = 'server busy, please try again.  maximum pending requests exceeded';

/** The llama-server inside rounds its context up to this. */
const CONTEXT_STEP_TOKENS = 256;

/** `keep_alive` and `think` of a request, or the text of its 400. */
export function parseRunSettings(body: {
  readonly keep_alive?: unknown;
  readonly think?: unknown;
}):
  | { readonly ok: true; readonly keepAliveMs: number; readonly think: boolean | null }
  | { readonly ok: false; readonly error: string } {
  const keepAlive = parseKeepAlive(body.keep_alive);
  if (!keepAlive.ok) return keepAlive;
  const think = parseThink(body.think);
  if (!think.ok) return think;
  return { ok: true, keepAliveMs: keepAlive.value, think: think.value };
}

/** Loads the model, lets it answer, and writes the answer, or the error that the real server gives instead. */
export async function generate(exchange: Exchange, generation: Generation): Promise<void> {
  const { world, response, signal } = exchange;
  const { model } = generation;
  const options = { ...model.package.facts.parameters, ...generation.options };
  const wrongOption = optionError(options);
  if (wrongOption !== null) return replyError(response, 500, wrongOption);
  if (!world.store.hasWeights(model)) {
    return replyError(
      response,
      404,
      `model ${JSON.stringify(generation.requestedName)} not found, try pulling it first`,
    );
  }
  const loadError = world.store.loadError(model);
  if (loadError !== undefined) return replyError(response, 500, loadError);
  if (strikes(world.faults, 'busy')) return replyError(response, 503, QUEUE_FULL);
  const lease = await world.runners.acquire(
    model,
    numberOf(options, 'num_ctx'),
    generation.keepAliveMs,
    signal,
  );
  if (lease.status === 'busy') return replyError(response, 503, QUEUE_FULL);
  if (lease.status === 'left') return;
  try {
    if (generation.ask === null) return replyJson(response, 200, generation.loaded);
    const { contextTokens } = lease.runner;
    const overflows = generation.promptTokens > contextTokens;
    if (overflows && !generation.truncate) {
      return replyError(response, 400, tooLong(generation.promptTokens, contextTokens));
    }
    const limit = numberOf(options, 'num_predict') ?? -1;
    const end = await speak(exchange, {
      pieces: answerOf(model, generation.ask),
      format: generation.format,
      stream: generation.stream,
      limitTokens: limit > 0 ? limit : Infinity,
      // Silently cut to about half of the context, as the captures show.
      promptTokens: overflows ? Math.floor(contextTokens / 2) + 3 : generation.promptTokens,
      runner: lease.runner,
      loadMs: lease.loadMs,
    });
    if (end.status === 'failed') replyError(response, 500, end.error);
    if (end.status === 'answered') replyJson(response, 200, end.body);
  } finally {
    lease.release();
  }
}

/** An error of the llama-server inside: JSON in a string. */
export function innerError(message: string, type: string, more: object = {}): string {
  return JSON.stringify({ error: { code: 400, message, type, ...more } });
}

function tooLong(promptTokens: number, contextTokens: number): string {
  const allocated = Math.ceil(contextTokens / CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS;
  return innerError(
    `request (${promptTokens} tokens) exceeds the available context size (${allocated} tokens), try increasing it`,
    'exceed_context_size_error',
    { n_prompt_tokens: promptTokens, n_ctx: allocated },
  );
}

function numberOf(options: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}
