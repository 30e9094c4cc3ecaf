import { identityKey } from './evidence';
import { placesByHash } from './hashPlaces';
import { Numbered, stableOrder } from './numbering';
import { KindNumbers, MODES } from './observationKinds';
import type { ObservationKind, ObservationKinds } from './observationKinds';
import type { RankObservation } from './rankTypes';
import { dateMs } from './recency';

/**
 * The observations that count, as numbers: the rows of one model lie together, and among them those of one voice. Models
 * and columns are numbered by what they are called, so that sums do not depend on the order in which observations came.
 */
export interface ObservationTable extends Omit<ObservationKinds, 'placeOf'> {
  readonly modelCount: number;
  /** The number of a model by its id in any spelling, from 0; undefined where nothing is known of it. */
  readonly numberOf: (modelId: string) => number | undefined;
  /** The first row of each model; at the end the number of rows. */
  readonly starts: Uint32Array;
  readonly rows: TableRows;
  /** Milliseconds since the epoch; NaN for what is not a date. */
  readonly dates: Float64Array;
}

/** What is read of each row, an array for each fact: many rows are then read without touching their objects. */
interface TableRows {
  /** Place of its object among the observations. */
  readonly at: Uint32Array;
  /** Number of the model. */
  readonly model: Uint32Array;
  /** Places in `kinds` and `dates`. */
  readonly kind: Uint32Array;
  readonly date: Uint32Array;
  /** As published. */
  readonly value: Float64Array;
}

/**
 * Tabulates observations, in time linear in their number but for sorting the names of models and columns. What is not
 * finite is left out. A model that was tested with and without thinking has two sets of rows: of each source the set
 * with more rows is taken (it is the better documented), without thinking at equal numbers, because that is the answer
 * that comes at the stated speed; sets are never mixed within a source. Of one benchmark's several rows the newest
 * counts.
 */
export function tabulate(observations: readonly RankObservation[]): ObservationTable {
  const models = new ModelNames();
  const numbers = new KindNumbers();
  const dates = new Numbered();
  const read = readRows(observations, models, numbers, dates);
  const { modelCount, places } = models.sorted();
  const { placeOf, ...kinds } = numbers.sorted();
  for (let row = 0; row < read.at.length; row += 1) {
    read.model[row] = places[read.model[row] ?? 0] ?? 0;
    read.kind[row] = placeOf[read.kind[row] ?? 0] ?? 0;
  }
  const order = stableOrder(read.model, modelCount, stableOrder(read.kind, placeOf.length));
  const sorted = pick(read, order);
  const rows = chooseRows(sorted, kinds.kinds, dates.texts, observations);
  return {
    ...kinds,
    modelCount,
    numberOf: (modelId) => models.known(modelId, places),
    starts: startsOf(rows.model, modelCount),
    rows,
    dates: Float64Array.from(dates.texts, dateMs),
  };
}

/** Every observation that is finite as a row, in the order given, models and kinds numbered as they came. */
function readRows(
  observations: readonly RankObservation[],
  models: ModelNames,
  kinds: KindNumbers,
  dates: Numbered,
): TableRows {
  const rows = emptyRows(observations.length);
  let row = 0;
  for (const [at, observation] of observations.entries()) {
    const { value } = observation;
    if (!Number.isFinite(value)) continue;
    rows.at[row] = at;
    rows.model[row] = models.numberOf(observation.hfRepoId);
    rows.kind[row] = kinds.numberOf(observation);
    rows.date[row] = dates.of(observation.observedAt);
    rows.value[row] = value;
    row += 1;
  }
  return firstRows(rows, row);
}

function emptyRows(count: number): TableRows {
  return {
    at: new Uint32Array(count),
    model: new Uint32Array(count),
    kind: new Uint32Array(count),
    date: new Uint32Array(count),
    value: new Float64Array(count),
  };
}

function firstRows(rows: TableRows, count: number): TableRows {
  return {
    at: rows.at.subarray(0, count),
    model: rows.model.subarray(0, count),
    kind: rows.kind.subarray(0, count),
    date: rows.date.subarray(0, count),
    value: rows.value.subarray(0, count),
  };
}

/** The rows in another order. */
function pick(rows: TableRows, order: Uint32Array): TableRows {
  const picked = emptyRows(order.length);
  for (let to = 0; to < order.length; to += 1) copyRow(rows, order[to] ?? 0, picked, to);
  return picked;
}

function copyRow(from: TableRows, row: number, into: TableRows, to: number): void {
  into.at[to] = from.at[row] ?? 0;
  into.model[to] = from.model[row] ?? 0;
  into.kind[to] = from.kind[row] ?? 0;
  into.date[to] = from.date[row] ?? 0;
  into.value[to] = from.value[row] ?? 0;
}

/** The models that observations are of: different spellings of an id are the same one. */
class ModelNames {
  readonly #ids: string[] = [];
  readonly #byId = new Map<string, number>();
  #byKey: ReadonlyMap<string, number> | undefined;
  #lastId: string | undefined;
  #lastNumber = 0;

  /** Of a spelling, in the order in which they came. A catalogue has the results of one model behind each other. */
  numberOf(modelId: string): number {
    if (modelId === this.#lastId) return this.#lastNumber;
    let number = this.#byId.get(modelId);
    if (number === undefined) {
      number = this.#ids.push(modelId) - 1;
      this.#byId.set(modelId, number);
    }
    this.#lastId = modelId;
    this.#lastNumber = number;
    return number;
  }

  /** How many models there are, and the number of each by that of its spelling, which no order of arrival changes. */
  sorted(): { readonly modelCount: number; readonly places: Uint32Array } {
    const { count, places } = placesByHash(this.#ids.map(identityKey));
    return { modelCount: count, places };
  }

  /** The model that an id names; nearly always in a spelling that an observation has too. */
  known(modelId: string, places: Uint32Array): number | undefined {
    const number = this.#byId.get(modelId);
    if (number !== undefined) return places[number];
    this.#byKey ??= new Map(this.#ids.map((id, spelling) => [identityKey(id), places[spelling] ?? 0]));
    return this.#byKey.get(identityKey(modelId));
  }
}

/**
 * One row for each model and column, of each voice's better documented mode. The rows are by model, then by column and so
 * by voice; those that stay are moved together where they are.
 */
function chooseRows(
  rows: TableRows,
  kinds: readonly ObservationKind[],
  dates: readonly string[],
  observations: readonly RankObservation[],
): TableRows {
  const isPreferred = (row: number, to: number): boolean => {
    const [rival, candidate] = [observations[rows.at[to] ?? 0], observations[rows.at[row] ?? 0]];
    return rival !== undefined && candidate !== undefined && preference(candidate, rival) < 0;
  };
  const count = rows.at.length;
  let kept = 0;
  let end = 0;
  while (end < count) {
    const start = end;
    const first = kinds[rows.kind[start] ?? 0];
    let oneMode = true;
    for (end += 1; end < count && rows.model[end] === rows.model[start]; end += 1) {
      const kind = kinds[rows.kind[end] ?? 0];
      if (kind?.voice !== first?.voice) break;
      oneMode &&= kind?.mode === first?.mode;
    }
    const mode = oneMode ? first?.mode : betterMode(rows.kind.subarray(start, end), kinds);
    let lastColumn = -1;
    for (let row = start; row < end; row += 1) {
      const kind = kinds[rows.kind[row] ?? 0];
      if (kind === undefined || kind.mode !== mode) continue;
      if (kind.column !== lastColumn) {
        if (kept !== row) copyRow(rows, row, rows, kept);
        kept += 1;
        lastColumn = kind.column;
        continue;
      }
      const [rivalDate = '', date = ''] = [dates[rows.date[kept - 1] ?? 0], dates[rows.date[row] ?? 0]];
      // Their objects are only looked at where they must be.
      if (date === rivalDate ? isPreferred(row, kept - 1) : date > rivalDate)
        copyRow(rows, row, rows, kept - 1);
    }
  }
  return kept === count
    ? rows
    : pick(
        firstRows(rows, kept),
        Uint32Array.from({ length: kept }, (_, row) => row),
      );
}

/** The mode of most of some rows. */
function betterMode(kindOf: Uint32Array, kinds: readonly ObservationKind[]): number {
  const counts = MODES.map(() => 0);
  for (const kind of kindOf) {
    const mode = kinds[kind]?.mode ?? 0;
    counts[mode] = (counts[mode] ?? 0) + 1;
  }
  return counts.indexOf(Math.max(...counts));
}

/** Of rows of one date: the worse value first, so that the order in which rows came does not matter. */
function preference(a: RankObservation, b: RankObservation): number {
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

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
