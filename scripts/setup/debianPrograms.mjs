import process from 'node:process';
import { canInstallPackages, findOnPath } from './chromium.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { setUp } from './report.mjs';

/** Programs that tests call by their name, under the name of their Debian package. */
const PROGRAMS = {
  openssl: { command: 'openssl', tests: 'The tests of certificates', required: true },
  // `free` comes with it, which the detection of memory is compared with.
  procps: { command: 'ps', tests: 'The tests that count processes', required: process.platform !== 'win32' },
  // What we measure is compared with it; other systems have no package of it.
  mbw: { command: 'mbw', tests: 'The tests of bandwidth', required: false },
};

/**
 * Makes sure that a program is on PATH, installing it as root on Debian. One that is not required is left out where it
 * cannot be had, and so are the tests that need it.
 *
 * @param {keyof typeof PROGRAMS} name
 * @returns {Promise<void>}
 */
export function ensureDebianProgram(name) {
  const { command, tests, required } = PROGRAMS[name];
  return setUp(name, async () => {
    const present = findOnPath(command);
    if (present) return { value: undefined, note: `already there, ${present}` };
    if (canInstallPackages()) await installDebianPackages([name]);
    else if (!required)
      return { value: undefined, note: 'cannot be installed here, what needs it is left out' };
    const installed = findOnPath(command);
    if (installed) return { value: undefined, note: `installed from Debian, ${installed}` };
    throw new Error(
      `${tests} need ${command}. Install it so that \`${command}\` is on PATH ` +
        `(Debian and Ubuntu: \`sudo apt-get install ${name}\`).`,
    );
  });
}
