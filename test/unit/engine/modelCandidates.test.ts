import { describe, expect, it } from 'vitest';
import type { CandidateSources } from '../../../src/engine/modelCandidates';
import { modelCandidates } from '../../../src/engine/modelCandidates';
import type { RegisteredModel } from '../../../src/registry/row';

const RANKED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  local: { 'qwen/qwen3-8b': 61, 'openai/gpt-oss-20b': 0 },
  gpubox: { 'qwen/qwen3-8b': 72 },
};

describe('the models that one can be chosen from', () => {
  it('have the score of the machine that each runs on', () => {
    expect(scores([served('ollama', 'qwen/qwen3-8b'), served('gpubox', 'qwen/qwen3-8b')])).toEqual([
      ['ollama', 'local', 61],
      ['gpubox', 'gpubox', 72],
    ]);
  });

  it('have none where the catalogue does not know them, or their machine was not ranked for', () => {
    expect(
      scores([
        served('ollama', 'nobody/knows'),
        served('gpubox', 'openai/gpt-oss-20b'),
        served('elsewhere', 'qwen/qwen3-8b'),
      ]),
    ).toEqual([
      ['ollama', 'local', null],
      ['gpubox', 'gpubox', null],
      ['elsewhere', 'elsewhere', null],
    ]);
  });

  it('have none where they are a service, whatever machine its address names', () => {
    expect(scores([served('service', 'qwen/qwen3-8b')])).toEqual([['service', 'local', null]]);
  });

  it('that do not fit keep their score of nothing', () => {
    expect(scores([served('ollama', 'openai/gpt-oss-20b')])).toEqual([['ollama', 'local', 0]]);
  });

  it('make each machine be ranked once', () => {
    const asked: string[] = [];
    scores([served('ollama', 'qwen/qwen3-8b'), served('ollama', 'b'), served('gpubox', 'c')], {
      rankedOn: (host) => (asked.push(host), []),
    });
    expect(asked).toEqual(['local', 'gpubox']);
  });
});

function scores(
  models: readonly RegisteredModel[],
  change: Partial<CandidateSources> = {},
): readonly (readonly [string, string, number | null])[] {
  return modelCandidates(models, {
    hostOf: (backend) => (['ollama', 'service'].includes(backend) ? 'local' : backend),
    isService: (backend) => backend === 'service',
    rankedOn: (host) => Object.entries(RANKED[host] ?? {}).map(([modelId, score]) => ({ modelId, score })),
    canonicalId: ({ modelId }) => (modelId === 'nobody/knows' ? undefined : modelId),
    ...change,
  }).map(({ model, host, score }) => [model.backend, host, score]);
}

function served(backend: string, modelId: string): RegisteredModel {
  return {
    ...{ backend, provider: 'maker', modelId, displayName: modelId, capabilities: {} },
    ...{ source: 'probe', refreshedAt: 1 },
  };
}
