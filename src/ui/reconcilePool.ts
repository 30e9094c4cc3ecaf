import * as vscode from 'vscode';
import type { Reconciled } from '../pool/poolReconcile';
import { CANCELLED, withCancel } from './cancellableProgress';
import { commandId } from './manifest/commands';
import type { UiContext } from './uiContext';

interface Answer {
  readonly backend: string;
  readonly found: Reconciled;
}

/** Asks every Ollama server what it really has, makes the pool agree with that, and says what has changed. */
export async function reconcilePool(context: UiContext): Promise<void> {
  const { engine } = context;
  const backends = engine.registry
    .backends()
    .map(({ id }) => id)
    .filter((id) => engine.installs.canInstallOn(id));
  if (backends.length === 0) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('No Ollama server is set up, so there is no pool to reconcile. Add Backend finds one.'),
    );
    return;
  }
  const answers = await withCancel(
    vscode.l10n.t('Asking what is installed'),
    async (signal, report): Promise<readonly Answer[]> => {
      const answered: Answer[] = [];
      for (const [index, backend] of backends.entries()) {
        report({ fraction: index / backends.length, message: backend });
        answered.push({ backend, found: await engine.pool.manager.reconcile(backend, signal) });
        // Rows are to show what was found.
        await engine.refreshBackend(backend, signal);
        signal.throwIfAborted();
      }
      return answered;
    },
  );
  if (answers !== CANCELLED) await tell(answers);
}

async function tell(answers: readonly Answer[]): Promise<void> {
  const add = vscode.l10n.t('Add to Pool…');
  const isAnyOutside = answers.some(({ found }) => found.status === 'reconciled' && found.outside.length > 0);
  const silent = answers.some(({ found }) => found.status === 'unknown');
  const show = silent ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const choice = await show(reconciledText(answers), ...(isAnyOutside ? [add] : []));
  if (choice === add) await vscode.commands.executeCommand(commandId('adoptModel'));
}

/** What has changed, server by server where they did not answer, in one message. */
export function reconciledText(answers: readonly Answer[]): string {
  const reconciled = answers.flatMap(({ found }) => (found.status === 'reconciled' ? [found] : []));
  const dropped = reconciled.flatMap((found) => found.dropped);
  const outside = reconciled.flatMap((found) => found.outside.map(({ ollamaName }) => ollamaName));
  const sentences = [
    dropped.length > 0
      ? vscode.l10n.t('No longer installed, so no longer in the pool: {0}.', dropped.join(', '))
      : reconciled.length > 0
        ? vscode.l10n.t('The pool is as its servers say.')
        : '',
    outside.length === 0
      ? ''
      : outside.length <= 3
        ? vscode.l10n.t('Installed outside the pool: {0}.', outside.join(', '))
        : vscode.l10n.t('{0} models are installed outside the pool.', outside.length),
    ...answers.flatMap(({ backend, found }) =>
      found.status === 'unknown' ? [vscode.l10n.t('{0} was not asked: {1}', backend, found.message)] : [],
    ),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
