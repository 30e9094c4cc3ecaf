import type { ObservationTask } from '../../../src/catalog/candidate';
import type { RankCandidate, RankInput, RankObservation } from '../../../src/ranking/rankTypes';

/** What a made-up catalogue looks like; each shape is bad for another part of the ranking. */
export interface Shape {
  /** Builds of each model, each of another quantisation. */
  readonly buildsPerModel: number;
  /** Models of one series and line; 'all': one series holds everything. */
  readonly modelsPerSeries: number | 'all';
  readonly sources: number;
  readonly benchmarksPerSource: number;
  readonly scored: boolean;
  readonly sizesB: readonly number[];
  /** Characters that every id begins with. */
  readonly idPrefix: string;
  /** Different days on which results were published. */
  readonly days: number;
  /**
   * `catalogue`: builds and results of one model behind each other, every name one text, as `loadFrozenSnapshot` gives
   * them. `none`: shuffled, and every name a text of its own.
   */
  readonly order: 'catalogue' | 'none';
}

const SIZES_B: readonly number[] = [0.6, 1.7, 4, 7, 8, 12, 14, 24, 27, 32, 70, 120];
const USUAL: Shape = {
  buildsPerModel: 1,
  modelsPerSeries: 6,
  sources: 8,
  benchmarksPerSource: 3,
  scored: true,
  sizesB: SIZES_B,
  idPrefix: 'org',
  days: 300,
  order: 'catalogue',
};

export const SHAPES = {
  usual: USUAL,
  'one series': { ...USUAL, modelsPerSeries: 'all' },
  'eight quants per repo': { ...USUAL, buildsPerModel: 8 },
  'one benchmark': { ...USUAL, sources: 1, benchmarksPerSource: 1 },
  'a thousand sources': { ...USUAL, sources: 1_000, days: 3_000 },
  'nothing scored': { ...USUAL, scored: false },
  'one size': { ...USUAL, sizesB: [8], modelsPerSeries: 'all' },
  'in no order': { ...USUAL, order: 'none' },
  'long ids': { ...USUAL, idPrefix: `${'a-very-long-organisation-name-'.repeat(6)}org` },
} as const satisfies Readonly<Record<string, Shape>>;

const QUANTS = ['Q4_K_M', 'Q8_0', 'Q6_K', 'Q5_K_M', 'IQ4_XS', 'Q3_K_M', 'Q2_K', 'UD-Q4_K_XL'] as const;
const TASKS = [
  'general',
  'coding',
  'reasoning',
  'math',
  'agentic',
  'instruction',
] as const satisfies readonly ObservationTask[];
const OBSERVATIONS_PER_BUILD = 5;
const FIRST_DAY_MS = Date.UTC(2024, 0, 1);
const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** A catalogue of so many builds, five results for each; always the same for the same arguments. */
export function rankingInput(builds: number, shape: Shape): Pick<RankInput, 'candidates' | 'snapshot'> {
  const random = seededRandom(builds);
  const models = Math.max(1, Math.floor(builds / shape.buildsPerModel));
  const orderOf = (count: number): readonly number[] =>
    shape.order === 'none' ? shuffled(count, random) : byModel(count, models);
  const named = shape.order === 'none' ? (text: string) => text : oneText();
  const candidates = orderOf(builds).map((number) => build(number, models, shape, named));
  const observations = orderOf(builds * OBSERVATIONS_PER_BUILD).map((number) =>
    observation({ model: number % models, place: Math.floor(number / models), shape, random, named }),
  );
  return { candidates, snapshot: { generatedAt: '2026-06-01T00:00:00.000Z', observations } };
}

/** The numbers below `count`, those with the same remainder behind each other. */
function byModel(count: number, models: number): number[] {
  return Array.from({ length: count }, (_, at) => at).sort((a, b) => (a % models) - (b % models) || a - b);
}

/** The same text object for equal texts, flat, as a parsed file has them. */
function oneText(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const flat = known.get(text) ?? String(JSON.parse(JSON.stringify(text)));
    known.set(flat, flat);
    return flat;
  };
}

function modelId(model: number, shape: Shape): string {
  return `${shape.idPrefix}-${model % 97}/Model-${model}-${sizeOf(model, shape)}B-Instruct`;
}

function sizeOf(model: number, { sizesB }: Shape): number {
  return sizesB[model % sizesB.length] ?? 8;
}

type Named = (text: string) => string;

function build(index: number, models: number, shape: Shape, named: Named): RankCandidate {
  const model = index % models;
  const series = shape.modelsPerSeries === 'all' ? 0 : Math.floor(model / shape.modelsPerSeries);
  const sizeB = sizeOf(model, shape);
  const quant = QUANTS[Math.floor(index / models) % QUANTS.length] ?? 'Q4_K_M';
  return {
    hfRepoId: named(modelId(model, shape)),
    name: `Model ${model}`,
    sizeB,
    quant,
    series: named(`series-${series}`),
    lineage: { line: named(`line-${series}`), order: model },
    toolCalling: model % 3 === 0 ? null : true,
    vision: model % 5 === 0,
    fileBytes: sizeB * 6e8,
    ...(model % 4 === 0 ? { activeB: sizeB / 8 } : {}),
    architecture: {
      contextMax: 131_072,
      hidden: 4_096,
      vocab: 150_000,
      kv: { fullBytesPerTokenF16: 131_072, windowBytesPerTokenF16: 0, stateBytes: 0, rule: 'full' },
    },
  };
}

function observation(given: {
  readonly model: number;
  readonly place: number;
  readonly shape: Shape;
  readonly random: () => number;
  readonly named: Named;
}): RankObservation {
  const { model, place, shape, random, named } = given;
  const source = Math.floor(random() * shape.sources);
  const benchmark = place % shape.benchmarksPerSource;
  const day = new Date(FIRST_DAY_MS + Math.floor(random() * shape.days) * MS_PER_DAY);
  return {
    hfRepoId: named(shape.scored ? modelId(model, shape) : `nobody/${model}`),
    source: named(`source-${source}`),
    benchmark: named(`benchmark-${source}-${benchmark}`),
    task: TASKS[(source + benchmark) % TASKS.length] ?? 'general',
    value: Math.min(100, Math.max(0, 20 + 20 * Math.log10(1 + sizeOf(model, shape)) + 30 * random())),
    scale: 'percent',
    observedAt: named(day.toISOString().slice(0, 10)),
    independent: source % 8 !== 7,
    url: 'https://example.com/results',
  };
}

/** Mulberry32: small, and the same everywhere. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers below `count` in no order. */
function shuffled(count: number, random: () => number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other] ?? 0, numbers[last] ?? 0];
  }
  return numbers;
}
