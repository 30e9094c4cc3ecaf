import * as vscode from 'vscode';
import type { PoolErrorCode } from '../pool/poolState';
import type { PullRun } from '../pool/pullRuns';
import { formatBytes, formatDuration } from '../shared/units';

/** Whether a run still moves or waits to; such a run can be cancelled. */
export function isRunning(run: PullRun): boolean {
  return run.status === 'queued' || run.status === 'pulling' || run.status === 'verifying';
}

/**
 * Percent done, 0..100, or null before the size is known. Not the quotient of the bytes: that falls when the server
 * names another layer, and is 100 before the end.
 */
export function pullPercent({ percent }: PullRun): number | null {
  return percent;
}

/** `42 % · other window · 2.0 GiB of 4.7 GiB · 31 MiB/s · 1 min 30 s left`. */
export function pullDescription(run: PullRun): string {
  switch (run.status) {
    case 'queued':
      return vscode.l10n.t('waits for its turn');
    case 'verifying':
      return vscode.l10n.t('verifying, this can take minutes');
    case 'succeeded':
      return vscode.l10n.t('installed');
    case 'cancelled':
      return run.highWaterBytes === 0
        ? vscode.l10n.t('paused')
        : vscode.l10n.t('paused at {0}, resumes from there', formatBytes(run.highWaterBytes));
    case 'failed':
      return failedDescription(run.code);
    case 'pulling':
      return pullingDescription(run);
  }
}

/** Why it failed, in so few words that a narrow row shows them; the run's message says it in full. */
function failedDescription(code: PoolErrorCode | undefined): string {
  switch (code) {
    case 'disk_full':
      return vscode.l10n.t('failed: the disk is full');
    case 'budget_exceeded':
      return vscode.l10n.t('failed: over the disk budget');
    case 'failed_target_missing':
      return vscode.l10n.t('failed: not in the registry');
    case 'gated':
      return vscode.l10n.t('failed: conditions not accepted');
    case 'installer_unavailable':
      return vscode.l10n.t('failed: not reachable');
    case 'not_allowed':
      return vscode.l10n.t('failed: not allowed');
    case 'storage_unavailable':
      return vscode.l10n.t('failed: nothing can be stored');
    // These have many causes, or come of no download.
    case 'install_failed':
    case 'parse_failed':
    case 'advisory_only':
    case 'not_in_pool':
    case 'cancelled':
    case 'in_use':
    case 'busy':
    case undefined:
      return vscode.l10n.t('failed');
  }
}

function pullingDescription(run: PullRun): string {
  const percent = pullPercent(run);
  if (percent === null) return vscode.l10n.t('starting');
  const parts = [
    `${percent} %`,
    // Before what a narrow view cuts off.
    windowText(run),
    vscode.l10n.t('{0} of {1}', formatBytes(run.completedBytes), formatBytes(run.totalBytes)),
    run.bytesPerSecond === undefined ? undefined : `${formatBytes(run.bytesPerSecond)}/s`,
    run.secondsLeft === undefined
      ? undefined
      : vscode.l10n.t('{0} left', formatDuration(run.secondsLeft * 1_000)),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Whose download it is, where that is not plainly this window's. */
function windowText(run: PullRun): string | undefined {
  if (run.elsewhere) return vscode.l10n.t('other window');
  return run.takenOver ? vscode.l10n.t('taken over') : undefined;
}
