import { describe, expect, it } from 'vitest';
import { explainRank } from '../../../src/ranking/explain';
import { rankModels } from '../../../src/ranking/rank';
import type { Contribution, MergedScore, RankedModel } from '../../../src/ranking/rankTypes';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';
import { RTX_4090 } from '../../fixtures/ranking/machines';

function part(source: string, benchmark: string, changes: Partial<Contribution> = {}): Contribution {
  return {
    source,
    benchmark,
    value: 65.557,
    scale: 'percent',
    normalisedValue: 84,
    standardError: 5,
    grade: 'variant',
    evidenceConfidence: 0.85,
    observedAt: '2026-04-22',
    recencyWeight: 0.6,
    sourceWeight: 1,
    relevance: 1,
    share: 1,
    combinedWeight: 0.5,
    independent: true,
    ...changes,
  };
}
const own = (benchmark: string): Contribution =>
  part('reported-qwen', benchmark, {
    independent: false,
    grade: 'self-reported',
    evidenceConfidence: 0.35,
    combinedWeight: 0.06,
    normalisedValue: 88,
    observedAt: '2026-04-16',
  });

/** A row with fixed numbers, so that the texts do not change with any estimate. */
function row(score: Partial<MergedScore>, changes: Partial<RankedModel> = {}): RankedModel {
  const benchmarkScore: MergedScore = {
    score: 82,
    confidence: 'medium',
    contributions: [],
    interval: [75, 89],
    ...score,
  };
  return {
    modelId: 'Qwen/Qwen3.6-27B',
    hfRepoId: 'unsloth/Qwen3.6-27B-GGUF',
    name: 'Qwen3.6-27B',
    sizeB: 27.8,
    quant: 'Q5_K_M',
    toolCalling: true,
    score: 66,
    quality: benchmarkScore.score,
    factors: { benchmarkConfidence: 0.85, speedConfidence: 1, quantisation: 0.988, usability: 0.96 },
    evidence: 'variant',
    benchmarkScore,
    fit: 'gpu',
    fitsHardware: true,
    contextTokens: 16_384,
    fitByContext: [],
    estimatedVramGb: 19.9,
    estimatedTokPerSec: 27,
    speedConfidence: 'high',
    vramEstimate: {
      weightsGb: 17.9,
      kvCacheGb: 1,
      activationsGb: 0.6,
      overheadGb: 0.4,
      totalGb: 19.9,
      basis: 'gguf',
      kvCacheBytesPerToken: 65_536,
      quantBitsPerWeight: 5.7,
      quant: 'Q5_K_M',
      contextTokens: 16_384,
      sizeB: 27.8,
    },
    speedEstimate: {
      tokPerSec: 27,
      range: [22, 33],
      effectiveBandwidthGbps: 554,
      partialOffloadFraction: 0,
      activeWeightsGb: 17.9,
      backend: 'ollama',
      confidence: 'high',
      basis: 'estimated',
    },
    benchmarkSnapshot: '2026-11-21',
    otherBuilds: [],
    ...changes,
  };
}

const RICH = row({
  contributions: [
    part('lmarena', 'Arena text 2026-04', { value: 1451, scale: 'elo', normalisedValue: 91.8 }),
    part('livebench', 'LiveBench 2026_01_08 overall', { combinedWeight: 0.4 }),
    part('euroeval', 'EuroEval-en HellaSwag (acc)', {
      combinedWeight: 0.2,
      normalisedValue: 70,
      observedAt: '2026-08-11',
    }),
    part('nyt-connections', 'Extended NYT Connections', { combinedWeight: 0.1, normalisedValue: 80 }),
    own('GPQA Diamond (reported)'),
  ],
});
const SELF_REPORTED = row(
  {
    score: 72,
    confidence: 'low',
    interval: [60, 84],
    contributions: [own('GPQA Diamond (reported)'), own('MMLU-Pro (reported)')],
  },
  { factors: { ...RICH.factors, benchmarkConfidence: 0.6 }, score: 41, evidence: 'self-reported' },
);
const LITTLE = { confidence: 'low', contributions: [], interval: [67, 97] } as const;
const LOW = {
  factors: { ...RICH.factors, benchmarkConfidence: 0.6 },
  score: 46,
  evidence: 'interpolated',
} as const;

const CASES: Readonly<Record<string, RankedModel>> = {
  'rich evidence': RICH,
  'results of other tasks only': row({
    contributions: [part('euroeval', 'EuroEval-en HellaSwag (acc)', { relevance: 0.4, combinedWeight: 0.2 })],
  }),
  'self-reported': SELF_REPORTED,
  'inferred between siblings': row({ ...LITTLE, interpolatedFrom: ['Qwen/Qwen3-8B', 'Qwen/Qwen3-32B'] }, LOW),
  'as the generation before it': row({ ...LITTLE, succeeds: 'Qwen/Qwen3.5-27B' }, LOW),
  'guessed from its size and date': row({ ...LITTLE, guessed: 'size and date' }, LOW),
  'guessed, with results that cannot be compared': row(
    { ...LITTLE, guessed: 'size', unscoredObservations: 2 },
    LOW,
  ),
  'nothing known at all': row({ ...LITTLE, score: 0, interval: [0, 0] }, { ...LOW, score: 0 }),
  'does not fit': row(RICH.benchmarkScore, {
    fit: 'none',
    fitsHardware: false,
    score: 0,
    unfitReason: 'needs 41.2 GiB at 32k, 22.5 usable',
    estimatedTokPerSec: 0,
    speedEstimate: { ...RICH.speedEstimate, tokPerSec: 0, range: [0, 0], confidence: 'low' },
  }),
  'cannot do the task': row(RICH.benchmarkScore, {
    fitsHardware: false,
    score: 0,
    toolCalling: false,
    unfitReason: 'cannot call tools',
  }),
  'measured here': row(RICH.benchmarkScore, {
    estimatedTokPerSec: 31.4,
    speedEstimate: { ...RICH.speedEstimate, tokPerSec: 31.4, range: [31.4, 31.4], basis: 'measured' },
  }),
  'calibrated by others that were measured here': row(RICH.benchmarkScore, {
    speedEstimate: {
      ...RICH.speedEstimate,
      tokPerSec: 23.2,
      range: [20, 27],
      calibration: { factor: 0.86, measurements: 3 },
    },
  }),
  'split with the RAM, coarse and slow': row(RICH.benchmarkScore, {
    fit: 'offload',
    quant: 'Q2_K',
    score: 33,
    estimatedTokPerSec: 2.4,
    speedEstimate: { ...RICH.speedEstimate, tokPerSec: 2.4, range: [1.6, 3.5], confidence: 'medium' },
    factors: { benchmarkConfidence: 0.85, speedConfidence: 0.9, quantisation: 0.85, usability: 0.55 },
    speedConfidence: 'medium',
  }),
};

function asText(name: string, model: RankedModel): string {
  const { sentence, table } = explainRank(model);
  const lines = table.map(({ label, value, note }) =>
    `  ${label.padEnd(52)} ${value.padStart(18)}  ${note ?? ''}`.trimEnd(),
  );
  return `${name}\n${'-'.repeat(name.length)}\n${sentence}\n${lines.join('\n')}\n`;
}

describe('explainRank', () => {
  it('reads well in every case', async () => {
    const text = Object.entries(CASES)
      .map(([name, model]) => asText(name, model))
      .join('\n');
    await expect(text).toMatchFileSnapshot('../../fixtures/ranking/golden/explanations.txt');
  });

  it('names the sources that carry the score, and what uncertainty costs', () => {
    const { sentence } = explainRank(RICH);
    expect(sentence).toContain('4 independent sources');
    expect(sentence).toContain('most of all LMArena and LiveBench');
    expect(sentence).toContain('the newest result is of 2026-08-11');
    const alone = RICH.benchmarkScore.contributions;
    const total = alone.reduce((sum, { combinedWeight }) => sum + combinedWeight, 0);
    const mean = alone.reduce((sum, c) => sum + c.combinedWeight * c.normalisedValue, 0) / total;
    expect(sentence).toContain(`Taken alone, the results give ${mean.toFixed(0)}`);
  });

  it("never calls a maker's own figures independent", () => {
    const { sentence, table } = explainRank(SELF_REPORTED);
    expect(sentence).toContain("its maker's own figures alone");
    expect(sentence).not.toContain('independent source');
    expect(table[0]?.label).toContain("maker's own");
  });

  it('lists the factors, whose product is the score', () => {
    const { models } = rankModels({
      candidates: [candidate('a/m-8B', 8)],
      hardware: RTX_4090,
      snapshot: { generatedAt: SNAPSHOT_DATE, observations: [observation('a/m-8B', 80)] },
    });
    const ranked = models[0]!;
    const { table } = explainRank(ranked);
    const value = (label: string): number =>
      Number(table.find((line) => line.label === label)?.value.replace('x ', ''));
    const product = ['Quality', 'Evidence', 'Speed estimate', 'Quantisation', 'Usability']
      .map(value)
      .reduce((a, b) => a * b, 1);
    expect(value('Score')).toBeCloseTo(product, 0);
    expect(value('Score')).toBeCloseTo(ranked.score, 1);
  });
});
