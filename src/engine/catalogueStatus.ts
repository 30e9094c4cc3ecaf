import * as l10n from '@vscode/l10n';
import type { KeptCatalogue } from '../catalog/catalogFileFormat';
import { formatDuration } from '../shared/units';

/** Where the list of models comes from, how old it is, and what a person can do about it. */
export interface CatalogueStatus {
  readonly state: 'off' | 'snapshot' | 'refreshing' | 'live' | 'limited' | 'offline' | 'refused';
  /** In two or three words: `snapshot 2026-11-21`, `live, 3 h ago`, `offline, as of 2026-11-21`. */
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
  const snapshot = day === undefined ? l10n.t('no snapshot') : l10n.t('snapshot {0}', day);
  const live = liveAt === undefined ? snapshot : l10n.t('live, {0}', ago(liveAt, nowMs));
  const models =
    foundModels === 1
      ? l10n.t('1 model was found that the snapshot does not have.')
      : l10n.t('{0} models were found that the snapshot does not have.', foundModels);
  if (!online) {
    return {
      ...{ state: 'off', date, source: live },
      message: l10n.t(
        'Model Pool does not look for new models: the setting modelPool.catalog.online is off.',
      ),
      nextStep: l10n.t('Turn the setting on to look for new models on Hugging Face.'),
    };
  }
  if (refreshing) {
    return {
      state: 'refreshing',
      date,
      source: live,
      message: l10n.t('Looking for new models on Hugging Face.'),
    };
  }
  if (!lastRefresh) {
    return {
      ...{ state: 'snapshot', date, source: snapshot },
      message: l10n.t('Hugging Face was not asked for new models yet.'),
      nextStep: l10n.t('Refresh to look now.'),
    };
  }
  const { code, message, nextStep } = lastRefresh.end;
  switch (code) {
    case 'complete':
      return { state: 'live', date, source: live, message: models };
    case 'partial':
      return { state: 'live', date, source: live, message: `${models} ${message}` };
    case 'limited':
    case 'refused':
    case 'offline':
      return {
        ...{ state: code, date, source: code === 'offline' ? offlineSince(date) : live, message },
        ...(nextStep !== undefined && { nextStep }),
      };
  }
}

/** What is shown without a network has a date too. */
function offlineSince(date: string | null): string {
  return date === null ? l10n.t('offline') : l10n.t('offline, as of {0}', date.slice(0, 10));
}

function ago(then: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(then);
  // Also where the clock was set back since.
  if (ageMs < 60_000) return l10n.t('just now');
  const hours = Math.floor(ageMs / 3_600_000);
  if (hours >= 48) return l10n.t('{0} d ago', Math.floor(hours / 24));
  if (hours >= 1) return l10n.t('{0} h ago', hours);
  return l10n.t('{0} ago', formatDuration(Math.floor(ageMs / 60_000) * 60_000));
}
