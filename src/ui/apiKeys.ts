import * as vscode from 'vscode';
import { secretNameOf, type SecretReader } from '../engine/backendHeaders';
import { HUGGING_FACE_SECRET } from '../engine/catalogueOpen';
import { messageOf } from '../shared/errors';
import { redactText } from '../shared/redact';
import type { BackendSetting } from '../shared/settings';
import { CANCELLED, withCancel } from './cancellableProgress';
import { readSettings } from './settingsReader';
import type { UiContext } from './uiContext';

/** Before the names of the settings: other secrets of this extension may come. */
const PREFIX = 'apiKey.';

/** What an HTTP header may carry; anything else was copied along by mistake. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** The keys of backends in VS Code's SecretStorage, by the names of the settings. */
export function secretReader(secrets: vscode.SecretStorage): SecretReader {
  return { get: async (name) => secrets.get(PREFIX + name) };
}

/** Calls `listener` with the name of a key that was set or removed, in this window or another one. */
export function onKeysChanged(
  secrets: vscode.SecretStorage,
  listener: (secretName: string) => void,
): vscode.Disposable {
  return secrets.onDidChange(({ key }) => {
    if (key.startsWith(PREFIX)) listener(key.slice(PREFIX.length));
  });
}

/** Stores a key, or removes it where it is undefined. Says what is wrong and returns false where that fails. */
export async function storeKey(
  { extension, logger }: UiContext,
  secretName: string,
  key: string | undefined,
): Promise<boolean> {
  try {
    if (key === undefined) await extension.secrets.delete(PREFIX + secretName);
    else await extension.secrets.store(PREFIX + secretName, key);
    return true;
  } catch (thrown) {
    // Never the message alone: nobody knows what an error of a secret storage holds.
    logger.log('error', 'key.not_stored', { name: secretName, error: messageOf(thrown) });
    tellNoStorage(thrown);
    return false;
  }
}

/** Removes what an earlier backend of this name may have left, so that it never goes to another server. */
export async function forgetKey({ extension, logger }: UiContext, secretName: string): Promise<void> {
  try {
    await extension.secrets.delete(PREFIX + secretName);
  } catch (thrown) {
    logger.log('info', 'key.not_forgotten', { name: secretName, error: messageOf(thrown) });
  }
}

/** Asks for a key; an empty text where the person entered none, undefined where the person cancelled. */
export async function askForKey(title: string, prompt: string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() === '' || SENDABLE.test(value.trim())
        ? undefined
        : vscode.l10n.t('A key has no blanks, line breaks or letters with accents. Copy it again.'),
  });
  return text?.trim();
}

/** Where a key goes, as a line under the box that asks for it. */
export function keyPrompt(url: string | undefined): string {
  const stored = vscode.l10n.t("It is kept in VS Code's secret storage, not in the settings.");
  const open = url?.startsWith('http://') === true && !/^http:\/\/(?:localhost|127\.|\[::1\])/.test(url);
  return open ? `${stored} ${vscode.l10n.t('It travels unencrypted: this address is http://.')}` : stored;
}

/** Somebody who takes a key. */
interface KeyItem extends vscode.QuickPickItem {
  readonly secretName: string;
  readonly url: string | undefined;
  readonly urgency: number;
  /** Says what came of a key that was set or removed. */
  readonly tell: (isSet: boolean) => Promise<void> | void;
}

/** Sets, replaces or removes a key, and says whether the backend takes it; asks whose where no backend is given. */
export async function setApiKey(context: UiContext, backendId?: string): Promise<void> {
  const backends = backendItems(context);
  const chosen =
    backends.find(({ label }) => label === backendId) ??
    (await vscode.window.showQuickPick([...backends, huggingFaceItem()], {
      title: vscode.l10n.t('Set API Key'),
      placeHolder: vscode.l10n.t('Whose key?'),
      matchOnDescription: true,
    }));
  if (!chosen) return;
  const { label, secretName, url } = chosen;
  let stored: string | undefined;
  try {
    stored = await secretReader(context.extension.secrets).get(secretName);
  } catch (thrown) {
    tellNoStorage(thrown);
    return;
  }
  const isSet = stored !== undefined;
  const title = vscode.l10n.t('API key of {0}', label);
  const remove = isSet ? ` ${vscode.l10n.t('Leave it empty to remove the one that is set.')}` : '';
  const key = await askForKey(title, keyPrompt(url) + remove);
  if (key === undefined || (key === '' && !isSet)) return;
  if (key === '' && !(await mayRemove(label))) return;
  if (!(await storeKey(context, secretName, key === '' ? undefined : key))) return;
  await chosen.tell(key !== '');
}

/** The backends that take a key, those that refuse us first. */
function backendItems(context: UiContext): readonly KeyItem[] {
  const { engine } = context;
  const kinds = new Map(engine.setup.kinds.map((kind) => [kind.kind, kind]));
  const states = new Map(engine.registry.backends().map((state) => [state.id, state]));
  return readSettings()
    .settings.backends.flatMap((backend): readonly KeyItem[] => {
      const kind = kinds.get(backend.kind);
      if (!kind || kind.key === 'never' || backend.enabled === false) return [];
      const refused = states.get(backend.id)?.readiness === 'unauthorized';
      const item = {
        label: backend.id,
        description: backend.url === undefined ? kind.label : `${kind.label} · ${backend.url}`,
        secretName: secretNameOf(backend),
        url: backend.url,
        tell: (isSet: boolean) => tellOutcome(context, backend, isSet),
      };
      if (refused) return [{ ...item, detail: vscode.l10n.t('wants a key'), urgency: 0 }];
      return [{ ...item, urgency: kind.key === 'needed' ? 1 : 2 }];
    })
    .sort((a, b) => a.urgency - b.urgency);
}

/** Not a backend: where new models are looked for. */
function huggingFaceItem(): KeyItem {
  const label = 'Hugging Face';
  return {
    ...{ label, secretName: HUGGING_FACE_SECRET, url: undefined, urgency: 3 },
    description: vscode.l10n.t('to look at models whose licence you have accepted there'),
    tell: (isSet) => {
      const text = isSet
        ? vscode.l10n.t('The API key of {0} is set. It is used at the next look for new models.', label)
        : vscode.l10n.t('The API key of {0} is removed.', label);
      void vscode.window.showInformationMessage(text);
    },
  };
}

async function mayRemove(owner: string): Promise<boolean> {
  const remove = vscode.l10n.t('Remove');
  const question = vscode.l10n.t('Remove the API key of {0}?', owner);
  const detail = vscode.l10n.t('It cannot be brought back from here. Nothing else is removed.');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}

/** Asks the backend with its new key, and says what came of it. */
async function tellOutcome({ engine }: UiContext, { id }: BackendSetting, isSet: boolean): Promise<void> {
  const done = isSet
    ? vscode.l10n.t('The API key of {0} is set.', id)
    : vscode.l10n.t('The API key of {0} is removed.', id);
  const asked = await withCancel(vscode.l10n.t('Asking {0}', id), (signal) =>
    engine.refreshBackend(id, signal),
  );
  const state = engine.registry.backends().find((backend) => backend.id === id);
  if (asked === CANCELLED || !state || state.readiness === 'unknown') {
    void vscode.window.showInformationMessage(done);
  } else if (state.readiness === 'ok') {
    const models = engine.registry.listForBackend(id).length;
    void vscode.window.showInformationMessage(
      models === 1
        ? vscode.l10n.t('{0} It answers: 1 model.', done)
        : vscode.l10n.t('{0} It answers: {1} models.', done, models),
    );
  } else {
    const why = [state.message, state.nextStep].filter((text) => text !== undefined).join(' ');
    void vscode.window.showWarningMessage(`${done} ${why}`);
  }
}

function tellNoStorage(thrown: unknown): void {
  void vscode.window.showErrorMessage(
    vscode.l10n.t(
      "VS Code's secret storage does not work here ({0}). Keys can be kept nowhere else: see whether the keychain of this computer is unlocked, then try again.",
      redactText(messageOf(thrown)),
    ),
  );
}
