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

/** Opens what an installed model was made from, as its server writes it. It cannot be edited. */
export async function openModelfile(context: UiContext, ref: ModelRef): Promise<void> {
  const uri = await installedModelfile({ ...context, builds: context.engine.modelfileBuilds }, ref);
  if (uri) await vscode.window.showTextDocument(uri);
}

/** Shows what an installed model was made from, beside the Modelfile that would replace it. */
export async function compareWithInstalled(
  context: UiContext & { readonly builds: ModelfileBuilds },
  ref: ModelRef,
  document: vscode.TextDocument,
): Promise<void> {
  const installed = await installedModelfile(context, ref);
  if (!installed) return;
  const name = vscode.l10n.t('{0}: installed ↔ this Modelfile', ref.modelId);
  await vscode.commands.executeCommand('vscode.diff', installed, document.uri, name);
}

/** A document of what a model was made from; undefined where its server did not say, which is told, or was not waited for. */
async function installedModelfile(
  context: UiContext & { readonly builds: ModelfileBuilds },
  { backend, modelId }: Pick<ModelRef, 'backend' | 'modelId'>,
): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t('Reading the Modelfile of {0}', modelId);
  const content = await withCancel(title, (signal) => context.builds.modelfileOf(backend, modelId, signal));
  if (content === CANCELLED) return undefined;
  if (content === null) {
    const message = vscode.l10n.t('{0} did not say what {1} was made from. Try again.', backend, modelId);
    await vscode.window.showWarningMessage(message);
    return undefined;
  }
  provideDocuments(context);
  const path = `/${backend}/${modelId.replaceAll('/', '-')}.modelfile`;
  contents.set(path, content);
  const installed = vscode.Uri.from({ scheme: SCHEME, path });
  changed.fire(installed);
  return installed;
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
