import { Worker } from 'node:worker_threads';
import * as l10n from '@vscode/l10n';
import { abortReason, untilAborted } from '../shared/abort';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import {
  CONTROL_BYTES,
  threadAnswerSchema,
  type ThreadRounds,
  type ThreadStart,
} from './measureBandwidthMessages';
import type { BandwidthPlan } from './measureBandwidthPlan';

/** How fast this machine reads its memory. */
export interface MeasuredBandwidth {
  /** 10^9 bytes read per second by all threads together, in the best round. */
  readonly bandwidthGBps: number;
  readonly threads: number;
  /** Of all threads together. */
  readonly bufferBytes: number;
  /** How many rounds the best one is the best of; five or more. */
  readonly rounds: number;
}

/** Why nothing was measured; messages say what to do. */
type BandwidthFailure = 'no_memory' | 'not_supported' | 'too_slow' | 'failed';

export type BandwidthResult =
  | { readonly ok: true; readonly measured: MeasuredBandwidth }
  | {
      readonly ok: false;
      readonly code: BandwidthFailure;
      readonly message: string;
      readonly cause?: string;
    };

export interface MeasureBandwidthOptions {
  /** What to read; null where there is too little memory for it. */
  readonly plan: BandwidthPlan | null;
  /** The bundle of `bandwidthWorker.ts`. */
  readonly workerFile: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called ten times a second with the part of the time that has passed, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** No measurement lasts longer. */
const MEASUREMENT_LIMIT_MS = 2_000;
/** Rounds go on until then: on a machine that does other things the best of many is nearer the truth than that of five. */
const ENOUGH_AFTER_MS = 1_500;
const MIN_ROUNDS = 5;
const PROGRESS_EVERY_MS = 100;

const FAILURE_TEXTS: Readonly<Record<BandwidthFailure, () => string>> = {
  no_memory: () =>
    l10n.t('There is too little free memory to measure with. Close other programs, then try again.'),
  not_supported: () =>
    l10n.t('This processor or editor cannot run the measurement, so the assumed figure stays.'),
  too_slow: () =>
    l10n.t('The machine was too busy to measure within two seconds. Try again when less is running.'),
  failed: () => l10n.t('The measurement broke off. Try again, and see the log if it happens again.'),
};

/**
 * Measures the bandwidth of reading memory, in threads of their own, in two seconds at most. Each thread reads a buffer
 * of its own that no cache holds, from end to end, in rounds that all begin together; the best round counts. Only reads
 * are counted, once each. Rejects only when `signal` aborts; the threads have ended then as well.
 *
 * `mbw` counts the bytes that it copies once, while every one of them is read and written: twice what its MEMCPY prints
 * is what crosses the memory bus (the C library writes around the cache there), and that is what this agrees with, with
 * the same number of threads.
 */
export async function measureBandwidth(options: MeasureBandwidthOptions): Promise<BandwidthResult> {
  const { plan, signal, clock, onProgress } = options;
  if (signal?.aborted) throw abortReason(signal);
  if (!plan) return failure('no_memory');
  const threads: Worker[] = [];
  const begunMs = clock.monotonicMs();
  let stopProgress = (): void => undefined;
  const tick = (): void => {
    onProgress?.(Math.min(1, (clock.monotonicMs() - begunMs) / MEASUREMENT_LIMIT_MS));
    stopProgress = clock.after(PROGRESS_EVERY_MS, tick);
  };
  tick();
  let stopLimit = (): void => undefined;
  const limit = new Promise<BandwidthResult>((resolve) => {
    stopLimit = clock.after(MEASUREMENT_LIMIT_MS, () => resolve(failure('too_slow')));
  });
  try {
    return await untilAborted(Promise.race([limit, readWith(threads, plan, options)]), signal);
  } finally {
    stopProgress();
    stopLimit();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Starts the threads, which the caller ends. A thread that fails decides: the others would wait for it for ever. */
function readWith(
  threads: Worker[],
  plan: BandwidthPlan,
  { workerFile, clock }: MeasureBandwidthOptions,
): Promise<BandwidthResult> {
  const workerData: ThreadStart = {
    bytes: plan.bytesPerThread,
    threads: plan.threads,
    control: new SharedArrayBuffer(CONTROL_BYTES),
    enoughAtMs: clock.monotonicMs() + ENOUGH_AFTER_MS,
    minRounds: MIN_ROUNDS,
  };
  const rounds: ThreadRounds[] = [];
  return new Promise((resolve) => {
    for (let nth = 0; nth < plan.threads; nth += 1) {
      const thread = new Worker(workerFile, { workerData });
      let answered = false;
      threads.push(thread);
      thread.once('message', (raw: unknown) => {
        answered = true;
        const answer = threadAnswerSchema.safeParse(raw);
        if (!answer.success) resolve(failure('failed', answer.error.message));
        else if (answer.data.type === 'failed') resolve(failure(answer.data.code, answer.data.message));
        else if (rounds.push(answer.data.rounds) === plan.threads)
          resolve({ ok: true, measured: measuredBy(plan, rounds) });
      });
      thread.once('error', (thrown) => resolve(failure('failed', messageOf(thrown))));
      thread.once('exit', () => {
        if (!answered) resolve(failure('failed', 'a thread ended without an answer'));
      });
    }
  });
}

/** What the best round of all threads came to; a round lasts from its first begin to its last end. */
export function measuredBy(
  { threads, bytesPerThread }: BandwidthPlan,
  rounds: readonly ThreadRounds[],
): MeasuredBandwidth {
  const count = Math.min(...rounds.map((each) => each.length));
  const bufferBytes = threads * bytesPerThread;
  const times = Array.from({ length: count }, (_, nth) => {
    const spans = rounds.flatMap((each) => each.slice(nth, nth + 1));
    return Math.max(...spans.map(([, end]) => end)) - Math.min(...spans.map(([begun]) => begun));
  });
  return { bandwidthGBps: bufferBytes / Math.min(...times) / 1e6, threads, bufferBytes, rounds: count };
}

function failure(code: BandwidthFailure, cause?: string): BandwidthResult {
  return { ok: false, code, message: FAILURE_TEXTS[code](), ...(cause === undefined ? {} : { cause }) };
}
