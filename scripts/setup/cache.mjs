import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where everything that is downloaded for development lives: outside the repository, shared by its clones. */
export const cacheRoot = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'),
  'model-pool-dev',
);

const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * The folder that holds `name` at `version`, installing it first when no finished copy is there.
 *
 * Every attempt gets a folder of its own and the pointer file that names the finished one is renamed into place
 * last: an interrupted install leaves nothing that looks complete, and two installs at once cannot mix. The folder
 * never moves afterwards, because some programs keep absolute paths to themselves.
 *
 * @param {string} name
 * @param {string} version
 * @param {(folder: string) => Promise<void>} install fills the empty folder; throws when it could not
 * @returns {Promise<{ folder: string, installed: boolean }>}
 */
export async function installOnce(name, version, install) {
  const home = path.join(cacheRoot, name);
  const pointer = path.join(home, `${version}.json`);
  const present = readPointer(pointer);
  if (present) return { folder: present, installed: false };

  mkdirSync(home, { recursive: true });
  removeAbandoned(home);
  const folder = path.join(home, `${version}-${process.pid}-${randomBytes(3).toString('hex')}`);
  mkdirSync(folder);
  try {
    await install(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  writeAtomically(pointer, JSON.stringify({ folder }));
  return { folder, installed: true };
}

/**
 * Writes a text file so that a reader sees the old text or the new one, never half of it.
 *
 * @param {string} file
 * @param {string} text
 */
export function writeAtomically(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.new`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

/** @param {string} pointer */
function readPointer(pointer) {
  try {
    const folder = String(JSON.parse(readFileSync(pointer, 'utf8')).folder);
    return statSync(folder).isDirectory() ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} home */
function removeAbandoned(home) {
  const finished = new Set();
  for (const entry of readdirSync(home)) {
    if (entry.endsWith('.json')) finished.add(readPointer(path.join(home, entry)));
  }
  for (const entry of readdirSync(home)) {
    const candidate = path.join(home, entry);
    const status = statSync(candidate, { throwIfNoEntry: false });
    if (!status?.isDirectory() || finished.has(candidate)) continue;
    if (Date.now() - status.mtimeMs > ABANDONED_AFTER_MS) rmSync(candidate, { recursive: true, force: true });
  }
}
