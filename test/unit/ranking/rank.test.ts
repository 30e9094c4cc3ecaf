import { describe, expect, it } from 'vitest';
import { rankModels } from '../../../src/ranking/rank';
import {
  BENCHMARK_CONFIDENCE_MULTIPLIER,
  SPEED_CONFIDENCE_MULTIPLIER,
} from '../../../src/ranking/scoredBuild';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type {
  RankCandidate,
  RankedModel,
  RankInput,
  RankObservation,
  RankResult,
} from '../../../src/ranking/rankTypes';
import { candidate, monthsBefore, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';
import { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

const GIB = 2 ** 30;
const ARCHITECTURE = {
  hidden: 4096,
  contextMax: 131_072,
  kv: { rule: 'full' as const, fullBytesPerTokenF16: 131_072 },
};

function rank(
  candidates: readonly RankCandidate[],
  observations: readonly RankObservation[],
  changes: Partial<RankInput> = {},
): RankResult {
  return rankModels({
    candidates,
    hardware: RTX_4090,
    snapshot: { generatedAt: SNAPSHOT_DATE, observations },
    ...changes,
  });
}

function only(result: RankResult): RankedModel {
  expect(result.models).toHaveLength(1);
  return result.models[0]!;
}

describe('a row of the ranking', () => {
  it('carries every part of its score', () => {
    const row = only(rank([candidate('a/m-8B', 8, { toolCalling: true })], [observation('a/m-8B', 80)]));
    const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
    expect(row.quality).toBe(row.benchmarkScore.score);
    expect(row.score).toBeCloseTo(
      row.quality * benchmarkConfidence * speedConfidence * quantisation * usability,
      9,
    );
    expect(benchmarkConfidence).toBe(BENCHMARK_CONFIDENCE_MULTIPLIER.medium);
    expect(row).toMatchObject({
      modelId: 'a/m-8B',
      name: 'm-8B',
      quant: 'Q4_K_M',
      evidence: 'variant',
      fit: 'gpu',
      fitsHardware: true,
      contextTokens: 8192,
      toolCalling: true,
      benchmarkSnapshot: SNAPSHOT_DATE,
      estimatedVramGb: row.vramEstimate.totalGb,
      estimatedTokPerSec: row.speedEstimate.tokPerSec,
    });
    expect(row.unfitReason).toBeUndefined();
    expect(JSON.stringify(row)).not.toContain('unfitReason');
    expect(JSON.stringify(row)).not.toContain('ollamaName');
  });

  it('uses the multipliers of the peers', () => {
    expect(BENCHMARK_CONFIDENCE_MULTIPLIER).toEqual({ high: 1, medium: 0.85, low: 0.6 });
    expect(SPEED_CONFIDENCE_MULTIPLIER).toEqual({ high: 1, medium: 0.9, low: 0.75 });
  });

  it('is one per model, with the best build first and the others under it', () => {
    const build = (quant: string, gib: number): RankCandidate =>
      candidate('bartowski/m-8B-GGUF', 8, {
        modelId: 'a/m-8B',
        quant,
        fileBytes: gib * GIB,
        architecture: ARCHITECTURE,
      });
    const row = only(
      rank([build('Q2_K', 3), build('Q8_0', 8), build('Q4_K_M', 4.7)], [observation('a/m-8B', 80)]),
    );
    expect(row.modelId).toBe('a/m-8B');
    expect(row.quant).toBe('Q8_0');
    expect(row.otherBuilds.map(({ quant }) => quant)).toEqual(['Q4_K_M', 'Q2_K']);
    expect(row.otherBuilds[0]!.score).toBeLessThanOrEqual(row.score);
  });

  it('recommends no build under four bits where one of four bits fits, however much faster', () => {
    const slow = { ...CPU_24, ramGb: 32 };
    const build = (quant: string): RankCandidate => candidate('a/m-30B', 30, { quant });
    const row = only(
      rank([build('Q2_K'), build('Q4_K_M')], [observation('a/m-30B', 80)], { hardware: slow }),
    );
    expect(row.quant).toBe('Q4_K_M');
    const tight = only(
      rank([build('Q2_K'), build('Q4_K_M')], [observation('a/m-30B', 80)], { hardware: CPU_24 }),
    );
    expect(tight.quant).toBe('Q2_K');
  });

  it('tells the fit at 4k, 16k, 32k, 128k and the own maximum, within the maximum', () => {
    const at = (contextMax: number): number[] =>
      only(
        rank(
          [candidate('a/m-8B', 8, { architecture: { ...ARCHITECTURE, contextMax } })],
          [observation('a/m-8B', 80)],
        ),
      ).fitByContext.map(({ contextTokens }) => contextTokens);
    expect(at(131_072)).toEqual([4096, 16_384, 32_768, 131_072]);
    expect(at(40_960)).toEqual([4096, 16_384, 32_768, 40_960]);
    expect(at(262_144)).toEqual([4096, 16_384, 32_768, 131_072, 262_144]);
  });

  it('is judged at the longest context that the model was made for where the task wants more', () => {
    const short = candidate('a/m-8B', 8, { architecture: { contextMax: 4096 } });
    const long = candidate('b/m-8B', 8, { architecture: { contextMax: 131_072 } });
    const { models } = rank([short, long], [observation('a/m-8B', 80), observation('b/m-8B', 80)], {
      options: { task: 'agentic' },
    });
    expect(models.map(({ modelId, contextTokens }) => [modelId, contextTokens])).toEqual([
      ['b/m-8B', 32_768],
      ['a/m-8B', 4096],
    ]);
    expect(models[1]!.factors.usability).toBeLessThan(0.4);
  });

  it('survives being written as JSON', () => {
    const row = only(rank([candidate('a/m-8B', 8)], [observation('a/m-8B', 80)]));
    expect((JSON.parse(JSON.stringify(row)) as RankedModel).fitByContext).toEqual(row.fitByContext);
  });
});

describe('evidence in the ranking', () => {
  it('is the weakest grade among what counts', () => {
    const row = only(
      rank(
        [candidate('a/m-8B', 8)],
        [observation('a/m-8B', 80), observation('a/m-8B', 85, { source: 'maker', independent: false })],
      ),
    );
    expect(row.evidence).toBe('self-reported');
    expect(row.benchmarkScore.contributions).toHaveLength(2);
  });

  it.each([
    ['an independent result above the same one by the maker', { independent: false }],
    ['a fresh result above an old one', { observedAt: monthsBefore(18) }],
  ])('ranks %s', (_, weaker) => {
    const { models } = rank(
      [candidate('a/weaker-8B', 8), candidate('b/m-8B', 8)],
      [observation('a/weaker-8B', 80, weaker), observation('b/m-8B', 80)],
    );
    expect(models.map(({ modelId }) => modelId)).toEqual(['b/m-8B', 'a/weaker-8B']);
    expect(models[0]!.score).toBeGreaterThan(models[1]!.score);
  });

  it('is direct for the one build that was measured', () => {
    const builds = [candidate('a/m-8B', 8, { quant: 'Q4_K_M' }), candidate('a/m-8B', 8, { quant: 'Q4_K_S' })];
    const row = only(rank(builds, [observation('a/m-8B', 80, { quant: 'Q4_K_S' })]));
    expect(row).toMatchObject({
      quant: 'Q4_K_S',
      evidence: 'direct',
      benchmarkScore: { confidence: 'high' },
    });
  });

  it('of a newer scored generation of the same size makes the older one count less', () => {
    const generation = (org: string, order: number): RankCandidate =>
      candidate(`${org}/m-8B`, 8, { lineage: { line: 'm', order } });
    const rows = [observation('old/m-8B', 80), observation('new/m-8B', 80)];
    const { models } = rank([generation('old', 1), generation('new', 2)], rows);
    expect(models.map(({ modelId }) => modelId)).toEqual(['new/m-8B', 'old/m-8B']);
    expect(models[1]!.benchmarkScore.contributions[0]!.recencyWeight).toBeCloseTo(0.6, 9);
    // The catalogue's own count is used where the line is not given.
    const stated = only(rank([candidate('old/m-8B', 8, { lineagePosition: 2 })], rows));
    expect(stated.benchmarkScore.contributions[0]!.recencyWeight).toBeCloseTo(0.36, 9);
  });

  it('is aged against the date of the ranking, not of the snapshot', () => {
    const later = { rankingDate: monthsBefore(-9) };
    const row = only(rank([candidate('a/m-8B', 8)], [observation('a/m-8B', 80)], { options: later }));
    expect(row.benchmarkScore.contributions[0]!.recencyWeight).toBeCloseTo(0.5, 9);
    expect(row.benchmarkSnapshot).toBe(SNAPSHOT_DATE);
  });

  it('is chosen by the task', () => {
    const candidates = [candidate('a/coder-8B', 8), candidate('b/talker-8B', 8)];
    const rows = [
      observation('a/coder-8B', 80, { task: 'coding', benchmark: 'code' }),
      observation('a/coder-8B', 40),
      observation('b/talker-8B', 40, { task: 'coding', benchmark: 'code' }),
      observation('b/talker-8B', 80),
    ];
    expect(rank(candidates, rows, { options: { task: 'coding' } }).models[0]!.modelId).toBe('a/coder-8B');
    expect(rank(candidates, rows, { options: { task: 'general' } }).models[0]!.modelId).toBe('b/talker-8B');
  });

  it('of live observations joins the snapshot', () => {
    const live = [observation('a/m-8B', 90)];
    const { models, warnings } = rank([candidate('a/m-8B', 8), candidate('b/m-8B', 8)], [], {
      liveObservations: live,
    });
    expect(warnings).toEqual([]);
    expect(models.map(({ score }) => score > 0)).toEqual([true, false]);
  });

  it('can be prepared once for many rankings', () => {
    const rows = [observation('a/m-8B', 80)];
    const input: RankInput = {
      candidates: [candidate('a/m-8B', 8)],
      hardware: RTX_4090,
      snapshot: { generatedAt: SNAPSHOT_DATE, observations: rows },
    };
    expect(
      rankModels({ ...input, snapshot: { ...input.snapshot, observations: [] } }, buildRankIndex(rows)),
    ).toEqual(rankModels(input));
  });
});

describe('what does not fit', () => {
  const big = candidate('a/big-70B', 70);
  const rows = [observation('a/big-70B', 90), observation('b/m-8B', 60)];

  it('is left out', () => {
    expect(rank([big], rows, { hardware: M3_MAX_36 }).models).toEqual([]);
  });

  it('is at the bottom with score 0 and the reason where it is asked for', () => {
    const { models } = rank([big, candidate('b/m-8B', 8)], rows, {
      hardware: M3_MAX_36,
      options: { includeUnfit: true, contextTokens: 32_768 },
    });
    expect(models.map(({ modelId }) => modelId)).toEqual(['b/m-8B', 'a/big-70B']);
    expect(models[1]).toMatchObject({ score: 0, fit: 'none', fitsHardware: false, estimatedTokPerSec: 0 });
    expect(models[1]!.unfitReason).toBe('needs 59.1 GiB at 32k, 24.0 usable');
  });

  it('names the smallest build, which comes nearest', () => {
    const builds = [
      candidate('a/big-70B', 70, { quant: 'Q8_0' }),
      candidate('a/big-70B', 70, { quant: 'Q3_K_M' }),
      big,
    ];
    const row = only(rank(builds, rows, { hardware: M3_MAX_36, options: { includeUnfit: true } }));
    expect(row.quant).toBe('Q3_K_M');
  });

  it('includes models that cannot do the task', () => {
    const deaf = candidate('b/m-8B', 8, { toolCalling: false });
    expect(rank([deaf], rows, { options: { task: 'agentic' } }).models).toEqual([]);
    const row = only(rank([deaf], rows, { options: { task: 'agentic', includeUnfit: true } }));
    expect(row).toMatchObject({ score: 0, fitsHardware: false, unfitReason: 'cannot call tools' });
  });

  it('does not include what is split with the RAM, which says so and is slower', () => {
    const { models } = rank([big, candidate('b/m-8B', 8)], rows);
    expect(models.map(({ modelId, fit }) => [modelId, fit])).toEqual([
      ['b/m-8B', 'gpu'],
      ['a/big-70B', 'offload'],
    ]);
    expect(models[1]!.speedEstimate.partialOffloadFraction).toBeGreaterThan(0.3);
  });

  it('is measured against the RAM on a machine without a GPU', () => {
    expect(only(rank([candidate('b/m-8B', 8)], rows, { hardware: CPU_24 }))).toMatchObject({ fit: 'cpu' });
    expect(rank([candidate('a/m-40B', 40)], rows, { hardware: CPU_24 }).models).toEqual([]);
  });

  it('is measured against all cards together where there are several', () => {
    const row = only(rank([big], rows, { hardware: { ...TWO_CARDS, groups: TWO_CARDS.groups } }));
    expect(row).toMatchObject({ fit: 'gpu', speedConfidence: 'high' });
  });
});

describe('the order', () => {
  it('is by score, then speed, then id by code point', () => {
    const rows = ['b/x-8B', 'a/x-8B', 'B/x-8B'].map((id) => observation(id, 70));
    const { models } = rank(
      rows.map(({ hfRepoId }) => candidate(hfRepoId, 8)),
      rows.slice(0, 2),
    );
    // 'B' and 'b' are one id without regard to case, so there are two models; Z stands before a by code point.
    expect(models.map(({ modelId }) => modelId)).toEqual(['B/x-8B', 'a/x-8B']);
    const upper = [observation('Z/x-8B', 70), observation('a/x-8B', 70)];
    expect(
      rank(
        upper.map(({ hfRepoId }) => candidate(hfRepoId, 8)),
        upper,
      ).models.map(({ modelId }) => modelId),
    ).toEqual(['Z/x-8B', 'a/x-8B']);
  });

  it('does not let a 70B at 2 tok/s beat a 32B at 20', () => {
    const hardware = { ...LAPTOP_8, vramGb: 40, ramGb: 64, bandwidthGbps: 700 };
    const { models } = rank(
      [candidate('a/m-70B', 70), candidate('a/m-32B', 32)],
      [observation('a/m-70B', 75), observation('a/m-32B', 66)],
      { hardware },
    );
    expect(models.map(({ modelId }) => modelId)).toEqual(['a/m-32B', 'a/m-70B']);
  });

  it('is cut at the limit', () => {
    const rows = ['a', 'b', 'c'].map((org, index) => observation(`${org}/m-8B`, 90 - index));
    const candidates = rows.map(({ hfRepoId }) => candidate(hfRepoId, 8));
    expect(rank(candidates, rows, { options: { limit: 2 } }).models.map(({ modelId }) => modelId)).toEqual([
      'a/m-8B',
      'b/m-8B',
    ]);
    expect(rank(candidates, rows, { options: { limit: NaN } }).models).toHaveLength(3);
  });
});

describe('warnings', () => {
  it('say once that nothing is known', () => {
    const { models, warnings } = rank([candidate('a/m-8B', 8), candidate('b/m-8B', 8)], []);
    expect(warnings.map(({ code }) => code)).toEqual(['snapshot_unavailable']);
    expect(models.map(({ score, evidence }) => [score, evidence])).toEqual([
      [0, 'interpolated'],
      [0, 'interpolated'],
    ]);
    expect(rank([], []).warnings).toEqual([]);
  });

  it.each([
    ['no size', { sizeB: 0 }],
    ['a negative size', { sizeB: -7 }],
    ['a size that is not a number', { sizeB: NaN }],
    ['an infinite size', { sizeB: Infinity }],
    ['active parameters that are not a number', { activeB: NaN }],
    ['more active parameters than parameters', { sizeB: 1, activeB: 32 }],
  ])('name each candidate with %s, which is dropped', (_, fault) => {
    const { models, warnings } = rank(
      [candidate('a/bad', 8, fault), candidate('b/m-8B', 8)],
      [observation('b/m-8B', 60)],
    );
    expect(models.map(({ modelId }) => modelId)).toEqual(['b/m-8B']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'candidate_invalid', hfRepoId: 'a/bad' });
  });
});

describe('measured rates', () => {
  const digest = 'sha256:' + 'ab'.repeat(32);
  const model = candidate('a/m-8B', 8, { digest });
  const measurement = {
    hostId: 'local',
    digest: 'ab'.repeat(32),
    quant: 'q4_k_m',
    contextTokens: 8192,
    decodeTokPerSec: 42,
    measuredAt: '2026-05-20T00:00:00Z',
    from: 'measure' as const,
  };
  const rows = [observation('a/m-8B', 60)];

  it('replace the estimate for the same file on the same host, the newest of them', () => {
    const older = { ...measurement, decodeTokPerSec: 10, measuredAt: '2026-05-01T00:00:00Z' };
    const row = only(rank([model], rows, { measurements: [measurement, older] }));
    expect(row.speedEstimate).toMatchObject({ tokPerSec: 42, basis: 'measured' });
    expect(row.factors.speedConfidence).toBe(1);
  });

  it('of another host, file or quantisation do not', () => {
    for (const changes of [
      { hostId: 'gpubox' },
      { digest: 'cd'.repeat(32) },
      { quant: 'Q8_0' },
      { decodeTokPerSec: NaN },
    ])
      expect(
        only(rank([model], rows, { measurements: [{ ...measurement, ...changes }] })).speedEstimate.basis,
      ).toBe('estimated');
  });
});
