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
  const machineKeys = machineScopedKeys(root);
  const entries = Object.entries(settings);
  return {
    user: Object.fromEntries(entries.filter(([key]) => !machineKeys.has(key))),
    machine: Object.fromEntries(entries.filter(([key]) => machineKeys.has(key))),
  };
}

/** @param {string} root */
function machineScopedKeys(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const sections = [manifest.contributes?.configuration ?? []].flat();
  const properties = Object.assign({}, ...sections.map((section) => section.properties));
  const scopes = Object.entries(/** @type {Record<string, { scope?: string }>} */ (properties));
  return new Set(scopes.filter(([, { scope }]) => scope?.startsWith('machine')).map(([key]) => key));
}

/** Quiet, and without a word to the network: tests serve what they need on loopback. */
export const testSettings = /** @satisfies {Settings} */ ({
  ...quietSettings,
  'modelPool.catalog.online': false,
});
