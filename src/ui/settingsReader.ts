import * as vscode from 'vscode';
import { parseSettings, SETTING_KEYS, type SettingProblem, type Settings } from '../shared/settings';

const SECTION = 'modelPool';

/** What a folder may say for itself: these only show something, and reach nothing. */
const OF_WORKSPACES: readonly (keyof Settings)[] = ['modelfileOtherFiles'];

/**
 * Reads `modelPool.*`. But for what only shows something, only the user's own values count: no setting of a workspace,
 * trusted or not, can set an endpoint, a host or a route.
 */
export function readSettings(): {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
} {
  const fields = Object.keys(SETTING_KEYS) as (keyof Settings)[];
  return parseSettings(
    Object.fromEntries(
      fields.map((field) => [field, OF_WORKSPACES.includes(field) ? setting(field) : writtenSetting(field)]),
    ),
  );
}

/** What counts in this window, unparsed, whoever wrote it. */
function setting(field: keyof Settings): unknown {
  return vscode.workspace.getConfiguration(SECTION).get(SETTING_KEYS[field]);
}

/** What the user wrote for a setting, unparsed; undefined where nothing. */
export function writtenSetting(field: keyof Settings): unknown {
  return vscode.workspace.getConfiguration(SECTION).inspect(SETTING_KEYS[field])?.globalValue;
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
