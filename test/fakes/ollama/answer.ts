import { nanoseconds } from './goTime';
import { pause } from './pause';
import { LineStream } from './reply';
import type { Runner } from './runners';
import type { Piece } from './script';
import type { Exchange } from './world';

/** How a route writes what the model says: `/api/chat` and `/api/generate` differ in nothing else. */
export interface AnswerFormat {
  /** One line of the stream, or null where this route writes none for such a token. */
  readonly line: (piece: Piece) => object | null;
  /** The last line; with a whole answer in it where nothing was streamed. */
  readonly last: (whole: WholeAnswer | null, reason: DoneReason, figures: Figures) => object;
}

type DoneReason = 'stop' | 'length';

interface WholeAnswer {
  readonly content: string;
  readonly thinking: string;
  readonly calls: readonly (Piece & { readonly kind: 'tool' })[];
}

/** Counts and durations in nanoseconds, under the names of the wire. */
interface Figures {
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
  readonly prompt_eval_duration: number;
  readonly eval_count: number;
  readonly eval_duration: number;
}

export interface AnswerJob {
  readonly pieces: Generator<Piece, void>;
  readonly format: AnswerFormat;
  readonly stream: boolean;
  /** Tokens after which the model is stopped; Infinity for none. */
  readonly limitTokens: number;
  readonly promptTokens: number;
  readonly runner: Runner;
  readonly loadMs: number;
}

const RUNNER_DIED = 'an error was encountered while running the model: unexpected EOF';

export type AnswerEnd =
  | { readonly status: 'answered'; readonly body: object }
  | { readonly status: 'streamed' }
  /** The model's process died; a stream has been told so. */
  | { readonly status: 'died'; readonly error: string }
  | { readonly status: 'left' };

/** Lets the model speak, token after token, until it has done, is stopped, breaks, or nobody listens. */
export async function speak(exchange: Exchange, job: AnswerJob): Promise<AnswerEnd> {
  const { world, signal } = exchange;
  const { faults } = world;
  const stream = new LineStream(exchange.response, faults);
  const whole: { content: string; thinking: string; calls: (Piece & { kind: 'tool' })[] } = {
    content: '',
    thinking: '',
    calls: [],
  };
  const started = performance.now();
  let tokens = 0;
  let steps = 0;
  let reason: DoneReason = 'stop';
  let step = job.pieces.next();
  for (; !step.done; step = job.pieces.next()) {
    if (faults.chatErrorMidStream !== null && steps >= faults.chatErrorMidStream) {
      if (job.stream) {
        stream.write({ error: RUNNER_DIED });
        stream.end();
      }
      return { status: 'died', error: RUNNER_DIED };
    }
    if (job.stream && faults.chatTruncate !== null && steps >= faults.chatTruncate) {
      stream.end();
      return { status: 'streamed' };
    }
    if ((await nextTurn(world.settings.tokenIntervalMs, signal)) === 'aborted') return { status: 'left' };
    const piece = step.value;
    tokens += 1;
    if (piece.kind === 'content') whole.content += piece.text;
    if (piece.kind === 'thinking') whole.thinking += piece.text;
    if (piece.kind === 'tool') whole.calls.push(piece);
    const line = job.format.line(piece);
    if (line !== null) steps += 1;
    if (job.stream && line !== null && !stream.write(line)) await stream.drained(signal);
    if (tokens >= job.limitTokens) {
      reason = 'length';
      break;
    }
  }
  const evalMs = performance.now() - started;
  const figures: Figures = {
    total_duration: nanoseconds(job.loadMs + evalMs + 1),
    load_duration: nanoseconds(job.loadMs),
    prompt_eval_count: job.promptTokens,
    prompt_eval_duration: nanoseconds(1),
    eval_count: tokens,
    eval_duration: nanoseconds(evalMs),
  };
  const last = job.format.last(job.stream ? null : whole, reason, figures);
  if (!job.stream) return { status: 'answered', body: last };
  stream.write(last);
  stream.end();
  return { status: 'streamed' };
}

/** Waits for the next token; an endless answer at full speed still lets others run. */
async function nextTurn(milliseconds: number, signal: AbortSignal): Promise<'over' | 'aborted'> {
  if (milliseconds > 0) return pause(milliseconds, signal);
  await new Promise((resolve) => setImmediate(resolve));
  return signal.aborted ? 'aborted' : 'over';
}
