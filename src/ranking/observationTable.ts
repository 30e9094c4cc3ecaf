import { EVIDENCE_GRADES, identityKey } from './evidence';
import { benchmarkKey } from './linkScales';
import { Numbered, placesByHash, placesByText, stableOrder } from './numbering';
import { normalizeQuantId } from './quantisation';
import type { EvidenceGrade, RankObservation } from './rankTypes';
import { dateMs } from './recency';

/** All rows of one benchmark in one voice, and of one quantisation where that is stated. */
interface TableColumn {
  /** Whose voice it is: every maker's report is one voice, whatever page it was read on. */
  readonly voice: string;
  /** From `benchmarkKey`: columns with the same key have the same scale. */
  readonly scaleKey: string;
}

/**
 * The observations that count, as numbers: the rows of one model lie together, and among them those of one voice. Models
 * and columns are numbered by what they are called, so that sums do not depend on the order in which observations came.
 */
export interface ObservationTable {
  readonly modelCount: number;
  /** The number of a model by its key, from 0; undefined where nothing is known of it. */
  readonly numberOf: (modelKey: string) => number | undefined;
  /** The first row of each model; at the end the number of rows. */
  readonly starts: Uint32Array;
  readonly columns: readonly TableColumn[];
  /** The number of each column's voice. */
  readonly voices: Uint32Array;
  readonly rows: TableRows;
  readonly texts: TableTexts;
}

/** What is read of each row, an array for each fact: many rows are then read without touching their objects. */
interface TableRows {
  readonly observations: readonly RankObservation[];
  /** Numbers of the models and columns. */
  readonly model: Uint32Array;
  readonly column: Uint32Array;
  /** Places in `sources`, `dates` and `tasks`. */
  readonly source: Uint32Array;
  readonly date: Uint32Array;
  readonly task: Uint32Array;
  /** As published. */
  readonly value: Float64Array;
  /** Place in `EVIDENCE_GRADES`, for a build of another quantisation than the row's. */
  readonly grade: Uint8Array;
  /** One more than the place in `quants` of the quantisation for which the row is direct evidence; 0 for none. */
  readonly quant: Uint32Array;
  /** 1 where somebody else than the maker measured. */
  readonly independent: Uint8Array;
  /** 1 for what is evidence only. */
  readonly weak: Uint8Array;
  /** Place in `MODES`. */
  readonly mode: Uint8Array;
}

/** The different texts that rows refer to. */
interface TableTexts {
  readonly sources: readonly string[];
  /** Milliseconds since the epoch; NaN for what is not a date. */
  readonly dates: Float64Array;
  readonly tasks: readonly string[];
  /** Canonical names. */
  readonly quants: readonly string[];
}

/** Of a model that answers with and without thinking; the first is taken where two are as well documented. */
const MODES = ['non-thinking', 'thinking', 'unstated'] as const;

/**
 * Tabulates observations, in time linear in their number but for sorting the names of models and columns. What is not
 * finite is left out. A model that was tested with and without thinking has two sets of rows: of each source the set
 * with more rows is taken (it is the better documented), without thinking at equal numbers, because that is the answer
 * that comes at the stated speed; sets are never mixed within a source. Of one benchmark's several rows the newest
 * counts.
 */
export function tabulate(observations: readonly RankObservation[]): ObservationTable {
  const models = new ModelNames();
  const names = new ColumnNames();
  const { rows, texts } = readRows(observations, models, names);
  const numberOfModel = placesByHash(models.keys);
  const modelCount = numberOfModel.length;
  const columns = names.sorted();
  for (let row = 0; row < rows.observations.length; row += 1) {
    rows.model[row] = numberOfModel[rows.model[row] ?? 0] ?? 0;
    rows.column[row] = columns.placeOf[rows.column[row] ?? 0] ?? 0;
  }
  const voiceNames = new Numbered();
  const voices = Uint32Array.from(columns.sorted, ({ voice }) => voiceNames.of(voice));
  const byColumn = stableOrder(rows.column, columns.sorted.length);
  const order = stableOrder(rows.model, modelCount, byColumn);
  const kept = pick(rows, chooseRows(rows, voices, order));
  return {
    modelCount,
    numberOf: (modelKey) => {
      const arrival = models.known(modelKey);
      return arrival === undefined ? undefined : numberOfModel[arrival];
    },
    starts: startsOf(kept.model, modelCount),
    columns: columns.sorted,
    voices,
    rows: kept,
    texts,
  };
}

/** Every observation that is finite as a row, in the order given, models and columns numbered as they came. */
function readRows(
  observations: readonly RankObservation[],
  models: ModelNames,
  names: ColumnNames,
): { readonly rows: TableRows; readonly texts: TableTexts } {
  const [sources, dates, tasks, quants] = [new Numbered(), new Numbered(), new Numbered(), new Numbered()];
  const finite: RankObservation[] = [];
  const rows = emptyRows(finite, observations.length);
  for (const observation of observations) {
    if (!Number.isFinite(observation.value)) continue;
    const row = finite.push(observation) - 1;
    const grade = gradeOf(observation);
    rows.model[row] = models.numberOf(observation.hfRepoId);
    rows.column[row] = names.numberOf(observation);
    rows.source[row] = sources.of(observation.source);
    rows.date[row] = dates.of(observation.observedAt);
    rows.task[row] = tasks.of(observation.task);
    rows.value[row] = observation.value;
    rows.grade[row] = EVIDENCE_GRADES.indexOf(grade ?? 'variant');
    rows.independent[row] = observation.independent ? 1 : 0;
    rows.weak[row] = observation.weak === true ? 1 : 0;
    rows.mode[row] = modeOf(observation);
    if (grade === undefined && observation.quant !== undefined) {
      const { known, canonical } = normalizeQuantId(observation.quant);
      if (known) rows.quant[row] = quants.of(canonical) + 1;
    }
  }
  return {
    rows: finite.length === observations.length ? rows : pick(rows, [...finite.keys()]),
    texts: {
      ...{ sources: sources.texts, tasks: tasks.texts, quants: quants.texts },
      dates: Float64Array.from(dates.texts, dateMs),
    },
  };
}

function emptyRows(observations: readonly RankObservation[], count: number): TableRows {
  return {
    observations,
    model: new Uint32Array(count),
    column: new Uint32Array(count),
    source: new Uint32Array(count),
    date: new Uint32Array(count),
    task: new Uint32Array(count),
    value: new Float64Array(count),
    grade: new Uint8Array(count),
    quant: new Uint32Array(count),
    independent: new Uint8Array(count),
    weak: new Uint8Array(count),
    mode: new Uint8Array(count),
  };
}

/** Some of the rows, in another order. */
function pick(rows: TableRows, places: ArrayLike<number>): TableRows {
  const observations: RankObservation[] = [];
  const picked = emptyRows(observations, places.length);
  for (let to = 0; to < places.length; to += 1) {
    const from = places[to] ?? 0;
    const observation = rows.observations[from];
    if (observation !== undefined) observations.push(observation);
    picked.model[to] = rows.model[from] ?? 0;
    picked.column[to] = rows.column[from] ?? 0;
    picked.source[to] = rows.source[from] ?? 0;
    picked.date[to] = rows.date[from] ?? 0;
    picked.task[to] = rows.task[from] ?? 0;
    picked.value[to] = rows.value[from] ?? 0;
    picked.grade[to] = rows.grade[from] ?? 0;
    picked.quant[to] = rows.quant[from] ?? 0;
    picked.independent[to] = rows.independent[from] ?? 0;
    picked.weak[to] = rows.weak[from] ?? 0;
    picked.mode[to] = rows.mode[from] ?? 0;
  }
  return picked;
}

/** The models that observations are of, by the key that different spellings of an id share. */
class ModelNames {
  readonly #byKey = new Numbered();
  readonly #byId = new Map<string, number>();

  get keys(): readonly string[] {
    return this.#byKey.texts;
  }

  known(modelKey: string): number | undefined {
    return this.#byKey.known(modelKey);
  }

  numberOf(hfRepoId: string): number {
    let number = this.#byId.get(hfRepoId);
    if (number === undefined) {
      number = this.#byKey.of(identityKey(hfRepoId));
      this.#byId.set(hfRepoId, number);
    }
    return number;
  }
}

/** Every column once, so that rows need no text of their own to be compared. */
class ColumnNames {
  readonly #columns: TableColumn[] = [];
  readonly #names: string[] = [];
  readonly #byVoice = new Map<string, Map<string, number>>();

  numberOf(observation: RankObservation): number {
    const voice = observation.independent ? observation.source : 'self-reported';
    const name =
      observation.quant === undefined
        ? observation.benchmark
        : `${observation.benchmark}\u0000${observation.quant}`;
    let numbers = this.#byVoice.get(voice);
    if (numbers === undefined) this.#byVoice.set(voice, (numbers = new Map<string, number>()));
    let number = numbers.get(name);
    if (number === undefined) {
      number = this.#columns.push({ voice, scaleKey: benchmarkKey(observation) }) - 1;
      this.#names.push(`${voice}\u0000${name}`);
      numbers.set(name, number);
    }
    return number;
  }

  /** By voice, then by name. */
  sorted(): { readonly sorted: readonly TableColumn[]; readonly placeOf: Uint32Array } {
    const placeOf = placesByText(this.#names);
    const sorted = [...this.#columns];
    for (const [number, column] of this.#columns.entries()) sorted[placeOf[number] ?? 0] = column;
    return { sorted, placeOf };
  }
}

/**
 * One row for each model and column, of each voice's better documented mode. `order` is by model, then by column and so
 * by voice.
 */
function chooseRows(rows: TableRows, voices: Uint32Array, order: Uint32Array): readonly number[] {
  const kept: number[] = [];
  let last = -1;
  let end = 0;
  while (end < order.length) {
    const start = end;
    const first = order[start] ?? 0;
    const voice = voices[rows.column[first] ?? 0];
    end = start + 1;
    while (end < order.length && isOf(order[end] ?? 0, rows.model[first], voice)) end += 1;
    const mode = isOneMode(rows.mode, order, start, end)
      ? undefined
      : betterMode(rows.mode, order, start, end);
    for (let place = start; place < end; place += 1) {
      const row = order[place] ?? 0;
      if (mode !== undefined && rows.mode[row] !== mode) continue;
      const known = last >= start && rows.column[kept.at(-1) ?? 0] === rows.column[row];
      if (!known) kept.push(row);
      else if (isPreferred(rows, row, kept.at(-1) ?? 0)) kept[kept.length - 1] = row;
      last = place;
    }
  }
  return kept;

  function isOf(row: number, model: number | undefined, voice: number | undefined): boolean {
    return rows.model[row] === model && voices[rows.column[row] ?? 0] === voice;
  }
}

function modeOf({ thinking }: RankObservation): number {
  return MODES.indexOf(thinking === undefined ? 'unstated' : thinking ? 'thinking' : 'non-thinking');
}

function isOneMode(modes: Uint8Array, order: Uint32Array, start: number, end: number): boolean {
  const first = modes[order[start] ?? 0];
  for (let place = start + 1; place < end; place += 1) if (modes[order[place] ?? 0] !== first) return false;
  return true;
}

/** The mode of most rows from `start` to `end`. */
function betterMode(modes: Uint8Array, order: Uint32Array, start: number, end: number): number {
  const counts = MODES.map(() => 0);
  for (let place = start; place < end; place += 1) {
    const mode = modes[order[place] ?? 0] ?? 0;
    counts[mode] = (counts[mode] ?? 0) + 1;
  }
  return counts.indexOf(Math.max(...counts));
}

function isPreferred({ observations }: TableRows, row: number, rival: number): boolean {
  const [a, b] = [observations[row], observations[rival]];
  return a !== undefined && b !== undefined && preference(a, b) < 0;
}

/** Newer first; at the same date the worse value, so that the order in which rows came does not matter. */
function preference(a: RankObservation, b: RankObservation): number {
  if (a.observedAt !== b.observedAt) return a.observedAt > b.observedAt ? -1 : 1;
  if (a.value !== b.value) return a.lowerIsBetter === true ? b.value - a.value : a.value - b.value;
  // Rows that differ in nothing that matters still need one order.
  return compareTexts(a.url ?? '', b.url ?? '') || compareTexts(JSON.stringify(a), JSON.stringify(b));
}

function startsOf(modelOf: Uint32Array, models: number): Uint32Array {
  const starts = new Uint32Array(models + 1);
  for (const model of modelOf) starts[model + 1] = (starts[model + 1] ?? 0) + 1;
  for (let model = 0; model < models; model += 1)
    starts[model + 1] = (starts[model + 1] ?? 0) + (starts[model] ?? 0);
  return starts;
}

/** The grade that an observation has for any build of its model; undefined where it depends on the quantisation. */
function gradeOf({ independent, evidence }: RankObservation): EvidenceGrade | undefined {
  return independent ? evidence : 'self-reported';
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
