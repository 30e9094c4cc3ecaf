import { describe, expect, it } from 'vitest';
import { rankModels } from '../../../src/ranking/rank';
import type {
  RankedModel,
  RankHardware,
  RankMeasurement,
  RankOptions,
  RankResult,
} from '../../../src/ranking/rankTypes';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';

/** A card that holds every model here but the largest, beside memory that holds that one too. */
const MACHINE: RankHardware = { platform: 'nvidia', vramGb: 24, ramGb: 96, bandwidthGbps: 1008 };
const SIZES = { 'a/small-4B': 4, 'a/middle-8B': 8, 'a/large-14B': 14, 'a/huge-70B': 70 } as const;
type ModelId = keyof typeof SIZES;

function measurement(modelId: ModelId, decodeTokPerSec: number, change: Partial<RankMeasurement> = {}) {
  return {
    ...{ hostId: 'local', digest: `file of ${modelId}`, modelId, quant: 'Q4_K_M', contextTokens: 8_192 },
    ...{ decodeTokPerSec, measuredAt: '2026-05-20T00:00:00Z', from: 'measure' as const },
    ...change,
  };
}

function rank(
  measurements: readonly RankMeasurement[],
  options: RankOptions = {},
  host = 'local',
): RankResult {
  return rankModels({
    candidates: Object.entries(SIZES).map(([id, sizeB]) => candidate(id, sizeB)),
    hardware: { ...MACHINE, host },
    snapshot: {
      generatedAt: SNAPSHOT_DATE,
      observations: Object.keys(SIZES).map((id) => observation(id, 60)),
    },
    measurements,
    options: { rankingDate: SNAPSHOT_DATE, includeUnfit: true, contextTokens: 8_192, ...options },
  });
}

function row(result: RankResult, modelId: ModelId): RankedModel {
  const found = result.models.find((model) => model.modelId === modelId);
  if (!found) throw new Error(`${modelId} is not ranked`);
  return found;
}

function speedOf(result: RankResult, modelId: ModelId): number {
  return row(result, modelId).estimatedTokPerSec;
}

const plain = rank([]);
const HALF = speedOf(plain, 'a/middle-8B') / 2;

describe('a model that was measured', () => {
  it('has the rate that was measured, and says so', () => {
    const { speedEstimate } = row(rank([measurement('a/middle-8B', HALF)]), 'a/middle-8B');
    expect(speedEstimate).toMatchObject({
      ...{ basis: 'measured', confidence: 'high', tokPerSec: HALF },
      measured: { tokPerSec: HALF, readTokens: 8_192 },
    });
    expect(speedEstimate).not.toHaveProperty('calibration');
  });

  it('is brought to another context by the ratio of the estimates, with a wider range', () => {
    const atShort = rank([measurement('a/middle-8B', HALF, { contextTokens: 8_192, readTokens: 600 })]);
    const { tokPerSec, range, measured } = row(atShort, 'a/middle-8B').speedEstimate;
    expect(measured).toEqual({ tokPerSec: HALF, readTokens: 600 });
    expect(tokPerSec).toBeLessThan(HALF);
    const estimates = [600, 8_192].map((contextTokens) =>
      speedOf(rank([], { contextTokens }), 'a/middle-8B'),
    );
    expect(tokPerSec / HALF).toBeCloseTo((estimates[1] ?? 0) / (estimates[0] ?? 0), 6);
    const unmoved = row(rank([measurement('a/middle-8B', HALF)]), 'a/middle-8B').speedEstimate.range;
    expect(range[1] / range[0]).toBeGreaterThan(unmoved[1] / unmoved[0]);
  });

  it('is estimated again for a context with which it would be split, for that reads another memory', () => {
    const contextTokens = 131_072;
    const result = rank([measurement('a/large-14B', HALF)], { contextTokens });
    expect(row(result, 'a/large-14B').fit).toBe('offload');
    expect(row(result, 'a/large-14B').speedEstimate).toMatchObject({ basis: 'estimated' });
    expect(speedOf(result, 'a/large-14B')).toBe(speedOf(rank([], { contextTokens }), 'a/large-14B'));
  });

  it('is compared by where its server held it, if our estimate can put it there', () => {
    const contextTokens = 131_072;
    const onCard = measurement('a/large-14B', HALF, { contextTokens, readTokens: 600, acceleratorShare: 1 });
    expect(rank([onCard]).calibration?.rows).toMatchObject([{ placement: 'accelerator' }]);
    expect(row(rank([onCard]), 'a/large-14B').speedEstimate.basis).toBe('measured');
    const guessed = measurement('a/large-14B', HALF, { contextTokens, readTokens: 600 });
    expect(rank([guessed]).calibration?.rows).toMatchObject([{ placement: 'system' }]);
  });

  it('keeps its rate where its server held it elsewhere than it belongs, and teaches nothing then', () => {
    const result = rank([measurement('a/middle-8B', 4, { acceleratorShare: 0.4 })]);
    expect(row(result, 'a/middle-8B').speedEstimate).toMatchObject({ basis: 'measured', tokPerSec: 4 });
    expect(result.calibration?.rows).toEqual([]);
    expect(speedOf(result, 'a/small-4B')).toBe(speedOf(plain, 'a/small-4B'));
  });

  it('is not another quantisation, nor the same model on another machine', () => {
    for (const change of [{ quant: 'Q8_0' }, { hostId: 'gpubox' }, { modelId: 'b/middle-8B' }]) {
      const result = rank([measurement('a/middle-8B', HALF, change)]);
      expect(row(result, 'a/middle-8B').speedEstimate).toEqual(row(plain, 'a/middle-8B').speedEstimate);
      expect(result).not.toHaveProperty('calibration');
    }
  });

  it('keeps its rate where our estimate says that it cannot run, and teaches nothing then', () => {
    const result = rank([measurement('a/huge-70B', 3, { contextTokens: 1_048_576 })]);
    expect(speedOf(result, 'a/huge-70B')).toBe(3);
    expect(result.calibration).toEqual({ rows: [], errorBefore: null, errorAfter: null });
    expect(speedOf(result, 'a/middle-8B')).toBe(speedOf(plain, 'a/middle-8B'));
  });
});

describe('the other models of a machine on which one was measured', () => {
  const result = rank([measurement('a/middle-8B', HALF)]);
  const factor = result.calibration?.accelerator?.factor ?? NaN;

  it('are estimated by what that one taught, in a narrower range, and say so', () => {
    expect(factor).toBeGreaterThan(0.5);
    expect(factor).toBeLessThan(0.85);
    for (const id of ['a/small-4B', 'a/large-14B'] as const) {
      const { speedEstimate } = row(result, id);
      const before = row(plain, id).speedEstimate;
      expect(speedEstimate.tokPerSec / before.tokPerSec).toBeCloseTo(factor, 9);
      expect(speedEstimate).toMatchObject({ basis: 'estimated', calibration: { factor, measurements: 1 } });
      expect(speedEstimate.range[1] / speedEstimate.range[0]).toBeLessThan(before.range[1] / before.range[0]);
    }
  });

  it('are left as they are where they read another memory', () => {
    expect(row(result, 'a/huge-70B').fit).toBe('offload');
    expect(row(result, 'a/huge-70B').speedEstimate).toEqual(row(plain, 'a/huge-70B').speedEstimate);
  });

  it('of another machine are left as they are', () => {
    const there = rank([measurement('a/middle-8B', HALF)], {}, 'gpubox');
    expect(there.models).toEqual(rank([], {}, 'gpubox').models);
  });

  it('follow both memories where both were measured', () => {
    const huge = speedOf(plain, 'a/huge-70B');
    const both = rank([measurement('a/middle-8B', HALF), measurement('a/huge-70B', huge * 2)]).calibration;
    expect(both?.accelerator?.factor).toBe(factor);
    expect(both?.system?.factor).toBeGreaterThan(1.2);
    expect(both?.rows.map(({ modelId, placement }) => [modelId, placement])).toEqual([
      ['a/huge-70B', 'system'],
      ['a/middle-8B', 'accelerator'],
    ]);
  });

  it('are ranked the same in whatever order the measurements come', () => {
    const some = [
      measurement('a/middle-8B', HALF),
      measurement('a/middle-8B', HALF * 1.5, { from: 'dispatch' }),
      measurement('a/small-4B', 90, { from: 'dispatch', readTokens: 900 }),
      measurement('a/small-4B', 70, { from: 'dispatch', readTokens: 4_000 }),
    ];
    expect(rank(some.toReversed())).toEqual(rank(some));
  });
});
