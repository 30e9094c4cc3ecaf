import { linkScales, onCommonScale } from './linkScales';
import type { ScaleColumn, ScaleLinks } from './linkScales';
import { Numbered, stableOrder } from './numbering';
import { tabulate } from './observationTable';
import type { ObservationTable } from './observationTable';
import { prepareCandidates } from './rankGroups';
import type { PreparedCandidates } from './rankGroups';
import type { RankCandidate, RankObservation } from './rankTypes';

/** One observation, on the common scale where its benchmark is linked. */
export interface IndexedObservation {
  readonly observation: RankObservation;
  /** Whose voice it is: every maker's report is one voice, whatever page it was read on. */
  readonly voice: string;
  /** 0..100; undefined: evidence only. */
  readonly normalisedValue: number | undefined;
  readonly standardError: number;
  readonly reliability: number;
}

/**
 * Observations by model, with the scales linked: made once, used for every ranking until the observations change. All of
 * a ranking that depends on neither machine nor task is kept here, which includes the candidates it was last used with.
 */
export class RankIndex {
  #prepared: PreparedCandidates | undefined;

  constructor(
    private readonly observations: readonly RankObservation[],
    readonly table: ObservationTable,
    readonly links: ScaleLinks,
    /** On the common scale, 0..100, of each row; NaN: evidence only. */
    readonly normalised: Float64Array,
    /** Of each column's link, in points; 0 where there is none. */
    readonly standardErrors: Float64Array,
    /** Of each column's link, 0..1. */
    readonly reliabilities: Float64Array,
  ) {}

  get observationCount(): number {
    return this.observations.length;
  }

  /** Models of which something is known. */
  get modelCount(): number {
    return this.table.modelCount;
  }

  /** The number of a model in the table, by its id in any spelling; undefined where nothing is known of it. */
  numberOf(modelId: string): number | undefined {
    return this.table.numberOf(modelId);
  }

  /** The rows of a model, by its number, in a fixed order; those of one voice lie together. */
  rowsOf(model: number | undefined): readonly IndexedObservation[] {
    if (model === undefined) return [];
    const { starts, columns, kinds, rows } = this.table;
    const start = starts[model] ?? 0;
    return [...rows.at.subarray(start, starts[model + 1])].flatMap((at, place) => {
      const observation = this.observations[at];
      const column = kinds[rows.kind[start + place] ?? 0]?.column ?? 0;
      const value = this.normalised[start + place] ?? Number.NaN;
      const onScale = !Number.isNaN(value);
      return observation === undefined
        ? []
        : {
            observation,
            voice: columns[column]?.voice ?? '',
            normalisedValue: onScale ? value : undefined,
            standardError: onScale ? (this.standardErrors[column] ?? 0) : 0,
            reliability: onScale ? (this.reliabilities[column] ?? 0) : 0,
          };
    });
  }

  /** Whether an independent result puts a model on the common scale. */
  isScored(model: number): boolean {
    const { starts, kinds, rows } = this.table;
    const end = starts[model + 1] ?? 0;
    for (let row = starts[model] ?? 0; row < end; row += 1)
      if (kinds[rows.kind[row] ?? 0]?.independent === true && !Number.isNaN(this.normalised[row]))
        return true;
    return false;
  }

  /**
   * The candidates grouped by model. They are kept for the next ranking if it has the very same ones in the same order,
   * which is checked one by one; candidates are never changed once they are made.
   */
  prepare(candidates: readonly RankCandidate[]): PreparedCandidates {
    const held = this.#prepared;
    if (held !== undefined && sameItems(held.candidates, candidates)) return held;
    return (this.#prepared = prepareCandidates(candidates, this));
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, place) => item === b[place]);
}

/** Prepares observations for ranking; see `tabulate` for which count. What is marked weak stays evidence only. */
export function buildRankIndex(observations: readonly RankObservation[]): RankIndex {
  // A copy: whoever made the array may go on filling it.
  const held = [...observations];
  const table = tabulate(held);
  const scales = new Numbered();
  const scaleOfColumn = table.columns.map(({ scaleKey }) => scales.of(scaleKey));
  const columns = scaleColumns(held, table, scales.texts, scaleOfColumn);
  const links = linkScales(columns, table.modelCount);

  const columnLinks = table.columns.map(({ scaleKey }) => links.links.get(scaleKey));
  const kindLinks = table.kinds.map(({ column, weak }) => (weak ? undefined : columnLinks[column]));
  const { kind, value } = table.rows;
  const normalised = new Float64Array(value.length);
  for (let row = 0; row < value.length; row += 1)
    normalised[row] = onCommonScale(kindLinks[kind[row] ?? 0], value[row] ?? Number.NaN) ?? Number.NaN;
  return new RankIndex(
    held,
    table,
    links,
    normalised,
    Float64Array.from(columnLinks, (link) => link?.standardError ?? 0),
    Float64Array.from(columnLinks, (link) => link?.reliability ?? 0),
  );
}

/** The rows that may link scales, by scale: all but the weak ones. */
function scaleColumns(
  observations: readonly RankObservation[],
  { kinds, rows }: ObservationTable,
  keys: readonly string[],
  scaleOfColumn: readonly number[],
): ScaleColumn[] {
  // One scale more than there are, for what links nothing.
  const scaleOfKind = kinds.map(({ column, weak }) => (weak ? keys.length : (scaleOfColumn[column] ?? 0)));
  const scaleOfRow = rows.kind.map((kind) => scaleOfKind[kind] ?? 0);
  const order = stableOrder(scaleOfRow, keys.length + 1);
  const models = new Uint32Array(order.length);
  const values = new Float64Array(order.length);
  for (let place = 0; place < order.length; place += 1) {
    const row = order[place] ?? 0;
    models[place] = rows.model[row] ?? 0;
    values[place] = rows.value[row] ?? 0;
  }

  const columns: ScaleColumn[] = [];
  let end = 0;
  while (end < order.length) {
    const start = end;
    const scale = scaleOfRow[order[start] ?? 0] ?? 0;
    end = start + 1;
    while (end < order.length && scaleOfRow[order[end] ?? 0] === scale) end += 1;
    const [key, facts] = [keys[scale], observations[rows.at[order[start] ?? 0] ?? 0]];
    if (key === undefined || facts === undefined) continue;
    columns.push({ key, facts, models: models.subarray(start, end), values: values.subarray(start, end) });
  }
  return columns;
}
