/**
 * How much the measurements of one machine change its other estimates.
 *
 * A machine is faster or slower than its device's usual rate by a factor of its own (clocks, drivers, memory modules,
 * the server's version), which all of its measurements share; besides, each model is off by something of its own. The
 * first is learned from the middle of the ratios of measured to estimated rates, as logarithms, so that one wrong
 * measurement among several moves nothing much. Accelerators and system memory are learned apart: over the 13 devices
 * of the development data that have both, how far the one is off says nothing of the other (correlation 0.00).
 */

/** Where the bytes of a model are read from: what is off with the one says nothing of the other. */
export type Placement = 'accelerator' | 'system';

/** One model that was measured here, beside what would have been said of it. */
export interface CalibrationPair {
  readonly placement: Placement;
  readonly measuredTokPerSec: number;
  /** Before any calibration, for the same model at the same context. */
  readonly estimatedTokPerSec: number;
}

/** What estimates of one placement are multiplied by. */
export interface SpeedCalibration {
  /** Measured over estimated, shrunk towards 1. */
  readonly factor: number;
  /** Models that it was learned from. */
  readonly measurements: number;
  /** What is left of the width of a range (as a logarithm), 0..1. */
  readonly rangeShare: number;
}

/** A pair with what the others of its machine make of its estimate. */
type CalibratedPair<T extends CalibrationPair = CalibrationPair> = T & {
  /** By the other measurements of its placement alone; the estimate itself where there are none. */
  readonly calibratedTokPerSec: number;
};

export interface HostCalibration<T extends CalibrationPair = CalibrationPair> {
  readonly accelerator?: SpeedCalibration;
  readonly system?: SpeedCalibration;
  readonly rows: readonly CalibratedPair<T>[];
  /** Median of |estimated / measured - 1| over the rows; null for no rows. */
  readonly errorBefore: number | null;
  /** The same after calibration by the others of each row; null where no row has others. */
  readonly errorAfter: number | null;
}

/**
 * How many measurements the knowledge of other machines counts for: the variance of ln(measured / estimated) among the
 * models of one machine over that among machines, which makes the shrunk mean the best guess. Of the committed rows
 * (data/measurements/speed.jsonl, 2026-11; a machine is a device with a runtime) that quotient is 2.3 for accelerators
 * of benches, estimated without their device (standard deviations 0.17 within and 0.11 among machines), 1.5 for those
 * of users (0.42, 0.34) and 0.5 for those of localscore (0.26, 0.37). Benches are insensitive to it from 0.5 to 3, and
 * who measures here is no bench: 1. In system memory it is 0.1 (0.27, 0.87): what a machine's memory really gives is
 * hardly known before. Half a measurement is kept there against the wrong one among few.
 */
const PRIOR_MEASUREMENTS: Readonly<Record<Placement, number>> = { accelerator: 1, system: 0.5 };

/** No measurement changes an estimate by more: beyond it is not the machine that is wrong but what was measured. */
const MOST_FACTOR = 4;

/** What these pairs teach, in any order. Pairs that are not positive and finite teach nothing and have no row. */
export function calibrateHost<T extends CalibrationPair>(pairs: readonly T[]): HostCalibration<T> {
  const known = pairs.filter((pair) => Number.isFinite(logRatio(pair)));
  const accelerator = new Ratios(known, 'accelerator');
  const system = new Ratios(known, 'system');
  const rows = known.map((pair): CalibratedPair<T> => {
    const others = (pair.placement === 'system' ? system : accelerator).without(logRatio(pair));
    return { ...pair, calibratedTokPerSec: pair.estimatedTokPerSec * (others?.factor ?? 1) };
  });
  const checked = rows.filter(({ placement }) => (placement === 'system' ? system : accelerator).hasOthers());
  const seen = checked.length > 0 ? checked : rows;
  return {
    ...(accelerator.all === undefined ? {} : { accelerator: accelerator.all }),
    ...(system.all === undefined ? {} : { system: system.all }),
    rows,
    errorBefore: medianError(seen.map((row) => row.estimatedTokPerSec / row.measuredTokPerSec)),
    errorAfter: medianError(checked.map((row) => row.calibratedTokPerSec / row.measuredTokPerSec)),
  };
}

/** The ratios of one placement, sorted, so that each is left out at no cost. */
class Ratios {
  readonly #sorted: readonly number[];

  constructor(
    pairs: readonly CalibrationPair[],
    private readonly placement: Placement,
  ) {
    this.#sorted = pairs
      .filter((pair) => pair.placement === placement)
      .map(logRatio)
      .sort((a, b) => a - b);
  }

  get all(): SpeedCalibration | undefined {
    return calibrationOf(this.placement, middle(this.#sorted), this.#sorted.length);
  }

  hasOthers(): boolean {
    return this.#sorted.length > 1;
  }

  /** What is learned where one of these ratios is left out. */
  without(ratio: number): SpeedCalibration | undefined {
    const left = this.#sorted.indexOf(ratio);
    const count = this.#sorted.length - 1;
    const at = (index: number): number => this.#sorted[index < left ? index : index + 1] ?? 0;
    return calibrationOf(this.placement, (at((count - 1) >> 1) + at(count >> 1)) / 2, count);
  }
}

function calibrationOf(
  placement: Placement,
  middleRatio: number,
  count: number,
): SpeedCalibration | undefined {
  if (count === 0) return undefined;
  const limit = Math.log(MOST_FACTOR);
  const prior = PRIOR_MEASUREMENTS[placement];
  const shrunk = (middleRatio * count) / (count + prior);
  return {
    factor: Math.exp(Math.min(limit, Math.max(-limit, shrunk))),
    measurements: count,
    rangeShare: rangeShare(count, prior),
  };
}

/**
 * A next model of the machine is off by its own part and by what is not known yet of the machine's: with the variances
 * above these are 1 and 1 / (measurements + prior), before any measurement 1 and 1 / prior.
 */
function rangeShare(measurements: number, prior: number): number {
  return Math.sqrt((1 + 1 / (measurements + prior)) / (1 + 1 / prior));
}

function logRatio({ measuredTokPerSec, estimatedTokPerSec }: CalibrationPair): number {
  return Math.log(measuredTokPerSec) - Math.log(estimatedTokPerSec);
}

/** Of an even count the mean of the two in the middle; 0 for none. */
function middle(sorted: readonly number[]): number {
  const { length } = sorted;
  return ((sorted[(length - 1) >> 1] ?? 0) + (sorted[length >> 1] ?? 0)) / 2;
}

function medianError(ratios: readonly number[]): number | null {
  if (ratios.length === 0) return null;
  return middle(ratios.map((ratio) => Math.abs(ratio - 1)).sort((a, b) => a - b));
}
