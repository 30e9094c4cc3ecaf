import { readFileSync } from 'node:fs';
import path from 'node:path';

/** @typedef {Record<string, unknown>} Settings */

/** What keeps a fresh VS Code from greeting, updating, experimenting and calling home. */
export const quietSettings = /** @satisfies {Settings} */ ({
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
  // Else VS Code tells of every server that a test starts.
  'remote.autoForwardPorts': false,
  'chat.mcp.autostart': 'never',
});

/**
 * Divides settings between the two files that a window with a remote extension host reads: those that our
 * package.json declares with scope `machine` count only in the machine's file, all others belong to the user's.
 *
 * @param {string} root the repository
 * @param {Settings} settings
 * @returns {{ user: Settings, machine: Settings }}
 */
export function divideByScope(root, settings) {
  const scopes = scopesOfOurs(root);
  const entries = Object.entries(settings);
  const isMachine = (/** @type {string} */ key) => scopes.get(key)?.startsWith('machine') === true;
  return {
    user: Object.fromEntries(entries.filter(([key]) => !isMachine(key))),
    machine: Object.fromEntries(entries.filter(([key]) => isMachine(key))),
  };
}

/**
 * The scope of each setting in our package.json; VS Code's own are not in it.
 *
 * @param {string} root the repository
 * @returns {ReadonlyMap<string, string | undefined>}
 */
export function scopesOfOurs(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const sections = [manifest.contributes?.configuration ?? []].flat();
  /** @type {Record<string, { scope?: string }>} */
  const properties = Object.assign({}, ...sections.map((section) => section.properties));
  return new Map(Object.entries(properties).map(([key, { scope }]) => [key, scope]));
}

/** Quiet, and without a word to the network: tests serve what they need on loopback. */
export const testSettings = /** @satisfies {Settings} */ ({
  ...quietSettings,
  'workbench.colorTheme': 'Dark 2026',
  // A line of text is a line on the screen, so that what an editor shows can be read back.
  '[markdown]': { 'editor.wordWrap': 'off' },
  'modelPool.catalog.online': false,
});
