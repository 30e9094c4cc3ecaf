import { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import { untilAborted } from '../shared/abort';
import type { Clock } from '../shared/clock';
import type { DispatchFilter, DispatchQuery, DispatchSummary } from '../shared/dispatchQuery';
import { messageOf, ModelPoolError } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import {
  indexAnswerSchema,
  type IndexAnswer,
  type IndexedPage,
  type IndexRequest,
  type WorkerStart,
} from './transcriptIndexMessages';

/** Without a question for this long the index is given up; the next question builds it anew. */
const IDLE_MS = 10 * 60_000;
/** After a failure nothing is tried for this long, so that a fault that stays costs little. */
const RETRY_AFTER_MS = 30_000;

/** Why the index gave no answer; the message is for people. */
export class TranscriptIndexError extends ModelPoolError<'index_unavailable' | 'index_failed'> {}

export interface TranscriptIndexOptions {
  /** The folder of the transcript's files. */
  readonly folder: string;
  /** The bundle of `transcriptWorker.ts`. */
  readonly workerFile: string;
  /** sql.js's `sql-wasm.wasm`. */
  readonly wasmFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiting {
  readonly resolve: (answer: IndexAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The SQL index of the transcript, which lives in a worker thread: it starts with the first question, is given up
 * when none came for ten minutes, and never keeps the process alive.
 */
export class TranscriptIndex {
  readonly #progressed: Emitter<void>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastRequest = 0;
  #cancelIdle: (() => void) | undefined;
  #failure: { readonly error: TranscriptIndexError; readonly retryAtMs: number } | undefined;
  #disposed = false;

  constructor(private readonly options: TranscriptIndexOptions) {
    this.#progressed = new Emitter((thrown) =>
      options.logger.log('error', 'transcript.index.listener.failed', { error: messageOf(thrown) }),
    );
  }

  /** Calls the listener when more of the files is known, some times a second while the index is built. */
  get onDidProgress(): (listener: () => void) => () => void {
    return this.#progressed.on;
  }

  /**
   * A page of the records that match, with those in `waiting` (lines that are not on disk yet, oldest first). Rejects
   * with a `TranscriptIndexError` when there is no index, and when `signal` aborts.
   */
  async query(query: DispatchQuery, waiting: readonly string[], signal?: AbortSignal): Promise<IndexedPage> {
    const answer = await this.#ask({ type: 'page', query, waiting: [...waiting] }, signal);
    if (answer.type === 'page') return answer.page;
    throw new TranscriptIndexError(
      'index_failed',
      failureText(l10n.t('it gave an answer to another question')),
    );
  }

  /** Counts of the records that match, as of a list; rejects as `query` does. */
  async summary(filter: DispatchFilter, asOf: number | null, signal?: AbortSignal): Promise<DispatchSummary> {
    const answer = await this.#ask({ type: 'summary', filter, asOf }, signal);
    if (answer.type === 'summary') return answer.summary;
    throw new TranscriptIndexError(
      'index_failed',
      failureText(l10n.t('it gave an answer to another question')),
    );
  }

  /** Ends the worker. Idempotent; questions that still wait are rejected. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#end(
      new TranscriptIndexError('index_unavailable', failureText(l10n.t('this window is closing'))),
    );
  }

  async #ask(question: Question, signal: AbortSignal | undefined): Promise<IndexAnswer> {
    signal?.throwIfAborted();
    const worker = this.#running();
    const request = ++this.#lastRequest;
    const answered = new Promise<IndexAnswer>((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
    });
    worker.postMessage({ ...question, request } satisfies IndexRequest);
    // A process waits for its answers, and for nothing else of the worker.
    worker.ref();
    this.#armIdle();
    try {
      const answer = await untilAborted(answered, signal);
      if (answer.type === 'failed') {
        throw new TranscriptIndexError('index_failed', failureText(answer.message));
      }
      return answer;
    } finally {
      this.#waiting.delete(request);
      if (this.#waiting.size === 0) worker.unref();
    }
  }

  #running(): Worker {
    if (this.#worker) return this.#worker;
    const { folder, workerFile, wasmFile, clock, logger } = this.options;
    if (this.#disposed) {
      throw new TranscriptIndexError('index_unavailable', failureText(l10n.t('this window is closing')));
    }
    if (this.#failure && clock.monotonicMs() < this.#failure.retryAtMs) throw this.#failure.error;
    this.#failure = undefined;
    let worker: Worker;
    try {
      worker = new Worker(workerFile, {
        workerData: { folder, wasmFile } satisfies WorkerStart,
        name: 'Model Pool transcript',
      });
    } catch (thrown) {
      throw this.#failed(messageOf(thrown));
    }
    worker.on('message', (raw: unknown) => this.#receive(raw));
    worker.on('error', (thrown: unknown) => this.#crashed(worker, messageOf(thrown)));
    worker.on('exit', (code) => this.#crashed(worker, l10n.t('it ended with code {0}', code)));
    logger.log('info', 'transcript.index.started');
    this.#worker = worker;
    return worker;
  }

  #receive(raw: unknown): void {
    const { data: answer } = indexAnswerSchema.safeParse(raw);
    if (!answer) {
      this.options.logger.log('error', 'transcript.index.answer.refused');
    } else if (answer.type === 'progress') {
      this.#progressed.fire();
    } else {
      this.#waiting.get(answer.request)?.resolve(answer);
    }
  }

  #crashed(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    void this.#end(this.#failed(reason));
  }

  #failed(reason: string): TranscriptIndexError {
    const error = new TranscriptIndexError('index_unavailable', failureText(reason));
    this.#failure = { error, retryAtMs: this.options.clock.monotonicMs() + RETRY_AFTER_MS };
    this.options.logger.log('error', 'transcript.index.failed', { reason });
    return error;
  }

  #armIdle(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.options.clock.after(IDLE_MS, () => {
      // A question that takes as long as that has met a fault.
      void this.#end(new TranscriptIndexError('index_unavailable', failureText(l10n.t('it gave no answer'))));
    });
  }

  async #end(error: TranscriptIndexError): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#cancelIdle?.();
    for (const { reject } of this.#waiting.values()) reject(error);
    await worker?.terminate();
  }
}

type Question =
  | Omit<Extract<IndexRequest, { type: 'page' }>, 'request'>
  | Omit<Extract<IndexRequest, { type: 'summary' }>, 'request'>;

function failureText(reason: string): string {
  return l10n.t(
    'The index of the records does not work: {0}. The newest records can still be read; to filter and sort all of them, reload the window, and if this stays, reinstall the extension.',
    reason.replace(/\.$/, ''),
  );
}
