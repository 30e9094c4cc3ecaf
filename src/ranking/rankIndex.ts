import { identityKey } from './evidence';
import { benchmarkKey, linkScales, onCommonScale } from './linkScales';
import type { ScaleLinks, ScalePoint } from './linkScales';
import type { RankObservation } from './rankTypes';

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

/** Observations by model, with the scales linked: made once, used for every ranking until the observations change. */
export interface RankIndex {
  readonly observationCount: number;
  readonly byModel: ReadonlyMap<string, readonly IndexedObservation[]>;
  readonly links: ScaleLinks;
}

/** All rows of one benchmark in one voice. */
interface Column {
  readonly voice: string;
  readonly benchmarkKey: string;
  /** Place among all columns, by name: the order in which rows are added up must not depend on how they came. */
  order: number;
}

interface Row {
  readonly observation: RankObservation;
  readonly column: Column;
}

/**
 * Prepares observations for ranking, in time linear in their number. What is not finite is left out; marked-weak rows
 * stay evidence only. A model that was tested with and without thinking has two sets of rows: of each source the set
 * with more rows is taken (it is the better documented), without thinking at equal numbers, because that is the answer
 * that comes at the stated speed; sets are never mixed within a source. Of one benchmark's several rows the newest
 * counts.
 */
export function buildRankIndex(observations: readonly RankObservation[]): RankIndex {
  const grouped = groupByModel(observations);
  const modelKeys = [...grouped.keys()].sort();
  const chosen = new Map<string, readonly Row[]>();
  const points: ScalePoint[] = [];
  for (const modelKey of modelKeys) {
    const kept = chooseRows(grouped.get(modelKey) ?? []);
    chosen.set(modelKey, kept);
    for (const { observation, column } of kept)
      if (observation.weak !== true)
        points.push({ modelKey, benchmarkKey: column.benchmarkKey, observation });
  }

  const links = linkScales(points);
  const byModel = new Map<string, readonly IndexedObservation[]>();
  for (const [modelKey, rows] of chosen)
    byModel.set(
      modelKey,
      rows.map((row) => onScale(row, links)),
    );
  return { observationCount: observations.length, byModel, links };
}

function onScale({ observation, column }: Row, { links }: ScaleLinks): IndexedObservation {
  const link = observation.weak === true ? undefined : links.get(column.benchmarkKey);
  return {
    observation,
    voice: column.voice,
    normalisedValue: onCommonScale(link, observation.value),
    standardError: link?.standardError ?? 0,
    reliability: link?.reliability ?? 0,
  };
}

function groupByModel(observations: readonly RankObservation[]): ReadonlyMap<string, Row[]> {
  const columns = new ColumnTable();
  const modelKeys = new Map<string, string>();
  const grouped = new Map<string, Row[]>();
  for (const observation of observations) {
    if (!Number.isFinite(observation.value)) continue;
    let modelKey = modelKeys.get(observation.hfRepoId);
    if (modelKey === undefined) {
      modelKey = identityKey(observation.hfRepoId);
      modelKeys.set(observation.hfRepoId, modelKey);
    }
    const row: Row = { observation, column: columns.of(observation) };
    const rows = grouped.get(modelKey);
    if (rows === undefined) grouped.set(modelKey, [row]);
    else rows.push(row);
  }
  columns.sort();
  return grouped;
}

/** Every column once, so that rows need no text of their own to be compared. */
class ColumnTable {
  readonly #byVoice = new Map<string, Map<string, Column>>();

  of(observation: RankObservation): Column {
    const voice = observation.independent ? observation.source : 'self-reported';
    const name =
      observation.quant === undefined
        ? observation.benchmark
        : `${observation.benchmark}\u0000${observation.quant}`;
    let columns = this.#byVoice.get(voice);
    if (columns === undefined) this.#byVoice.set(voice, (columns = new Map<string, Column>()));
    let column = columns.get(name);
    if (column === undefined)
      columns.set(name, (column = { voice, benchmarkKey: benchmarkKey(observation), order: 0 }));
    return column;
  }

  sort(): void {
    let order = 0;
    for (const voice of [...this.#byVoice.keys()].sort()) {
      const columns = this.#byVoice.get(voice) ?? new Map<string, Column>();
      for (const name of [...columns.keys()].sort()) {
        const column = columns.get(name);
        if (column !== undefined) column.order = order++;
      }
    }
  }
}

/** One row per column, of each voice's better documented mode, in the columns' order. */
function chooseRows(rows: readonly Row[]): readonly Row[] {
  const modes = modeByVoice(rows);
  const candidates =
    modes === undefined
      ? [...rows]
      : rows.filter(({ observation, column }) => modes.get(column.voice) === modeOf(observation));
  candidates.sort((a, b) => a.column.order - b.column.order || preference(a.observation, b.observation));
  return candidates.filter((row, index) => row.column !== candidates[index - 1]?.column);
}

type Mode = 'non-thinking' | 'thinking' | 'unstated';
const MODES: readonly Mode[] = ['non-thinking', 'thinking', 'unstated'];

function modeOf(observation: RankObservation): Mode {
  if (observation.thinking === undefined) return 'unstated';
  return observation.thinking ? 'thinking' : 'non-thinking';
}

/** The mode whose rows are taken, by voice; undefined where all rows have the same mode. */
function modeByVoice(rows: readonly Row[]): ReadonlyMap<string, Mode> | undefined {
  const first = rows[0];
  if (
    first === undefined ||
    rows.every(({ observation }) => observation.thinking === first.observation.thinking)
  )
    return undefined;
  const counts = new Map<string, Record<Mode, number>>();
  for (const { observation, column } of rows) {
    const count = counts.get(column.voice) ?? { 'non-thinking': 0, thinking: 0, unstated: 0 };
    count[modeOf(observation)] += 1;
    counts.set(column.voice, count);
  }
  const chosen = new Map<string, Mode>();
  for (const [voice, count] of counts)
    chosen.set(
      voice,
      MODES.reduce((best, mode) => (count[mode] > count[best] ? mode : best)),
    );
  return chosen;
}

/** Newer first; at the same date the worse value, so that the order in which rows came does not matter. */
function preference(a: RankObservation, b: RankObservation): number {
  if (a.observedAt !== b.observedAt) return a.observedAt > b.observedAt ? -1 : 1;
  if (a.value !== b.value) return a.lowerIsBetter === true ? b.value - a.value : a.value - b.value;
  return (a.url ?? '') < (b.url ?? '') ? -1 : 1;
}
