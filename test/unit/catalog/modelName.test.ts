import { describe, expect, it } from 'vitest';
import { parseModelName, type ParsedModelName } from '../../../src/catalog/modelName';

type Expected = Partial<ParsedModelName>;

/** Names as they stand on Hugging Face, in Ollama's library, in `/api/tags`, and on disks. */
const NAMES: readonly (readonly [string, Expected])[] = [
  [
    'Qwen/Qwen3-8B',
    { org: 'Qwen', baseName: 'Qwen3-8B', family: 'Qwen', sizeB: 8, variant: 'plain', role: 'chat' },
  ],
  ['Qwen/Qwen3-30B-A3B', { family: 'Qwen', sizeB: 30.5, activeB: 3.3 }],
  ['Qwen/Qwen3-Coder-30B-A3B-Instruct', { sizeB: 30.5, activeB: 3.3, variant: 'coder' }],
  ['Qwen/Qwen3-235B-A22B-Thinking-2507', { sizeB: 235, activeB: 22, variant: 'thinking' }],
  ['Qwen/Qwen3-Next-80B-A3B-Instruct', { sizeB: 80, activeB: 3 }],
  ['Qwen/Qwen3.5-122B-A10B', { family: 'Qwen', sizeB: 122, activeB: 10 }],
  ['Qwen/Qwen3.8-2.4T-A95B', { sizeB: 2400, activeB: 95 }],
  ['Qwen/Qwen1.5-MoE-A2.7B-Chat', { activeB: 2.7, variant: 'instruct' }],
  ['Qwen/Qwen2.5-7B-Instruct-1M', { sizeB: 7, variant: 'instruct' }],
  ['Qwen/Qwen2.5-Coder-0.5B-Instruct', { sizeB: 0.5, variant: 'coder' }],
  ['Qwen/Qwen2.5-Math-72B-Instruct', { sizeB: 72, variant: 'math' }],
  ['Qwen/Qwen2.5-VL-3B-Instruct', { sizeB: 3, variant: 'vision' }],
  ['Qwen/Qwen3-Embedding-0.6B', { sizeB: 0.6, role: 'other' }],
  ['Qwen/Qwen3-Reranker-4B', { sizeB: 4, role: 'other' }],
  ['Qwen/Qwen3-4B-Base', { sizeB: 4, variant: 'base', role: 'base' }],
  ['Qwen/QwQ-32B', { sizeB: 32, variant: 'thinking', family: 'Qwen' }],
  ['Qwen/Qwen3-8B-GGUF', { baseName: 'Qwen3-8B', mirrorSuffix: 'GGUF' }],
  ['Qwen/Qwen3-8B-FP8', { baseName: 'Qwen3-8B', quant: 'FP8' }],
  ['Qwen/Qwen2.5-7B-Instruct-AWQ', { baseName: 'Qwen2.5-7B-Instruct', mirrorSuffix: 'AWQ' }],
  [
    'Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4',
    { baseName: 'Qwen2.5-7B-Instruct', mirrorSuffix: 'GPTQ', quant: 'INT4' },
  ],
  ['unsloth/Qwen3.6-27B-GGUF', { org: 'unsloth', baseName: 'Qwen3.6-27B', mirrorSuffix: 'GGUF', sizeB: 27 }],
  ['bartowski/Qwen_Qwen3.6-35B-A3B-GGUF', { baseName: 'Qwen3.6-35B-A3B', sizeB: 35, activeB: 3 }],
  [
    'bartowski/mistralai_Mistral-Small-3.2-24B-Instruct-2506-GGUF',
    { baseName: 'Mistral-Small-3.2-24B-Instruct-2506' },
  ],
  ['mlx-community/Qwen3-8B-4bit', { baseName: 'Qwen3-8B', quant: '4BIT', mirrorSuffix: '4BIT' }],
  [
    'lmstudio-community/Seed-OSS-36B-Instruct-MLX-4bit',
    { baseName: 'Seed-OSS-36B-Instruct', mirrorSuffix: 'MLX' },
  ],
  [
    'mradermacher/dolphin-2.9.1-yi-1.5-34b-i1-GGUF',
    { baseName: 'dolphin-2.9.1-yi-1.5-34b', mirrorSuffix: 'GGUF' },
  ],
  ['unsloth/Llama-3.3-70B-Instruct-bnb-4bit', { baseName: 'Llama-3.3-70B-Instruct', mirrorSuffix: 'BNB' }],
  [
    'hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M',
    { org: 'unsloth', baseName: 'Qwen3-8B', quant: 'Q4_K_M', tag: 'Q4_K_M' },
  ],
  ['hf.co/unsloth/Qwen3.6-35B-A3B-GGUF:UD-Q4_K_XL', { baseName: 'Qwen3.6-35B-A3B', quant: 'UD-Q4_K_XL' }],
  ['https://huggingface.co/google/gemma-3-27b-it', { org: 'google', baseName: 'gemma-3-27b-it', sizeB: 27 }],
  [
    'google/gemma-3-27b-it-qat-q4_0-gguf',
    { baseName: 'gemma-3-27b-it', quant: 'Q4_0', mirrorSuffix: 'GGUF' },
  ],
  ['google/gemma-3n-E4B-it', { sizeB: 8, activeB: 4, family: 'Gemma' }],
  ['google/gemma-4-26B-A4B-it', { sizeB: 26, activeB: 4, variant: 'instruct' }],
  ['google/gemma-2-2b-it', { sizeB: 2, family: 'Gemma' }],
  ['google/gemma-3-4b-pt', { sizeB: 4, role: 'base' }],
  ['google/gemma-3-270m-it', { sizeB: 0.27 }],
  ['google/embeddinggemma-300m', { sizeB: 0.3, role: 'other' }],
  ['google/codegemma-7b-it', { sizeB: 7, variant: 'coder' }],
  ['google/translategemma-12b-it', { role: 'other' }],
  ['google/shieldgemma-9b', { role: 'other' }],
  ['meta-llama/Llama-4-Scout-17B-16E-Instruct', { sizeB: 109, activeB: 17, family: 'Llama' }],
  ['meta-llama/Llama-4-Maverick-17B-128E-Instruct', { sizeB: 400, activeB: 17 }],
  ['meta-llama/Meta-Llama-3.1-8B-Instruct', { sizeB: 8, variant: 'instruct', family: 'Llama' }],
  ['meta-llama/Llama-3.2-11B-Vision-Instruct', { sizeB: 11, variant: 'vision' }],
  ['meta-llama/Llama-Guard-3-8B', { role: 'other', sizeB: 8 }],
  ['mistralai/Mixtral-8x7B-Instruct-v0.1', { sizeB: 46.7, activeB: 12.9, family: 'Mistral' }],
  ['mistralai/Mixtral-8x22B-Instruct-v0.1', { sizeB: 140.6, activeB: 39.2 }],
  ['mlabonne/Beyonder-4x7B-v3', { sizeB: 24.1, activeB: 12.9 }],
  ['mixtao/MixTAO-7Bx2-MoE-v8.1', { sizeB: 12.9 }],
  ['mistralai/Ministral-3-14B-Reasoning-2512', { sizeB: 14, variant: 'thinking' }],
  ['mistralai/Devstral-Small-2507', { variant: 'coder', family: 'Mistral' }],
  ['mistralai/Voxtral-Small-24B-2507', { sizeB: 24 }],
  ['openai/gpt-oss-20b', { sizeB: 20.9, activeB: 3.6, family: 'gpt-oss' }],
  ['openai/gpt-oss-120b', { sizeB: 116.8, activeB: 5.1 }],
  ['openai/whisper-large-v3', { role: 'other' }],
  ['deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', { sizeB: 32, family: 'DeepSeek', variant: 'thinking' }],
  ['deepseek-ai/DeepSeek-Coder-V2-Lite-Instruct', { variant: 'coder' }],
  ['deepseek-ai/deepseek-coder-6.7b-base', { sizeB: 6.7, role: 'base' }],
  ['deepseek-ai/DeepSeek-OCR', { role: 'other' }],
  ['allenai/OLMoE-1B-7B-0125-Instruct', { sizeB: 6.9, activeB: 1.3, family: 'OLMo' }],
  ['allenai/OLMo-2-0325-32B-Instruct', { sizeB: 32, family: 'OLMo' }],
  ['allenai/Llama-3.1-Tulu-3-8B-RM', { role: 'other', sizeB: 8 }],
  ['ibm-granite/granite-3.0-3b-a800m-instruct', { sizeB: 3, activeB: 0.8, family: 'Granite' }],
  ['ibm-granite/granite-3b-code-instruct-128k', { sizeB: 3, variant: 'coder' }],
  ['ibm-granite/granite-embedding-125m-english', { role: 'other', sizeB: 0.125 }],
  ['nvidia/Llama-3_3-Nemotron-Super-49B-v1_5', { sizeB: 49, family: 'Nemotron' }],
  ['nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', { sizeB: 30, activeB: 3, quant: 'BF16' }],
  ['nvidia/AceMath-72B-RM', { role: 'other' }],
  ['zai-org/GLM-4-9B-0414', { sizeB: 9, family: 'GLM' }],
  ['zai-org/glm-4-9b-chat-1m', { sizeB: 9, variant: 'instruct' }],
  ['internlm/internlm2_5-1_8b-chat', { sizeB: 1.8, family: 'InternLM' }],
  ['stabilityai/stablelm-2-1_6b-chat', { sizeB: 1.6 }],
  ['bigscience/bloom-7b1', { sizeB: 7.1 }],
  ['microsoft/bitnet-b1.58-2B-4T', { sizeB: 2 }],
  ['TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T', { sizeB: 1.1 }],
  ['gradientai/Llama-3-8B-Instruct-Gradient-1048k', { sizeB: 8 }],
  ['utter-project/EuroMoE-2.6B-A0.6B-Instruct-Preview', { sizeB: 2.6, activeB: 0.6 }],
  ['inclusionAI/Ling-1T', { sizeB: 1000, family: 'Ling' }],
  ['LiquidAI/LFM2-8B-A1B', { sizeB: 8, activeB: 1, family: 'LFM' }],
  ['LiquidAI/LFM2-ColBERT-350M', { role: 'other' }],
  ['BAAI/bge-m3', { role: 'other' }],
  ['nomic-ai/nomic-embed-text-v1.5', { role: 'other' }],
  ['TheBloke/Mistral-7B-Instruct-v0.2-GPTQ', { baseName: 'Mistral-7B-Instruct-v0.2', mirrorSuffix: 'GPTQ' }],
  ['qwen3:8b', { baseName: 'qwen3', sizeB: 8, family: 'Qwen', tag: '8b' }],
  ['qwen3:30b-a3b-instruct-2507-q4_K_M', { sizeB: 30.5, activeB: 3.3, quant: 'Q4_K_M', variant: 'instruct' }],
  ['qwen3:30b', { sizeB: 30.5, activeB: 3.3 }],
  ['llama3.2:1b-text-q4_K_M', { sizeB: 1, role: 'base', quant: 'Q4_K_M' }],
  ['deepseek-r1:671b', { sizeB: 671, activeB: 37 }],
  ['mixtral:8x22b', { sizeB: 140.6, activeB: 39.2 }],
  ['gpt-oss:20b', { sizeB: 20.9, activeB: 3.6 }],
  ['gpt-oss:120b-cloud', { sizeB: 116.8, tag: '120b-cloud' }],
  ['gemma3n:e2b-it-fp16', { sizeB: 5.1, quant: 'FP16' }],
  ['all-minilm:22m', { sizeB: 0.022, role: 'other' }],
  ['mistral', { baseName: 'mistral', family: 'Mistral' }],
  ['someone/my-model:latest', { org: 'someone', baseName: 'my-model', tag: 'latest' }],
  [
    'Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf',
    { baseName: 'Meta-Llama-3.1-8B-Instruct', quant: 'Q4_K_M', sizeB: 8 },
  ],
  ['/models/Qwen3-30B-A3B-UD-Q4_K_XL.gguf', { baseName: 'Qwen3-30B-A3B', quant: 'UD-Q4_K_XL', sizeB: 30.5 }],
  ['C:\\models\\gemma-3-4b-it-Q8_0.gguf', { baseName: 'gemma-3-4b-it', quant: 'Q8_0' }],
  ['DeepSeek-V3-Q2_K-00001-of-00005.gguf', { baseName: 'DeepSeek-V3', quant: 'Q2_K' }],
  ['mmproj-Qwen3-VL-8B-Instruct-F16.gguf', { role: 'other', quant: 'F16' }],
  ['gpt-oss-20b-mxfp4.gguf', { baseName: 'gpt-oss-20b', quant: 'MXFP4' }],
  ['loop:v1', { baseName: 'loop' }],
];

describe('parseModelName', () => {
  it.each(NAMES)('reads %s', (name, expected) => {
    expect(parseModelName(name)).toMatchObject(expected);
  });

  it('takes no context length, date stamp or training size for a parameter count', () => {
    for (const name of [
      'Devstral-Small-2507',
      'phi-3-mini-128k-instruct',
      'DeepSeek-V3.1',
      'qwen3:latest',
      'scripted',
    ]) {
      expect(parseModelName(name), name).not.toHaveProperty('sizeB');
    }
  });

  it('never reads active parameters out of a dense name', () => {
    for (const name of [
      'Qwen/Qwen3-32B',
      'meta-llama/Llama-3.1-8B-Instruct',
      'microsoft/phi-4',
      'gemma3:27b',
    ]) {
      expect(parseModelName(name), name).not.toHaveProperty('activeB');
    }
  });

  it('gives every text back as a name rather than failing', () => {
    for (const text of ['', ':', '/', 'a/b/c/d', ':latest', '..gguf', 'hf.co/', '-Q4_K_M', '💥']) {
      expect(typeof parseModelName(text).baseName, JSON.stringify(text)).toBe('string');
    }
  });
});
