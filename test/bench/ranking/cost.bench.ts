import { spawnSync } from 'node:child_process';
import process from 'node:process';
import * as z from 'zod';
import { rankModels } from '../../../src/ranking/rank';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankHardware, RankInput, RankOptions } from '../../../src/ranking/rankTypes';
import { median, printFigure } from '../figures';
import { SHAPES, rankingInput } from './rankingInput';
import type { Shape } from './rankingInput';

/** spec/ranking.md, section 8. Milliseconds; the sizes without a limit of their own are there for the slope. */
const LIMITS: readonly { readonly models: number; readonly coldMs?: number; readonly againMs?: number }[] = [
  { models: 100 },
  { models: 1_000 },
  { models: 10_000, coldMs: 60, againMs: 15 },
  { models: 100_000, coldMs: 900, againMs: 250 },
];
const MOST_SLOPE = 1.15;
/** MiB of heap that the results of one ranking of 100,000 may hold, beside the input. */
const MOST_HEAP_MIB = 512;
/** Where nothing is promised the time may be anything. */
const UNBOUNDED_MS = 60_000;

const MACHINE: RankHardware = {
  platform: 'nvidia',
  vramGb: 24,
  ramGb: 64,
  bandwidthGbps: 1008,
  gpuName: 'NVIDIA GeForce RTX 4090',
  cpuName: 'Intel Core i9-13900K',
};
const MS_PER_SIZE = 1_500;
const MIN_RUNS = 5;
const MAX_RUNS = 40;

const figureSchema = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  limit: z.number().nullable(),
});
type Figure = z.infer<typeof figureSchema>;

interface Cost {
  readonly models: number;
  readonly coldMs: number;
  readonly againMs: number;
}

/** Times one shape at each size, prints what the spec bounds, and how time grows with the number of models. */
function measureShape(name: string, shape: Shape, options: RankOptions = {}): void {
  const costs: Cost[] = [];
  for (const { models, coldMs, againMs } of LIMITS) {
    const input: RankInput = { ...rankingInput(models, shape), hardware: MACHINE, options };
    const cost = measureSize(models, input);
    costs.push(cost);
    const title = `${name}, ${models.toLocaleString('en')} builds`;
    printFigure(`${title}: cold, index included`, cost.coldMs, 'ms', coldMs ?? UNBOUNDED_MS);
    printFigure(`${title}: again, prepared index`, cost.againMs, 'ms', againMs ?? UNBOUNDED_MS);
  }
  // Below a thousand the clock and the start of the call are measured, not the ranking.
  const large = costs.filter(({ models }) => models >= 1_000);
  printFigure(`${name}: slope, cold`, slope(large, 'coldMs'), 'log-log', MOST_SLOPE);
  printFigure(`${name}: slope, again`, slope(large, 'againMs'), 'log-log', MOST_SLOPE);
  printFigure(`${name}: slope from 100 on, cold`, slope(costs, 'coldMs'), 'log-log', null);
  printFigure(`${name}: slope from 100 on, again`, slope(costs, 'againMs'), 'log-log', null);
}

function measureSize(models: number, input: RankInput): Cost {
  const cold = medianTime(() => rankModels(input));
  const index = buildRankIndex(input.snapshot.observations);
  const again = medianTime(() => rankModels(input, index));
  return { models, coldMs: cold, againMs: again };
}

/**
 * Median of as many runs as a second and a half allows, after one that is not counted. No forced collection between
 * them: it throws compiled code away, and a run after it takes three times as long as any that a user sees.
 */
function medianTime(run: () => unknown): number {
  globalThis.gc?.();
  run();
  const times: number[] = [];
  const until = performance.now() + MS_PER_SIZE;
  while (times.length < MIN_RUNS || (times.length < MAX_RUNS && performance.now() < until)) {
    const startedMs = performance.now();
    run();
    times.push(performance.now() - startedMs);
  }
  return median(times);
}

/** Of the line of least squares through log time over log n. */
function slope(costs: readonly Cost[], key: 'coldMs' | 'againMs'): number {
  const points = costs.map((cost) => [Math.log(cost.models), Math.log(cost[key])] as const);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const xy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const xx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return xy / xx;
}

/** Heap that is in use after a full collection, MiB. */
function heapMib(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function measureHeap(): void {
  const input: RankInput = { ...rankingInput(100_000, SHAPES.usual), hardware: MACHINE };
  const before = heapMib();
  const index = buildRankIndex(input.snapshot.observations);
  const indexed = heapMib();
  const result = rankModels(input, index);
  const ranked = heapMib();
  if (result.models.length === 0) throw new Error('Nothing was ranked.');
  printFigure('usual, 100,000 builds: heap held by the index', indexed - before, 'MiB', MOST_HEAP_MIB);
  printFigure('usual, 100,000 builds: heap held by the rows', ranked - indexed, 'MiB', MOST_HEAP_MIB);
}

/** The first ranking of a process, before anything is compiled: what a user waits for once. */
function measureFirst(): void {
  const input: RankInput = { ...rankingInput(10_000, SHAPES.usual), hardware: MACHINE };
  const startedMs = performance.now();
  rankModels(input);
  printFigure('usual, 10,000 builds: first of the process', performance.now() - startedMs, 'ms', 300);
}

/** The shapes that spec/ranking.md, section 8, names. */
const PROMISED = ['usual', 'one series', 'eight quants per repo', 'usual, includeUnfit'];
/**
 * Each of those is measured so often, and the median counts. They take turns: a minute in which somebody else uses the
 * machine then spoils one measurement of each, not all of one. The others, which are ours and harder, are measured once.
 */
const ROUNDS = 5;

/** By name. Each is measured in a process of its own: a user's process holds one catalogue, not twelve. */
const MEASUREMENTS = new Map<string, () => void>([
  ['first', measureFirst],
  ...Object.entries(SHAPES).map(([name, shape]) => [name, () => measureShape(name, shape)] as const),
  ['usual, includeUnfit', () => measureShape('usual, includeUnfit', SHAPES.usual, { includeUnfit: true })],
  ['usual, compat', () => measureShape('usual, compat', SHAPES.usual, { compat: true })],
  [
    'usual, agentic',
    () => measureShape('usual, agentic', SHAPES.usual, { task: 'agentic', includeUnfit: true }),
  ],
  ['heap', measureHeap],
]);

function measureApart(program: string, name: string): readonly Figure[] {
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', program, name], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  });
  if (status !== 0) throw new Error(`The measurement of ${name} ended with ${status ?? 'a signal'}.`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => figureSchema.parse(JSON.parse(line)));
}

/** All measurements, each apart; by name, one list of figures a round. */
function measureAll(program: string): Map<string, (readonly Figure[])[]> {
  const measured = new Map([...MEASUREMENTS.keys()].map((name) => [name, [measureApart(program, name)]]));
  for (let round = 1; round < ROUNDS; round += 1)
    for (const name of PROMISED) measured.get(name)?.push(measureApart(program, name));
  return measured;
}

const [, program = '', only] = process.argv;
if (only !== undefined) MEASUREMENTS.get(only)?.();
else
  for (const rounds of measureAll(program).values())
    for (const [place, { name, unit, limit }] of (rounds[0] ?? []).entries()) {
      const value = median(rounds.map((figures) => figures[place]?.value ?? NaN));
      printFigure(name, value, unit, limit);
    }
