import { canInstallPackages, findOnPath } from './chromium.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { setUp } from './report.mjs';

/**
 * Makes sure that `mbw` is on PATH where it can be installed, and `free` with it: tests compare what we measure and detect
 * with them, and leave that out elsewhere, because other systems have no package of `mbw`.
 *
 * @returns {Promise<string | null>} its path, null where it cannot be had
 */
export async function ensureMbw() {
  return setUp('mbw', async () => {
    const present = findOnPath('mbw');
    if (present && findOnPath('free')) return { value: present, note: `already there, ${present}` };
    if (!canInstallPackages())
      return { value: present ?? null, note: 'cannot be installed here, what needs it is left out' };
    await installDebianPackages(['mbw', 'procps']);
    const installed = findOnPath('mbw');
    if (installed) return { value: installed, note: `installed from Debian, ${installed}` };
    throw new Error('Debian installed mbw, and it is not on PATH.');
  });
}
