import type { KeptCatalogue } from '../catalog/catalogFileFormat';
import { formatDuration } from '../shared/units';

/** Where the list of models comes from, how old it is, and what a person can do about it. */
export interface CatalogueStatus {
  readonly state: 'off' | 'snapshot' | 'refreshing' | 'live' | 'limited' | 'offline' | 'refused';
  /** In two or three words: `snapshot 2026-11-21`, `live, 3 h ago`, `offline`. */
  readonly source: string;
  /** ISO 8601: when Hugging Face last answered, else the snapshot's date; null where there is neither. */
  readonly date: string | null;
  readonly message: string;
  readonly nextStep?: string;
}

export interface StatusFacts {
  readonly online: boolean;
  readonly refreshing: boolean;
  readonly kept: KeptCatalogue;
  /** Null where the snapshot could not be read. */
  readonly snapshotDate: string | null;
  /** Models that the snapshot does not have. */
  readonly foundModels: number;
  readonly nowMs: number;
}

export function catalogueStatus(facts: StatusFacts): CatalogueStatus {
  const { online, refreshing, kept, snapshotDate, foundModels, nowMs } = facts;
  const { lastRefresh, liveAt } = kept;
  const date = liveAt ?? snapshotDate;
  const day = snapshotDate?.slice(0, 10);
  const snapshot = day === undefined ? 'no snapshot' : `snapshot ${day}`;
  const live = liveAt === undefined ? snapshot : `live, ${ago(liveAt, nowMs)}`;
  const models = `${foundModels} ${foundModels === 1 ? 'model was' : 'models were'} found that the snapshot does not have`;
  if (!online) {
    return {
      ...{ state: 'off', date, source: live },
      message: 'Model Pool does not look for new models: the setting modelPool.catalog.online is off.',
      nextStep: 'Turn the setting on to look for new models on Hugging Face.',
    };
  }
  if (refreshing) {
    return { state: 'refreshing', date, source: live, message: 'Looking for new models on Hugging Face.' };
  }
  if (!lastRefresh) {
    return {
      ...{ state: 'snapshot', date, source: snapshot },
      message: 'Hugging Face was not asked for new models yet.',
      nextStep: 'Refresh to look now.',
    };
  }
  const { code, message, nextStep } = lastRefresh.end;
  switch (code) {
    case 'complete':
      return { state: 'live', date, source: live, message: `${models}.` };
    case 'partial':
      return { state: 'live', date, source: live, message: `${models}. ${message}` };
    case 'limited':
    case 'refused':
    case 'offline':
      return {
        ...{ state: code, date, source: code === 'offline' ? 'offline' : live, message },
        ...(nextStep !== undefined && { nextStep }),
      };
  }
}

function ago(then: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(then);
  // Also where the clock was set back since.
  if (ageMs < 60_000) return 'just now';
  const hours = Math.floor(ageMs / 3_600_000);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ago`;
  return hours >= 1 ? `${hours} h ago` : `${formatDuration(Math.floor(ageMs / 60_000) * 60_000)} ago`;
}
