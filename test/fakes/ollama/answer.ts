import { nanoseconds } from './goTime';
import { pause } from './pause';
import type { StreamDress } from './reply';
import { LineStream } from './reply';
import type { Runner } from './runners';
import type { Piece } from './script';
import type { Exchange } from './world';

/** How a route writes what the model says; made anew for each answer, for it may keep count. */
export interface AnswerFormat {
  /** What the stream begins with; by default nothing. */
  readonly opening?: (promptTokens: number) => readonly unknown[];
  /** What a token adds to the stream, asked of each one even where nothing is streamed; empty for nothing. */
  readonly lines: (piece: Piece) => readonly unknown[];
  /** How the stream ends. */
  readonly end: (reason: DoneReason, figures: Figures) => readonly unknown[];
  /** What the stream says where the model's process dies. */
  readonly died: readonly unknown[];
  /** The answer where nothing is streamed. */
  readonly whole: (whole: WholeAnswer, reason: DoneReason, figures: Figures) => object;
}

export type DoneReason = 'stop' | 'length';

interface WholeAnswer {
  readonly content: string;
  readonly thinking: string;
  readonly calls: readonly (Piece & { readonly kind: 'tool' })[];
  /** All that was said, token by token, what the parser swallows too. */
  readonly pieces: readonly Piece[];
}

/** Counts and durations in nanoseconds, under the names of the wire. */
export interface Figures {
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
  readonly dress: StreamDress;
  readonly stream: boolean;
  /** Tokens after which the model is stopped; Infinity for none. */
  readonly limitTokens: number;
  readonly promptTokens: number;
  readonly runner: Runner;
  readonly loadMs: number;
}

export const RUNNER_DIED = 'an error was encountered while running the model: unexpected EOF';

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
  const stream = new LineStream(exchange.response, faults, job.dress);
  const pieces: Piece[] = [];
  const write = async (values: readonly unknown[]): Promise<void> => {
    for (const value of job.stream ? values : []) {
      if (!stream.write(value)) await stream.drained(signal);
    }
  };
  await write(job.format.opening?.(job.promptTokens) ?? []);
  const started = performance.now();
  let tokens = 0;
  let steps = 0;
  let reason: DoneReason = 'stop';
  let step = job.pieces.next();
  for (; !step.done; step = job.pieces.next()) {
    if (faults.chatErrorMidStream !== null && steps >= faults.chatErrorMidStream) {
      await write(job.format.died);
      if (job.stream) stream.end();
      return { status: 'died', error: RUNNER_DIED };
    }
    if (job.stream && faults.chatTruncate !== null && steps >= faults.chatTruncate) {
      stream.end();
      return { status: 'streamed' };
    }
    if ((await nextTurn(world.settings.tokenIntervalMs, signal)) === 'aborted') return { status: 'left' };
    const piece = step.value;
    tokens += 1;
    if (!job.stream) pieces.push(piece);
    const lines = job.format.lines(piece);
    if (lines.length > 0) steps += 1;
    await write(lines);
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
  if (!job.stream) {
    return { status: 'answered', body: job.format.whole(wholeOf(pieces), reason, figures) };
  }
  await write(job.format.end(reason, figures));
  stream.end();
  return { status: 'streamed' };
}

function wholeOf(pieces: readonly Piece[]): WholeAnswer {
  const said = (kind: 'content' | 'thinking'): string =>
    pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  const calls = pieces.filter((piece) => piece.kind === 'tool');
  return { content: said('content'), thinking: said('thinking'), calls, pieces };
}

/** Waits for the next token; an endless answer at full speed still lets others run. */
async function nextTurn(milliseconds: number, signal: AbortSignal): Promise<'over' | 'aborted'> {
  if (milliseconds > 0) return pause(milliseconds, signal);
  await new Promise((resolve) => setImmediate(resolve));
  return signal.aborted ? 'aborted' : 'over';
}
