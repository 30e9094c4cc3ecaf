import path from 'node:path';
import process from 'node:process';
import { cacheRoot } from '../setup/cache.mjs';
import { findOnPath } from '../setup/chromium.mjs';

const DOWNLOADS = 'https://update.code.visualstudio.com/api/releases/stable';
const PROBE_LIMIT_MS = 3_000;

/** True when a window can be shown to somebody. */
export function hasDisplay() {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * The `code` command of an installed desktop VS Code, if there is one and a display to show it on.
 *
 * @returns {string | undefined}
 */
export function findDesktop() {
  return hasDisplay() ? findOnPath('code') : undefined;
}

/**
 * Downloads a desktop VS Code into the cache when there is a display and the download is reachable. A refusal is
 * no error: code-server takes its place.
 *
 * @returns {Promise<string | undefined>} the program
 */
export async function downloadDesktop() {
  if (!hasDisplay() || process.env['MODEL_POOL_HOST'] === 'server') return undefined;
  try {
    const answer = await fetch(DOWNLOADS, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    if (!answer.ok) return undefined;
  } catch {
    return undefined;
  }
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  return downloadAndUnzipVSCode({ version: 'stable', cachePath: path.join(cacheRoot, 'vscode') });
}
