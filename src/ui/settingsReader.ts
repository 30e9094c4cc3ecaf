import * as vscode from 'vscode';
import { parseSettings, SETTING_KEYS, type SettingProblem, type Settings } from '../shared/settings';

const SECTION = 'modelPool';

/**
 * Reads `modelPool.*`. Only the user's own values count: no setting of a workspace, trusted or not, can set an
 * endpoint, a host or a route.
 */
export function readSettings(): {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
} {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const raw = Object.fromEntries(
    Object.entries(SETTING_KEYS).map(([field, key]) => [field, configuration.inspect(key)?.globalValue]),
  );
  return parseSettings(raw);
}

export async function writeSetting(field: keyof Settings, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  await configuration.update(SETTING_KEYS[field], value, vscode.ConfigurationTarget.Global);
}

/** Calls `listener` after any `modelPool.*` setting changed. */
export function onSettingsChanged(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) listener();
  });
}
