import * as vscode from 'vscode';
import type { FoundBackend } from '../backends/recognise';
import type { BackendSetting } from '../shared/settings';
import { readSettings, writeSetting, writtenSetting } from './settingsReader';
import type { UiContext } from './uiContext';

/** What listens and does not say what it is within this time is nothing that we know. */
const ANSWER_WITHIN_MS = 10_000;

const CANCELLED = Symbol('cancelled');

interface Choice extends vscode.QuickPickItem {
  readonly found?: FoundBackend;
}

/** Looks for model servers at their usual addresses, offers what answers, and adds what the user chooses. */
export async function addBackend(context: UiContext): Promise<void> {
  const found = await withCancel(vscode.l10n.t('Looking for model servers'), (signal) =>
    context.engine.findBackends(signal),
  );
  if (found === CANCELLED) return;
  const known = new Set(context.engine.registry.backends().map((state) => state.url));
  const choices: Choice[] = found.map((backend) => ({
    label: backend.label,
    description: known.has(backend.url) ? vscode.l10n.t('{0} · already added', backend.url) : backend.url,
    detail: foundText(backend),
    found: backend,
  }));
  const choice = await vscode.window.showQuickPick<Choice>(
    [...choices, { label: `$(edit) ${vscode.l10n.t('Enter an address…')}`, alwaysShow: true }],
    {
      title: vscode.l10n.t('Add Backend'),
      placeHolder:
        found.length === 0
          ? vscode.l10n.t('Nothing answered at the usual addresses. Start a server, or enter its address.')
          : vscode.l10n.t('Found on this machine'),
    },
  );
  if (!choice) return;
  const backend = choice.found ?? (await askForAddress(context));
  if (backend) await save(backend);
}

async function askForAddress(context: UiContext): Promise<FoundBackend | undefined> {
  const url = await vscode.window.showInputBox({
    title: vscode.l10n.t('Address of the model server'),
    placeHolder: 'http://127.0.0.1:11434',
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^https?:\/\/[^\s/]+/.test(text)
        ? undefined
        : vscode.l10n.t('An address starts with http:// or https://'),
  });
  if (url === undefined) return undefined;
  const found = await withCancel(vscode.l10n.t('Asking {0}', url), async (cancelled) => {
    const tooLate = AbortSignal.timeout(ANSWER_WITHIN_MS);
    return context.engine
      .recogniseBackend(url, AbortSignal.any([cancelled, tooLate]))
      .catch((thrown: unknown) => {
        if (tooLate.aborted) return null;
        throw thrown;
      });
  });
  if (found === CANCELLED) return undefined;
  if (found) return found;
  await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Neither Ollama nor llama-server answers at {0}. Check that the server runs and that the port is right.',
      url,
    ),
  );
  return undefined;
}

/** Runs a task with a notification that can cancel it; `CANCELLED` where it was. */
async function withCancel<T>(
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

function foundText(found: FoundBackend): string {
  switch (found.readiness) {
    case 'ok':
      return found.version === undefined
        ? vscode.l10n.t('answers')
        : vscode.l10n.t('version {0}', found.version);
    case 'bad_status':
      return vscode.l10n.t('is still loading its model');
    case 'unauthorized':
      return vscode.l10n.t('needs a key');
  }
}

async function save(found: FoundBackend): Promise<void> {
  const { backends } = readSettings().settings;
  const same = backends.find((backend) => backend.url === found.url);
  if (same) {
    const text = vscode.l10n.t('{0} is a backend already: {1}.', found.url, same.id);
    void vscode.window.showInformationMessage(
      same.enabled === false
        ? vscode.l10n.t('{0} It is switched off in the setting modelPool.backends.', text)
        : text,
    );
    return;
  }
  const taken = new Set(backends.map((backend) => backend.id));
  let id: string = found.kind;
  for (let n = 2; taken.has(id); n++) id = `${found.kind}_${n}`;
  const entry: BackendSetting = { id, kind: found.kind, url: found.url };
  const written = writtenSetting('backends');
  // As it was written: an entry that is refused today may be a typing error, and must not be lost.
  await writeSetting('backends', [...(Array.isArray(written) ? (written as readonly unknown[]) : []), entry]);
}
