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
    ['Qwen3-Next-80B-A3B-Instruct', 'qwen', 'Qwen3-Next', '3'],
    ['Qwen3-VL-8B-Instruct', 'qwen-vl', 'Qwen3-VL', '3'],
    ['Qwen3-Omni-30B-A3B-Instruct', 'qwen-omni', 'Qwen3-Omni', '3'],
    ['Qwen3-Embedding-0.6B', 'qwen-embedding', 'Qwen3-Embedding', '3'],
    ['Qwen1.5-MoE-A2.7B-Chat', 'qwen', 'Qwen1.5-MoE', '1.5'],
    ['Qwen2-7B-Instruct', 'qwen', 'Qwen2', '2'],
    ['Qwen3-30B-A3B-Thinking-2507', 'qwen', 'Qwen3', '3'],
    ['DeepSeek-R1-0528-Qwen3-8B', 'deepseek-distill', 'DeepSeek-R1-0528-Qwen3', '0528'],
    ['DeepSeek-V3.1-Terminus', 'deepseek-v', 'DeepSeek-V3.1', '3.1'],
    ['DeepSeek-Coder-V2-Lite-Instruct', 'deepseek-coder', 'DeepSeek-Coder-V2', '2'],
    ['DeepSeek-V2-Lite-Chat', 'deepseek-lite', 'DeepSeek-V2-Lite', '2'],
    ['Llama-4-Scout-17B-16E-Instruct', 'llama', 'Llama-4', '4'],
    ['llama3.3:70b', 'llama', 'Llama-3.3', '3.3'],
    ['CodeLlama-34b-Instruct-hf', 'codellama', 'CodeLlama', '1'],
    ['gemma-3n-E4B-it', 'gemma', 'gemma-3n', '3n'],
    ['gemma-4-E2B-it', 'gemma', 'gemma-4', '4'],
    ['gemma4:26b', 'gemma', 'gemma-4', '4'],
    ['medgemma-27b-it', 'medgemma', 'medgemma', '1'],
    ['Mixtral-8x22B-Instruct-v0.1', 'mixtral-8x22b', 'Mixtral-8x22B', '0.1'],
    ['Mistral-Nemo-Instruct-2407', 'mistral-nemo', 'Mistral-Nemo', '1'],
    ['Magistral-Small-2509', 'magistral-small', 'Magistral-Small-2509', '1.2'],
    ['Phi-3.5-MoE-instruct', 'phi-moe', 'Phi-MoE', '3.5'],
    ['Phi-4-mini-instruct', 'phi-mini', 'Phi-4-mini', '4'],
    ['phi-4', 'phi', 'phi-4', '4'],
    ['granite-3.3-8b-instruct', 'granite', 'granite-3.3', '3.3'],
    ['granite-4.1-8b', 'granite', 'granite-4.1', '4.1'],
    ['GLM-4.5-Air', 'glm-air', 'GLM-4.5-Air', '4.5'],
    ['GLM-5.1', 'glm', 'GLM-5.1', '5.1'],
    ['GLM-4.5V', 'glm-v', 'GLM-4.5V', '4.5'],
    ['Kimi-K2.6', 'kimi-k', 'Kimi-K2.6', '2.6'],
    ['Kimi-Linear-48B-A3B-Instruct', 'kimi-linear', 'Kimi-Linear', '1'],
    ['MiniMax-M2.5', 'minimax', 'MiniMax-M2.5', '2.5'],
    ['Olmo-3.1-32B-Think', 'olmo', 'Olmo-3.1', '3.1'],
    ['OLMo-2-0325-32B-Instruct', 'olmo', 'Olmo-2', '2'],
    ['LFM2.5-1.2B-Instruct', 'lfm', 'LFM2.5', '2.5'],
    ['SmolLM3-3B', 'smollm', 'SmolLM3', '3'],
    ['Falcon-H1-7B-Instruct', 'falcon-h', 'Falcon-H1', '1'],
    ['EXAONE-4.0-32B', 'exaone', 'EXAONE-4.0', '4.0'],
    ['command-a-03-2025', 'command-a', 'command-a', '2'],
    ['Hermes-4-14B', 'hermes', 'Hermes-4', '4'],
    ['ERNIE-4.5-21B-A3B-PT', 'ernie', 'ERNIE-4.5', '4.5'],
    ['Ling-flash-2.0', 'ling', 'Ling-2.0', '2.0'],
    ['AI21-Jamba-Mini-1.7', 'jamba', 'Jamba-1.7', '1.7'],
    ['Hunyuan-A13B-Instruct', 'hunyuan', 'Hunyuan-A13B', '1'],
    ['Seed-OSS-36B-Instruct', 'seed-oss', 'Seed-OSS', '1'],
    ['gpt-oss-120b', 'gpt-oss', 'gpt-oss', '1'],
    ['dolphin-2.9.1-yi-1.5-34b', 'dolphin', 'dolphin-2.9', '2.9'],
    ['internlm2_5-7b-chat', 'internlm', 'internlm2.5', '2.5'],
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
