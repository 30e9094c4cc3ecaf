import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildIdentityIndex,
  canonicalModelOf,
  identifyModel,
  type IdentityIndex,
} from '../../../src/catalog/identity';
import { providerOf } from '../../../src/catalog/maker';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

let index: IdentityIndex;

beforeAll(async () => {
  const { snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' });
  index = buildIdentityIndex(snapshot.candidates);
});

describe('canonicalModelOf', () => {
  it.each([
    ['Qwen/Qwen3-8B', 'Qwen/Qwen3-8B', 'id'],
    ['qwen/qwen3-8b', 'Qwen/Qwen3-8B', 'id'],
    ['THUDM/glm-4-9b-chat', 'zai-org/glm-4-9b-chat', 'id'],
    ['CohereForAI/aya-23-8B', 'CohereLabs/aya-23-8B', 'id'],
    ['cognitivecomputations/dolphin-2.9-llama3-8b', 'dphn/dolphin-2.9-llama3-8b', 'id'],
    ['microsoft/phi-3-mini-4k-instruct', 'microsoft/Phi-3-mini-4k-instruct', 'id'],
    ['alpindale/WizardLM-2-8x22B', 'microsoft/WizardLM-2-8x22B', 'id'],
    ['unsloth/Qwen3.5-9B-GGUF', 'Qwen/Qwen3.5-9B', 'repository'],
    ['hf.co/bartowski/Qwen_Qwen3.6-35B-A3B-GGUF:Q4_K_M', 'Qwen/Qwen3.6-35B-A3B', 'repository'],
    ['hf.co/unsloth/gemma-4-31B-it-GGUF:UD-Q4_K_XL', 'google/gemma-4-31B-it', 'repository'],
    ['qwen3:8b', 'Qwen/Qwen3-8B', 'ollama'],
    ['qwen3:latest', 'Qwen/Qwen3-8B', 'ollama'],
    ['qwen3', 'Qwen/Qwen3-8B', 'ollama'],
    ['qwen3:14b-q8_0', 'Qwen/Qwen3-14B', 'ollama'],
    // The library moved these short names on to the release of July 2025.
    ['qwen3:30b', 'Qwen/Qwen3-30B-A3B-Thinking-2507', 'ollama'],
    ['qwen3:4b', 'Qwen/Qwen3-4B-Thinking-2507', 'ollama'],
    ['qwen3:30b-a3b-q4_K_M', 'Qwen/Qwen3-30B-A3B', 'ollama'],
    ['llama3.1:8b-instruct-q5_K_S', 'meta-llama/Llama-3.1-8B-Instruct', 'ollama'],
    ['deepseek-r1:32b', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', 'ollama'],
    ['gpt-oss:20b', 'openai/gpt-oss-20b', 'ollama'],
    ['gpt-oss:120b-cloud', 'openai/gpt-oss-120b', 'ollama'],
    ['gemma3:27b-it-q4_K_M', 'google/gemma-3-27b-it', 'ollama'],
    ['dbrx:132b', 'databricks/dbrx-instruct', 'ollama'],
    ['Qwen/Qwen2.5-7B-Instruct-AWQ', 'Qwen/Qwen2.5-7B-Instruct', 'mirror'],
    ['Qwen/Qwen3-8B-FP8', 'Qwen/Qwen3-8B', 'mirror'],
    ['mlx-community/Qwen3-8B-4bit', 'Qwen/Qwen3-8B', 'mirror'],
    ['lmstudio-community/Meta-Llama-3.1-8B-Instruct-GGUF', 'meta-llama/Llama-3.1-8B-Instruct', 'mirror'],
    ['somebody/Qwen3-32B-GGUF', 'Qwen/Qwen3-32B', 'mirror'],
    ['Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf', 'meta-llama/Llama-3.1-8B-Instruct', 'name'],
    ['/srv/models/Qwen3-30B-A3B-UD-Q4_K_XL.gguf', 'Qwen/Qwen3-30B-A3B', 'name'],
    ['DeepSeek-V3-Q2_K-00001-of-00005.gguf', 'deepseek-ai/DeepSeek-V3', 'name'],
    ['mradermacher/Qwen3-14B-i1-GGUF', 'Qwen/Qwen3-14B', 'mirror'],
    ['Qwen3-14B.i1-IQ4_XS.gguf', 'Qwen/Qwen3-14B', 'name'],
    ['bartowski/THUDM_GLM-4-32B-0414-GGUF', 'zai-org/GLM-4-32B-0414', 'mirror'],
    ['RedHatAI/Qwen3-32B-quantized.w4a16', 'Qwen/Qwen3-32B', 'mirror'],
    ['RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', 'meta-llama/Llama-3.3-70B-Instruct', 'mirror'],
    ['mlx-community/Qwen3-30B-A3B-4bit-DWQ', 'Qwen/Qwen3-30B-A3B', 'mirror'],
    ['unsloth/Qwen3-14B-unsloth-bnb-4bit', 'Qwen/Qwen3-14B', 'mirror'],
    ['google/gemma-3-27b-it-qat-q4_0-gguf', 'google/gemma-3-27b-it', 'repository'],
    ['DeepSeek-R1-Distill-Qwen-14B-Q4_K_M.gguf', 'deepseek-ai/DeepSeek-R1-Distill-Qwen-14B', 'name'],
    ['C:\\models\\Mixtral-8x7B-Instruct-v0.1.Q5_K_M.gguf', 'mistralai/Mixtral-8x7B-Instruct-v0.1', 'name'],
  ])('%s is %s by its %s', (name, hfRepoId, edge) => {
    const match = identifyModel(name, index);
    expect([match?.candidate.hfRepoId, match?.edge]).toEqual([hfRepoId, edge]);
  });

  it.each([
    'tiny',
    'scripted',
    'loop:v1',
    'emb:latest',
    'someone/Qwen3-8B',
    'someone/my-finetune-GGUF',
    'qwen9:8b',
    'huihui-ai/Qwen3-14B-abliterated',
    'mradermacher/Qwen3-14B-abliterated-i1-GGUF',
    'unsloth/Qwen3-Embedding-0.6B-GGUF',
    'Qwen3-Reranker-4B-Q8_0.gguf',
    'whisper-large-v3.gguf',
    'mmproj-Qwen3-VL-8B-Instruct-F16.gguf',
    '',
    'hf.co/',
  ])('knows nothing of %s', (name) => {
    expect(canonicalModelOf(name, index)).toBeNull();
  });

  it('does not give a small fork the identity of the large model whose name it bears', () => {
    const name = 'somebody/DeepSeek-V3-GGUF';
    expect(canonicalModelOf(name, index, { sizeB: 671 })?.hfRepoId).toBe('deepseek-ai/DeepSeek-V3');
    expect(canonicalModelOf(name, index, { sizeB: 7 })).toBeNull();
    expect(canonicalModelOf('DeepSeek-V3-Q4_K_M.gguf', index, { sizeB: 7 })).toBeNull();
  });

  it('believes the digest before the name', () => {
    const build = index.byId
      .get('qwen/qwen3-14b')
      ?.builds.find(({ ollamaName }) => ollamaName === 'qwen3:14b');
    expect(build?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(identifyModel('my-copy:latest', index, { digest: `sha256:${build?.digest ?? ''}` })).toMatchObject(
      {
        edge: 'digest',
        candidate: { hfRepoId: 'Qwen/Qwen3-14B' },
      },
    );
  });

  it('knows a renamed Ollama model by the first digits of its manifest', () => {
    const manifest = index.byId
      .get('qwen/qwen3-32b')
      ?.builds.find(({ ollamaName }) => ollamaName === 'qwen3:32b')?.ollamaManifest;
    expect(manifest).toMatch(/^[0-9a-f]{12}$/);
    const digest = `${manifest ?? ''}${'0'.repeat(52)}`;
    expect(canonicalModelOf('renamed', index, { digest })?.hfRepoId).toBe('Qwen/Qwen3-32B');
  });

  it('has one model for every name, repository and digest of the catalogue', () => {
    for (const candidate of index.byId.values()) {
      for (const name of candidate.ollamaNames ?? []) {
        expect(canonicalModelOf(name, index)?.hfRepoId, name).toBe(candidate.hfRepoId);
      }
      for (const { repo, quant, ollamaName, digest } of candidate.builds) {
        const names = [ollamaName, repo === undefined ? undefined : `hf.co/${repo}:${quant}`];
        for (const name of names) {
          if (name !== undefined)
            expect(canonicalModelOf(name, index)?.hfRepoId, name).toBe(candidate.hfRepoId);
        }
        if (digest !== undefined) expect(index.byDigest.get(digest)?.hfRepoId).toBe(candidate.hfRepoId);
      }
    }
  });
});

describe('providerOf', () => {
  it.each([
    ['qwen3:8b', 'qwen'],
    ['Qwen/Qwen3-8B', 'qwen'],
    ['hf.co/unsloth/Qwen3.5-9B-GGUF:Q4_K_M', 'qwen'],
    ['llama3.2:3b', 'meta'],
    ['gemma3:27b', 'google'],
    ['mistral:7b', 'mistralai'],
    ['deepseek-r1:32b', 'deepseek'],
    ['gpt-oss:20b', 'openai'],
    ['phi4', 'microsoft'],
    ['granite3.3:8b', 'ibm'],
    ['glm-4.7-flash', 'zai'],
    ['command-r:35b', 'cohere'],
    ['nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', 'nvidia'],
    ['yi:34b', 'zero_one_ai'],
    // A name that the library gained after the snapshot: its series says whose it is.
    ['qwen3.9:30b', 'qwen'],
    ['gemma5:12b', 'google'],
    ['gpt-oss:120b-cloud', 'ollama_cloud'],
    ['kimi-k2:1t-cloud', 'ollama_cloud'],
    ['glm-9:cloud', 'ollama_cloud'],
    ['hf.co/bartowski/Some-Finetune-GGUF:Q4_K_M', 'bartowski'],
    ['Some_One/thing', 'some_one'],
    ['9bits/thing', 'org_9bits'],
    ['tiny', 'local'],
    ['loop:v1', 'local'],
    ['model.gguf', 'local'],
    ['', 'local'],
    ['_/x', 'local'],
  ])('%s is of %s', (name, provider) => {
    expect(providerOf(name, {}, index)).toBe(provider);
  });

  it('gives an id that the registry takes, for every model of the catalogue and for odd names', () => {
    const names = [...index.byId.keys(), '💥/x', '../..', 'a'.repeat(300), `${'x'.repeat(300)}/y`];
    for (const name of names) expect(providerOf(name, {}, index), name).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
  });
});
