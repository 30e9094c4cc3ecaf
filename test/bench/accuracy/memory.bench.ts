import path from 'node:path';
import process from 'node:process';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { compareMemory, memoryError, readMemoryRows } from '../../support/memoryRows';
import { repositoryRoot } from '../../support/repository';
import { median, percentile, printFigure } from '../figures';

/**
 * Largest error of a group, as a share: in the median (the targets; the one row of gpt-oss is of an older build)
 * and at the 90th percentile. Peaks hold whatever else was on the card.
 */
const LIMITS: readonly (readonly [group: RegExp, median: number, ninetieth: number])[] = [
  [/^weights/, 0.0001, 0.0001],
  [/^KV, iswa/, 0.03, 0.03],
  [/^KV/, 0.02, 0.02],
  [/total$/, 0.05, 0.05],
  [/^peak, at most 8k/, 0.15, 0.75],
];
/** Peaks at long contexts: few, and not of one kind. */
const NO_TARGET = [/^/, 0.3, 0.75] as const;

/**
 * How far the estimate of memory is from what was measured, by group, with the peers' formula beside it.
 * MODEL_POOL_MEMORY_ROWS names another file of rows in the same form; MODEL_POOL_MEMORY_LIST prints every row.
 */
async function measure(): Promise<void> {
  const file =
    process.env['MODEL_POOL_MEMORY_ROWS'] ??
    path.join(repositoryRoot, 'data', 'measurements', 'memory.jsonl');
  const { snapshot } = await loadFrozenSnapshot({ path: path.join(repositoryRoot, 'data', 'snapshot.json') });
  const { comparisons, leftOut } = compareMemory(readMemoryRows(file), snapshot.candidates);
  const verbose = process.env['MODEL_POOL_MEMORY_LIST'] !== undefined;
  for (const group of [...new Set(comparisons.map(({ group }) => group))].sort()) {
    const members = comparisons.filter((comparison) => comparison.group === group);
    const errors = members.map(memoryError);
    const peers = members.map(({ measured, peers }) => Math.abs(peers - measured) / measured);
    const [, limit, ninetieth] = LIMITS.find(([pattern]) => pattern.test(group)) ?? NO_TARGET;
    const name = `memory: ${group}, n=${members.length}`;
    printFigure(`${name}, median error`, percent(median(errors)), '%', limit * 100);
    printFigure(`${name}, 90th percentile`, percent(percentile(errors, 0.9)), '%', ninetieth * 100);
    // What the formula of the peers gives on the same rows; ours must not be further off.
    printFigure(
      `${name}, the peers' median error`,
      percent(median(peers)),
      '%',
      percent(median(errors)),
      'higher',
    );
    if (!verbose) continue;
    for (const { name: what, measured, estimated } of members)
      console.error(`${group}: ${what}: measured ${measured.toFixed(3)}, estimated ${estimated.toFixed(3)}`);
  }
  for (const [reason, count] of leftOut) console.error(`left out ${count}: ${reason}`);
}

function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}

void measure();
