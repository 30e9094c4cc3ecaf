import { describe, expect, it } from 'vitest';
import { servedFit, servedRank, type ServedFitSources } from '../../../src/engine/servedFit';
import { rankModels } from '../../../src/ranking/rank';
import type { RegisteredModel } from '../../../src/registry/row';

const ID = 'maker/model-8b';

/** A card on which the largest build is the best one, and stands for the model. */
const { models } = rankModels({
  candidates: ['Q8_0', 'Q4_K_M'].map((quant) => ({ hfRepoId: ID, sizeB: 8, quant })),
  hardware: { platform: 'nvidia', vramGb: 80, ramGb: 64, bandwidthGbps: 3_000 },
  snapshot: { generatedAt: '2026-11-01', observations: [] },
});

const SOURCES: ServedFitSources = {
  ranked: (host) => (host === 'local' ? models : []),
  hostOf: (backend) => (backend === 'gpubox' ? 'gpubox' : 'local'),
  canonicalId: ({ modelId }) => (modelId === 'unknown' ? undefined : ID),
};

function served(capabilities: RegisteredModel['capabilities'], more: Partial<RegisteredModel> = {}) {
  const model: RegisteredModel = {
    ...{ backend: 'ollama', provider: 'maker', modelId: 'model:8b', displayName: 'model:8b' },
    ...{ source: 'probe', refreshedAt: 0, capabilities },
    ...more,
  };
  return servedRank(model, SOURCES);
}

describe('a served model in the ranking of its machine', () => {
  it('is the build that stands for the model, or another one of it with its own fit and speed', () => {
    const [best] = models;
    if (!best) throw new Error('not ranked');
    const other = best.quant === 'Q8_0' ? 'Q4_K_M' : 'Q8_0';
    const same = served({ quant: best.quant.toLowerCase() });
    expect(same).toMatchObject({ model: { modelId: ID }, isSameBuild: true, build: { quant: best.quant } });
    const another = served({ quant: other });
    expect(another).toMatchObject({ isSameBuild: false, build: { quant: other, fit: 'gpu' } });
    expect(another?.build?.tokPerSec).not.toBe(same?.build?.tokPerSec);
    expect(another?.build?.tokPerSec).toBeGreaterThan(0);
  });

  it('has only its score where its build is not known', () => {
    expect(served({ quant: 'IQ1_S' })).toMatchObject({ model: { modelId: ID }, build: undefined });
  });

  it('stands for the model where nobody says which build it is', () => {
    expect(served({})).toMatchObject({ isSameBuild: true });
  });

  it('is not there where its machine was not ranked, or nobody knows the model', () => {
    expect(served({}, { backend: 'gpubox' })).toBeUndefined();
    expect(served({}, { modelId: 'unknown' })).toBeUndefined();
    const unknown = { ...{ backend: 'ollama', provider: 'maker', modelId: 'unknown', displayName: 'x' } };
    const row: RegisteredModel = {
      ...unknown,
      source: 'probe',
      refreshedAt: 0,
      capabilities: {},
    };
    expect(servedFit(row, null, SOURCES)).toBeUndefined();
  });
});
