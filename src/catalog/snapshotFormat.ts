import * as z from 'zod';

/**
 * How data/snapshot.json is laid out: a table per kind of row, a list per column, so that thousands of rows are small
 * to ship and quick to check. Texts that repeat are numbers into `texts`. Written by scripts/snapshot/encode.mjs.
 *
 * Empty values: '' for text, 0 for a number that cannot be 0, -1 for a number into a list.
 */
const text = texts('a text');
const count = numbers({ least: 0, whole: true, what: 'a whole number from 0' });
const reference = numbers({ least: -1, whole: true, what: 'a whole number from -1' });

/**
 * Lists are checked in one plain loop: zod's own lists of schemas took 50 ms for the 100,000 values of the file, this
 * takes 5. The issues name the index of each bad value, so that its row alone is lost.
 */
function numbers(rule: NumberRule): z.ZodType<readonly number[]> {
  return z.unknown().transform((values, context): readonly number[] => {
    if (!Array.isArray(values)) return notAList(context);
    const list: readonly unknown[] = values;
    if (isNumbers(list, rule)) return list;
    for (const [index, value] of list.entries()) {
      if (!isNumbers([value], rule)) reject(context, index, rule.what);
    }
    return z.NEVER;
  });
}

interface NumberRule {
  readonly least: number;
  readonly whole: boolean;
  readonly what: string;
}

function isNumbers(list: readonly unknown[], { least, whole }: NumberRule): list is readonly number[] {
  for (const value of list) {
    if (typeof value !== 'number' || !(value >= least) || value === Infinity) return false;
    if (whole && !Number.isInteger(value)) return false;
  }
  return true;
}

function texts(what: string, pattern?: RegExp): z.ZodType<readonly string[]> {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && (pattern === undefined || pattern.test(value));
  return z.unknown().transform((values, context): readonly string[] => {
    if (!Array.isArray(values)) return notAList(context);
    const list: readonly unknown[] = values;
    if (list.every(isText)) return list;
    for (const [index, value] of list.entries()) if (!isText(value)) reject(context, index, what);
    return z.NEVER;
  });
}

function notAList(context: z.core.$RefinementCtx): never {
  context.issues.push({ code: 'custom', message: 'must be a list', input: undefined });
  return z.NEVER;
}

function reject(context: z.core.$RefinementCtx, index: number, what: string): void {
  context.issues.push({ code: 'custom', path: [index], message: `must be ${what}`, input: undefined });
}

/** Columns of `models` that hold a count of the architecture under its own name; 0 for not known. */
export const SHAPE_COLUMNS = [
  'layers',
  'heads',
  'kvHeads',
  'headDimK',
  'headDimV',
  'hidden',
  'vocab',
  'contextMax',
  'experts',
  'expertsUsed',
] as const;

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
  id: texts('an id of organisation and name', /^[^/\s]+\/[^/\s]+$/),
  role: count,
  family: reference,
  series: reference,
  generation: reference,
  variant: reference,
  released: texts('a month or a day', /^(?:\d{4}-\d{2}(?:-\d{2})?)?$/),
  licence: reference,
  sizeB: numbers({ least: Number.MIN_VALUE, whole: false, what: 'a positive number' }),
  activeB: numbers({ least: 0, whole: false, what: 'a number from 0' }),
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
  value: numbers({ least: -Number.MAX_VALUE, whole: false, what: 'a number' }),
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
