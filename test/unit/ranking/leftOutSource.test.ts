import { beforeAll, describe, expect, it } from 'vitest';
import type { Observation, ObservationTask } from '../../../src/catalog/candidate';
import { rankModels } from '../../../src/ranking/rank';
import { identityKey } from '../../../src/ranking/evidence';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankedModel, RankHardware } from '../../../src/ranking/rankTypes';
import type { Task } from '../../../src/shared/settings';
import { READ_ON, ReferenceRankings } from '../../support/referenceRankings';
import { noteFigure } from '../../support/soak';

/**
 * How good the qualities are: all results of one source are left out, and its order of the models is predicted from the
 * other sources. Written down in docs/estimates.md; the bounds here only keep it from getting worse unseen.
 */

const ANYTHING_FITS: RankHardware = { platform: 'nvidia', vramGb: 1e5, ramGb: 1e5, bandwidthGbps: 1e5 };
const MIN_MODELS = 12;

const LEFT_OUT: Readonly<
  Partial<Record<Task, { readonly sources: readonly string[]; readonly of: readonly ObservationTask[] }>>
> = {
  general: {
    sources: ['lmarena', 'livebench', 'open-llm-leaderboard', 'euroeval', 'pm-llm-benchmark'],
    of: ['general', 'instruction'],
  },
  coding: { sources: ['lmarena', 'livebench', 'bigcodebench', 'svgbench'], of: ['coding'] },
  reasoning: {
    sources: ['lmarena', 'livebench', 'epoch', 'open-llm-leaderboard', 'euroeval'],
    of: ['reasoning', 'math'],
  },
};

let rankings: ReferenceRankings;
const without = new Map<string, ReadonlyMap<string, RankedModel>>();

/** Every model by id, as ranked for the task without the source (`''` leaves out none). */
function rankedWithout(source: string, task: Task): ReadonlyMap<string, RankedModel> {
  const key = `${source}|${task}`;
  let rows = without.get(key);
  if (rows === undefined) {
    const observations = rankings.snapshot.observations.filter(
      (row) => row.source !== source || !row.independent,
    );
    const snapshot = { generatedAt: rankings.snapshot.generatedAt, observations };
    const input = { candidates: rankings.candidates, hardware: ANYTHING_FITS, snapshot };
    const { models } = rankModels(
      { ...input, options: { task, rankingDate: READ_ON, includeUnfit: true } },
      buildRankIndex(observations),
    );
    rows = new Map(models.map((row) => [identityKey(row.modelId), row]));
    without.set(key, rows);
  }
  return rows;
}

function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}

function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0);
  const xy = sum((i) => ((x[i] ?? 0) - mean) * ((y[i] ?? 0) - mean));
  const xx = sum((i) => ((x[i] ?? 0) - mean) ** 2);
  const yy = sum((i) => ((y[i] ?? 0) - mean) ** 2);
  return xy / Math.sqrt(xx * yy);
}

/** The mean over the source's columns of how well their order is predicted; models with other results only. */
function agreement(source: string, task: Task, of: readonly ObservationTask[]): number | undefined {
  const predicted = rankedWithout(source, task);
  const columns = Map.groupBy(
    rankings.snapshot.observations.filter(
      (row) => row.source === source && row.independent && row.weak !== true && of.includes(row.task),
    ),
    (row) => row.benchmark,
  );
  const agreements: number[] = [];
  for (const rows of columns.values()) {
    const pairs = onePerModel(rows).flatMap(({ hfRepoId, value, lowerIsBetter }) => {
      const row = predicted.get(identityKey(hfRepoId));
      const known = row?.benchmarkScore.contributions.some((part) => part.combinedWeight > 0) === true;
      return known ? [{ said: lowerIsBetter === true ? -value : value, predicted: row.quality }] : [];
    });
    if (pairs.length >= MIN_MODELS)
      agreements.push(
        spearman(
          pairs.map(({ said }) => said),
          pairs.map((pair) => pair.predicted),
        ),
      );
  }
  return agreements.length === 0 ? undefined : mean(agreements);
}

function onePerModel(rows: readonly Observation[]): readonly Observation[] {
  return [...new Map(rows.map((row) => [identityKey(row.hfRepoId), row])).values()];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

beforeAll(async () => {
  rankings = await ReferenceRankings.load();
});

describe('the quality of models', () => {
  it.each(Object.entries(LEFT_OUT))(
    'predicts the order in which a source that it has not seen puts models for %s',
    (name, { sources, of }) => {
      const task = name as Task;
      const found = sources.flatMap((source) => {
        const value = agreement(source, task, of);
        if (value !== undefined) noteFigure(`left out ${source}, ${task}: Spearman`, value.toFixed(2));
        return value === undefined ? [] : [{ source, value }];
      });
      expect(found.map(({ source }) => source)).toEqual(sources);
      expect(mean(found.map(({ value }) => value))).toBeGreaterThan(0.65);
      for (const { source, value } of found) expect(value, source).toBeGreaterThan(0.35);
    },
    60_000,
  );

  it('is guessed well from size and date for models that lose their only source', () => {
    const errors: number[] = [];
    const full = rankedWithout('', 'general');
    for (const source of LEFT_OUT.general?.sources ?? [])
      for (const [modelKey, row] of rankedWithout(source, 'general')) {
        const own = full.get(modelKey);
        const measured = own?.benchmarkScore.contributions.some((part) => part.source === source) === true;
        if (row.benchmarkScore.guessed === 'size and date' && measured)
          errors.push(row.quality - own.quality);
      }
    noteFigure('guessed from size and date: models', String(errors.length));
    noteFigure('guessed from size and date: median |error|, points', median(errors.map(Math.abs)).toFixed(1));
    expect(errors.length).toBeGreaterThan(50);
    expect(median(errors.map(Math.abs))).toBeLessThan(9);
    expect(median(errors)).toBeLessThan(4);
  }, 60_000);
});
