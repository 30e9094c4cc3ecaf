import * as z from 'zod';
import type { Observation, ObservationTask } from './candidate';

/**
 * How data/snapshot.json is laid out: a table per kind of row, a list per column, so that thousands of rows are small
 * to ship and quick to check. Texts that repeat are numbers into `texts`. Written by scripts/snapshot/encode.mjs.
 *
 * Empty values: '' for text, 0 for a number that cannot be 0, -1 for a number into a list.
 */
export const KV_RULES = ['full', 'iswa', 'mla', 'hybrid', 'recurrent'] as const;
export const ROLES = ['chat', 'base', 'other'] as const;
/** Values of a three-valued column, in the order of their numbers. */
export const TRISTATE = [null, true, false] as const;
export const TASKS = [
  'general',
  'coding',
  'reasoning',
  'math',
  'agentic',
  'tools',
  'instruction',
  'long-context',
  'vision',
] as const satisfies readonly ObservationTask[];
export const SCALES = ['percent', 'elo', 'score'] as const satisfies readonly Observation['scale'][];

interface NumberColumn {
  readonly kind: 'numbers';
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
  readonly what: string;
}

interface TextColumn {
  readonly kind: 'texts';
  readonly pattern?: RegExp;
  readonly what: string;
}

type Column = NumberColumn | TextColumn;
type Columns = Readonly<Record<string, Column>>;
type Table<C extends Columns> = {
  readonly [K in keyof C]: C[K] extends NumberColumn ? readonly number[] : readonly string[];
};

const text: TextColumn = { kind: 'texts', what: 'a text' };
const count: NumberColumn = {
  ...{ kind: 'numbers', least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
  what: 'a whole number from 0',
};
const reference: NumberColumn = { ...count, least: -1, what: 'a whole number from -1' };
const flag = choice([false, true]);

/** A number into a list of the format itself; `least` is -1 where there may be none. */
function choice(values: readonly unknown[], least: 0 | -1 = 0): NumberColumn {
  const most = values.length - 1;
  return { kind: 'numbers', least, most, whole: true, what: `a whole number from ${least} to ${most}` };
}

function amount(least: number, what: string): NumberColumn {
  return { kind: 'numbers', least, most: Number.MAX_VALUE, whole: false, what };
}

/**
 * Numbers are checked by the engine's own functions, for this code runs once, cold: lists of schemas took 50 ms for the
 * 100,000 values of the file, plain loops 8, this takes 2. The issues name the column and the row of each bad value, so
 * that its row alone is lost.
 */
function table<const C extends Columns>(columns: C): z.ZodType<Table<C>> {
  return z.unknown().transform((value, context): Table<C> => {
    if (isTable(value, columns)) return value;
    reportFaults(value, columns, context);
    return z.NEVER;
  });
}

function isTable<C extends Columns>(value: unknown, columns: C): value is Table<C> {
  if (!isRecord(value)) return false;
  const names = Object.keys(columns);
  if (Object.keys(value).length !== names.length) return false;
  return names.every((name) => {
    const column = columns[name];
    return column !== undefined && isColumn(value[name], column);
  });
}

function isColumn(value: unknown, column: Column): boolean {
  if (!Array.isArray(value)) return false;
  return column.kind === 'numbers' ? areNumbers(value, column) : areTexts(value, column);
}

function areNumbers(list: readonly unknown[], { least, most, whole }: NumberColumn): boolean {
  if (!isNumbers(list, whole)) return false;
  for (let from = 0; from < list.length; from += ARGUMENTS) {
    const part = list.slice(from, from + ARGUMENTS);
    if (Math.min(...part) < least || Math.max(...part) > most) return false;
  }
  return true;
}

/** So many values are handed to one call; a call with more than about 100,000 fails. */
const ARGUMENTS = 4_096;

function isNumbers(list: readonly unknown[], whole: boolean): list is readonly number[] {
  return list.every(whole ? Number.isInteger : Number.isFinite);
}

function areTexts(list: readonly unknown[], { pattern }: TextColumn): boolean {
  return list.every((value) => typeof value === 'string' && (pattern === undefined || pattern.test(value)));
}

function reportFaults(value: unknown, columns: Columns, context: z.core.$RefinementCtx): void {
  const report = (path: (string | number)[], message: string): void => {
    context.issues.push({ code: 'custom', path, message, input: undefined });
  };
  if (!isRecord(value)) {
    report([], 'must be a table');
    return;
  }
  for (const name of Object.keys(value)) if (!Object.hasOwn(columns, name)) report([name], 'is no column');
  for (const [name, column] of Object.entries(columns)) {
    const values = value[name];
    if (!Array.isArray(values)) {
      report([name], 'must be a list');
      continue;
    }
    const rows: readonly unknown[] = values;
    for (const [row, cell] of rows.entries()) {
      if (!isColumn([cell], column)) report([name, row], `must be ${column.what}`);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const models = table({
  id: { kind: 'texts', pattern: /^[^/\s]+\/[^/\s]+$/, what: 'an id of organisation and name' },
  role: choice(ROLES),
  family: reference,
  series: reference,
  generation: reference,
  variant: reference,
  released: { kind: 'texts', pattern: /^(?:\d{4}-\d{2}(?:-\d{2})?)?$/, what: 'a month or a day' },
  licence: reference,
  sizeB: amount(Number.MIN_VALUE, 'a positive number'),
  activeB: amount(0, 'a number from 0'),
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
  kvRule: choice(KV_RULES, -1),
  kvFull: count,
  kvWindow: count,
  kvWindowTokens: count,
  kvState: count,
  computeWidth: count,
  tools: choice(TRISTATE),
  thinking: choice(TRISTATE),
  vision: choice(TRISTATE),
  aliases: text,
  ollamaNames: text,
});

const builds = table({
  model: count,
  quant: reference,
  sizeBytes: count,
  exact: flag,
  repo: reference,
  file: text,
  ollamaName: text,
  digest: text,
  manifest: text,
});

const observations = table({
  model: count,
  benchmark: count,
  value: amount(-Number.MAX_VALUE, 'a number'),
  observedAt: reference,
  thinking: choice(TRISTATE),
  url: reference,
});

const benchmarks = table({
  source: { kind: 'texts', pattern: /./, what: 'the id of a source' },
  benchmark: { kind: 'texts', pattern: /./, what: 'the name of a benchmark' },
  task: choice(TASKS),
  scale: choice(SCALES),
  lowerIsBetter: flag,
  weak: flag,
  independent: flag,
});

export const snapshotFile = z.strictObject({
  format: z.literal('model-pool-snapshot'),
  version: z.literal(1),
  generatedAt: z.iso.date(),
  texts: z.custom<readonly string[]>((value) => isColumn(value, text), 'must be a list of texts'),
  benchmarks,
  models,
  builds,
  observations,
});

export type SnapshotFile = z.infer<typeof snapshotFile>;
/** The tables whose rows can be lost one by one, by their name in the file. */
export type TableName = 'models' | 'builds' | 'observations';
