import { beforeAll, describe, expect, it } from 'vitest';
import { quantisationQuality } from '../../../src/ranking/quantisationQuality';
import type { RankedModel } from '../../../src/ranking/rankTypes';
import { TASK_PROFILES } from '../../../src/ranking/tasks';
import { TASKS } from '../../../src/shared/settings';
import type { Task } from '../../../src/shared/settings';
import { formatContext } from '../../../src/shared/units';
import { REFERENCE_MACHINES } from '../../fixtures/ranking/referenceMachines';
import { ReferenceRankings } from '../../support/referenceRankings';

/**
 * The top five of twelve machines for every task, as a file to be read (`npx vitest run --project unit
 * test/unit/ranking/golden.test.ts -u` writes it anew), and the rules that hold for them whatever the numbers are.
 * docs/estimates.md says why the lists are as they are.
 */

const TOP = 5;
/** The quality of the plain four-bit quantisations. */
const FOUR_BITS = 0.95;
/** Slower than this share of the target nothing is recommended where enough models are not. */
const SLOWEST_SHARE = 0.2;

interface List {
  readonly machine: string;
  readonly task: Task;
  readonly all: readonly RankedModel[];
  readonly top: readonly RankedModel[];
}

let rankings: ReferenceRankings;
let lists: readonly List[];

beforeAll(async () => {
  rankings = await ReferenceRankings.load();
  lists = Object.entries(REFERENCE_MACHINES).flatMap(([machine, hardware]) =>
    TASKS.map((task) => {
      const all = rankings.rank(hardware, task);
      return { machine, task, all, top: all.slice(0, TOP) };
    }),
  );
}, 60_000);

/** What of the list a row breaks a rule of, for a message that says which. */
function broken(breaks: (row: RankedModel, list: List) => boolean): string[] {
  return lists.flatMap((list) =>
    list.top
      .filter((row) => breaks(row, list))
      .map((row) => `${list.machine}, ${list.task}: ${row.name} ${row.quant}`),
  );
}

/** Worth before speed and context are counted. */
function worth({ score, factors }: RankedModel): number {
  return score / factors.usability;
}

function independentSources({ benchmarkScore }: RankedModel): number {
  const counting = benchmarkScore.contributions.filter((part) => part.independent && part.combinedWeight > 0);
  return new Set(counting.map(({ source }) => source)).size;
}

function evidenceText(row: RankedModel): string {
  const { contributions, guessed, succeeds, interpolatedFrom, confidence } = row.benchmarkScore;
  if (guessed !== undefined) return `guessed from its ${guessed}`;
  if (succeeds !== undefined) return `as ${succeeds}`;
  if (interpolatedFrom !== undefined) return `between ${interpolatedFrom.join(' and ')}`;
  const total = contributions.reduce((sum, { combinedWeight }) => sum + combinedWeight, 0);
  const bySource = new Map<string, number>();
  for (const { source, independent, combinedWeight } of contributions) {
    const name = independent ? source : "maker's own";
    bySource.set(name, (bySource.get(name) ?? 0) + combinedWeight / total);
  }
  const parts = [...bySource].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return `${confidence}: ${parts.map(([name, share]) => `${name} ${(100 * share).toFixed(0)} %`).join(', ')}`;
}

function line(row: RankedModel, place: number): string {
  const columns = [
    `${place + 1}.`,
    row.name.padEnd(42),
    row.quant.padEnd(11),
    row.fit.padEnd(8),
    `${row.estimatedVramGb.toFixed(1)} GiB`.padStart(9),
    `${Number(row.estimatedTokPerSec.toPrecision(2))} tok/s`.padStart(10),
    `score ${row.score.toFixed(0)}`,
    `quality ${row.quality.toFixed(0)}`,
    (rankings.modelOf(row).released ?? 'undated').padEnd(10),
    evidenceText(row),
  ];
  return `  ${columns.join('  ')}`;
}

function asText(): string {
  return lists
    .map(({ machine, task, top }, index) => {
      const { contextTokens, targetTokPerSec } = TASK_PROFILES[task];
      const title =
        lists[index - 1]?.machine === machine ? '' : `${'='.repeat(machine.length)}\n${machine}\n\n`;
      const wants = `${task}, at ${formatContext(contextTokens)} of context, ${targetTokPerSec} tok/s wanted`;
      return `${title}${wants}\n${top.map(line).join('\n')}\n`;
    })
    .join('\n');
}

describe('the top five of twelve machines', () => {
  it('are the ones that were read and found sensible', async () => {
    await expect(asText()).toMatchFileSnapshot('../../fixtures/ranking/golden/top-five.txt');
  });

  it('have five rows each, of different models', () => {
    expect(lists).toHaveLength(12 * 6);
    for (const { machine, task, top } of lists)
      expect(new Set(top.map(({ name }) => name.toLowerCase())).size, `${machine}, ${task}`).toBe(TOP);
  });

  it('are chat models of their makers, none of them a base model or made to say anything', () => {
    expect(broken((row) => rankings.modelOf(row).role !== 'chat')).toEqual([]);
    expect(
      broken(({ name }) => /abliterat|uncensor|heretic|[-_]base\b|guard|reward|embed/i.test(name)),
    ).toEqual([]);
    expect(broken((row, { task }) => task !== 'reasoning' && /\bmath/i.test(row.name))).toEqual([]);
  });

  it('can do the task', () => {
    expect(broken((row, { task }) => task === 'agentic' && row.toolCalling === false)).toEqual([]);
    expect(
      broken((row, { task }) => task === 'vision' && rankings.modelOf(row).capabilities.vision !== true),
    ).toEqual([]);
    expect(broken((row, { task }) => task === 'small' && /thinking|reasoning/i.test(row.name))).toEqual([]);
  });

  it('are no quantisation under four bits where one of four bits fits', () => {
    expect(
      broken(
        (row) =>
          quantisationQuality(row.quant) < FOUR_BITS &&
          row.otherBuilds.some(({ quant, fit }) => fit !== 'none' && quantisationQuality(quant) >= FOUR_BITS),
      ),
    ).toEqual([]);
  });

  it('reach the speed that the task wants, or are better than everything below them that does', () => {
    expect(
      broken((row, { task, all }) => {
        const { targetTokPerSec } = TASK_PROFILES[task];
        if (row.estimatedTokPerSec >= targetTokPerSec) return false;
        const below = all.slice(all.indexOf(row) + 1);
        return below.some(
          (other) => other.estimatedTokPerSec >= targetTokPerSec && worth(other) >= worth(row),
        );
      }),
    ).toEqual([]);
  });

  it('reach a fifth of that speed wherever five models with results of their own do', () => {
    expect(
      broken((row, { task, all }) => {
        const slowest = SLOWEST_SHARE * TASK_PROFILES[task].targetTokPerSec;
        const fastEnough = all.filter(
          (other) => other.estimatedTokPerSec >= slowest && independentSources(other) > 0,
        );
        return row.estimatedTokPerSec < slowest && fastEnough.length >= TOP;
      }),
    ).toEqual([]);
  });

  it('rest on independent results, but for two of a list at most, never the first two', () => {
    expect(broken((row, { top }) => top.indexOf(row) < 2 && independentSources(row) === 0)).toEqual([]);
    for (const { machine, task, top } of lists)
      expect(
        top.filter((row) => independentSources(row) === 0).length,
        `${machine}, ${task}`,
      ).toBeLessThanOrEqual(2);
  });

  it('are at most two years old', () => {
    expect(broken((row) => (rankings.modelOf(row).released ?? '9') < '2024-11')).toEqual([]);
  });

  it('stand under no newer model of their line and size that is as good, as fast and as well known', () => {
    const grade = { high: 2, medium: 1, low: 0 };
    expect(
      broken((row, { all }) => {
        const own = rankings.placeOf(row);
        return all.slice(all.indexOf(row) + 1).some((other) => {
          const place = rankings.placeOf(other);
          return (
            own !== undefined &&
            place?.line === own.line &&
            place.order > own.order &&
            Math.abs(Math.log(other.sizeB / row.sizeB)) < 0.1 &&
            other.quality >= row.quality &&
            grade[other.benchmarkScore.confidence] >= grade[row.benchmarkScore.confidence] &&
            other.estimatedTokPerSec >= row.estimatedTokPerSec &&
            other.factors.quantisation >= row.factors.quantisation
          );
        });
      }),
    ).toEqual([]);
  });

  it('grow better with the card', () => {
    const cards = ['8 GB', '12 GB', '16 GB', '24 GB', '32 GB'];
    for (const task of TASKS) {
      const best = cards.map(
        (card) => lists.find((list) => list.task === task && list.machine.endsWith(card))?.top[0]?.score ?? 0,
      );
      expect(best, task).toEqual([...best].sort((a, b) => a - b));
    }
  });
});
