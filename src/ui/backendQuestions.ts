import * as vscode from 'vscode';
import type { BackendDraft } from '../engine/backendSetup';
import { parseSettings } from '../shared/settings';
import type { UiContext } from './uiContext';

/** Which kind of server something is, by the person's own word. */
export async function askForKind(
  { engine }: UiContext,
  placeHolder: string,
): Promise<BackendDraft['kind'] | undefined> {
  const items = engine.setup.kinds
    .filter(({ needsUrl }) => needsUrl)
    .map(({ kind, label }) => ({ label, kindOfBackend: kind }));
  const title = vscode.l10n.t('Kind of model server');
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.kindOfBackend;
}

/** One more header of every request. */
export async function askForHeader(draft: BackendDraft): Promise<Pick<BackendDraft, 'headers'> | undefined> {
  const split = (text: string): readonly [string, string] => {
    const colon = text.indexOf(':');
    return [text.slice(0, Math.max(0, colon)).trim(), text.slice(colon + 1).trim()];
  };
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Header of every request'),
    placeHolder: 'x-team: blue',
    prompt: vscode.l10n.t('It stands readable in the settings: keys belong to "Set a key".'),
    ignoreFocusOut: true,
    validateInput: (value) => {
      const [name, content] = split(value);
      const headers = { ...draft.headers, [name]: content };
      return name !== '' && canBeSent(headers)
        ? undefined
        : vscode.l10n.t('Write it as name: value, in plain letters');
    },
  });
  if (text === undefined) return undefined;
  const [name, content] = split(text);
  return { headers: { ...draft.headers, [name]: content } };
}

/** On which machine a server runs that answers here through a tunnel. */
export async function askForHost(draft: BackendDraft): Promise<Pick<BackendDraft, 'host'> | undefined> {
  const host = await vscode.window.showInputBox({
    title: vscode.l10n.t('Machine behind the tunnel'),
    placeHolder: 'gpubox',
    value: draft.host ?? '',
    prompt: vscode.l10n.t('The name under which the hardware of that machine is known.'),
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() !== '' && value.trim().length <= 64
        ? undefined
        : vscode.l10n.t('A name has 1 to 64 letters'),
  });
  return host === undefined ? undefined : { host: host.trim() };
}

/** By the rules of the settings, where it will stand. */
function canBeSent(headers: BackendDraft['headers']): boolean {
  return parseSettings({ backends: [{ id: 'draft', kind: 'vscode', headers }] }).problems.length === 0;
}
