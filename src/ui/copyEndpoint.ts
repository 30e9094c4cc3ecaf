import * as vscode from 'vscode';
import { secretNameOf } from '../engine/backendHeaders';
import { endpointSnippets, type EndpointSnippet } from '../engine/endpointSnippets';
import { shellOfProgram } from '../engine/terminalShell';
import { LOCAL_HOST, type ModelRef } from '../shared/modelRef';
import { secretReader } from './apiKeys';
import { askForModel } from './modelPicker';
import type { UiContext } from './uiContext';
import { remoteLabel, windowPlace } from './windowPlace';

/** Copies what another tool needs to use a served model; asks for one where none is given. Never copies a key. */
export async function copyEndpoint(context: UiContext, target?: ModelRef): Promise<void> {
  const title = vscode.l10n.t('Copy Endpoint for Other Tools');
  const ref =
    target ?? (await askForModel(context, title, vscode.l10n.t('Which model is the other tool to use')));
  if (!ref) return;
  const snippets = await snippetsOf(context, ref);
  if (snippets === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        '{0} has no address that another tool could use: {1} offers it inside of this editor, or is not set up any more.',
        ref.modelId,
        ref.backend,
      ),
    );
    return;
  }
  const choice = await vscode.window.showQuickPick(
    snippets.map((snippet) => ({
      label: snippet.label,
      description: snippet.note,
      detail: snippet.text.replaceAll(/\s+/g, ' '),
      snippet,
    })),
    { title: `${title}: ${ref.modelId}`, placeHolder: placeText(context, ref), matchOnDescription: true },
  );
  if (!choice) return;
  await vscode.env.clipboard.writeText(choice.snippet.text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) {0} copied', choice.snippet.label), 3_000);
}

async function snippetsOf(
  { engine, extension }: UiContext,
  { backend, provider, modelId }: ModelRef,
): Promise<readonly EndpointSnippet[] | null> {
  const model = engine.registry.find(backend, provider, modelId);
  const state = engine.registry.backend(backend);
  const kind = engine.setup.kinds.find((choice) => choice.kind === state?.kind);
  if (!model || !state || !kind) return null;
  const setting = engine.settings.backends.find(({ id }) => id === backend) ?? { id: backend };
  // Whether there is one counts, and one that cannot be read is one.
  const stored = await secretReader(extension.secrets)
    .get(secretNameOf(setting))
    .catch(() => '');
  const contextTokens = engine.served.contextOf(model);
  return endpointSnippets(
    {
      ...{ backend, kind: kind.kind, url: state.url, modelId },
      ...(contextTokens === undefined ? {} : { contextTokens }),
      wantsKey: kind.key === 'needed' || stored !== undefined,
    },
    shellOfProgram(vscode.env.shell),
  );
}

/** A loopback address is that of another computer in a remote window. */
function placeText({ engine, extension }: UiContext, { backend }: ModelRef): string {
  const { remoteName, runsBeside } = windowPlace(extension);
  return remoteName !== undefined && !runsBeside && engine.hostOf(backend) === LOCAL_HOST
    ? vscode.l10n.t(
        'Enter copies, without any key. The address is one of the remote machine ({0}): only tools there reach it',
        remoteLabel(remoteName),
      )
    : vscode.l10n.t('Enter copies, without any key');
}
