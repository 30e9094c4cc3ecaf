import * as vscode from 'vscode';
import { newBackendId, sameBackendUrl, type BackendDraft } from '../engine/backendSetup';
import type { BackendSetting } from '../shared/settings';
import { forgetKey, storeKey } from './apiKeys';
import { readSettings, writeSetting, writtenSetting } from './settingsReader';
import type { UiContext } from './uiContext';

/** Adds backends to the settings, with their keys in the secret storage. Says so where a key cannot be kept. */
export async function saveBackends(context: UiContext, drafts: readonly BackendDraft[]): Promise<void> {
  const entries: BackendSetting[] = [];
  for (const draft of drafts) {
    const { kind, url, host, headers, key } = draft;
    const id = newBackendId(draft, new Set([...takenIds(), ...entries.map((entry) => entry.id)]));
    // Before the setting, so that the first probe has it.
    if (key === undefined) await forgetKey(context, id);
    else if (!(await storeKey(context, id, key))) return;
    entries.push({
      ...{ id, kind },
      ...(url === undefined ? {} : { url }),
      ...(host === undefined ? {} : { host }),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
    });
  }
  // As it was written: an entry that is refused today may be a typing error, and must not be lost.
  await writeSetting('backends', [...writtenBackends(), ...entries]);
}

function writtenBackends(): readonly unknown[] {
  const written = writtenSetting('backends');
  return Array.isArray(written) ? (written as readonly unknown[]) : [];
}

/** The ids that a new backend cannot have: also those of entries that are not used today. */
export function takenIds(): ReadonlySet<string> {
  const ids = writtenBackends().flatMap((entry) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
      ? [entry.id]
      : [],
  );
  return new Set(ids);
}

/** The backend that is at this address already. */
export function existingBackend({ url }: Pick<BackendDraft, 'url'>): BackendSetting | undefined {
  return readSettings().settings.backends.find(
    (backend) => url !== undefined && backend.url !== undefined && sameBackendUrl(backend.url, url),
  );
}

export function tellExisting(same: BackendSetting, address: string): void {
  const text = vscode.l10n.t('{0} is a backend already: {1}.', address, same.id);
  void vscode.window.showInformationMessage(
    same.enabled === false
      ? vscode.l10n.t('{0} It is switched off in the setting modelPool.backends.', text)
      : text,
  );
}
