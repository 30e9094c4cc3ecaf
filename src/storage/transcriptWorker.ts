import { readFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import initSqlJs from 'sql.js';
import { systemClock } from '../shared/clock';
import type { DispatchSummary } from '../shared/dispatchQuery';
import { messageOf } from '../shared/errors';
import { TranscriptAnswers } from './transcriptAnswers';
import {
  indexRequestSchema,
  workerStartSchema,
  type IndexAnswer,
  type IndexRequest,
} from './transcriptIndexMessages';
import { TranscriptTable } from './transcriptTable';

/**
 * The worker thread behind `TranscriptIndex`. It does one short thing at a time, the most urgent first: a page, a step
 * of a summary, a slice of the files, the order of a list whose further pages may be asked for.
 */

/** How often the host hears of the index growing while it is built. */
const PROGRESS_EVERY_MS = 250;

type Question<Type extends IndexRequest['type']> = Extract<IndexRequest, { type: Type }>;

if (parentPort) void work(parentPort);

async function work(port: MessagePort): Promise<never> {
  const { folder, wasmFile } = workerStartSchema.parse(workerData);
  const post = (message: IndexAnswer): void => port.postMessage(message);
  const pages: Question<'page'>[] = [];
  let summary: { readonly request: number; readonly steps: Generator<void, DispatchSummary> } | undefined;
  const asked: Question<'summary'>[] = [];
  let wake = (): void => undefined;
  port.on('message', (raw: unknown) => {
    const question = indexRequestSchema.parse(raw);
    if (question.type === 'page') pages.push(question);
    else asked.push(question);
    wake();
  });
  // A copy, because a Buffer may be a part of memory that others use as well.
  const wasmBinary = new Uint8Array(readFileSync(wasmFile)).buffer;
  const { Database } = await initSqlJs({ wasmBinary });
  const table = new TranscriptTable(new Database());
  const answers = new TranscriptAnswers(folder, table, systemClock);
  let toldAtMs = systemClock.monotonicMs();

  const answerPage = ({ request, query, waiting }: Question<'page'>): void =>
    attempt(post, request, () => post({ type: 'page', request, page: answers.page(query, waiting) }));
  const goOnWith = ({ request, steps }: NonNullable<typeof summary>): void =>
    attempt(post, request, () => {
      const step = steps.next();
      if (step.done === true) post({ type: 'summary', request, summary: step.value });
      else summary = { request, steps };
    });

  for (;;) {
    const page = pages.shift();
    const newest = asked.pop();
    if (newest) {
      // Who asks again does not need the older answers any more.
      for (const { request } of [...(summary ? [summary] : []), ...asked.splice(0)])
        post({ type: 'failed', request, message: 'a newer question took its place' });
      summary = { request: newest.request, steps: table.summary(newest.filter, newest.asOf) };
    }
    if (page) {
      answerPage(page);
    } else if (summary) {
      const current = summary;
      summary = undefined;
      goOnWith(current);
    } else if (answers.pending) {
      const more = answers.readOn();
      const nowMs = systemClock.monotonicMs();
      if (!more || nowMs - toldAtMs >= PROGRESS_EVERY_MS) {
        toldAtMs = nowMs;
        post({ type: 'progress' });
      }
    } else if (!answers.prepare()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    // Lets messages in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A question that cannot be answered is told so; the others go on. */
function attempt(post: (message: IndexAnswer) => void, request: number, answer: () => void): void {
  try {
    answer();
  } catch (thrown) {
    post({ type: 'failed', request, message: messageOf(thrown) });
  }
}
