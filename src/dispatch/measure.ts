import * as l10n from '@vscode/l10n';
import type { ModelRef } from '../shared/modelRef';
import type { ChatTimings } from './chat';
import { measurePrompt } from './measurePrompt';
import type { TrialDispatcher } from './trialCall';
import { trialCall } from './trialCall';

/** Runs whose rates count, after one that does not: the first one pays for what is made once. */
const MEASURED_RUNS = 3;
/** Longest answer of a run. */
const ANSWER_TOKENS = 128;
/** An answer of fewer tokens says little: the first ones come from another path than the rest. */
const FEWEST_TOKENS = 16;
/** A prompt of which more than this share came from the server's cache says nothing of how fast it is read. */
const MOST_CACHED_SHARE = 0.1;
const SEED = 7;

export interface RatesOrder {
  readonly model: ModelRef;
  /** Makes the prompts of this measurement other ones than those of the last. */
  readonly head: string;
  readonly signal: AbortSignal;
  /** Says which run begins; 0 is the one that does not count. */
  readonly onRun?: ((run: number) => void) | undefined;
}

/** The medians of the runs that counted. */
export interface MeasuredRates {
  readonly ok: true;
  readonly decodeTokPerSec: number;
  /** Absent where no run read its prompt anew, or nobody measured it. */
  readonly promptTokPerSec?: number;
  /** `client` where at least one run was timed by our clock: the way to the server is in it then. */
  readonly measuredBy: ChatTimings['measuredBy'];
  readonly runs: number;
  /** Tokens of the longest run. */
  readonly promptTokens: number | null;
  readonly answerTokens: number;
  readonly recordIds: readonly string[];
}

export interface NotMeasured {
  readonly ok: false;
  /** What happened and what to do. */
  readonly message: string;
  readonly recordId: string | null;
}

interface Run {
  readonly timings: ChatTimings;
  readonly decodeTokPerSec: number;
  readonly promptTokPerSec: number | undefined;
  readonly promptTokens: number | null;
  readonly answerTokens: number;
  readonly recordId: string;
}

/**
 * Measures how fast a model reads and writes: one call that does not count and three that do, each with a prompt of about
 * 512 tokens of its own and an answer of at most 128 tokens, at temperature 0, without thinking. Each is a call on record
 * like every other. Rejects only when the order's signal aborts.
 */
export async function measureRates(
  dispatcher: Pick<TrialDispatcher, 'dispatch'>,
  order: RatesOrder,
): Promise<MeasuredRates | NotMeasured> {
  const runs: Run[] = [];
  for (let run = 0; run <= MEASURED_RUNS; run++) {
    order.onRun?.(run);
    const result = await measureOnce(dispatcher, order, run);
    if ('message' in result) return result;
    if (run > 0) runs.push(result);
  }
  const prompts = runs.flatMap(({ promptTokPerSec }) => promptTokPerSec ?? []);
  const promptTokPerSec = median(prompts);
  const promptTokens = runs.flatMap((run) => run.promptTokens ?? []);
  return {
    ok: true,
    decodeTokPerSec: median(runs.map((run) => run.decodeTokPerSec)) ?? 0,
    ...(promptTokPerSec === undefined ? {} : { promptTokPerSec }),
    measuredBy: runs.every(({ timings }) => timings.measuredBy === 'server') ? 'server' : 'client',
    runs: runs.length,
    promptTokens: promptTokens.length === 0 ? null : Math.max(...promptTokens),
    answerTokens: Math.max(...runs.map(({ answerTokens }) => answerTokens)),
    recordIds: runs.map(({ recordId }) => recordId),
  };
}

async function measureOnce(
  dispatcher: Pick<TrialDispatcher, 'dispatch'>,
  { model, head, signal }: RatesOrder,
  run: number,
): Promise<Run | NotMeasured> {
  const called = await trialCall(dispatcher, {
    model,
    messages: [{ role: 'user', content: measurePrompt(`${run} ${head}`) }],
    parameters: { maxTokens: ANSWER_TOKENS, temperature: 0, seed: SEED, thinking: { mode: 'off' } },
    sessionId: 'measure',
    retry: false,
    signal,
  });
  if (!called.ok) return called;
  const { timings, usage, recordId } = called.finish;
  const answerTokens = usage.outputTokens ?? 0;
  if (answerTokens < FEWEST_TOKENS) {
    const said =
      usage.outputTokens === null ? l10n.t('its server does not say how many') : String(answerTokens);
    return {
      ok: false,
      message: l10n.t(
        '{0} was not measured: at least {1} tokens of an answer are needed ({2}). Try again, or measure another model.',
        model.modelId,
        FEWEST_TOKENS,
        said,
      ),
      recordId,
    };
  }
  const decodeTokPerSec = timings?.decodeTokPerSec;
  if (!timings || decodeTokPerSec === undefined || !(decodeTokPerSec > 0)) {
    return {
      ok: false,
      message: l10n.t(
        '{0} answered, but neither its server nor our clock could time it. Try again.',
        model.modelId,
      ),
      recordId,
    };
  }
  const { inputTokens, cachedTokens = 0 } = usage;
  const readAnew = cachedTokens <= (inputTokens ?? 0) * MOST_CACHED_SHARE;
  return {
    ...{ timings, decodeTokPerSec, promptTokens: inputTokens, answerTokens, recordId },
    promptTokPerSec: readAnew && (timings.promptTokPerSec ?? 0) > 0 ? timings.promptTokPerSec : undefined,
  };
}

/** Of an even count the mean of the two in the middle; undefined for none. */
function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
