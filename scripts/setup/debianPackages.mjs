import process from 'node:process';
import { mustRun } from './processes.mjs';
import { messageOf } from './report.mjs';

/** @type {Promise<unknown>} */
let last = Promise.resolve();
/** @type {string | undefined} what apt said when it last read the archive's lists */
let lists;

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
    lists ??= await mustRun('apt-get', [...wait, 'update'], { env, timeoutMs: 300_000 });
    try {
      await mustRun('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...names], {
        env,
        timeoutMs: 600_000,
      });
    } catch (error) {
      // apt calls it a success when it reached no archive at all, and then knows no package.
      const warnings = lists.split('\n').filter((line) => /^[WE]: /.test(line));
      throw new Error([...warnings, messageOf(error)].join('\n'), { cause: error });
    }
  });
  last = installed.catch(() => undefined);
  return installed;
}
