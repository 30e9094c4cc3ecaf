import type { ModelArchitecture } from '../../src/catalog/candidate';
import { decodeSeconds } from '../../src/ranking/decodeModel';
import type { DecodeParameters } from '../../src/ranking/decodeModelParameters';
import { estimateSpeed } from '../../src/ranking/speed';
import { fitDecodeParameters, type FitSample } from './accuracyFit';
import {
  estimateInputOf,
  fitSampleOf,
  isSparse,
  type RowView,
  type ShapeLookup,
  type SpeedRow,
} from './accuracyRows';

/** A row with what is said of it in each view. Rates in tok/s; a model that does not fit has 0. */
export interface JudgedRow {
  readonly row: SpeedRow;
  readonly shapeFound: boolean;
  readonly estimates: Readonly<Record<RowView, Estimate>>;
}

interface Estimate {
  readonly tokPerSec: number;
  readonly range: readonly [number, number];
}

/** The rows whose hardware is known well enough, with what ships. */
export function judgeRows(rows: readonly SpeedRow[], shapes: ShapeLookup): readonly JudgedRow[] {
  return rows.flatMap((row) => {
    const architecture = shapes.of(row);
    const shape = shippedEstimate(row, architecture, 'shape');
    const sizeAlone = shippedEstimate(row, architecture, 'size alone');
    if (shape === undefined || sizeAlone === undefined) return [];
    const shapeFound = architecture?.layers !== undefined;
    return [{ row, shapeFound, estimates: { shape, 'size alone': sizeAlone } }];
  });
}

function shippedEstimate(
  row: SpeedRow,
  architecture: ModelArchitecture | undefined,
  view: RowView,
): Estimate | undefined {
  const input = estimateInputOf(row, architecture, view);
  return input && estimateSpeed(input);
}

/** The table that these rows give, each in the view of what is known of it. */
export function fitRows(rows: readonly SpeedRow[], shapes: ShapeLookup): DecodeParameters {
  return fitDecodeParameters(
    rows.flatMap((row) => {
      const sample = fitSampleOf(row, shapes.of(row), 'shape');
      return sample === undefined ? [] : [sample];
    }),
  );
}

/**
 * The rows judged by tables that were fitted without them: each group (a device, or a fold of devices) is left out in
 * turn. The stated range is as wide as the shipped estimate's.
 */
export function crossValidate(
  rows: readonly SpeedRow[],
  shapes: ShapeLookup,
  groupOf: (row: SpeedRow) => string,
): readonly JudgedRow[] {
  const samples = new Map<SpeedRow, Readonly<Record<RowView, FitSample>>>();
  for (const row of rows) {
    const shape = fitSampleOf(row, shapes.of(row), 'shape');
    const sizeAlone = fitSampleOf(row, undefined, 'size alone');
    if (shape && sizeAlone) samples.set(row, { shape, 'size alone': sizeAlone });
  }
  const tables = new Map<string, DecodeParameters>();
  for (const group of new Set(rows.map(groupOf))) {
    const others = [...samples].filter(([row]) => groupOf(row) !== group);
    tables.set(group, fitDecodeParameters(others.map(([, { shape }]) => shape)));
  }
  return judgeRows([...samples.keys()], shapes).map((judged) => {
    const own = samples.get(judged.row);
    const table = tables.get(groupOf(judged.row));
    if (own === undefined || table === undefined) return judged;
    const moved = (view: RowView): Estimate => movedTo(judged.estimates[view], rateBy(table, own[view]));
    return { ...judged, estimates: { shape: moved('shape'), 'size alone': moved('size alone') } };
  });
}

function rateBy(table: DecodeParameters, { work, device, bandwidthGBps }: FitSample): number {
  const { launch, weights, cache } = decodeSeconds(work, device, bandwidthGBps, table);
  return 1 / (launch + weights + cache);
}

function movedTo({ tokPerSec: from, range: [low, high] }: Estimate, tokPerSec: number): Estimate {
  return { tokPerSec, range: [(low / from) * tokPerSec, (high / from) * tokPerSec] };
}

/** A part of the rows that is judged by itself. */
export interface RowGroup {
  readonly name: string;
  readonly belongs: (row: SpeedRow) => boolean;
}

const VENDOR_NAMES = { nvidia: 'NVIDIA', apple: 'Apple', amd: 'AMD', intel: 'Intel' } as const;
const LONG_CONTEXT_TOKENS = 8192;

export const ACCELERATOR_GROUPS: readonly RowGroup[] = [
  { name: 'all', belongs: () => true },
  ...(['nvidia', 'apple', 'amd', 'intel'] as const).flatMap((kind): RowGroup[] => [
    { name: `${VENDOR_NAMES[kind]} dense`, belongs: (row) => row.hardware.kind === kind && !isSparse(row) },
    { name: `${VENDOR_NAMES[kind]} experts`, belongs: (row) => row.hardware.kind === kind && isSparse(row) },
  ]),
  { name: 'context >= 8k', belongs: ({ contextTokens = 0 }) => contextTokens >= LONG_CONTEXT_TOKENS },
];

interface Errors {
  readonly rows: number;
  readonly devices: number;
  /** Of |estimate / measured - 1|, in percent. */
  readonly median: number;
  readonly p90: number;
  /** Median of estimate / measured - 1, in percent. */
  readonly bias: number;
}

/** How far off rates are, of the rows of a group that have one. */
export function errorsOf(
  judged: readonly JudgedRow[],
  group: RowGroup,
  rateOf: (judged: JudgedRow) => number | undefined,
): Errors {
  const signed: number[] = [];
  const devices = new Set<string>();
  for (const one of judged) {
    const rate = rateOf(one);
    if (!group.belongs(one.row) || rate === undefined) continue;
    signed.push((rate / one.row.decodeTokPerSec - 1) * 100);
    devices.add(one.row.hardware.name);
  }
  const absolute = signed.map(Math.abs);
  return {
    ...{ rows: signed.length, devices: devices.size },
    ...{ median: quantile(absolute, 0.5), p90: quantile(absolute, 0.9), bias: quantile(signed, 0.5) },
  };
}

/** Share of rows, in percent, whose measured rate lies in the stated range. */
export function coverageOf(judged: readonly JudgedRow[], view: RowView, group: RowGroup): number {
  const seen = judged.filter(({ row }) => group.belongs(row));
  const inside = seen.filter(({ row: { decodeTokPerSec }, estimates }) => {
    const [low, high] = estimates[view].range;
    return low <= decodeTokPerSec && decodeTokPerSec <= high;
  });
  return (inside.length / seen.length) * 100;
}

/** Rank correlation of estimated with measured rates among the dense rows of each device that has enough; their mean. */
export function orderWithinDevices(
  judged: readonly JudgedRow[],
  view: RowView,
): { mean: number; devices: number } {
  const FEWEST_RATES = 4;
  const byDevice = Map.groupBy(
    judged.filter(({ row }) => !isSparse(row)),
    ({ row }) => row.hardware.name,
  );
  const correlations = [...byDevice.values()]
    .filter((rows) => new Set(rows.map(({ row }) => row.decodeTokPerSec)).size >= FEWEST_RATES)
    .map((rows) =>
      spearman(
        rows.map(({ row }) => row.decodeTokPerSec),
        rows.map(({ estimates }) => estimates[view].tokPerSec),
      ),
    );
  return {
    mean: correlations.reduce((sum, one) => sum + one, 0) / correlations.length,
    devices: correlations.length,
  };
}

function spearman(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [ranks(left), ranks(right)];
  const middle = (a.length - 1) / 2;
  let [both, ofLeft, ofRight] = [0, 0, 0];
  a.forEach((rank, index) => {
    const [x, y] = [rank - middle, (b[index] ?? middle) - middle];
    both += x * y;
    ofLeft += x * x;
    ofRight += y * y;
  });
  return both / Math.sqrt(ofLeft * ofRight);
}

/** Places from 0 on; equal values share the middle of theirs. */
function ranks(values: readonly number[]): readonly number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Largest relative difference between two tables' numbers, and where it is. */
export function tableDifference(
  one: DecodeParameters,
  other: DecodeParameters,
): { readonly largest: number; readonly at: string } {
  const others = new Map(numbersOf(other));
  let worst = { largest: 0, at: 'nowhere' };
  for (const [at, value] of numbersOf(one)) {
    const largest = Math.abs(value / (others.get(at) ?? Number.NaN) - 1);
    if (!(largest <= worst.largest)) worst = { largest, at };
  }
  return worst;
}

function numbersOf(table: object, path = ''): readonly (readonly [string, number])[] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'number') return [[at, value] as const];
    return typeof value === 'object' && value !== null ? numbersOf(value, at) : [];
  });
}
