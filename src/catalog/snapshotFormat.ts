import { z } from 'zod';

/**
 * How data/snapshot.json is laid out: a table per kind of row, a list per column, so that thousands of rows are small
 * to ship and quick to check. Texts that repeat are numbers into `texts`. Written by scripts/snapshot/encode.mjs.
 *
 * Empty values: '' for text, 0 for a number that cannot be 0, -1 for a number into a list.
 */
const text = column(isText, 'a text');
const count = column(isCount, 'a whole number from 0');
const reference = column(isReference, 'a whole number from -1');

/**
 * A list whose values all pass `is`. One pass over plain values: zod's own lists of schemas took 50 ms for the
 * 100,000 values of the file, this takes 3. The issues name the index of each bad value.
 */
function column<T>(is: (value: unknown) => value is T, what: string): z.ZodType<readonly T[]> {
  return z.unknown().transform((values, context): readonly T[] => {
    if (!Array.isArray(values)) {
      context.addIssue({ code: 'custom', message: 'must be a list' });
      return z.NEVER;
    }
    const list: readonly unknown[] = values;
    if (list.every(is)) return list;
    for (const [index, value] of list.entries()) {
      if (!is(value)) context.addIssue({ code: 'custom', path: [index], message: `must be ${what}` });
    }
    return z.NEVER;
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isReference(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= -1;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isAmount(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}

function isPositive(value: unknown): value is number {
  return isNumber(value) && value > 0;
}

function isRepoId(value: unknown): value is string {
  return typeof value === 'string' && /^[^/\s]+\/[^/\s]+$/.test(value);
}

function isReleaseDate(value: unknown): value is string {
  return typeof value === 'string' && /^(?:\d{4}-\d{2}(?:-\d{2})?)?$/.test(value);
}

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
  id: column(isRepoId, 'an id of organisation and name'),
  role: count,
  family: reference,
  series: reference,
  generation: reference,
  variant: reference,
  released: column(isReleaseDate, 'a month or a day'),
  licence: reference,
  sizeB: column(isPositive, 'a positive number'),
  activeB: column(isAmount, 'a number from 0'),
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
  value: column(isNumber, 'a number'),
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
