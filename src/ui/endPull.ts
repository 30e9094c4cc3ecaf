import * as vscode from 'vscode';
import type { PullRun } from '../pool/pullRuns';
import { formatBytes } from '../shared/units';
import { isRunning } from './pullText';
import type { UiContext } from './uiContext';

/** Runs that were cancelled for good in this window. */
const givenUp = new Set<string>();

/** Whether a run that was halted is not to go on, so that nobody says how it would. */
export function isGivenUp({ runId }: PullRun): boolean {
  return givenUp.has(runId);
}

/** Ends an install for good: stops it where it runs, and takes it off the list. */
export async function cancelPull(context: UiContext, run: PullRun): Promise<void> {
  const { pulls } = context.engine;
  givenUp.add(run.runId);
  if (isRunning(run)) pulls.cancel(run.runId);
  const over = await pulls.whenOver(run.runId);
  // It may have ended well in the same moment.
  if (over && over.status !== 'succeeded') dismissPull(context, over);
}

/** Takes a run that is over off the list, and says what becomes of the disk that it holds. */
export function dismissPull({ engine }: UiContext, run: PullRun): void {
  engine.pulls.dismiss(run.runId);
  if (run.highWaterBytes > 0) void vscode.window.showInformationMessage(keptText(run));
}

/** Ollama has no way to be told to free what it has of a model that was not finished: it does so when it starts. */
function keptText({ label, backend, highWaterBytes }: PullRun): string {
  return vscode.l10n.t(
    '{0} is no longer being installed. The {1} that were downloaded stay on the disk until {2} starts again an hour later or more: restart it then to free them. Installing the model again before that goes on from there.',
    label,
    formatBytes(highWaterBytes),
    backend,
  );
}
