import * as vscode from 'vscode';
import type { ModelfileBuilds } from '../../engine/modelfileBuilds';
import type { ModelRef } from '../../shared/modelRef';
import { CANCELLED, withCancel } from '../cancellableProgress';
import type { UiContext } from '../uiContext';

/** Under which VS Code asks us for what an installed model was made from. */
const SCHEME = 'model-pool-modelfile';

/** What was read last, by its path; a document is only read while it is shown. */
const contents = new Map<string, string>();
let isProvided = false;

/** Shows what an installed model was made from, as its server writes it, beside the Modelfile that would replace it. */
export async function compareWithInstalled(
  context: UiContext & { readonly builds: ModelfileBuilds },
  { backend, modelId }: ModelRef,
  document: vscode.TextDocument,
): Promise<void> {
  const title = vscode.l10n.t('Reading the Modelfile of {0}', modelId);
  const content = await withCancel(title, (signal) => context.builds.modelfileOf(backend, modelId, signal));
  if (content === CANCELLED) return;
  if (content === null) {
    const message = vscode.l10n.t('{0} did not say what {1} was made from. Try again.', backend, modelId);
    await vscode.window.showWarningMessage(message);
    return;
  }
  provideDocuments(context);
  const path = `/${modelId.replaceAll('/', '-')}.modelfile`;
  contents.set(path, content);
  const installed = vscode.Uri.from({ scheme: SCHEME, path });
  changed.fire(installed);
  const name = vscode.l10n.t('{0}: installed ↔ this Modelfile', modelId);
  await vscode.commands.executeCommand('vscode.diff', installed, document.uri, name);
}

const changed = new vscode.EventEmitter<vscode.Uri>();

function provideDocuments({ extension }: UiContext): void {
  if (isProvided) return;
  isProvided = true;
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: ({ path }) => contents.get(path) ?? '',
  };
  extension.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
}
