import type { Measurement } from '../shared/modelRef';
import { normalizeQuantId } from './quantisation';
import type { RankMeasurement } from './rankTypes';

/** What was measured on one host, by model and quantisation. */
export class MeasuredRates {
  /** Of models that the catalogue knows, by its id. */
  readonly #byModel = new Map<string, RankMeasurement[]>();
  /** Of the others, by the digest of their file. */
  readonly #byDigest = new Map<string, RankMeasurement[]>();

  /** Takes the plausible measurements of `hostId`. */
  constructor(measurements: readonly RankMeasurement[], hostId: string) {
    for (const measurement of measurements) {
      const { decodeTokPerSec, digest, modelId } = measurement;
      if (measurement.hostId !== hostId || !Number.isFinite(decodeTokPerSec) || decodeTokPerSec <= 0)
        continue;
      const [map, key] =
        modelId === undefined
          ? ([this.#byDigest, digestKey(digest)] as const)
          : ([this.#byModel, modelId] as const);
      const held = map.get(key);
      if (held) held.push(measurement);
      else map.set(key, [measurement]);
    }
  }

  get isEmpty(): boolean {
    return this.#byModel.size === 0 && this.#byDigest.size === 0;
  }

  /** The measurements of a build, in no order. Cheap for the many builds that have none. */
  of(build: {
    readonly modelId: string;
    readonly digest?: string | undefined;
    readonly quant: string;
  }): readonly RankMeasurement[] {
    const { modelId, digest } = build;
    const byModel = this.#byModel.get(modelId) ?? [];
    const byDigest =
      digest === undefined || this.#byDigest.size === 0 ? [] : (this.#byDigest.get(digestKey(digest)) ?? []);
    if (byModel.length === 0 && byDigest.length === 0) return [];
    const quant = normalizeQuantId(build.quant).canonical;
    return [...byModel, ...byDigest].filter((one) => normalizeQuantId(one.quant).canonical === quant);
  }
}

/** A measurement, and what would have been said of its model at the same context. */
export interface ComparedMeasurement {
  readonly measurement: Measurement;
  /** Tokens per second; 0 where nothing can be said. */
  readonly estimatedTokPerSec: number;
}

/** Calls that say the same after a measurement outweigh it. */
const CALLS_THAT_OUTWEIGH = 3;
/** Of the calls the newest ones count: machines change. */
const NEWEST_CALLS = 5;
/** Fastest over slowest of calls that say the same: 18 % up and down, by which one repeated measurement in ten differs. */
const SAME_RATIO = 1.39;

/**
 * The one measurement that stands for a model on its machine; undefined for none.
 *
 * A deliberate one (the median of three runs on a quiet server) counts more than what a call happened to show, however
 * new: calls run beside other calls and other programs. Only where the last three calls or more since then agree among
 * themselves is the machine not what it was, and the middle of them counts. So it does where nobody measured. What was
 * read at other contexts is compared by its ratio to the estimate, and the slower of two in the middle is taken.
 */
export function measurementThatCounts<T extends ComparedMeasurement>(measured: readonly T[]): T | undefined {
  const comparable = measured.filter(({ estimatedTokPerSec }) => estimatedTokPerSec > 0);
  const newestFirst = (comparable.length > 0 ? comparable : measured).toSorted(compareNewest);
  const deliberate = newestFirst.findIndex(({ measurement }) => measurement.from === 'measure');
  const calls = newestFirst
    .slice(0, deliberate < 0 ? newestFirst.length : deliberate)
    .slice(0, NEWEST_CALLS)
    .sort((a, b) => ratioOf(a) - ratioOf(b));
  const middle = calls[(calls.length - 1) >> 1];
  const [slowest] = calls;
  const fastest = calls.at(-1);
  const agree =
    slowest !== undefined &&
    fastest !== undefined &&
    calls.length >= CALLS_THAT_OUTWEIGH &&
    ratioOf(fastest) <= ratioOf(slowest) * SAME_RATIO;
  return deliberate < 0 || agree ? middle : newestFirst[deliberate];
}

function ratioOf({ measurement, estimatedTokPerSec }: ComparedMeasurement): number {
  return estimatedTokPerSec > 0
    ? measurement.decodeTokPerSec / estimatedTokPerSec
    : measurement.decodeTokPerSec;
}

/** By date, then what cannot differ by chance: the same measurements in any order must give the same answer. */
function compareNewest(
  { measurement: a, estimatedTokPerSec: estimateOfA }: ComparedMeasurement,
  { measurement: b, estimatedTokPerSec: estimateOfB }: ComparedMeasurement,
): number {
  if (a.measuredAt !== b.measuredAt) return a.measuredAt > b.measuredAt ? -1 : 1;
  if (a.from !== b.from) return a.from === 'measure' ? -1 : 1;
  return (
    b.decodeTokPerSec - a.decodeTokPerSec ||
    b.contextTokens - a.contextTokens ||
    // Of one moment and rate any may stand; it must be the same one in whatever order they come.
    estimateOfB - estimateOfA
  );
}

function digestKey(digest: string): string {
  return digest.replace(/^sha256[:-]/i, '').toLowerCase();
}
