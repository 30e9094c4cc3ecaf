import { describe, expect, it } from 'vitest';
import { contextLimits, usableGib } from '../../../src/engine/machineLimits';
import { largestContextThatFits } from '../../../src/ranking/context';
import { estimateVram } from '../../../src/ranking/memory';
import { rankModels } from '../../../src/ranking/rank';
import type { RankCandidate, RankedModel, RankHardware } from '../../../src/ranking/rankTypes';

const GPU = { platform: 'nvidia', vramGb: 12, ramGb: 32, bandwidthGbps: 500 } as const;
const CPU = { platform: 'cpu', vramGb: 0, ramGb: 32, bandwidthGbps: 60 } as const;

function ranked(changes: Partial<RankCandidate>, hardware: RankHardware): RankedModel {
  const { models } = rankModels({
    candidates: [{ hfRepoId: 'maker/model', sizeB: 8, quant: 'Q4_K_M', ...changes }],
    hardware,
    snapshot: { generatedAt: '2026-11-01', observations: [] },
    options: { includeUnfit: true },
  });
  const [model] = models;
  if (!model) throw new Error('not ranked');
  return model;
}

const totalGib = ({ sizeB, quant, architecture }: RankedModel, contextTokens: number): number =>
  estimateVram({ sizeB, quant, architecture, contextTokens }).totalGb;

describe('the longest contexts of a model on a machine', () => {
  it.each([6, 8, 14, 32])(
    'are exact for %i billion parameters: one token more does not fit there',
    (sizeB) => {
      const model = ranked({ sizeB }, GPU);
      const usable = usableGib(GPU);
      const { onAccelerators, atAll } = contextLimits(model, usable);
      expect(atAll).toBeGreaterThan(onAccelerators);
      expect(totalGib(model, atAll)).toBeLessThanOrEqual(usable.totalGib);
      expect(totalGib(model, atAll + 1)).toBeGreaterThan(usable.totalGib);
      if (onAccelerators > 0)
        expect(totalGib(model, onAccelerators)).toBeLessThanOrEqual(usable.acceleratorGib);
      expect(totalGib(model, onAccelerators + 1)).toBeGreaterThan(usable.acceleratorGib);
    },
  );

  it('agree with the ranking where it stays on the accelerators', () => {
    const model = ranked({ sizeB: 8 }, GPU);
    expect(contextLimits(model, usableGib(GPU)).onAccelerators).toBe(largestContextThatFits(model, GPU));
  });

  it('end at the one that the model was made for', () => {
    const model = ranked({ sizeB: 1, architecture: { contextMax: 32_768 } }, GPU);
    expect(contextLimits(model, usableGib(GPU))).toEqual({ onAccelerators: 32_768, atAll: 32_768 });
  });

  it('are in system memory alone where there is no accelerator, and nothing where the model is too big', () => {
    expect(contextLimits(ranked({ sizeB: 8 }, CPU), usableGib(CPU))).toMatchObject({ onAccelerators: 0 });
    expect(contextLimits(ranked({ sizeB: 8 }, CPU), usableGib(CPU)).atAll).toBeGreaterThan(4_096);
    expect(contextLimits(ranked({ sizeB: 400 }, GPU), usableGib(GPU))).toEqual({
      ...{ onAccelerators: 0, atAll: 0 },
    });
  });

  it('count no context that is too short to be of use', () => {
    const model = ranked({ sizeB: 8 }, GPU);
    const gpuThatHolds = (tokens: number): ReturnType<typeof usableGib> => ({
      ...usableGib(GPU),
      acceleratorGib: totalGib(model, tokens),
    });
    expect(contextLimits(model, gpuThatHolds(1_024)).onAccelerators).toBeGreaterThanOrEqual(1_024);
    expect(contextLimits(model, gpuThatHolds(900)).onAccelerators).toBe(0);
    const short = ranked({ sizeB: 8, architecture: { contextMax: 512 } }, GPU);
    expect(contextLimits(short, usableGib(GPU)).onAccelerators).toBe(512);
  });
});
