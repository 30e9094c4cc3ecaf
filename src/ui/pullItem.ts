import * as vscode from 'vscode';
import type { PullRun } from '../pool/pullRuns';
import { ROW } from './manifest/views';
import { isRunning, pullDescription } from './pullText';

/** A row that shows an install as it goes. */
export class PullItem extends vscode.TreeItem {
  constructor(readonly run: PullRun) {
    super(run.label, vscode.TreeItemCollapsibleState.None);
    this.id = `pull:${run.runId}`;
    this.description = pullDescription(run);
    this.contextValue = isRunning(run) ? ROW.pullRunning : ROW.pullStopped;
    this.iconPath = new vscode.ThemeIcon(pullIcon(run));
    this.tooltip = [run.name, pullDescription(run), run.message]
      .filter((line) => line !== undefined)
      .join('\n');
    this.accessibilityInformation = { label: `${run.label}, ${pullDescription(run)}` };
  }
}

export function pullIcon(run: PullRun): string {
  if (isRunning(run)) return run.status === 'queued' ? 'watch' : 'loading~spin';
  return run.status === 'failed' ? 'error' : 'debug-pause';
}
