import { decodeSeconds, type DecodeWork } from '../../src/ranking/decodeModel';
import type { DecodeParameters } from '../../src/ranking/decodeModelParameters';
import type { ClassifiedDevice, DeviceClass, DeviceVendor } from '../../src/ranking/deviceClass';

/** One measured token time beside what it was spent on. */
export interface FitSample {
  readonly work: DecodeWork;
  readonly device: ClassifiedDevice;
  readonly bandwidthGBps: number;
  readonly seconds: number;
}

/** One number of the table, as a logarithm: where it starts and how far it may go without evidence. */
interface Unknown {
  readonly vendor?: DeviceVendor;
  readonly deviceClass?: DeviceClass;
  readonly neutral: number;
  /** Standard deviation of the prior: what a class has of its own is shrunk towards its vendor by it. */
  readonly spread: number;
}

const VENDORS: Readonly<Record<DeviceVendor, { readonly launchSeconds: number }>> = {
  nvidia: { launchSeconds: 50e-6 },
  apple: { launchSeconds: 120e-6 },
  amd: { launchSeconds: 60e-6 },
  intel: { launchSeconds: 80e-6 },
};
const EFFICIENCY = { neutral: Math.log(0.75), spread: 0.3 };
const LAUNCH_SPREAD = 0.5;
const CACHE_EFFICIENCY = { neutral: Math.log(0.5), spread: 0.7 };

const CLASS_SPREAD = 0.1;
/** Classes that physics sets apart: much bandwidth for their arithmetic, or old kernels. */
const CLASS_SPREAD_APART = 0.25;
const APART: ReadonlySet<DeviceClass> = new Set<DeviceClass>(['pascal', 'hbm', 'alchemist']);
const CLASS_LAUNCH_SPREAD = 0.25;
const CLASSES: readonly DeviceClass[] = [
  ...(['pascal', 'turing', 'ampere', 'ada', 'blackwell', 'spark', 'hbm'] as const),
  ...(['m1', 'm2-m3', 'm4', 'rdna2', 'rdna3', 'rdna4', 'radeon-apu', 'alchemist', 'battlemage'] as const),
];

/** Residuals, as logarithms, of this size begin to count for less: outliers must not bend the table. */
const ROBUST_SCALE = 0.1;
const MOST_STEPS = 60;
const BUMP = 1e-4;
const ENOUGH = 1e-8;

/** The table's numbers in a fixed order; `tableOf` takes them in the same. */
const UNKNOWNS: readonly Unknown[] = [
  ...vendors().flatMap((vendor): Unknown[] => [
    { vendor, ...EFFICIENCY },
    { vendor, neutral: Math.log(VENDORS[vendor].launchSeconds), spread: LAUNCH_SPREAD },
    { vendor, ...CACHE_EFFICIENCY },
  ]),
  ...CLASSES.flatMap((deviceClass): Unknown[] => [
    { deviceClass, neutral: 0, spread: APART.has(deviceClass) ? CLASS_SPREAD_APART : CLASS_SPREAD },
    { deviceClass, neutral: 0, spread: CLASS_LAUNCH_SPREAD },
  ]),
  { neutral: 0, spread: 0.15 },
  // Clean rows with K-quants are of one such card alone; users' and LocalScore's of four others say about 0.7.
  { deviceClass: 'pascal', neutral: Math.log(0.72), spread: 0.1 },
  { neutral: Math.log(0.4), spread: 0.5 },
];

/**
 * The table of parameters that explains these samples best: pseudo-Huber loss on ln(estimated / measured) plus the
 * priors, by damped Gauss-Newton from the priors' middle. Deterministic; the structure is that of `decodeSeconds`.
 */
export function fitDecodeParameters(samples: readonly FitSample[]): DecodeParameters {
  let values = UNKNOWNS.map(({ neutral }) => neutral);
  let cost = costOf(samples, values);
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { matrix, gradient } = normalEquations(samples, values);
    const moved = solve(matrix, gradient, damping).map((change, index) => (values[index] ?? 0) - change);
    const reached = costOf(samples, moved);
    if (reached >= cost) {
      damping *= 10;
      if (damping > 1e6) break;
      continue;
    }
    const gain = cost - reached;
    [values, cost, damping] = [moved, reached, damping / 10];
    if (gain < ENOUGH * cost) break;
  }
  return tableOf(values);
}

function tableOf(values: readonly number[]): DecodeParameters {
  let next = 0;
  const take = (): number => Math.exp(values[next++] ?? 0);
  const ofVendor = (): DecodeParameters['vendors'][DeviceVendor] => ({
    efficiency: take(),
    launchSeconds: take(),
    cacheEfficiency: take(),
  });
  const ofClass = (): DecodeParameters['classes'][DeviceClass] => ({ efficiency: take(), launch: take() });
  return {
    vendors: { nvidia: ofVendor(), apple: ofVendor(), amd: ofVendor(), intel: ofVendor() },
    classes: {
      ...{ pascal: ofClass(), turing: ofClass(), ampere: ofClass(), ada: ofClass(), blackwell: ofClass() },
      ...{ spark: ofClass(), hbm: ofClass(), m1: ofClass(), 'm2-m3': ofClass(), m4: ofClass() },
      ...{ rdna2: ofClass(), rdna3: ofClass(), rdna4: ofClass(), 'radeon-apu': ofClass() },
      ...{ alchemist: ofClass(), battlemage: ofClass() },
    },
    plainBlocks: take(),
    nestedBlocksOnPascal: take(),
    sparseExtraGB: take(),
  };
}

function vendors(): readonly DeviceVendor[] {
  return ['nvidia', 'apple', 'amd', 'intel'];
}

function logError(sample: FitSample, table: DecodeParameters): number {
  const { launch, weights, cache } = decodeSeconds(sample.work, sample.device, sample.bandwidthGBps, table);
  return Math.log((launch + weights + cache) / sample.seconds);
}

function costOf(samples: readonly FitSample[], values: readonly number[]): number {
  const table = tableOf(values);
  let cost = 0;
  for (const sample of samples) cost += Math.hypot(1, logError(sample, table) / ROBUST_SCALE) - 1;
  UNKNOWNS.forEach(({ neutral, spread }, index) => {
    cost += (((values[index] ?? 0) - neutral) / spread) ** 2 / 2;
  });
  return cost;
}

interface NormalEquations {
  readonly matrix: number[][];
  readonly gradient: number[];
}

function normalEquations(samples: readonly FitSample[], values: readonly number[]): NormalEquations {
  const table = tableOf(values);
  const bumped = values.map((value, index) => tableOf(values.with(index, value + BUMP)));
  const gradient = UNKNOWNS.map(
    ({ neutral, spread }, index) => ((values[index] ?? 0) - neutral) / spread ** 2,
  );
  const matrix = UNKNOWNS.map(({ spread }, row) =>
    UNKNOWNS.map((_, column) => (row === column ? 1 / spread ** 2 : 0)),
  );
  for (const sample of samples) {
    const error = logError(sample, table);
    const weight = 1 / Math.hypot(1, error / ROBUST_SCALE) / ROBUST_SCALE ** 2;
    const slopes = UNKNOWNS.flatMap((unknown, index): [number, number][] => {
      const other = bumped[index];
      return other === undefined || !concerns(unknown, sample)
        ? []
        : [[index, (logError(sample, other) - error) / BUMP]];
    });
    for (const [row, slope] of slopes) {
      gradient[row] = (gradient[row] ?? 0) + weight * slope * error;
      const line = matrix[row] ?? [];
      for (const [column, across] of slopes) line[column] = (line[column] ?? 0) + weight * slope * across;
    }
  }
  return { matrix, gradient };
}

function concerns({ vendor, deviceClass }: Unknown, { device }: FitSample): boolean {
  return (
    (vendor === undefined || vendor === device.vendor) &&
    (deviceClass === undefined || deviceClass === device.deviceClass)
  );
}

/** Solves (matrix + damping x its diagonal) x = vector by Cholesky's decomposition; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], vector: readonly number[], damping: number): number[] {
  const size = vector.length;
  const lower: number[][] = matrix.map(() => new Array<number>(size).fill(0));
  const at = (row: number, column: number): number => lower[row]?.[column] ?? 0;
  const solution: number[] = [];
  for (let row = 0; row < size; row++) {
    const line = lower[row] ?? [];
    for (let column = 0; column <= row; column++) {
      let sum = (matrix[row]?.[column] ?? 0) * (row === column ? 1 + damping : 1);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      line[column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
    let rest = vector[row] ?? 0;
    for (let k = 0; k < row; k++) rest -= at(row, k) * (solution[k] ?? 0);
    solution.push(rest / at(row, row));
  }
  for (let row = size - 1; row >= 0; row--) {
    let rest = solution[row] ?? 0;
    for (let k = row + 1; k < size; k++) rest -= at(k, row) * (solution[k] ?? 0);
    solution[row] = rest / at(row, row);
  }
  return solution;
}
