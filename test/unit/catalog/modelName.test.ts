import { describe, expect, it } from 'vitest';
import { KNOWN_SIZES } from '../../../src/catalog/knownSizes';
import { parseModelName, type ParsedModelName } from '../../../src/catalog/modelName';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

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

/** Total and active billions as the makers state them, where the name tells neither or something else. */
const SIZES: readonly (readonly [string, number, number?])[] = [
  ['deepseek-ai/DeepSeek-V3', 671, 37],
  ['deepseek-ai/DeepSeek-V3-0324', 671, 37],
  ['deepseek-ai/DeepSeek-V3.1-Terminus', 671, 37],
  ['deepseek-ai/DeepSeek-V3.2-Exp', 671, 37],
  ['deepseek-ai/DeepSeek-R1-0528', 671, 37],
  ['unsloth/DeepSeek-R1-0528-GGUF', 671, 37],
  ['deepseek-ai/DeepSeek-R1-Zero', 671, 37],
  ['deepseek-ai/DeepSeek-R1-0528-Qwen3-8B', 8],
  ['deepseek-ai/DeepSeek-R1-Distill-Qwen-14B', 14],
  ['deepseek-ai/DeepSeek-R1-Distill-Llama-70B', 70],
  ['deepseek-r1:1.5b', 1.5],
  ['deepseek-v3:671b-q4_K_M', 671, 37],
  ['deepseek-ai/DeepSeek-V2-Lite-Chat', 15.7, 2.4],
  ['deepseek-ai/DeepSeek-Coder-V2-Lite-Instruct', 15.7, 2.4],
  ['deepseek-ai/DeepSeek-Coder-V2-Instruct', 236, 21],
  ['deepseek-ai/DeepSeek-V2.5', 236, 21],
  ['deepseek-coder-v2:16b', 15.7, 2.4],
  ['deepseek-ai/deepseek-moe-16b-chat', 16.4, 2.8],
  ['moonshotai/Kimi-K2-Instruct', 1_000, 32],
  ['unsloth/Kimi-K2-Thinking-GGUF', 1_000, 32],
  ['moonshotai/Kimi-VL-A3B-Thinking-2506', 16, 2.8],
  ['moonshotai/Kimi-Linear-48B-A3B-Instruct', 48, 3],
  ['moonshotai/Kimi-Dev-72B', 72],
  ['moonshotai/Moonlight-16B-A3B-Instruct', 16, 3],
  ['zai-org/GLM-4.5-Air', 106, 12],
  ['unsloth/GLM-4.5-Air-GGUF', 106, 12],
  ['huihui-ai/Huihui-GLM-4.5-Air-abliterated-GGUF', 106, 12],
  ['zai-org/GLM-4.5', 355, 32],
  ['zai-org/GLM-4.6', 355, 32],
  ['zai-org/GLM-4.5V', 106, 12],
  ['zai-org/GLM-4.7-Flash', 30, 3],
  ['zai-org/GLM-5', 744, 40],
  ['zai-org/GLM-4-32B-0414', 32],
  ['zai-org/GLM-4.1V-9B-Thinking', 9],
  ['MiniMaxAI/MiniMax-M2', 230, 10],
  ['unsloth/MiniMax-M2.5-GGUF', 230, 10],
  ['MiniMaxAI/MiniMax-Text-01', 456, 45.9],
  ['tencent/Hunyuan-A13B-Instruct', 80, 13],
  ['tencent/Hunyuan-7B-Instruct', 7],
  ['baidu/ERNIE-4.5-21B-A3B-PT', 21, 3],
  ['baidu/ERNIE-4.5-300B-A47B-PT', 300, 47],
  ['baidu/ERNIE-4.5-0.3B-PT', 0.3],
  ['microsoft/Phi-3.5-MoE-instruct', 41.9, 6.6],
  ['microsoft/Phi-mini-MoE-instruct', 7.6, 2.4],
  ['databricks/dbrx-instruct', 132, 36],
  ['ai21labs/Jamba-v0.1', 52, 12],
  ['ai21labs/AI21-Jamba-Mini-1.7', 52, 12],
  ['bartowski/ai21labs_AI21-Jamba-Large-1.7-GGUF', 398, 94],
  ['ai21labs/AI21-Jamba-Reasoning-3B', 3],
  ['ibm-granite/granite-4.0-h-tiny', 7, 1],
  ['ibm-granite/granite-4.0-h-small-GGUF', 32, 9],
  ['ibm-granite/granite-4.0-micro', 3],
  ['ibm-granite/granite-4.0-h-350m', 0.35],
  ['granite4:tiny-h', 7, 1],
  ['granite4:small-h', 32, 9],
  ['Qwen/Qwen1.5-MoE-A2.7B-Chat', 14.3, 2.7],
  ['Qwen/Qwen3-Coder-480B-A35B-Instruct', 480, 35],
  ['Qwen/Qwen3-Coder-Next', 80, 3],
  ['qwen3-coder:480b-cloud', 480, 35],
  ['qwen3-coder:30b', 30.5, 3.3],
  ['qwen3-next:80b', 80, 3],
  ['qwen3-vl:30b', 30.5, 3.3],
  ['qwen3-vl:32b', 32],
  ['qwen3.6:35b', 35, 3],
  ['qwen3.6:27b', 27],
  ['Qwen/Qwen3-VL-30B-A3B-Instruct', 30.5, 3.3],
  ['Qwen/Qwen3-Omni-30B-A3B-Instruct', 30.5, 3.3],
  ['Qwen/Qwen3-30B-A3B-Thinking-2507-FP8', 30.5, 3.3],
  ['unsloth/Qwen3-30B-A3B-128K-GGUF', 30.5, 3.3],
  ['Qwen/Qwen3.5-397B-A17B', 397, 17],
  ['llama4', 109, 17],
  ['llama4:17b-maverick-128e-instruct-q4_K_M', 400, 17],
  ['mistralai/Mistral-Large-3-675B-Instruct-2512', 675, 41],
  ['mistralai/Mistral-Large-Instruct-2411', NaN],
  ['inclusionAI/Ling-mini-2.0', 16, 1.4],
  ['inclusionAI/Ring-flash-2.0', 100, 6.1],
  ['rednote-hilab/dots.llm1.inst', 142, 14],
  ['XiaomiMiMo/MiMo-V2-Flash', 309, 15],
  ['XiaomiMiMo/MiMo-7B-RL', 7],
  ['stepfun-ai/Step-3.5-Flash', 196, 11],
  ['meituan-longcat/LongCat-Flash-Chat', 560, 27],
  ['arcee-ai/Trinity-Mini', 26, 3],
  ['Snowflake/snowflake-arctic-instruct', 480, 17],
  ['LGAI-EXAONE/K-EXAONE-236B-A23B', 236, 23],
  ['nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16', 120, 12],
  ['gemma4:e4b', 8, 4],
  ['google/gemma-4-E2B-it', 5.1, 2],
  ['stabilityai/stablelm-zephyr-3b', 3],
  ['01-ai/Yi-1.5-34B-Chat-16K', 34],
  ['NousResearch/Hermes-4-405B', 405],
  ['openbmb/MiniCPM-V-4_5', NaN],
  ['tiiuae/Falcon-H1-1.5B-Deep-Instruct', 1.5],
  ['h2oai/h2o-danube3-500m-chat', 0.5],
];

/** What each conversion is of: the maker's own name, without what converters add. */
const BASE_NAMES: readonly (readonly [string, string])[] = [
  ['bartowski/01-ai_Yi-1.5-34B-Chat-GGUF', 'Yi-1.5-34B-Chat'],
  ['bartowski/ai21labs_AI21-Jamba-Reasoning-3B-GGUF', 'AI21-Jamba-Reasoning-3B'],
  ['bartowski/open-r1_OlympicCoder-32B-GGUF', 'OlympicCoder-32B'],
  ['bartowski/nvidia_Llama-3_3-Nemotron-Super-49B-v1_5-GGUF', 'Llama-3_3-Nemotron-Super-49B-v1_5'],
  ['bartowski/THUDM_GLM-4-32B-0414-GGUF', 'GLM-4-32B-0414'],
  ['bartowski/internlm2_5-20b-chat-GGUF', 'internlm2_5-20b-chat'],
  ['bartowski/huihui-ai_Qwen3-14B-abliterated-GGUF', 'Qwen3-14B-abliterated'],
  ['mradermacher/Qwen3-8B-i1-GGUF', 'Qwen3-8B'],
  ['mradermacher/Qwen3-8B-abliterated-GGUF', 'Qwen3-8B-abliterated'],
  ['Qwen3-8B.i1-Q4_K_M.gguf', 'Qwen3-8B'],
  ['Qwen3-8B.IQ4_XS.gguf', 'Qwen3-8B'],
  ['Qwen3-8B-Q4_K_M-imat.gguf', 'Qwen3-8B'],
  ['Qwen3.6-27B-MTP-Q8_0.gguf', 'Qwen3.6-27B'],
  ['lmstudio-community/gemma-3-12b-it-qat-GGUF', 'gemma-3-12b-it'],
  ['google/gemma-3-12b-it-qat-q4_0-gguf', 'gemma-3-12b-it'],
  ['unsloth/gemma-3-27b-it-unsloth-bnb-4bit', 'gemma-3-27b-it'],
  ['unsloth/gpt-oss-20b-GGUF', 'gpt-oss-20b'],
  ['ggml-org/gpt-oss-120b-GGUF', 'gpt-oss-120b'],
  ['mlx-community/gpt-oss-20b-MXFP4-Q8', 'gpt-oss-20b'],
  ['mlx-community/Qwen3-30B-A3B-4bit-DWQ', 'Qwen3-30B-A3B'],
  ['mlx-community/GLM-4.5-Air-mxfp4', 'GLM-4.5-Air'],
  ['RedHatAI/Qwen3-8B-quantized.w4a16', 'Qwen3-8B'],
  ['RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', 'Llama-3.3-70B-Instruct'],
  ['nvidia/Qwen3-8B-NVFP4', 'Qwen3-8B'],
  ['TheBloke/CodeLlama-34B-Instruct-GGUF', 'CodeLlama-34B-Instruct'],
  ['MaziyarPanahi/Mistral-Small-24B-Instruct-2501-GGUF', 'Mistral-Small-24B-Instruct-2501'],
  ['QuantFactory/Meta-Llama-3-8B-Instruct-GGUF', 'Meta-Llama-3-8B-Instruct'],
  ['NousResearch/Hermes-4-14B-FP8', 'Hermes-4-14B'],
  ['hf.co/mradermacher/L3.3-70B-Euryale-v2.3-i1-GGUF:i1-Q4_K_M', 'L3.3-70B-Euryale-v2.3'],
];

const OTHER: readonly string[] = [
  ...[
    'BAAI/bge-reranker-v2-m3',
    'jinaai/jina-reranker-v2-base-multilingual',
    'mixedbread-ai/mxbai-rerank-large-v2',
  ],
  ...[
    'intfloat/multilingual-e5-large-instruct',
    'intfloat/e5-mistral-7b-instruct',
    'Alibaba-NLP/gte-Qwen2-7B-instruct',
  ],
  ...['Snowflake/snowflake-arctic-embed-l-v2.0', 'Salesforce/SFR-Embedding-Mistral', 'nvidia/NV-Embed-v2'],
  ...[
    'nvidia/llama-embed-nemotron-8b',
    'jinaai/jina-embeddings-v4',
    'sentence-transformers/all-MiniLM-L6-v2',
  ],
  ...[
    'ibm-granite/granite-embedding-278m-multilingual',
    'Qwen/Qwen3-VL-Embedding-2B',
    'NovaSearch/stella_en_1.5B_v5',
  ],
  ...['vidore/colqwen2.5-v0.2', 'infly/inf-retriever-v1', 'answerdotai/ModernBERT-large', 'bge-m3:567m'],
  ...['Qwen/Qwen3Guard-Gen-8B', 'allenai/wildguard', 'meta-llama/Llama-Prompt-Guard-2-86M'],
  ...[
    'nvidia/llama-3.1-nemoguard-8b-content-safety',
    'ibm-granite/granite-guardian-3.3-8b',
    'openai/gpt-oss-safeguard-20b',
  ],
  ...['Skywork/Skywork-Reward-V2-Llama-3.1-8B', 'Qwen/Qwen2.5-Math-PRM-7B', 'nvidia/Nemotron-4-340B-Reward'],
  ...['allenai/olmOCR-7B-0825', 'PaddlePaddle/PaddleOCR-VL', 'rednote-hilab/dots.ocr', 'zai-org/GLM-OCR'],
  ...[
    'microsoft/VibeVoice-1.5B',
    'OuteAI/Llama-OuteTTS-1.0-1B-GGUF',
    'hexgrad/Kokoro-82M',
    'Qwen/Qwen3-TTS-1.7B',
  ],
  ...[
    'Qwen/Qwen3-ASR-1.7B',
    'nvidia/parakeet-tdt-0.6b-v3',
    'canopylabs/orpheus-3b-0.1-ft',
    'ggerganov/whisper.cpp',
  ],
  ...[
    'nvidia/gpt-oss-120b-Eagle3',
    'RedHatAI/Qwen3-8B-speculator.eagle3',
    'someone/Qwen3-8B-lora',
    'mmproj-F16.gguf',
  ],
  ...['city96/FLUX.1-dev-gguf', 'unsloth/Qwen-Image-GGUF', 'QuantStack/Wan2.2-T2V-A14B-GGUF'],
];

/** Pretrained models without a word for it in their names, and chat models that look alike. */
const ROLES: readonly (readonly [string, ParsedModelName['role']])[] = [
  ['meta-llama/Llama-3.1-8B', 'base'],
  ['meta-llama/Llama-2-7b-hf', 'base'],
  ['meta-llama/Llama-2-7b-chat-hf', 'chat'],
  ['meta-llama/Llama-3.2-3B-Instruct', 'chat'],
  ['meta-llama/Llama-4-Scout-17B-16E', 'base'],
  ['google/gemma-2-9b', 'base'],
  ['google/gemma-4-31B', 'base'],
  ['google/gemma-4-26B-A4B-it', 'chat'],
  ['mistralai/Mistral-7B-v0.1', 'base'],
  ['mistralai/Mistral-7B-Instruct-v0.3', 'chat'],
  ['mistralai/Mixtral-8x7B-v0.1', 'base'],
  ['Qwen/Qwen2.5-7B', 'base'],
  ['Qwen/Qwen2.5-Coder-32B', 'base'],
  ['Qwen/Qwen3-8B', 'chat'],
  ['HuggingFaceTB/SmolLM2-1.7B', 'base'],
  ['HuggingFaceTB/SmolLM3-3B', 'chat'],
  ['allenai/Olmo-3-1025-7B', 'base'],
  ['allenai/Olmo-3-7B-Instruct', 'chat'],
  ['01-ai/Yi-1.5-9B', 'base'],
  ['microsoft/phi-2', 'base'],
  ['microsoft/phi-4', 'chat'],
  ['mradermacher/Llama-3.1-8B-GGUF', 'base'],
  ['Llama-3.1-8B-Q4_K_M.gguf', 'base'],
  ['llama3.1:8b', 'chat'],
  ['gemma2:9b', 'chat'],
  ['mistral:7b', 'chat'],
  ['NousResearch/Hermes-3-Llama-3.1-8B', 'chat'],
];

describe('parseModelName', () => {
  it.each(NAMES)('reads %s', (name, expected) => {
    expect(parseModelName(name)).toMatchObject(expected);
  });

  it.each(SIZES.map(([name, ...sizes]) => ({ name, sizes })))(
    'knows the size of $name',
    ({ name, sizes }) => {
      const { sizeB = NaN, activeB } = parseModelName(name);
      expect(activeB === undefined ? [sizeB] : [sizeB, activeB]).toEqual(sizes);
    },
  );

  it.each(BASE_NAMES)('finds whose conversion %s is: %s', (name, baseName) => {
    expect(parseModelName(name).baseName).toBe(baseName);
  });

  it.each(OTHER)('takes %s for nothing to talk to', (name) => {
    expect(parseModelName(name).role).toBe('other');
  });

  it.each(ROLES)('knows whether %s is a chat model: %s', (name, role) => {
    expect(parseModelName(name).role).toBe(role);
  });

  it('agrees with the counted parameters of the snapshot where it knows a size by heart', async () => {
    const { snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' });
    const known = snapshot.candidates.filter(({ name }) =>
      KNOWN_SIZES.some(([pattern]) => pattern.test(name.toLowerCase())),
    );
    expect(known.length).toBeGreaterThan(60);
    const far = known.filter(({ hfRepoId, sizeB }) => {
      const ratio = (parseModelName(hfRepoId).sizeB ?? 0) / sizeB;
      return Math.abs(ratio - 1) > 0.1;
    });
    // One count that its source rounded, and one that is not the count of the same model's tuned version (2.983).
    expect(far.map(({ hfRepoId, sizeB }) => [hfRepoId, sizeB])).toEqual([
      ['deepseek-ai/deepseek-vl2-tiny', 3],
      ['ibm-granite/granite-4.0-micro-base', 3.403],
    ]);
  });

  it('takes no context length, date stamp or training size for a parameter count', () => {
    for (const name of [
      'Devstral-Small-2507',
      'phi-3-mini-128k-instruct',
      'command-r-plus-08-2024',
      'DeepSeek-R1',
      'deepseek-r1:latest',
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
