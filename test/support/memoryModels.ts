import { writeGguf } from './gguf/file.mjs';
import { buildVocabulary } from './gguf/vocabulary.mjs';

/** Widths of a model that is made for figures of memory: as published, with fewer layers and a small vocabulary. */
interface Widths {
  readonly layers: number;
  readonly hidden: number;
  readonly ff?: number;
  readonly heads: number;
  readonly kv: number;
  readonly hd: number;
  readonly window?: number;
  /** Experts, of which so many run for a token, each of this width; and the width of what always runs. */
  readonly experts?: readonly [count: number, used: number, width: number, shared?: number];
  /** State space or delta net layers: inner width, state, heads, groups. */
  readonly ssm?: readonly [inner: number, state: number, heads: number, groups: number];
}

type TensorRow = readonly [name: string, ...dimensions: number[]];
type MetaValue = number | string | boolean | readonly number[] | { readonly real: number };

export interface MemoryModel {
  readonly arch: string;
  readonly metadata: Readonly<Record<string, MetaValue>>;
  readonly tensors: readonly TensorRow[];
}

const VOCABULARY = 1_024;
const CONTEXT = 131_072;
const CONVOLUTION = 4;

/** Writes a file that llama.cpp loads; all values are zeros that take no disk. Matrices are F16, the rest F32. */
export function writeMemoryModel(file: string, { arch, metadata, tensors }: MemoryModel): void {
  const { tokens, tokenTypes, merges, beginOfText, endOfTurn } = buildVocabulary(VOCABULARY);
  writeGguf(
    file,
    [
      { key: 'general.architecture', type: 'string', value: arch },
      ...Object.entries(metadata).map(([key, value]) => entry(`${arch}.${key}`, value)),
      { key: 'tokenizer.ggml.model', type: 'string', value: 'gpt2' },
      { key: 'tokenizer.ggml.pre', type: 'string', value: 'qwen2' },
      { key: 'tokenizer.ggml.tokens', type: 'array', of: 'string', value: tokens },
      { key: 'tokenizer.ggml.token_type', type: 'array', of: 'i32', value: tokenTypes },
      { key: 'tokenizer.ggml.merges', type: 'array', of: 'string', value: merges },
      entry('tokenizer.ggml.bos_token_id', beginOfText),
      entry('tokenizer.ggml.eos_token_id', endOfTurn),
    ],
    tensors.map(([name, ...dimensions]) => ({ name, dimensions, format: formatOf(name, dimensions) })),
    [],
  );
}

function entry(key: string, value: MetaValue): Parameters<typeof writeGguf>[1][number] {
  if (typeof value === 'string') return { key, type: 'string', value };
  if (typeof value === 'boolean') return { key, type: 'bool', value };
  if (typeof value === 'number') return { key, type: 'u32', value };
  return 'real' in value ? { key, type: 'f32', value: value.real } : { key, type: 'array', of: 'i32', value };
}

function formatOf(name: string, dimensions: readonly number[]): 'f16' | 'f32' {
  return dimensions.length === 1 || /norm|ffn_gate_inp|ssm_(?:a|d|conv1d|dt)|shortconv\.conv/.test(name)
    ? 'f32'
    : 'f16';
}

function metadataOf(widths: Widths): Record<string, MetaValue> {
  const { layers, hidden, ff = 0, heads, kv, hd, window, experts, ssm } = widths;
  return {
    block_count: layers,
    context_length: CONTEXT,
    embedding_length: hidden,
    feed_forward_length: ff,
    'attention.head_count': heads,
    'attention.head_count_kv': kv,
    'attention.key_length': hd,
    'attention.value_length': hd,
    'attention.layer_norm_rms_epsilon': { real: 1e-6 },
    'attention.layer_norm_epsilon': { real: 1e-6 },
    'rope.dimension_count': hd,
    'rope.freq_base': { real: 10_000 },
    vocab_size: VOCABULARY,
    ...(window !== undefined && { 'attention.sliding_window': window }),
    ...(experts && {
      expert_count: experts[0],
      expert_used_count: experts[1],
      expert_feed_forward_length: experts[2],
      expert_gating_func: 2,
    }),
    ...(ssm && {
      'ssm.inner_size': ssm[0],
      'ssm.state_size': ssm[1],
      'ssm.time_step_rank': ssm[2],
      'ssm.group_count': ssm[3],
      'ssm.conv_kernel': CONVOLUTION,
    }),
  };
}

function body(widths: Widths, layer: (prefix: string, index: number) => readonly TensorRow[]): TensorRow[] {
  return [
    ['token_embd.weight', widths.hidden, VOCABULARY],
    ['output_norm.weight', widths.hidden],
    ...Array.from({ length: widths.layers }, (_, index) => layer(`blk.${index}.`, index)).flat(),
  ];
}

function attention(p: string, { hidden, heads, kv, hd }: Widths, queries = 1): TensorRow[] {
  return [
    [`${p}attn_q.weight`, hidden, queries * heads * hd],
    [`${p}attn_k.weight`, hidden, kv * hd],
    [`${p}attn_v.weight`, hidden, kv * hd],
    [`${p}attn_output.weight`, heads * hd, hidden],
  ];
}

function headNorms(p: string, queries: number, keys = queries): TensorRow[] {
  return [
    [`${p}attn_q_norm.weight`, queries],
    [`${p}attn_k_norm.weight`, keys],
  ];
}

function norms(p: string, hidden: number, ...names: readonly string[]): TensorRow[] {
  return names.map((name) => [`${p}${name}.weight`, hidden]);
}

function feedForward(p: string, { hidden, ff = 0 }: Widths): TensorRow[] {
  return [
    [`${p}ffn_gate.weight`, hidden, ff],
    [`${p}ffn_up.weight`, hidden, ff],
    [`${p}ffn_down.weight`, ff, hidden],
  ];
}

function experts(p: string, { hidden, experts: [count, , width] = [0, 0, 0] }: Widths): TensorRow[] {
  return [
    [`${p}ffn_gate_inp.weight`, hidden, count],
    [`${p}ffn_gate_exps.weight`, hidden, width, count],
    [`${p}ffn_up_exps.weight`, hidden, width, count],
    [`${p}ffn_down_exps.weight`, width, hidden, count],
  ];
}

function sharedExpert(p: string, { hidden, experts: [, , , width = 0] = [0, 0, 0] }: Widths): TensorRow[] {
  return [
    [`${p}ffn_gate_shexp.weight`, hidden, width],
    [`${p}ffn_up_shexp.weight`, hidden, width],
    [`${p}ffn_down_shexp.weight`, width, hidden],
  ];
}

/** A Mamba 2 layer. */
function stateSpace(
  p: string,
  { hidden, ssm: [inner, state, heads, groups] = [0, 0, 0, 0] }: Widths,
): TensorRow[] {
  const convolved = inner + 2 * groups * state;
  return [
    [`${p}ssm_in.weight`, hidden, inner + convolved + heads],
    [`${p}ssm_conv1d.weight`, CONVOLUTION, convolved],
    [`${p}ssm_conv1d.bias`, convolved],
    [`${p}ssm_dt.bias`, heads],
    [`${p}ssm_a`, 1, heads],
    [`${p}ssm_d`, 1, heads],
    [`${p}ssm_norm.weight`, inner / groups, groups],
    [`${p}ssm_out.weight`, inner, hidden],
  ];
}

/** All but the last of every `period` layers. */
function sliding(layers: number, period: number): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => (layer % period < period - 1 ? 1 : 0));
}

function dense(arch: string, widths: Widths, headNorm: boolean): MemoryModel {
  const { hidden, hd } = widths;
  return {
    arch,
    metadata: metadataOf(widths),
    tensors: body(widths, (p) => [
      ...norms(p, hidden, 'attn_norm', 'ffn_norm'),
      ...attention(p, widths),
      ...(headNorm ? headNorms(p, hd) : []),
      ...(widths.experts ? experts(p, widths) : feedForward(p, widths)),
    ]),
  };
}

/** Norms before and after both parts, as Gemma has them. */
function gemma(arch: 'gemma2' | 'gemma3', widths: Widths): MemoryModel {
  return {
    arch,
    metadata: metadataOf(widths),
    tensors: body(widths, (p) => [
      ...norms(p, widths.hidden, 'attn_norm', 'ffn_norm', 'post_attention_norm', 'post_ffw_norm'),
      ...attention(p, widths),
      ...(arch === 'gemma3' ? headNorms(p, widths.hd) : []),
      ...feedForward(p, widths),
    ]),
  };
}

interface Gemma4Widths extends Widths {
  readonly period: number;
  /** KV heads and head size of the layers that keep everything; `hd` is that of the layers with a window. */
  readonly global: readonly [kv: number, hd: number];
  /** Last layers that use another layer's cache, and the width of each layer's own input (the E models). */
  readonly shared?: readonly [layers: number, input: number];
}

function gemma4(widths: Gemma4Widths): MemoryModel {
  const { layers, hidden, hd, kv, heads, period, global, shared: [shared, input] = [0, 0] } = widths;
  const pattern = sliding(layers, period);
  const [globalKv, globalHd] = global;
  return {
    arch: 'gemma4',
    metadata: {
      ...metadataOf(widths),
      'attention.head_count_kv': pattern.map((slides) => (slides ? kv : globalKv)),
      'attention.sliding_window_pattern': pattern,
      'attention.shared_kv_layers': shared,
      'attention.key_length': globalHd,
      'attention.value_length': globalHd,
      'attention.key_length_swa': hd,
      'attention.value_length_swa': hd,
      'rope.dimension_count': globalHd,
      'rope.dimension_count_swa': hd,
      'rope.freq_base_swa': { real: 10_000 },
      embedding_length_per_layer_input: input,
    },
    tensors: [
      ...body(widths, (p, layer) => {
        const own: Widths = pattern[layer] ? widths : { ...widths, kv: globalKv, hd: globalHd };
        return [
          ...norms(p, hidden, 'attn_norm', 'ffn_norm', 'post_attention_norm', 'post_ffw_norm'),
          ...attention(p, { ...own, heads }),
          ...headNorms(p, own.hd),
          ...feedForward(p, widths),
          [`${p}layer_output_scale.weight`, 1] as const,
          ...(input > 0 ? layerInputs(p, hidden, input) : []),
        ];
      }),
      ['rope_freqs.weight', globalHd / 2],
      ...(input > 0 ? allLayerInputs(widths, input) : []),
    ],
  };
}

function layerInputs(p: string, hidden: number, input: number): TensorRow[] {
  return [
    [`${p}inp_gate.weight`, hidden, input],
    [`${p}proj.weight`, input, hidden],
    [`${p}post_norm.weight`, hidden],
  ];
}

function allLayerInputs({ hidden, layers }: Widths, input: number): TensorRow[] {
  return [
    ['per_layer_token_embd.weight', input * layers, VOCABULARY],
    ['per_layer_model_proj.weight', hidden, input * layers],
    ['per_layer_proj_norm.weight', input],
  ];
}

const GEMMA3N_INPUT = 256;
const GEMMA3N_STREAMS = 4;
const GEMMA3N_LAUREL = 64;

function gemma3n(widths: Widths): MemoryModel {
  const { layers, hidden, hd } = widths;
  return {
    arch: 'gemma3n',
    metadata: {
      ...metadataOf(widths),
      'attention.sliding_window_pattern': sliding(layers, 5),
      'attention.shared_kv_layers': layers - 20,
      embedding_length_per_layer_input: GEMMA3N_INPUT,
      'altup.num_inputs': GEMMA3N_STREAMS,
      'altup.active_idx': 0,
    },
    tensors: [
      ...body(widths, (p) => [
        ...norms(p, hidden, 'attn_norm', 'ffn_norm', 'post_attention_norm', 'post_ffw_norm', 'post_norm'),
        ...norms(p, hidden, 'altup_correct_scale', 'altup_router_norm', 'laurel_post_norm'),
        ...attention(p, widths),
        ...headNorms(p, hd),
        ...feedForward(p, widths),
        [`${p}inp_gate.weight`, hidden, GEMMA3N_INPUT],
        [`${p}proj.weight`, GEMMA3N_INPUT, hidden],
        [`${p}altup_correct_coef.weight`, GEMMA3N_STREAMS, GEMMA3N_STREAMS],
        [`${p}altup_predict_coef.weight`, GEMMA3N_STREAMS, GEMMA3N_STREAMS ** 2],
        [`${p}altup_router.weight`, hidden, GEMMA3N_STREAMS],
        [`${p}laurel_l.weight`, hidden, GEMMA3N_LAUREL],
        [`${p}laurel_r.weight`, GEMMA3N_LAUREL, hidden],
      ]),
      ['altup_proj.weight', hidden, hidden, GEMMA3N_STREAMS - 1],
      ['altup_unembd_proj.weight', hidden, hidden, GEMMA3N_STREAMS - 1],
      ...allLayerInputs(widths, GEMMA3N_INPUT),
    ],
  };
}

function gptOss(widths: Widths): MemoryModel {
  const { hidden, heads, kv, hd, experts: [count, , width] = [0, 0, 0] } = widths;
  return {
    arch: 'gpt-oss',
    metadata: metadataOf(widths),
    tensors: [
      ...body(widths, (p) => [
        ...norms(p, hidden, 'attn_norm', 'post_attention_norm'),
        ...attention(p, widths),
        [`${p}attn_q.bias`, heads * hd],
        [`${p}attn_k.bias`, kv * hd],
        [`${p}attn_v.bias`, kv * hd],
        [`${p}attn_output.bias`, hidden],
        [`${p}attn_sinks.weight`, heads],
        ...experts(p, widths),
        [`${p}ffn_gate_inp.bias`, count],
        [`${p}ffn_gate_exps.bias`, width, count],
        [`${p}ffn_up_exps.bias`, width, count],
        [`${p}ffn_down_exps.bias`, hidden, count],
      ]),
      ['output.weight', hidden, VOCABULARY],
    ],
  };
}

function cohere2(widths: Widths): MemoryModel {
  return {
    arch: 'cohere2',
    metadata: { ...metadataOf(widths), logit_scale: { real: 1 } },
    tensors: body(widths, (p) => [
      ...norms(p, widths.hidden, 'attn_norm'),
      ...attention(p, widths),
      ...feedForward(p, widths),
    ]),
  };
}

/** Norms after both parts only: OLMo 2 and 3, EXAONE 4. */
function afterNorms(arch: 'olmo2' | 'exaone4', widths: Widths): MemoryModel {
  const { hidden, heads, kv, hd } = widths;
  const wide = arch === 'olmo2';
  return {
    arch,
    metadata: metadataOf(widths),
    tensors: [
      ...body(widths, (p) => [
        ...norms(p, hidden, 'post_attention_norm', 'post_ffw_norm'),
        ...attention(p, widths),
        ...headNorms(p, wide ? heads * hd : hd, wide ? kv * hd : hd),
        ...feedForward(p, widths),
      ]),
      ...(wide ? [['output.weight', hidden, VOCABULARY] as const] : []),
    ],
  };
}

interface LatentWidths extends Widths {
  readonly queryRank: number;
  readonly kvRank: number;
  readonly rope: number;
  readonly value: number;
}

/** Latent attention; `hd` is the part of a head without rotation, and the first layer has no experts. */
function latent(widths: LatentWidths): MemoryModel {
  const { hidden, heads, hd, queryRank, kvRank, rope, value } = widths;
  return {
    arch: 'deepseek2',
    metadata: {
      ...metadataOf(widths),
      'attention.head_count_kv': 1,
      'attention.key_length': kvRank + rope,
      'attention.value_length': kvRank,
      'attention.key_length_mla': hd + rope,
      'attention.value_length_mla': value,
      'attention.q_lora_rank': queryRank,
      'attention.kv_lora_rank': kvRank,
      'rope.dimension_count': rope,
      leading_dense_block_count: 1,
      expert_shared_count: 1,
      expert_weights_scale: { real: 1 },
    },
    tensors: [
      ...body(widths, (p, layer) => [
        ...norms(p, hidden, 'attn_norm', 'ffn_norm'),
        [`${p}attn_q_a.weight`, hidden, queryRank],
        [`${p}attn_q_a_norm.weight`, queryRank],
        [`${p}attn_q_b.weight`, queryRank, heads * (hd + rope)],
        [`${p}attn_kv_a_mqa.weight`, hidden, kvRank + rope],
        [`${p}attn_kv_a_norm.weight`, kvRank],
        [`${p}attn_k_b.weight`, hd, kvRank, heads],
        [`${p}attn_v_b.weight`, kvRank, value, heads],
        [`${p}attn_output.weight`, heads * value, hidden],
        ...(layer === 0 ? feedForward(p, widths) : [...experts(p, widths), ...sharedExpert(p, widths)]),
      ]),
      ['output.weight', hidden, VOCABULARY],
    ],
  };
}

/** Three gated delta nets and one layer of gated attention in turn: Qwen3-Next, Qwen3.5, Qwen3.6. */
function deltaNet(arch: 'qwen3next' | 'qwen35' | 'qwen35moe', widths: Widths): MemoryModel {
  const { hidden, hd, ssm: [inner, state, heads, groups] = [0, 0, 0, 0], experts: mixture } = widths;
  const convolved = inner + 2 * groups * state;
  return {
    arch,
    metadata: {
      ...metadataOf(widths),
      'rope.dimension_count': hd / 4,
      'rope.dimension_sections': [11, 11, 10, 0],
      full_attention_interval: 4,
      ...(mixture && { expert_shared_feed_forward_length: mixture[3] ?? 0 }),
    },
    tensors: [
      ...body(widths, (p, layer) => [
        ...norms(p, hidden, 'attn_norm', 'post_attention_norm'),
        ...((layer + 1) % 4 === 0
          ? [...attention(p, widths, 2), ...headNorms(p, hd)]
          : ([
              [`${p}attn_qkv.weight`, hidden, convolved],
              [`${p}attn_gate.weight`, hidden, inner],
              ...(arch === 'qwen3next'
                ? [[`${p}ssm_ba.weight`, hidden, 2 * heads] as const]
                : ([
                    [`${p}ssm_beta.weight`, hidden, heads],
                    [`${p}ssm_alpha.weight`, hidden, heads],
                  ] as const)),
              [`${p}ssm_conv1d.weight`, CONVOLUTION, convolved],
              [`${p}ssm_dt.bias`, heads],
              [`${p}ssm_a`, heads],
              [`${p}ssm_norm.weight`, inner / heads],
              [`${p}ssm_out.weight`, inner, hidden],
            ] as const)),
        ...(mixture
          ? [
              ...experts(p, widths),
              ...sharedExpert(p, widths),
              [`${p}ffn_gate_inp_shexp.weight`, hidden] as const,
            ]
          : feedForward(p, widths)),
      ]),
      ['output.weight', hidden, VOCABULARY],
    ],
  };
}

/** Layers by letter: `*` attention, `M` Mamba 2, `-` feed-forward without a gate. */
function nemotronH(widths: Widths, pattern: string): MemoryModel {
  const { hidden, kv, ff = 0 } = widths;
  const letters = Array.from(pattern);
  return {
    arch: 'nemotron_h',
    metadata: {
      ...metadataOf(widths),
      'attention.head_count_kv': letters.map((letter) => (letter === '*' ? kv : 0)),
      feed_forward_length: letters.map((letter) => (letter === '-' ? ff : 0)),
    },
    tensors: [
      ...body(widths, (p, layer) => [
        ...norms(p, hidden, 'attn_norm'),
        ...(letters[layer] === '*'
          ? attention(p, widths)
          : letters[layer] === 'M'
            ? stateSpace(p, widths)
            : feedForward(p, widths).filter(([name]) => !name.includes('gate'))),
      ]),
      ['output.weight', hidden, VOCABULARY],
    ],
  };
}

function graniteHybrid(widths: Widths, attentionLayers: readonly number[]): MemoryModel {
  const { layers, hidden, kv } = widths;
  const has = Array.from({ length: layers }, (_, layer) => attentionLayers.includes(layer));
  return {
    arch: 'granitehybrid',
    metadata: {
      ...metadataOf(widths),
      'attention.head_count_kv': has.map((attends) => (attends ? kv : 0)),
      'attention.scale': { real: 1 },
      logit_scale: { real: 1 },
      residual_scale: { real: 1 },
      embedding_scale: { real: 1 },
    },
    tensors: body(widths, (p, layer) => [
      ...norms(p, hidden, 'attn_norm', 'ffn_norm'),
      ...(has[layer] ? attention(p, widths) : stateSpace(p, widths)),
      ...feedForward(p, widths),
    ]),
  };
}

function falconH1(widths: Widths): MemoryModel {
  return {
    arch: 'falcon-h1',
    metadata: metadataOf(widths),
    tensors: [
      ...body(widths, (p) => [
        ...norms(p, widths.hidden, 'attn_norm'),
        ...attention(p, widths),
        ...stateSpace(p, widths),
        [`${p}ffn_norm`, widths.hidden],
        ...feedForward(p, widths),
      ]),
      ['output.weight', widths.hidden, VOCABULARY],
    ],
  };
}

function lfm2(widths: Widths, attentionLayers: readonly number[]): MemoryModel {
  const { layers, hidden, hd, kv, experts: mixture } = widths;
  const memory = 3;
  return {
    arch: mixture ? 'lfm2moe' : 'lfm2',
    metadata: {
      ...metadataOf(widths),
      'attention.head_count_kv': Array.from({ length: layers }, (_, layer) =>
        attentionLayers.includes(layer) ? kv : 0,
      ),
      'shortconv.l_cache': memory,
      ...(mixture && { leading_dense_block_count: 2 }),
    },
    tensors: [
      ...body(widths, (p, layer) => [
        ...norms(p, hidden, 'attn_norm', 'ffn_norm'),
        ...(attentionLayers.includes(layer)
          ? [...attention(p, widths), ...headNorms(p, hd)]
          : ([
              [`${p}shortconv.conv.weight`, memory, hidden],
              [`${p}shortconv.in_proj.weight`, hidden, 3 * hidden],
              [`${p}shortconv.out_proj.weight`, hidden, hidden],
            ] as const)),
        ...(mixture && layer >= 2
          ? [...experts(p, widths), [`${p}exp_probs_b.bias`, mixture[0]] as const]
          : feedForward(p, widths)),
      ]).filter(([name]) => name !== 'output_norm.weight'),
      ['token_embd_norm.weight', hidden],
    ],
  };
}

/**
 * Widths as the makers' configurations have them, or half of each where a period of layers would be a large file; one or
 * two periods of layers, and some experts of the many.
 */
export const MEMORY_MODELS: Readonly<Record<string, MemoryModel>> = {
  'Llama 3.1 8B': dense('llama', { layers: 2, hidden: 4096, ff: 14_336, heads: 32, kv: 8, hd: 128 }, false),
  'Qwen3 14B': dense('qwen3', { layers: 2, hidden: 5120, ff: 17_408, heads: 40, kv: 8, hd: 128 }, true),
  'Qwen3 30B A3B': dense(
    'qwen3moe',
    { layers: 2, hidden: 2048, ff: 6144, heads: 32, kv: 4, hd: 128, experts: [12, 8, 768] },
    true,
  ),
  'Gemma 2 9B': gemma('gemma2', {
    ...{ layers: 2, hidden: 3584, ff: 14_336, heads: 16, kv: 8, hd: 256, window: 4096 },
  }),
  'Gemma 3 4B': gemma('gemma3', {
    ...{ layers: 6, hidden: 2560, ff: 10_240, heads: 8, kv: 4, hd: 256, window: 1024 },
  }),
  // Twenty layers have a cache whatever the widths: these are a quarter as wide.
  'Gemma 3n E4B': gemma3n({ layers: 25, hidden: 512, ff: 4096, heads: 2, kv: 1, hd: 256, window: 512 }),
  'Gemma 4 12B': gemma4({
    ...{ layers: 6, hidden: 1920, ff: 7680, heads: 8, kv: 4, hd: 256, window: 1024 },
    ...{ period: 6, global: [1, 512] },
  }),
  'Gemma 4 E4B': gemma4({
    ...{ layers: 12, hidden: 1280, ff: 5120, heads: 4, kv: 1, hd: 256, window: 512 },
    ...{ period: 6, global: [1, 512], shared: [6, 128] },
  }),
  'gpt-oss 20B': gptOss({
    ...{ layers: 2, hidden: 2880, ff: 2880, heads: 64, kv: 8, hd: 64, window: 128, experts: [5, 4, 2880] },
  }),
  'Command R7B': cohere2({
    ...{ layers: 4, hidden: 2048, ff: 7168, heads: 16, kv: 4, hd: 128, window: 4096 },
  }),
  'Olmo 3 7B': afterNorms('olmo2', {
    ...{ layers: 4, hidden: 2048, ff: 5504, heads: 16, kv: 16, hd: 128, window: 4096 },
  }),
  // llama.cpp knows this size by its 64 layers: they are an eighth as wide.
  'EXAONE 4 32B': afterNorms('exaone4', {
    ...{ layers: 64, hidden: 640, ff: 3424, heads: 5, kv: 1, hd: 128, window: 4096 },
  }),
  'DeepSeek V2 Lite': latent({
    ...{ layers: 2, hidden: 2048, ff: 10_944, heads: 16, kv: 16, hd: 128, experts: [8, 6, 1408, 1408] },
    ...{ queryRank: 1536, kvRank: 512, rope: 64, value: 128 },
  }),
  'Qwen3.5 9B': deltaNet('qwen35', {
    ...{ layers: 4, hidden: 2048, ff: 6144, heads: 8, kv: 2, hd: 256, ssm: [2048, 128, 16, 8] },
  }),
  'Qwen3.6 35B A3B': deltaNet('qwen35moe', {
    ...{ layers: 4, hidden: 2048, heads: 16, kv: 2, hd: 256, ssm: [4096, 128, 32, 16] },
    experts: [12, 8, 512, 512],
  }),
  'Qwen3 Next 80B A3B': deltaNet('qwen3next', {
    ...{ layers: 4, hidden: 2048, ff: 5120, heads: 16, kv: 2, hd: 256, ssm: [4096, 128, 32, 16] },
    experts: [12, 10, 512, 512],
  }),
  'Nemotron Nano 9B v2': nemotronH(
    { layers: 4, hidden: 4480, ff: 15_680, heads: 40, kv: 8, hd: 128, ssm: [10_240, 128, 128, 8] },
    'M-M*',
  ),
  'Granite 4 H Micro': graniteHybrid(
    { layers: 3, hidden: 2048, ff: 8192, heads: 32, kv: 8, hd: 64, ssm: [4096, 128, 64, 1] },
    [1],
  ),
  'Falcon H1 1.5B': falconH1({
    ...{ layers: 5, hidden: 2048, ff: 4096, heads: 8, kv: 2, hd: 128, ssm: [3072, 256, 48, 1] },
  }),
  'LFM2 1.2B': lfm2({ layers: 3, hidden: 2048, ff: 8192, heads: 32, kv: 8, hd: 64 }, [2]),
  'LFM2 8B A1B': lfm2(
    { layers: 4, hidden: 2048, ff: 7168, heads: 32, kv: 8, hd: 64, experts: [6, 4, 1792] },
    [2],
  ),
};
