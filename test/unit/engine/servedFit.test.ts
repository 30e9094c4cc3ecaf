import { describe, expect, it } from 'vitest';
import { servedFit, type ServedFitSources } from '../../../src/engine/servedFit';
import { rankModels } from '../../../src/ranking/rank';
import type { RegisteredModel } from '../../../src/registry/row';

const ID = 'maker/model-8b';

/** A machine that holds the model with a short context and not with a long one. */
const { models } = rankModels({
  candidates: [{ hfRepoId: ID, sizeB: 8, quant: 'Q4_K_M' }],
  hardware: { platform: 'cpu', vramGb: 0, ramGb: 10, bandwidthGbps: 60 },
  snapshot: { generatedAt: '2026-11-01', observations: [] },
});

const SOURCES: ServedFitSources = {
  ranked: () => models,
  hostOf: () => 'local',
  canonicalId: () => ID,
};

const MODEL: RegisteredModel = {
  ...{ backend: 'ollama', provider: 'maker', modelId: 'model:8b', displayName: 'model:8b' },
  ...{ source: 'probe', confirmedAt: 0, refreshedAt: 0, capabilities: { quant: 'Q4_K_M' } },
};

describe('how a served model fits', () => {
  const looked = models[0]?.fitByContext ?? [];
  const tooLong = looked.find(({ fit }) => fit === 'none')?.contextTokens ?? 0;
  const held = looked.findLast(({ fit }) => fit !== 'none')?.contextTokens ?? 0;

  it('is told for a context that a longer one proves, or that was looked at itself', () => {
    expect(held).toBeGreaterThan(0);
    expect(tooLong).toBeGreaterThan(held);
    expect(servedFit(MODEL, held - 1, SOURCES)?.kind).toBe('cpu');
    expect(servedFit(MODEL, held, SOURCES)?.kind).toBe('cpu');
    expect(servedFit(MODEL, tooLong, SOURCES)?.kind).toBe('none');
  });

  it('is not told where only a longer context is known not to fit', () => {
    expect(servedFit(MODEL, held + 1, SOURCES)).toBeUndefined();
  });
});
