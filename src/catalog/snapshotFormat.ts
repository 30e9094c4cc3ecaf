import { z } from 'zod';

/**
 * How data/snapshot.json is laid out: a table per kind of row, a list per column, so that thousands of rows are small
 * to ship and quick to check. Texts that repeat are numbers into `texts`. Written by scripts/snapshot/encode.mjs.
 *
 * Empty values: '' for text, 0 for a number that cannot be 0, -1 for a number into a list.
 */
const text = z.array(z.string());
const count = z.array(z.int().nonnegative());
const amount = z.array(z.number().nonnegative());
const reference = z.array(z.int().gte(-1));

export const KV_RULES = ['full', 'iswa', 'mla', 'hybrid', 'recurrent'] as const;
export const ROLES = ['chat', 'base', 'other'] as const;
/** Values of a three-valued column, in the order of their numbers. */
export const TRISTATE = [null, true, false] as const;

const benchmark = z.strictObject({
  source: z.string().min(1),
  benchmark: z.string().min(1),
  task: z.enum([
    'general',
    'coding',
    'reasoning',
    'math',
    'agentic',
    'tools',
    'instruction',
    'long-context',
    'vision',
  ]),
  scale: z.enum(['percent', 'elo', 'score']),
  lowerIsBetter: z.boolean().optional(),
  weak: z.boolean().optional(),
  independent: z.boolean(),
});

const models = z.strictObject({
  id: z.array(z.string().regex(/^[^/\s]+\/[^/\s]+$/)),
  role: count,
  family: reference,
  series: reference,
  generation: reference,
  variant: reference,
  released: z.array(z.string().regex(/^(?:\d{4}-\d{2}(?:-\d{2})?)?$/)),
  licence: reference,
  sizeB: z.array(z.number().positive()),
  activeB: amount,
  lineage: count,
  arch: reference,
  layers: count,
  heads: count,
  kvHeads: count,
  headDimK: count,
  headDimV: count,
  hidden: count,
  vocab: count,
  contextMax: count,
  experts: count,
  expertsUsed: count,
  kvRule: reference,
  kvFull: count,
  kvWindow: count,
  kvWindowTokens: count,
  kvState: count,
  tools: count,
  thinking: count,
  vision: count,
  aliases: text,
  ollamaNames: text,
});

const builds = z.strictObject({
  model: count,
  quant: reference,
  sizeBytes: count,
  exact: count,
  repo: reference,
  file: text,
  ollamaName: text,
  digest: text,
  manifest: text,
});

const observations = z.strictObject({
  model: count,
  benchmark: count,
  value: z.array(z.number()),
  observedAt: reference,
  thinking: count,
  url: reference,
});

export const snapshotFile = z.strictObject({
  format: z.literal('model-pool-snapshot'),
  version: z.literal(1),
  generatedAt: z.iso.date(),
  texts: text,
  benchmarks: z.array(benchmark),
  models,
  builds,
  observations,
});

export type SnapshotFile = z.infer<typeof snapshotFile>;
/** The tables of rows, by their name in the file. */
export type TableName = 'models' | 'builds' | 'observations';
