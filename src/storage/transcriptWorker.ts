import { readFileSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import initSqlJs from 'sql.js';
import { systemClock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { TranscriptAnswers } from './transcriptAnswers';
import { indexRequestSchema, workerStartSchema, type IndexAnswer } from './transcriptIndexMessages';
import { TranscriptTable } from './transcriptTable';

/** The worker thread behind `TranscriptIndex`: answers questions first, and reads the files while there are none. */

/** How often the host hears of the index growing while it is built. */
const PROGRESS_EVERY_MS = 250;

if (parentPort) void work(parentPort);

async function work(port: MessagePort): Promise<never> {
  const { folder, wasmFile } = workerStartSchema.parse(workerData);
  const post = (message: IndexAnswer): void => port.postMessage(message);
  const requests: unknown[] = [];
  let wake = (): void => undefined;
  port.on('message', (raw: unknown) => {
    requests.push(raw);
    wake();
  });
  // A copy, because a Buffer may be a part of memory that others use as well.
  const wasmBinary = new Uint8Array(readFileSync(wasmFile)).buffer;
  const { Database } = await initSqlJs({ wasmBinary });
  const answers = new TranscriptAnswers(folder, new TranscriptTable(new Database()), systemClock);
  let toldAtMs = systemClock.monotonicMs();
  for (;;) {
    if (requests.length > 0) {
      post(answerTo(answers, requests.shift()));
    } else if (answers.pending) {
      const more = answers.readOn();
      const nowMs = systemClock.monotonicMs();
      if (!more || nowMs - toldAtMs >= PROGRESS_EVERY_MS) {
        toldAtMs = nowMs;
        post({ type: 'progress' });
      }
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    // Lets messages in.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function answerTo(answers: TranscriptAnswers, raw: unknown): IndexAnswer {
  const request = indexRequestSchema.parse(raw);
  try {
    return answers.answer(request);
  } catch (thrown) {
    return { type: 'failed', request: request.request, message: messageOf(thrown) };
  }
}
