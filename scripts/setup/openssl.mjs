import { canInstallPackages, findOnPath } from './chromium.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { setUp } from './report.mjs';

/**
 * Makes sure that `openssl` is on PATH: the tests make certificates of their own with it.
 *
 * @returns {Promise<string>} its path
 */
export async function ensureOpenssl() {
  return setUp('openssl', async () => {
    const present = findOnPath('openssl');
    if (present) return { value: present, note: `already there, ${present}` };
    if (canInstallPackages()) await installDebianPackages(['openssl']);
    const installed = findOnPath('openssl');
    if (installed) return { value: installed, note: `installed from Debian, ${installed}` };
    throw new Error(
      'The tests of certificates need openssl. Install it so that `openssl` is on PATH ' +
        '(Debian and Ubuntu: `sudo apt-get install openssl`).',
    );
  });
}
