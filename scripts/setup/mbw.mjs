import { canInstallPackages, findOnPath } from './chromium.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { setUp } from './report.mjs';

/**
 * Makes sure that `mbw` is on PATH where it can be installed: a test compares the measured memory bandwidth with it, and
 * leaves that out elsewhere, because other systems have no package of it.
 *
 * @returns {Promise<string | null>} its path, null where it cannot be had
 */
export async function ensureMbw() {
  return setUp('mbw', async () => {
    const present = findOnPath('mbw');
    if (present) return { value: present, note: `already there, ${present}` };
    if (!canInstallPackages()) return { value: null, note: 'cannot be installed here, its test is left out' };
    await installDebianPackages(['mbw']);
    const installed = findOnPath('mbw');
    if (installed) return { value: installed, note: `installed from Debian, ${installed}` };
    throw new Error('Debian installed mbw, and it is not on PATH.');
  });
}
