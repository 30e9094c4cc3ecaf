import type { AnswerFormat } from './answer';
import { speak } from './answer';
import { strikes } from './faults';
import type { Voice } from './reply';
import { optionError, parseKeepAlive, parseThink } from './runOptions';
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
  /** False: the answer ends where the context is full. */
  readonly shift: boolean;
  readonly stream: boolean;
  readonly promptTokens: number;
  /** Set where the llama-server inside will refuse the request: what it says. */
  readonly refusal?: string | null;
  /** Null: only load the model. */
  readonly ask: Ask | null;
  readonly format: AnswerFormat;
  readonly voice: Voice;
  /** The answer to a request that only loads. */
  readonly loaded: object;
}

const QUEUE_FULL = 'server busy, please try again.  maximum pending requests exceeded';

/** The llama-server inside rounds its context up to this. */
const CONTEXT_STEP_TOKENS = 256;

/** A prompt cut to less than this has lost the template's mark that makes the model think. */
const THINKING_PROMPT_TOKENS = 6;

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
  const { model, voice } = generation;
  const options = { ...model.package.facts.parameters, ...generation.options };
  const wrongOption = optionError(options);
  if (wrongOption !== null) return voice.error(response, 500, wrongOption);
  if (!world.store.hasWeights(model)) {
    return voice.error(
      response,
      404,
      `model ${JSON.stringify(generation.requestedName)} not found, try pulling it first`,
    );
  }
  const loadError = world.store.loadError(model);
  if (loadError !== undefined) return voice.error(response, 500, loadError);
  if (strikes(world.faults, 'busy')) return voice.error(response, 503, QUEUE_FULL);
  const lease = await world.runners.acquire(
    model,
    { contextTokens: numberOf(options, 'num_ctx'), shift: generation.shift },
    generation.keepAliveMs,
    signal,
  );
  if (lease.status === 'busy') return voice.error(response, 503, QUEUE_FULL);
  if (lease.status === 'left') return;
  try {
    if (generation.ask === null) return voice.whole(response, generation.loaded);
    const { contextTokens } = lease.runner;
    const overflows = generation.promptTokens > contextTokens;
    const refusal =
      generation.refusal ??
      (overflows && !generation.truncate ? tooLong(generation.promptTokens, contextTokens) : null);
    if (refusal !== null) {
      return generation.stream
        ? voice.streamError(response, 400, refusal)
        : voice.error(response, 400, refusal);
    }
    // Silently cut to about half of the context, as the captures show.
    const promptTokens = overflows ? Math.floor(contextTokens / 2) + 3 : generation.promptTokens;
    const end = await speak(exchange, {
      pieces: answerOf(
        model,
        overflows && promptTokens < THINKING_PROMPT_TOKENS
          ? { ...generation.ask, think: false }
          : generation.ask,
      ),
      format: generation.format,
      dress: voice.dress,
      stream: generation.stream,
      limitTokens: Math.min(
        asLimit(numberOf(options, 'num_predict')),
        generation.shift ? Infinity : allocated(contextTokens) - promptTokens,
      ),
      promptTokens,
      runner: lease.runner,
      loadMs: lease.loadMs,
    });
    if (end.status === 'died') {
      lease.crash();
      if (!response.headersSent) voice.error(response, 500, end.error);
    }
    if (end.status === 'answered') voice.whole(response, end.body);
  } finally {
    lease.release();
  }
}

/** An error of the llama-server inside: JSON in a string. */
export function innerError(message: string, type: string, more: object = {}): string {
  return JSON.stringify({ error: { code: 400, message, type, ...more } });
}

function tooLong(promptTokens: number, contextTokens: number): string {
  const available = allocated(contextTokens);
  return innerError(
    `request (${promptTokens} tokens) exceeds the available context size (${available} tokens), try increasing it`,
    'exceed_context_size_error',
    { n_prompt_tokens: promptTokens, n_ctx: available },
  );
}

function allocated(contextTokens: number): number {
  return Math.ceil(contextTokens / CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS;
}

/** `num_predict`: -1 and -2 stand for no end. */
function asLimit(given: number | undefined): number {
  return given === undefined || given <= 0 ? Infinity : given;
}

function numberOf(options: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}
