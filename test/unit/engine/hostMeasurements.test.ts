import { describe, expect, it } from 'vitest';
import type { Candidate, ModelBuild } from '../../../src/catalog/candidate';
import { HostMeasurements } from '../../../src/engine/hostMeasurements';
import type { ListedCapabilities } from '../../../src/backends/contract';
import type { RegisteredModel } from '../../../src/registry/row';
import type { Measurement } from '../../../src/shared/modelRef';

const MANIFEST = 'c5c76530a7da874ddd1fcf3b40768cad0f4c543d86ccdc49311e70054a01e06d';
const LAYER = 'a3de86cd1c132c822487ededd47a324c50491393e6565cd14bafa40d0b8e686f';

function build(quant: string, change: Partial<ModelBuild> = {}): ModelBuild {
  return { quant, sizeBytes: 5e9, sizeBasis: 'exact', repo: 'maker/m-8b-GGUF', ...change };
}

function candidate(name: string, builds: readonly ModelBuild[]): Candidate {
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB: 8, builds },
    capabilities: { tools: true, thinking: null, vision: null },
    lineagePosition: 0,
  };
}

const CATALOGUE = [
  candidate('m-8b', [
    build('Q4_K_M', { ollamaName: 'm:8b', digest: LAYER, ollamaManifest: MANIFEST.slice(0, 12) }),
    build('Q8_0', { sizeBytes: 9e9 }),
    build('unknown'),
  ]),
  candidate('other-8b', [build('Q4_K_M')]),
];

function served(modelId: string, capabilities: ListedCapabilities = {}, backend = 'llama'): RegisteredModel {
  return {
    ...{ backend, provider: 'maker', modelId, displayName: modelId, capabilities },
    ...{ source: 'probe', refreshedAt: 0 },
  };
}

function measurement(change: Partial<Measurement> = {}): Measurement {
  return {
    ...{ hostId: 'local', digest: MANIFEST, quant: 'Q4_K_M', contextTokens: 8_192, decodeTokPerSec: 30 },
    ...{ measuredAt: '2026-11-21T10:00:00.000Z', from: 'measure' },
    ...change,
  };
}

/** What the catalogue's model and quantisation of one measurement are, with these models served. */
function joined(of: Measurement, models: readonly RegisteredModel[] = []) {
  const measurements = new HostMeasurements({
    measurements: () => [of],
    served: () => models,
    hostOf: (backend) => (backend === 'far' ? 'gpubox' : 'local'),
    canonicalId: ({ modelId }) => (modelId.startsWith('unknown') ? undefined : 'maker/m-8b'),
  });
  return measurements.of('local', CATALOGUE)[0];
}

const BUILD = { modelId: 'maker/m-8b', quant: 'Q4_K_M' };

describe('the build behind a measurement', () => {
  it("is found by the digest of its manifest, of which the catalogue has the first digits, or by its file's", () => {
    expect(joined(measurement())).toMatchObject(BUILD);
    expect(joined(measurement({ digest: LAYER }))).toMatchObject(BUILD);
    expect(joined(measurement({ digest: MANIFEST.replace('c5', 'ff') }))).not.toHaveProperty('modelId');
  });

  it('is not another quantisation than the one that the server named', () => {
    expect(joined(measurement({ quant: 'Q8_0' }))).not.toHaveProperty('modelId');
    expect(joined(measurement({ quant: 'unknown' }))).not.toHaveProperty('modelId');
  });

  it('is found by the served model where there is no digest, if quantisation and size are the same', () => {
    const subject = measurement({ digest: '["llama","maker","m-8b.gguf"]', quant: 'q4_k_m' });
    expect(joined(subject, [served('m-8b.gguf')])).toMatchObject({ ...BUILD, servedAs: 'm-8b.gguf' });
    expect(joined(subject, [served('m-8b.gguf', { sizeBytes: 5.2e9 })])).toMatchObject(BUILD);
    expect(joined({ ...subject, quant: 'Q8_0' }, [served('m-8b.gguf', { sizeBytes: 9.1e9 })])).toMatchObject({
      ...{ modelId: 'maker/m-8b', quant: 'Q8_0' },
    });
  });

  it.each<[string, Partial<Measurement>, RegisteredModel]>([
    ['has another size', {}, served('m-8b.gguf', { sizeBytes: 3e9 })],
    ['is far smaller, as what runs in a cloud is listed', {}, served('m-8b.gguf', { sizeBytes: 384 })],
    ['has a quantisation that nobody knows', { quant: 'unknown' }, served('m-8b.gguf')],
    ['has a quantisation of which no build is known', { quant: 'Q6_K' }, served('m-8b.gguf')],
    ['is served by another machine', {}, served('m-8b.gguf', {}, 'far')],
    ['is unknown to the catalogue', { digest: '["llama","maker","unknown"]' }, served('unknown')],
    ['is served no more', {}, served('something else')],
  ])('is left open where the model %s', (_what, change, model) => {
    const subject = measurement({ digest: '["llama","maker","m-8b.gguf"]', ...change });
    expect(joined(subject, [model])).not.toHaveProperty('modelId');
  });

  it('is not looked for in the measurements of another machine', () => {
    expect(joined(measurement({ hostId: 'gpubox' }))).toBeUndefined();
  });
});
