import * as vscode from 'vscode';

export const CANCELLED = Symbol('cancelled');

/** Says how far a task is, from 0 to 1, or what it does. */
type ReportProgress = (now: { readonly fraction?: number; readonly message?: string }) => void;

/** Runs a task with a notification that shows how far it is and can cancel it; `CANCELLED` where it was. */
export async function withCancel<T>(
  title: string,
  task: (signal: AbortSignal, report: ReportProgress) => Promise<T>,
): Promise<T | typeof CANCELLED> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    const report: ReportProgress = ({ fraction = shown, message }) => {
      progress.report({
        increment: (fraction - shown) * 100,
        ...(message === undefined ? {} : { message }),
      });
      shown = fraction;
    };
    try {
      return await task(abort.signal, report);
    } catch (thrown) {
      if (abort.signal.aborted) return CANCELLED;
      throw thrown;
    }
  });
}
