import * as vscode from 'vscode';
import type { EvictionPlan } from '../pool/planEviction';
import type { PoolDisk, PoolEntry } from '../pool/poolState';
import { formatNumber } from '../shared/numberText';
import { formatDate } from '../shared/timeText';
import { formatBytes, formatGib } from '../shared/units';

const DAY_MS = 24 * 3_600_000;
/** More lines than these are counted, not named: a dialog is read, a list is not. */
const SHOWN_KEPT = 3;

/** `today`, `yesterday`, `12 days ago`, `3 months ago`; never in the future, whatever the clocks say. */
export function agoText(iso: string, nowMs: number): string {
  const days = Math.max(0, Math.floor((nowMs - Date.parse(iso)) / DAY_MS));
  const format = new Intl.RelativeTimeFormat(vscode.env.language, { numeric: 'auto' });
  return days < 60 ? format.format(-days, 'day') : format.format(-Math.floor(days / 30), 'month');
}

/** `• qwen2.5:7b: 4.4 GiB, score 41, last used 12 days ago`: a model that would go. */
export function leavingLine(entry: PoolEntry, nowMs: number): string {
  const used =
    entry.lastUsedAt === null
      ? vscode.l10n.t('no use known')
      : vscode.l10n.t('last used {0}', agoText(entry.lastUsedAt, nowMs));
  const size = formatGib(entry.sizeOnDiskGb);
  return vscode.l10n.t(
    '• {0}: {1}, score {2}, {3}',
    entry.ollamaName,
    size,
    formatNumber(entry.currentScore),
    used,
  );
}

/** `Kept: a (pinned), b (in use by a call) and 3 more.`, those with a reason first; undefined where nothing is there. */
export function keptLine(kept: EvictionPlan['kept']): string | undefined {
  if (kept.length === 0) return undefined;
  const reasoned = [
    ...kept.filter(({ reason }) => reason !== 'not-needed'),
    ...kept.filter(({ reason }) => reason === 'not-needed'),
  ];
  const names = reasoned
    .slice(0, SHOWN_KEPT)
    .map(({ entry, reason }) => `${entry.ollamaName} (${keptReasonText(reason)})`)
    .join(', ');
  const more = kept.length - SHOWN_KEPT;
  if (more <= 0) return vscode.l10n.t('Kept: {0}.', names);
  return vscode.l10n.t('Kept: {0} and {1} more.', names, String(more));
}

function keptReasonText(reason: EvictionPlan['kept'][number]['reason']): string {
  switch (reason) {
    case 'running':
      return vscode.l10n.t('loaded now');
    case 'in-use':
      return vscode.l10n.t('in use by a call');
    case 'pinned':
      return vscode.l10n.t('pinned');
    case 'user':
      return vscode.l10n.t('outside the pool');
    case 'last-tool-capable':
      return vscode.l10n.t('the last one that calls tools');
    case 'leaving':
      return vscode.l10n.t('goes already');
    case 'not-needed':
      return vscode.l10n.t('need not go');
  }
}

/** `31.2 GiB of 100 GiB`: the pool on one disk. */
export function poolUseText(usedBytes: number, budgetBytes: number): string {
  return vscode.l10n.t('{0} of {1}', formatBytes(usedBytes), formatBytes(budgetBytes));
}

/** `4.2 GiB`, or of several machines `4.2 GiB + 31.2 GiB`: what the pool holds, machine by machine. */
export function poolUsedText(disks: readonly PoolDisk[]): string {
  return disks.length === 0 ? formatGib(0) : disks.map(({ usedGb }) => formatGib(usedGb)).join(' + ');
}

/** What the pool has to say of an installed model, for the card behind its row. `undefined`: it is not in the pool. */
export function poolEntryLines(entry: PoolEntry | undefined): readonly string[] {
  if (entry === undefined) {
    return [
      vscode.l10n.t(
        'Installed outside the pool: it does not count towards the disk budget, and Model Pool never removes it by itself.',
      ),
    ];
  }
  const since = formatDate(entry.installedAt);
  const used =
    entry.lastUsedAt === null
      ? vscode.l10n.t('not used since')
      : vscode.l10n.t('last used {0}', formatDate(entry.lastUsedAt));
  const score = formatNumber(entry.currentScore);
  return [
    entry.origin === 'user'
      ? vscode.l10n.t('Your own model since {0}, {1}; outside the disk budget', since, used)
      : vscode.l10n.t('In the pool since {0}, {1}, score {2}', since, used, score),
    ...(entry.pinned ? [vscode.l10n.t('Pinned: nothing is removed in its place or for another model')] : []),
    ...(entry.pendingEviction
      ? [
          vscode.l10n.t(
            'Leaves the pool: it is removed as soon as no call uses it and its server has let go of it',
          ),
        ]
      : []),
  ];
}
