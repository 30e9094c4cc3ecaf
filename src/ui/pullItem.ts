import * as vscode from 'vscode';
import type { PullRun } from '../pool/pullRuns';
import { formatBytes } from '../shared/units';
import { pullRowValue } from './manifest/rowValues';
import { isRunning, pullDescription } from './pullText';

/** A row that shows an install as it goes. */
export class PullItem extends vscode.TreeItem {
  constructor(readonly run: PullRun) {
    super(run.label, vscode.TreeItemCollapsibleState.None);
    this.id = `pull:${run.runId}`;
    this.description = pullDescription(run);
    this.contextValue = pullRowValue(isRunning(run));
    this.iconPath = new vscode.ThemeIcon(pullIcon(run));
    this.tooltip = [run.name, pullDescription(run), stateMessage(run), keptText(run)]
      .filter((line) => line !== undefined)
      .join('\n');
    const spoken = [run.label, pullDescription(run), run.status === 'failed' ? run.message : undefined];
    this.accessibilityInformation = { label: spoken.filter((part) => part !== undefined).join(', ') };
  }
}

export function pullIcon(run: PullRun): string {
  if (isRunning(run)) return run.status === 'queued' ? 'watch' : 'loading~spin';
  return run.status === 'failed' ? 'error' : 'debug-pause';
}

/** What a run says of itself where its description does not say so already. */
function stateMessage({ status, message }: PullRun): string | undefined {
  return status === 'cancelled' ? undefined : message;
}

/** The disk that a run holds which does not go on, and what becomes of it; undefined where there is none. */
function keptText(run: PullRun): string | undefined {
  if (isRunning(run) || run.highWaterBytes === 0) return undefined;
  return vscode.l10n.t(
    '{0} of it are kept on the disk: Resume Install goes on from there. Ollama frees them when it starts again an hour later or more.',
    formatBytes(run.highWaterBytes),
  );
}
