import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { atEnd } from './processes.mjs';

/**
 * Makes a folder of this process alone, which is removed when it ends, also by Ctrl-C.
 *
 * @param {string} prefix short, for the sake of the sockets that VS Code opens in such folders
 * @returns {string} its path without links
 */
export function temporaryFolder(prefix) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), prefix)));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return folder;
}
