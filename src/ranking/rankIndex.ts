import { identityKey } from './evidence';
import { benchmarkKey, linkScales, onCommonScale } from './linkScales';
import type { ScaleLinks, ScalePoint } from './linkScales';
import type { RankObservation } from './rankTypes';

/** One observation, on the common scale where its benchmark is linked. */
export interface IndexedObservation {
  readonly observation: RankObservation;
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

/**
 * Prepares observations for ranking, in time linear in their number. What is not finite is left out; marked-weak rows
 * stay evidence only. A model that was tested with and without thinking has two sets of rows: of each source the set
 * with more rows is taken (it is the better documented), without thinking at equal numbers, because that is the answer
 * that comes at the stated speed; sets are never mixed within a source. Of one benchmark's several rows the newest
 * counts.
 */
export function buildRankIndex(observations: readonly RankObservation[]): RankIndex {
  const grouped = groupByModel(observations);
  const chosen = new Map<string, RankObservation[]>();
  const points: ScalePoint[] = [];
  for (const [modelKey, rows] of grouped) {
    const kept = chooseRows(rows);
    chosen.set(modelKey, kept);
    for (const observation of kept) if (observation.weak !== true) points.push({ modelKey, observation });
  }
  points.sort((a, b) => (a.modelKey < b.modelKey ? -1 : a.modelKey > b.modelKey ? 1 : 0));

  const links = linkScales(points);
  const byModel = new Map<string, IndexedObservation[]>();
  for (const [modelKey, rows] of chosen) {
    byModel.set(
      modelKey,
      rows.map((observation) => {
        const link = observation.weak === true ? undefined : links.links.get(benchmarkKey(observation));
        return {
          observation,
          normalisedValue: onCommonScale(link, observation.value),
          standardError: link?.standardError ?? 0,
          reliability: link?.reliability ?? 0,
        };
      }),
    );
  }
  return { observationCount: observations.length, byModel, links };
}

/** Whose voice a row is: every vendor's report of its own models is one voice, whatever page it was read on. */
export function voiceOf(observation: Pick<RankObservation, 'source' | 'independent'>): string {
  return observation.independent ? observation.source : 'self-reported';
}

function groupByModel(observations: readonly RankObservation[]): Map<string, RankObservation[]> {
  const keys = new Map<string, string>();
  const grouped = new Map<string, RankObservation[]>();
  for (const observation of observations) {
    if (!Number.isFinite(observation.value)) continue;
    let key = keys.get(observation.hfRepoId);
    if (key === undefined) {
      key = identityKey(observation.hfRepoId);
      keys.set(observation.hfRepoId, key);
    }
    const rows = grouped.get(key);
    if (rows === undefined) grouped.set(key, [observation]);
    else rows.push(observation);
  }
  return grouped;
}

function chooseRows(rows: readonly RankObservation[]): RankObservation[] {
  const modes = modeByVoice(rows);
  const newest = new Map<string, RankObservation>();
  for (const row of rows) {
    if (modes !== undefined && modes.get(voiceOf(row)) !== modeOf(row)) continue;
    const key = `${voiceOf(row)}\u0000${row.benchmark}\u0000${row.quant ?? ''}`;
    const held = newest.get(key);
    if (held === undefined || supersedes(row, held)) newest.set(key, row);
  }
  // In a fixed order, so that sums come out the same whatever order the rows came in.
  return [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

type Mode = 'non-thinking' | 'thinking' | 'unstated';
const MODES: readonly Mode[] = ['non-thinking', 'thinking', 'unstated'];

function modeOf(row: RankObservation): Mode {
  if (row.thinking === undefined) return 'unstated';
  return row.thinking ? 'thinking' : 'non-thinking';
}

/** The mode whose rows are taken, by voice; undefined where all rows have the same mode. */
function modeByVoice(rows: readonly RankObservation[]): ReadonlyMap<string, Mode> | undefined {
  const first = rows[0];
  if (first === undefined || rows.every((row) => row.thinking === first.thinking)) return undefined;
  const counts = new Map<string, Record<Mode, number>>();
  for (const row of rows) {
    const voice = voiceOf(row);
    const count = counts.get(voice) ?? { 'non-thinking': 0, thinking: 0, unstated: 0 };
    count[modeOf(row)] += 1;
    counts.set(voice, count);
  }
  const chosen = new Map<string, Mode>();
  for (const [voice, count] of counts)
    chosen.set(
      voice,
      MODES.reduce((best, mode) => (count[mode] > count[best] ? mode : best)),
    );
  return chosen;
}

/** Newer wins; at the same date the lower value, so that the order of rows does not matter. */
function supersedes(row: RankObservation, held: RankObservation): boolean {
  if (row.observedAt !== held.observedAt) return row.observedAt > held.observedAt;
  if (row.value !== held.value)
    return row.lowerIsBetter === true ? row.value > held.value : row.value < held.value;
  return (row.url ?? '') < (held.url ?? '');
}
