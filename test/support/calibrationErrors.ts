import type { Candidate } from '../../src/catalog/candidate';
import { calibrateHost, type CalibrationPair, type Placement } from '../../src/ranking/calibration';
import { estimateSpeed } from '../../src/ranking/speed';
import { crossValidate } from './accuracyReport';
import { estimateInputOf, isClean, readSpeedRows, ShapeLookup, type SpeedRow } from './accuracyRows';

/** Rows of one device with one runtime, as rates of one machine. */
export type MeasuredMachines = readonly (readonly CalibrationPair[])[];

/** |estimated / measured - 1| of every calibrated estimate, before and after. */
interface CalibrationErrors {
  readonly rows: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Fewest rows of a machine: with fewer, how many others there are would decide who counts. */
const FEWEST_ROWS = 4;

/** The clean rows on accelerators, each beside what is said of it by parameters that were fitted without a fifth of the devices, its own among them. */
export function unseenAccelerators(candidates: readonly Candidate[]): MeasuredMachines {
  const shapes = new ShapeLookup(candidates);
  const judged = crossValidate(readSpeedRows().filter(isClean), shapes, ({ deviceFold = 0 }) =>
    String(deviceFold),
  );
  return machines(
    judged.map(({ row, estimates }) => [row, estimates.shape.tokPerSec]),
    'accelerator',
  );
}

/** The rows of which a part or all was in system memory, beside what the product says of them. */
export function systemMemories(candidates: readonly Candidate[]): MeasuredMachines {
  return shipped(candidates, 'system', ({ placement }) => placement === 'cpu' || placement === 'spill');
}

/** The rows that people sent in from accelerators of their own, beside what the product says of them. */
export function peoplesAccelerators(candidates: readonly Candidate[]): MeasuredMachines {
  return shipped(
    candidates,
    'accelerator',
    ({ placement, trust }) => placement.startsWith('gpu') && trust !== 'bench',
  );
}

function shipped(
  candidates: readonly Candidate[],
  placement: Placement,
  belongs: (row: SpeedRow) => boolean,
): MeasuredMachines {
  const shapes = new ShapeLookup(candidates);
  const rows = readSpeedRows().filter((row) => (row.flags ?? []).length === 0 && belongs(row));
  return machines(
    rows.map((row) => {
      const input = estimateInputOf(row, shapes.of(row));
      return [row, input === undefined ? 0 : estimateSpeed(input).tokPerSec];
    }),
    placement,
  );
}

function machines(
  rows: readonly (readonly [row: SpeedRow, estimatedTokPerSec: number])[],
  placement: Placement,
): MeasuredMachines {
  const known = rows
    .filter(([, estimatedTokPerSec]) => estimatedTokPerSec > 0)
    .toSorted(([a], [b]) => (a.id < b.id ? -1 : 1));
  const byMachine = Map.groupBy(known, ([{ hardware, runtime }]) => `${hardware.name} ${runtime}`);
  return [...byMachine.values()]
    .filter((of) => of.length >= FEWEST_ROWS)
    .map((of) =>
      of.map(([{ decodeTokPerSec: measuredTokPerSec }, estimatedTokPerSec]) => ({
        ...{ placement, measuredTokPerSec, estimatedTokPerSec },
      })),
    );
}

/**
 * Every row calibrated by `count` others of its machine, for each run of others that follow each other in the order of
 * the rows' ids (as many runs as there are others), so that no draw of luck decides.
 */
export function errorsAfter(count: number, measured: MeasuredMachines): CalibrationErrors {
  const before: number[] = [];
  const after: number[] = [];
  let rows = 0;
  for (const pairs of measured) {
    if (pairs.length <= count) continue;
    for (const [at, row] of pairs.entries()) {
      rows += 1;
      const others = [...pairs.slice(at + 1), ...pairs.slice(0, at)];
      for (const from of others.keys()) {
        const chosen = [...others.slice(from), ...others.slice(0, from)].slice(0, count);
        const factor = calibrateHost(chosen)[row.placement]?.factor ?? NaN;
        const ratio = row.estimatedTokPerSec / row.measuredTokPerSec;
        before.push(Math.abs(ratio - 1));
        after.push(Math.abs(ratio * factor - 1));
      }
    }
  }
  return { rows, before, after };
}
