import * as vscode from 'vscode';

export const CANCELLED = Symbol('cancelled');

/** Runs a task with a notification that can cancel it; `CANCELLED` where it was. */
export async function withCancel<T>(
  title: string,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T | typeof CANCELLED> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (_progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      return await task(abort.signal);
    } catch (thrown) {
      if (abort.signal.aborted) return CANCELLED;
      throw thrown;
    }
  });
}
