import process from 'node:process';
import { mustRun } from './processes.mjs';

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Installs packages of Debian's archive, one call after the other: apt has one lock.
 *
 * @param {readonly string[]} names
 * @returns {Promise<void>}
 */
export function installDebianPackages(names) {
  const installed = last.then(async () => {
    const wait = ['-o', 'DPkg::Lock::Timeout=300'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await mustRun('apt-get', [...wait, 'update'], { env, timeoutMs: 300_000 });
    await mustRun('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...names], {
      env,
      timeoutMs: 600_000,
    });
  });
  last = installed.catch(() => undefined);
  return installed;
}
