import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { installDebianPackages } from './debianPackages.mjs';
import { setUp } from './report.mjs';

const NAMES_ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const USUAL_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
/** Where in Playwright's own download a Chromium lies, by platform. */
const PLAYWRIGHT_PROGRAMS = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-win/chrome.exe'];

/**
 * The path of a Chromium or Chrome: the one that CHROME_PATH names, one of this machine, or on Debian as root the
 * package from its archive.
 *
 * @returns {Promise<string>}
 */
export async function ensureChromium() {
  return setUp('Chromium', async () => {
    const present = findChromium();
    if (present) return { value: present, note: `already there, ${present}` };
    if (!canInstallPackages()) throw new Error(missingChromium);
    await installDebianPackages(['chromium']);
    const installed = findChromium();
    if (!installed) throw new Error(missingChromium);
    return { value: installed, note: `installed from Debian, ${installed}` };
  });
}

const missingChromium =
  'The tests in a real workbench need Chromium or Chrome. Install one (Debian and Ubuntu: ' +
  '`sudo apt-get install chromium`) or set CHROME_PATH to its program.';

/**
 * Looks for a program along PATH.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findOnPath(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const candidate = path.join(folder, name + ending);
      if (isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

/** True on Debian and its children, as root. */
export function canInstallPackages() {
  if (process.getuid?.() !== 0 || !findOnPath('apt-get')) return false;
  return isDebian();
}

/** True on Debian itself; Ubuntu's archive has neither Chromium nor llama.cpp as a plain package. */
export function isDebian() {
  try {
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function findChromium() {
  const named = process.env['CHROME_PATH'];
  if (named) {
    if (!isProgram(named)) throw new Error(`CHROME_PATH is ${named}, which is not a program.`);
    return named;
  }
  return (
    NAMES_ON_PATH.map(findOnPath).find((found) => found !== undefined) ??
    USUAL_PLACES.find(isProgram) ??
    findPlaywrightChromium()
  );
}

function findPlaywrightChromium() {
  const home =
    process.env['PLAYWRIGHT_BROWSERS_PATH'] ??
    {
      linux: path.join(homedir(), '.cache', 'ms-playwright'),
      darwin: path.join(homedir(), 'Library', 'Caches', 'ms-playwright'),
      win32: path.join(process.env['LOCALAPPDATA'] ?? homedir(), 'ms-playwright'),
    }[/** @type {string} */ (process.platform)];
  if (!home || !existsSync(home)) return undefined;
  return readdirSync(home)
    .filter((entry) => entry.startsWith('chromium-'))
    .sort()
    .reverse()
    .flatMap((entry) => PLAYWRIGHT_PROGRAMS.map((program) => path.join(home, entry, program)))
    .find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
