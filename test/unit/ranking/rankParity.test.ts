import { describe, expect, it } from 'vitest';
import { rankModels } from '../../../src/ranking/rank';
import type { RankedModel, RankHardware, RankOptions } from '../../../src/ranking/rankTypes';
import { candidate, observation, SEED_CANDIDATES, SEED_OBSERVATIONS } from '../../fixtures/ranking/builders';
import { CPU_24, M3_MAX_36, RTX_4090 } from '../../fixtures/ranking/machines';

const TOP = 'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B-GGUF';
/** The date of the peers' snapshot. */
const GENERATED = '2026-05-28';

function rankSeeds(hardware: RankHardware, options: RankOptions): readonly RankedModel[] {
  const snapshot = { generatedAt: GENERATED, observations: SEED_OBSERVATIONS };
  return rankModels({ candidates: SEED_CANDIDATES, hardware, snapshot, options }).models;
}

const MACHINES = [
  ['M3 Max with 36 GB', M3_MAX_36],
  ['M3 Max with 36 GB, as the peers describe it', { ...M3_MAX_36, vramGb: 36, bandwidthGbps: 300 }],
  ['RTX 4090', RTX_4090],
] as const;

describe("the peers' three seed models", () => {
  it.each(MACHINES)('rank with DeepSeek R1 32B on top on an %s', (_, hardware) => {
    expect(rankSeeds(hardware, {})[0]).toMatchObject({ hfRepoId: TOP, fitsHardware: true });
    expect(rankSeeds(hardware, { rankingDate: '2027-06-01' })[0]?.hfRepoId).toBe(TOP);
  });

  it.each(MACHINES)("have the peers' score with the compat option on an %s", (_, hardware) => {
    const [top, ...others] = rankSeeds(hardware, { compat: true });
    expect(top?.hfRepoId).toBe(TOP);
    // 67.8 x 0.85 for evidence that is not of this very build; nothing else is taken off.
    expect(top?.score).toBeCloseTo(67.8 * 0.85, 9);
    expect(top?.score).toBeGreaterThan(55);
    expect(top?.score).toBeLessThan(60);
    expect(top?.contextTokens).toBe(4096);
    expect(top?.factors).toMatchObject({ quantisation: 1, usability: 1, speedConfidence: 1 });
    // The 70B does not fit in graphics memory alone, which is what counts for the peers.
    expect(others.map((model) => model.hfRepoId)).toEqual(['Qwen/Qwen3-32B-GGUF']);
  });

  it('run on MLX on a Mac for the peers, on llama.cpp in the product', () => {
    expect(rankSeeds(M3_MAX_36, { compat: true })[0]?.speedEstimate.backend).toBe('mlx');
    expect(rankSeeds(M3_MAX_36, {})[0]?.speedEstimate.backend).toBe('llama-cpp');
    expect(rankSeeds(RTX_4090, { compat: true })[0]?.speedEstimate.backend).toBe('llama-cpp');
  });

  it('rank on a machine without a GPU too', () => {
    const [top] = rankSeeds({ ...CPU_24, ramGb: 64 }, {});
    expect(top).toMatchObject({ hfRepoId: TOP, fit: 'cpu' });
  });

  it('lend a score to a sibling of another size, below their own', () => {
    const small = candidate('Qwen/Qwen3-8B-GGUF', 8);
    const { models } = rankModels({
      candidates: [...SEED_CANDIDATES, small],
      hardware: RTX_4090,
      snapshot: { generatedAt: GENERATED, observations: [observation('Qwen/Qwen3-32B-GGUF', 80)] },
      options: { compat: true },
    });
    const large = models.find((model) => model.hfRepoId === 'Qwen/Qwen3-32B-GGUF');
    const lent = models.find((model) => model.hfRepoId === small.hfRepoId);
    expect(lent?.evidence).toBe('interpolated');
    expect(lent?.score).toBeGreaterThan(0);
    expect(lent?.score).toBeLessThan(large?.score ?? 0);
  });
});
