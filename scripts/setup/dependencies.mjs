import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './processes.mjs';
import { setUp } from './report.mjs';

/**
 * Installs the packages of package-lock.json with `npm ci` when node_modules is missing, unfinished or of another
 * lock file. npm keeps its own account of what it installed in node_modules/.package-lock.json, written last.
 *
 * @param {string} root the repository
 */
export async function ensureDependencies(root) {
  await setUp('npm packages', async () => {
    if (isInstalled(root)) return { value: undefined, note: 'already there' };
    await mustRun('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, timeoutMs: 600_000 });
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
