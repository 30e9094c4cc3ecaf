import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate, FrozenSnapshot } from '../../../src/catalog/candidate';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

let snapshot: FrozenSnapshot;

beforeAll(async () => {
  ({ snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' }));
});

function model(hfRepoId: string): Candidate {
  const found = snapshot.candidates.find((candidate) => candidate.hfRepoId === hfRepoId);
  if (!found) throw new Error(`${hfRepoId} is not in the snapshot`);
  return found;
}

/** F16 cache of one token: keys and values, two bytes each. */
function perToken(layers: number, kvHeads: number, headDim: number): number {
  return layers * kvHeads * headDim * 2 * 2;
}

/** Gated delta net layers, F32: convolution of 4 over keys and values, and one matrix per value head. */
function deltaNetState(layers: number, keyHeads: number, valueHeads: number, dim: number): number {
  return layers * 4 * (3 * (2 * keyHeads * dim + valueHeads * dim) + valueHeads * dim * dim);
}

/** Mamba 2 layers, F32: convolution of 4 over the inner channels and two groups of the state, and the state itself. */
function mambaState(layers: number, inner: number, state: number): number {
  return layers * 4 * (3 * (inner + 2 * state) + state * inner);
}

/**
 * Written by hand and apart from the sources: what each maker's config.json (num_hidden_layers, num_key_value_heads,
 * head_dim, max_position_embeddings) and model card (parameters, context) say. The spot checks of data/PROVENANCE.md
 * name the pages that were read; the other rows are as recalled. llama.cpp's rules for windows, MLA and hybrids as there.
 */
const FACTS: readonly {
  readonly id: string;
  readonly sizeB: number;
  readonly activeB?: number;
  readonly contextMax: number;
  readonly full: number;
  readonly window?: readonly [bytes: number, tokens: number];
  readonly state?: number;
}[] = [
  { id: 'meta-llama/Llama-3.1-8B-Instruct', sizeB: 8.03, contextMax: 131_072, full: perToken(32, 8, 128) },
  { id: 'meta-llama/Llama-3.3-70B-Instruct', sizeB: 70.55, contextMax: 131_072, full: perToken(80, 8, 128) },
  { id: 'Qwen/Qwen3-8B', sizeB: 8.19, contextMax: 40_960, full: perToken(36, 8, 128) },
  { id: 'Qwen/Qwen3-32B', sizeB: 32.76, contextMax: 40_960, full: perToken(64, 8, 128) },
  { id: 'Qwen/Qwen3-30B-A3B', sizeB: 30.5, activeB: 3.3, contextMax: 40_960, full: perToken(48, 4, 128) },
  { id: 'Qwen/Qwen2.5-Coder-7B-Instruct', sizeB: 7.62, contextMax: 32_768, full: perToken(28, 4, 128) },
  {
    // 10 of 40 layers attend, two KV heads of 256.
    id: 'Qwen/Qwen3.6-35B-A3B',
    sizeB: 36,
    activeB: 3,
    contextMax: 262_144,
    full: perToken(10, 2, 256),
    state: deltaNetState(30, 16, 32, 128),
  },
  {
    id: 'mistralai/Mixtral-8x7B-Instruct-v0.1',
    sizeB: 46.7,
    activeB: 12.9,
    contextMax: 32_768,
    full: perToken(32, 8, 128),
  },
  {
    id: 'mistralai/Mistral-Nemo-Instruct-2407',
    sizeB: 12.25,
    contextMax: 131_072,
    full: perToken(40, 8, 128),
  },
  { id: 'mistralai/Codestral-22B-v0.1', sizeB: 22.25, contextMax: 32_768, full: perToken(56, 8, 128) },
  { id: 'microsoft/phi-4', sizeB: 14.66, contextMax: 16_384, full: perToken(40, 10, 128) },
  { id: 'ibm-granite/granite-3.3-8b-instruct', sizeB: 8.17, contextMax: 131_072, full: perToken(40, 8, 128) },
  { id: 'HuggingFaceTB/SmolLM3-3B', sizeB: 3.08, contextMax: 65_536, full: perToken(36, 4, 128) },
  { id: 'TinyLlama/TinyLlama-1.1B-Chat-v1.0', sizeB: 1.1, contextMax: 2_048, full: perToken(22, 4, 64) },
  {
    // One latent of 512 and 64 rotary values a layer, in the key cache only; 671 B without the prediction layers.
    id: 'deepseek-ai/DeepSeek-V3',
    sizeB: 684.5,
    activeB: 37,
    contextMax: 163_840,
    full: 61 * (512 + 64) * 2,
  },
  {
    // Five of six layers slide: 52 of 62.
    id: 'google/gemma-3-27b-it',
    sizeB: 27.43,
    contextMax: 131_072,
    full: perToken(10, 16, 128),
    window: [perToken(52, 16, 128), 1_024],
  },
  {
    // Every other layer slides.
    id: 'openai/gpt-oss-20b',
    sizeB: 20.9,
    activeB: 3.6,
    contextMax: 131_072,
    full: perToken(12, 8, 64),
    window: [perToken(12, 8, 64), 128],
  },
  {
    // Three of four layers slide.
    id: 'CohereLabs/c4ai-command-r7b-12-2024',
    sizeB: 8.03,
    contextMax: 131_072,
    full: perToken(8, 8, 128),
    window: [perToken(24, 8, 128), 4_096],
  },
  {
    // 6 attention blocks, 10 convolutions of width 3 over 2,048 channels in F32.
    id: 'LiquidAI/LFM2-1.2B',
    sizeB: 1.17,
    contextMax: 32_768,
    full: perToken(6, 8, 64),
    state: 10 * 2_048 * 2 * 4,
  },
  {
    // 6 of 24 layers attend.
    id: 'LiquidAI/LFM2-8B-A1B',
    sizeB: 8.34,
    activeB: 1.5,
    contextMax: 32_768,
    full: perToken(6, 8, 64),
    state: 18 * 2_048 * 2 * 4,
  },
  {
    id: 'LiquidAI/LFM2-VL-1.6B',
    sizeB: 1.585,
    contextMax: 128_000,
    full: perToken(6, 8, 64),
    state: 10 * 2_048 * 2 * 4,
  },
  {
    // 4 of 40 layers attend.
    id: 'ibm-granite/granite-4.0-h-micro',
    sizeB: 3.19,
    contextMax: 131_072,
    full: perToken(4, 8, 64),
    state: mambaState(36, 4_096, 128),
  },
  {
    id: 'ibm-granite/granite-4.0-h-tiny',
    sizeB: 6.94,
    activeB: 1.465,
    contextMax: 131_072,
    full: perToken(4, 4, 128),
    state: mambaState(36, 3_072, 128),
  },
  {
    id: 'deepseek-ai/DeepSeek-V2.5',
    sizeB: 236,
    activeB: 21,
    contextMax: 128_000,
    full: 60 * (512 + 64) * 2,
  },
  { id: 'CohereLabs/aya-expanse-32b', sizeB: 32.3, contextMax: 8_192, full: perToken(40, 8, 128) },
  { id: 'zai-org/glm-4-9b-chat', sizeB: 9, contextMax: 131_072, full: perToken(40, 2, 128) },
  {
    // Three of four layers slide; the context is not multiplied by the factor of its rope scaling.
    id: 'allenai/Olmo-3-7B-Instruct-SFT',
    sizeB: 7.3,
    contextMax: 65_536,
    full: perToken(8, 32, 128),
    window: [perToken(24, 32, 128), 4_096],
  },
  { id: 'swiss-ai/Apertus-8B-Instruct-2509', sizeB: 8.05, contextMax: 65_536, full: perToken(32, 8, 128) },
];

describe('facts of well-known models', () => {
  it.each(FACTS)('$id has the size, context and cache that its maker states', (expected) => {
    const { sizeB, activeB, architecture } = model(expected.id);
    expect(Math.abs(sizeB / expected.sizeB - 1)).toBeLessThan(0.01);
    if (expected.activeB === undefined) expect(activeB).toBeUndefined();
    else expect(Math.abs((activeB ?? 0) / expected.activeB - 1)).toBeLessThan(0.03);
    expect(architecture?.contextMax).toBe(expected.contextMax);
    expect(architecture?.kv?.fullBytesPerTokenF16).toBe(expected.full);
    expect(architecture?.kv?.windowBytesPerTokenF16).toBe(expected.window?.[0]);
    expect(architecture?.kv?.windowTokens).toBe(expected.window?.[1]);
    expect(architecture?.kv?.stateBytes).toBe(expected.state);
  });

  it.each([
    // Layer sizes and digests as Ollama's registry has them.
    [
      'meta-llama/Llama-3.1-8B-Instruct',
      'llama3.1:8b',
      'Q4_K_M',
      4_920_738_944,
      '667b0c1932bc6ffc593ed1d03f895bf2dc8dc6df21db3042284a6f4416b06a29',
    ],
    [
      'Qwen/Qwen3-8B',
      'qwen3:8b',
      'Q4_K_M',
      5_225_374_496,
      'a3de86cd1c132c822487ededd47a324c50491393e6565cd14bafa40d0b8e686f',
    ],
    [
      'openai/gpt-oss-20b',
      'gpt-oss:20b',
      'MXFP4',
      13_780_154_624,
      'b112e727c6f18875636c56a779790a590d705aec9e1c0eb5a97d51fc2a778583',
    ],
  ])('%s is %s in Ollama, byte for byte', (id, ollamaName, quant, sizeBytes, digest) => {
    const build = model(id).builds.find((candidate) => candidate.ollamaName === ollamaName);
    expect(build).toMatchObject({ quant, sizeBytes, digest, sizeBasis: 'exact' });
  });

  it.each([
    ['openai/gpt-oss-20b', { tools: true, thinking: true, vision: false }],
    ['openai/gpt-oss-120b', { tools: true, thinking: true, vision: false }],
    ['moonshotai/Kimi-K2.5', { tools: true, thinking: true, vision: true }],
    ['mistralai/Mistral-Small-3.1-24B-Instruct-2503', { tools: true, thinking: false, vision: true }],
    ['Qwen/Qwen3.5-9B', { tools: true, thinking: true, vision: true }],
    ['zai-org/GLM-5', { tools: true, thinking: true, vision: false }],
    // One host does not offer its tools, another does, and no maker's word was read: nobody knows here.
    ['google/gemma-3-27b-it', { tools: null, thinking: false, vision: true }],
  ])('%s can do what its maker says, where the tables disagree', (id, capabilities) => {
    expect(model(id).capabilities).toEqual(capabilities);
  });

  it('calls no cache known where the table counted layers that cache nothing', () => {
    for (const id of ['nvidia/NVIDIA-Nemotron-Nano-12B-v2-VL-BF16', 'deepseek-ai/DeepSeek-V4-Flash-0731']) {
      expect(model(id).architecture?.kv, id).toBeUndefined();
    }
  });

  it('gives a finetune the shape of the model it was made from, and not its longer context', () => {
    const cache = (id: string) => model(id).architecture?.kv;
    expect(cache('allenai/Llama-3.1-Tulu-3-8B')).toEqual(cache('meta-llama/Llama-3.1-8B-Instruct'));
    expect(cache('NovaSky-AI/Sky-T1-32B-Preview')).toEqual(cache('Qwen/Qwen2.5-32B-Instruct'));
    const { architecture } = model('gradientai/Llama-3-8B-Instruct-Gradient-1048k');
    expect(architecture?.kv).toEqual(cache('meta-llama/Meta-Llama-3-8B-Instruct'));
    expect(architecture?.contextMax).toBeUndefined();
  });

  it('puts each generation behind the newest of its line', () => {
    const position = (id: string) => model(id).lineagePosition;
    expect(position('google/gemma-4-31B-it')).toBe(0);
    expect(position('google/gemma-3-27b-it')).toBe(1);
    expect(position('google/gemma-2-27b-it')).toBe(2);
    expect(position('Qwen/Qwen3-8B')).toBe(position('Qwen/Qwen3.6-27B') + 2);
    expect(position('Qwen/Qwen2.5-Coder-32B-Instruct')).toBeGreaterThan(
      position('Qwen/Qwen3-Coder-30B-A3B-Instruct'),
    );
    expect(position('meta-llama/Llama-3.3-70B-Instruct')).toBe(position('meta-llama/Llama-3.2-3B-Instruct'));
  });

  it('keeps thinking and non-thinking runs of one model apart', () => {
    const modes = new Set(
      snapshot.observations
        .filter(({ hfRepoId }) => hfRepoId === 'Qwen/Qwen3-32B')
        .map(({ thinking }) => thinking),
    );
    expect(modes).toContain(true);
    expect(modes).toContain(false);
  });

  it('gives the second Aider run of DeepSeek R1 to the release that was run', () => {
    const scores = (id: string) =>
      snapshot.observations
        .filter(({ hfRepoId, benchmark }) => hfRepoId === id && benchmark === 'Aider polyglot pass@2')
        .map(({ value }) => value);
    expect(scores('deepseek-ai/DeepSeek-R1')).toEqual([56.9]);
    expect(scores('deepseek-ai/DeepSeek-R1-0528')).toEqual([71.4]);
  });
});

describe('the build of the snapshot', () => {
  it('gives the file that ships, byte for byte', { timeout: 60_000 }, async () => {
    const run = promisify(execFile);
    await expect(run(process.execPath, ['scripts/snapshot/build.mjs', '--check'])).resolves.toMatchObject({
      stderr: '',
    });
  });
});
