import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/catalog/candidate';
import { seriesOf, withLineage } from '../../../src/catalog/lineage';

function candidate(hfRepoId: string, role: Candidate['role'] = 'chat'): Candidate {
  const [org = '', name = ''] = hfRepoId.split('/');
  return {
    hfRepoId,
    name,
    org,
    family: org,
    role,
    sizeB: 1,
    capabilities: { tools: null, thinking: null, vision: null },
    builds: [],
    lineagePosition: 9,
  };
}

function positions(ids: readonly string[]): readonly number[] {
  return withLineage(ids.map((id) => candidate(id))).map(({ lineagePosition }) => lineagePosition);
}

describe('seriesOf', () => {
  it.each([
    ['Qwen3-8B', 'qwen', 'Qwen3', '3'],
    ['Qwen3.6-35B-A3B', 'qwen', 'Qwen3.6', '3.6'],
    ['Qwen2.5-Coder-32B-Instruct', 'qwen-coder', 'Qwen2.5-Coder', '2.5'],
    ['CodeQwen1.5-7B-Chat', 'qwen-coder', 'CodeQwen1.5', '1.5'],
    ['Qwen3-Coder-Next', 'qwen-coder', 'Qwen3-Coder-Next', '3'],
    ['Qwen2.5-VL-7B-Instruct', 'qwen-vl', 'Qwen2.5-VL', '2.5'],
    ['Qwen-VL-Chat', 'qwen-vl', 'Qwen-VL', '1'],
    ['QwQ-32B', 'qwen', 'QwQ', '2.5'],
    ['qwen3', 'qwen', 'Qwen3', '3'],
    ['Meta-Llama-3.1-8B-Instruct', 'llama', 'Llama-3.1', '3.1'],
    ['llama3.2', 'llama', 'Llama-3.2', '3.2'],
    ['Llama-3.2-11B-Vision-Instruct', 'llama-vision', 'Llama-3.2-Vision', '3.2'],
    ['Meta-Llama-3-8B-Instruct', 'llama', 'Llama-3', '3'],
    ['Llama-3.1-Tulu-3-8B', 'tulu', 'Tulu-3', '3'],
    ['gemma-3-27b-it', 'gemma', 'gemma-3', '3'],
    ['gemma-7b-it', 'gemma', 'gemma', '1'],
    ['gemma-1.1-2b-it', 'gemma', 'gemma-1.1', '1.1'],
    ['Phi-3.5-mini-instruct', 'phi-mini', 'Phi-3.5-mini', '3.5'],
    ['phi-1_5', 'phi', 'phi-1.5', '1.5'],
    ['Ministral-3-8B-Instruct-2512', 'ministral', 'Ministral-3', '3'],
    ['Mistral-Small-3.2-24B-Instruct-2506', 'mistral-small', 'Mistral-Small-3.2', '3.2'],
    ['Devstral-Small-2-24B-Instruct-2512', 'devstral-small', 'Devstral-Small-2', '2'],
    ['Devstral-Small-2505', 'devstral-small', 'Devstral-Small-2505', '1'],
    ['DeepSeek-V3.2-Exp', 'deepseek-v', 'DeepSeek-V3.2', '3.2'],
    ['DeepSeek-R1-0528', 'deepseek-r', 'DeepSeek-R1-0528', '1-0528'],
    ['DeepSeek-R1-Distill-Qwen-7B', 'deepseek-distill', 'DeepSeek-R1-Distill-Qwen', '1'],
    ['granite-4.0-h-tiny', 'granite', 'granite-4.0', '4.0'],
    ['NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', 'nemotron-nano', 'Nemotron-3-Nano', '3'],
    ['Llama-3_3-Nemotron-Super-49B-v1_5', 'nemotron-super', 'Llama-Nemotron-Super-v1.5', '1.5'],
    ['GLM-4.7-Flash', 'glm-small', 'GLM-4.7-Flash', '4.7'],
    ['Kimi-K2-Instruct-0905', 'kimi-k', 'Kimi-K2-0905', '2-0905'],
    ['MiniCPM-V-4_5', 'minicpm-v', 'MiniCPM-V-4.5', '4.5'],
  ])('%s stands in the line %s, series %s, generation %s', (name, line, series, generation) => {
    expect(seriesOf(name)).toMatchObject({ line, series, generation });
  });

  it("gives a name that holds another maker's to the maker who released it", () => {
    expect(seriesOf('Llama-3_3-Nemotron-Super-49B-v1_5', 'nvidia')?.series).toBe('Llama-Nemotron-Super-v1.5');
    expect(seriesOf('Llama-3.1-Tulu-3-8B', 'allenai')?.series).toBe('Tulu-3');
    expect(seriesOf('Llama-3-8B-Instruct-Gradient-1048k', 'gradientai')).toBeUndefined();
    expect(seriesOf('Qwen3-0.6B', 'PrimeIntellect')).toBeUndefined();
  });

  it('knows nothing of names that only begin like a series', () => {
    for (const name of ['qwendolin', 'llamafile', 'yip', 'tiny', 'scripted', 'emb']) {
      expect(seriesOf(name), name).toBeUndefined();
    }
  });
});

describe('withLineage', () => {
  it('counts generations of a line back from the newest that is there', () => {
    const ids = [
      'Qwen/Qwen2.5-7B-Instruct',
      'Qwen/Qwen3-8B',
      'Qwen/Qwen3.5-9B',
      'Qwen/Qwen3.6-27B',
      'Qwen/Qwen3-32B',
    ];
    expect(positions(ids)).toEqual([3, 2, 1, 0, 2]);
  });

  it('counts Llama 3.2 and 3.3 as one generation', () => {
    const ids = [
      'Llama-3.1-8B-Instruct',
      'Llama-3.2-3B-Instruct',
      'Llama-3.3-70B-Instruct',
      'Llama-4-Scout-17B-16E-Instruct',
    ];
    expect(positions(ids.map((name) => `meta-llama/${name}`))).toEqual([2, 1, 1, 0]);
  });

  it('keeps coding, vision and general lines apart', () => {
    const ids = ['Qwen/Qwen2.5-Coder-7B-Instruct', 'Qwen/Qwen3.6-27B', 'Qwen/Qwen2.5-VL-7B-Instruct'];
    expect(positions(ids)).toEqual([0, 0, 0]);
  });

  it('does not let a pretrained model make a generation of its own', () => {
    const models = [candidate('google/gemma-3-4b-it'), candidate('google/gemma-4-31B', 'base')];
    expect(withLineage(models).map(({ lineagePosition }) => lineagePosition)).toEqual([0, 0]);
  });

  it('puts a model of no known line first, since nothing is known to replace it', () => {
    expect(positions(['someone/model-7b', 'someone/model-8b'])).toEqual([0, 0]);
  });
});
