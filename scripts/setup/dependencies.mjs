import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './processes.mjs';
import { setUp } from './report.mjs';

/**
 * Installs the packages of package-lock.json when node_modules is missing, unfinished or of another lock file. npm
 * keeps its own account of what it installed in node_modules/.package-lock.json, written last.
 *
 * Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms, and npm leaves those out
 * of the lock wherever a registry does not have them. That what was installed is what is locked is checked here.
 *
 * @param {string} root the repository
 */
export async function ensureDependencies(root) {
  await setUp('npm packages', async () => {
    if (isInstalled(root)) return { value: undefined, note: 'already there' };
    const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustRun('npm', args, { cwd: root, timeoutMs: 600_000 });
    if (!isInstalled(root)) {
      throw new Error(
        'npm installed other versions than package-lock.json names. Delete node_modules and try again.',
      );
    }
    return { value: undefined, note: 'installed' };
  });
}

/** @param {string} root */
function isInstalled(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const present = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (!wanted) throw new Error(`${root} has no readable package-lock.json: this is not a full clone.`);
  if (!present) return false;
  const names = new Set([...Object.keys(wanted), ...Object.keys(present)]);
  names.delete('');
  return [...names].every((name) => {
    const expected = wanted[name];
    const actual = present[name];
    if (!expected) return false;
    return actual ? actual.version === expected.version : expected.optional === true;
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
