import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Candidate, ModelArchitecture } from '../../src/catalog/candidate';
import { buildIdentityIndex, canonicalModelOf, type IdentityIndex } from '../../src/catalog/identity';
import { estimateVram, type VramEstimateInput } from '../../src/ranking/memory';
import type { KvCacheQuant } from '../../src/ranking/rankTypes';
import { presets } from './gguf/shapes.mjs';

const GIB = 2 ** 30;
const MIB_PER_GIB = 1024;

const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

/** One row of data/measurements/memory.jsonl, and of files in the form of the collection that it is from. */
const memoryRow = z.object({
  id: optional(z.string()),
  type: z.string(),
  model: optional(z.string()),
  quant: optional(z.string()),
  ctx: optional(z.number()),
  kvType: optional(z.string()),
  arch: optional(z.string()),
  paramsB: optional(z.number()),
  bytes: optional(z.number()),
  weightsGiB: optional(z.number()),
  kvGiB: optional(z.number()),
  totalGiB: optional(z.number()),
  gpu: optional(z.string()),
  flags: optional(z.string()),
  unusable: optional(z.boolean()),
  kvFormula: optional(z.string()),
  n_layer: optional(z.number()),
  n_head_kv: optional(z.number()),
  n_embd_head_k: optional(z.number()),
  n_embd_head_v: optional(z.number()),
  n_swa: optional(z.number()),
  program: optional(z.string()),
  modelFile: optional(z.string()),
  args: optional(z.string()),
  buffersMiB: optional(z.record(z.string(), z.number())),
});

type MemoryRow = z.infer<typeof memoryRow>;

/** One figure that was measured, beside what the estimate and the formula of the peers say. GiB. */
export interface MemoryComparison {
  readonly group: string;
  readonly name: string;
  readonly measured: number;
  readonly estimated: number;
  readonly peers: number;
}

interface MemoryReport {
  readonly comparisons: readonly MemoryComparison[];
  /** How many rows are of no use, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export function readMemoryRows(file: string): readonly MemoryRow[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => memoryRow.parse(JSON.parse(line)));
}

/** Compares every usable row with the estimate; peaks are joined to the catalogue's models and builds by their names. */
export function compareMemory(rows: readonly MemoryRow[], candidates: readonly Candidate[]): MemoryReport {
  const index = buildIdentityIndex(candidates);
  const comparisons: MemoryComparison[] = [];
  const leftOut = new Map<string, number>();
  for (const row of rows) {
    const result = compareRow(row, index);
    if (typeof result === 'string') leftOut.set(result, (leftOut.get(result) ?? 0) + 1);
    else comparisons.push(...result);
  }
  return { comparisons, leftOut };
}

/** Absolute error as a share of what was measured. */
export function memoryError({ measured, estimated }: MemoryComparison): number {
  return Math.abs(estimated - measured) / measured;
}

type Outcome = readonly MemoryComparison[] | string;

function compareRow(row: MemoryRow, index: IdentityIndex): Outcome {
  if (row.unusable) return 'flagged: its lines are of different runs, or of mixed cache types';
  switch (row.type) {
    case 'weights':
      return weights(row);
    case 'kv-log':
      return cache(row);
    case 'llama.cpp-load-log':
      return loadLog(row);
    case 'peak':
      return peak(row, index);
    default:
      return 'another tool’s estimate, not a measurement';
  }
}

/** Rows without an exact count of bytes say what a quantisation takes per weight: that is not the memory's part. */
function weights({ id, model, bytes, paramsB = 0, quant = '' }: MemoryRow): Outcome {
  if (bytes === undefined) return 'weights by a rounded column of llama-bench, not by bytes';
  const name = model ?? id ?? '';
  const measured = bytes / GIB;
  const estimated = estimateVram({ sizeB: paramsB, quant, fileBytes: bytes }).weightsGb;
  return [
    { group: 'weights', name, measured, estimated, peers: peersOf({ sizeB: paramsB, quant }).weightsGb },
  ];
}

function cache(row: MemoryRow): Outcome {
  const { ctx, kvGiB, arch, paramsB = 0, quant = '' } = row;
  if (kvGiB === undefined || ctx === undefined) return 'no cache in it';
  if (arch === 'deepseek2' && row.kvFormula !== undefined && row.kvFormula !== 'mla(c+rope)')
    return 'a cache as llama.cpp had it before it stored compressed keys alone';
  if (arch?.startsWith('gemma') && row.kvFormula === 'gqa')
    return 'a fork that keeps the whole context in layers with a window';
  const architecture = row.n_layer === undefined ? namedShape(row) : statedShape(row);
  if (architecture === undefined) return 'a shape that nobody knows';
  const kvCacheQuant = cacheType(row.kvType);
  const estimate = estimateVram({ sizeB: paramsB, quant, contextTokens: ctx, kvCacheQuant, architecture });
  const peers = peersOf({ sizeB: paramsB, quant, contextTokens: ctx, kvCacheQuant });
  const rule = row.kvFormula?.startsWith('mla') ? 'mla' : arch === 'gpt-oss' ? 'iswa' : 'full';
  return [
    {
      group: `KV, ${rule}`,
      name: `${row.model} at ${ctx}`,
      measured: kvGiB,
      estimated: estimate.kvCacheGb,
      peers: peers.kvCacheGb,
    },
  ];
}

/** The shape as the log states it. A window of 0 means that the program that wrote the log used none. */
function statedShape(row: MemoryRow): ModelArchitecture {
  const latent = row.arch === 'deepseek2';
  return {
    ...(row.arch !== undefined && { arch: row.arch }),
    ...(row.n_layer !== undefined && { layers: row.n_layer }),
    ...(row.n_head_kv !== undefined && { kvHeads: row.n_head_kv, heads: row.n_head_kv }),
    ...(row.n_embd_head_k !== undefined && !latent && { headDimK: row.n_embd_head_k }),
    ...(row.n_embd_head_v !== undefined && !latent && { headDimV: row.n_embd_head_v }),
    ...(row.n_swa !== undefined && row.n_swa > 0 && { slidingWindow: row.n_swa }),
  };
}

function namedShape({ model = '' }: MemoryRow): ModelArchitecture | undefined {
  const preset = presets.get(model);
  return preset && architectureOfPreset(model);
}

/** The shape of a model that test/support/makeGguf.mjs makes, as its header would tell it. */
export function architectureOfPreset(name: string): ModelArchitecture | undefined {
  const shape = presets.get(name)?.shape;
  if (shape === undefined) return undefined;
  const { arch, layers, embd, ff, heads, kv, hd, ctx, vocab, swa, experts, used, ffexp } = shape;
  const { kvlora, rope, nope = 0 } = shape;
  const head = kvlora === undefined ? hd : nope + (rope ?? 0);
  return {
    ...{ arch, layers, heads, kvHeads: kv, headDimK: head, headDimV: head, hidden: embd, feedForward: ff },
    ...{ contextMax: ctx, vocab },
    ...(swa !== undefined && { slidingWindow: swa }),
    ...(experts !== undefined && { experts }),
    ...(used !== undefined && { expertsUsed: used }),
    ...(ffexp !== undefined && { expertFeedForward: ffexp }),
    ...(kvlora !== undefined && { kvRank: kvlora }),
    ...(rope !== undefined && { ropeDimensions: rope }),
  };
}

const SMALLEST_MODEL_MIB = 16;
const MODEL_FILE = /^(.*?)(?:-(q8_0|f16|q4_0|q4_k))?\.gguf$/;

/** A load log of llama.cpp 0.7.0 build 11669, CPU, of a generated model: its cache and all of its buffers together. */
function loadLog(row: MemoryRow): Outcome {
  const { args = '', buffersMiB = {}, program = '' } = row;
  const [, preset = '', type = 'f16'] = MODEL_FILE.exec(row.modelFile ?? '') ?? [];
  const architecture = architectureOfPreset(preset);
  if (architecture === undefined) return 'a shape that nobody knows';
  if (/--swa-full|f32/.test(args))
    return 'an argument that no setting of ours stands for (--swa-full, f32 cache)';
  const buffer = (kind: string): number =>
    Object.entries(buffersMiB).reduce((sum, [name, mib]) => (name.endsWith(kind) ? sum + mib : sum), 0);
  const modelMib = buffer('model');
  if (modelMib < SMALLEST_MODEL_MIB) return 'a toy model, of which the log rounds too much away';
  const server = program === 'llama-server';
  const named = Number(argument(args, '-np') ?? 0);
  const slots = named > 0 ? named : server ? 4 : 1;
  const input: VramEstimateInput = {
    sizeB: (modelMib * 2 ** 20) / 1e9,
    quant: type.toUpperCase(),
    fileBytes: modelMib * 2 ** 20,
    architecture,
    contextTokens: Number(argument(args, '-c') ?? 4096) / slots,
    kvCacheQuant: cacheType(argument(args, '-ctk')),
    parallelSlots: slots,
    cachePerSlot: named > 1,
    flashAttention: argument(args, '-fa') !== 'off',
    batchTokens: Number(argument(args, '-ub') ?? 512),
    allLogits: !server,
  };
  const estimate = estimateVram(input);
  const name = `${program} ${row.modelFile} ${args}`;
  const peers = peersOf(input);
  const estimated = estimate.weightsGb + estimate.kvCacheGb + estimate.activationsGb;
  const logged = { name, peers: peers.kvCacheGb };
  return [
    { ...logged, group: 'KV, load log', measured: buffer('KV') / MIB_PER_GIB, estimated: estimate.kvCacheGb },
    {
      name,
      group: server ? 'llama-server total' : 'llama-completion total',
      measured: (modelMib + buffer('KV') + buffer('compute') + buffer('output')) / MIB_PER_GIB,
      estimated,
      peers: peers.totalGb,
    },
  ];
}

function argument(args: string, name: string): string | undefined {
  const words = args.split(' ');
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

/** From here on a card is full, and what is missing lies in system memory. */
const FULL_CARD = 0.93;
const GIB_OF_CARDS: readonly (readonly [RegExp, number])[] = [
  [/RTX 5090/, 32],
  [/RX 7900 XTX|RTX 4090|RTX 3090/, 24],
  [/RTX 5080|RTX 4080/, 16],
  [/RTX 4070|RTX 3060/, 12],
  [/RTX 3080/, 10],
];

/** Memory that a card was seen to use; may hold a desktop too. */
function peak(row: MemoryRow, index: IdentityIndex): Outcome {
  const { model = '', quant = '', ctx, totalGiB, gpu = '', flags = '', paramsB } = row;
  if (totalGiB === undefined || ctx === undefined) return 'a peak without a figure or a context';
  const candidate = canonicalModelOf(nameOf(model), index, paramsB === undefined ? {} : { sizeB: paramsB });
  const architecture = candidate?.architecture;
  if (!candidate || architecture?.kv === undefined) return 'a peak of a model whose shape is not known';
  const stated = candidate.builds.find((build) => sameQuant(build.quant, quant));
  const input: VramEstimateInput = {
    sizeB: candidate.sizeB,
    quant,
    ...(stated && { fileBytes: stated.sizeBytes }),
    architecture,
    contextTokens: ctx,
    kvCacheQuant: cacheType(row.kvType ?? argument(flags, '-ctk')),
    batchTokens: Number(argument(flags, '-ub') ?? 512),
    flashAttention: !/--no-flash-attn|-fa (?:0|off)/.test(flags),
    ...(gpu !== '' && { platform: /RTX|GTX/.test(gpu) ? ('nvidia' as const) : ('amd' as const) }),
  };
  const estimate = estimateVram(input);
  const card = GIB_OF_CARDS.find(([pattern]) => pattern.test(gpu))?.[1];
  if (/-ngl (?!99)\d\d\b/.test(flags)) return 'a peak of a model that was loaded in part';
  if (totalGiB < estimate.weightsGb * 0.93) return 'a peak below the weights: part of them lay elsewhere';
  if (card !== undefined && totalGiB > card * FULL_CARD) return 'a peak of a card that was full';
  return [
    {
      group: ctx <= 8192 ? 'peak, at most 8k' : 'peak, longer',
      name: `${model} ${quant} at ${ctx}`,
      measured: totalGiB,
      estimated: estimate.totalGb,
      peers: peersOf(input).totalGb,
    },
  ];
}

/** A file's name without its quantisation. */
function nameOf(model: string): string {
  return model.replace(/\.gguf$/i, '').replace(/[-.](?:UD-)?(?:i1-)?(?:I?Q\d\w*|F16|BF16)$/i, '');
}

function sameQuant(one: string, other: string): boolean {
  return one.toUpperCase().replace(/^UD-/, '') === other.toUpperCase().replace(/^UD-/, '');
}

function cacheType(name: string | undefined): KvCacheQuant {
  if (name?.startsWith('q8')) return 'q8';
  return name?.startsWith('q4') ? 'q4' : 'fp16';
}

/** The formula that the peers use for everything. */
function peersOf(input: VramEstimateInput): ReturnType<typeof estimateVram> {
  const { sizeB, quant, contextTokens = 4096, kvCacheQuant = 'fp16', parallelSlots = 1 } = input;
  return estimateVram({ sizeB, quant, contextTokens: contextTokens * parallelSlots, kvCacheQuant });
}
