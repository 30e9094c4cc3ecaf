import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, mustRun, startProcess } from '../setup/processes.mjs';
import { freePort } from './ports.mjs';
import { divideByScope } from './settings.mjs';

const STARTS_WITHIN_MS = 60_000;
const KEPT_OUTPUT_CHARACTERS = 500_000;

/**
 * @typedef {object} ServerProgram
 * @property {string} entry code-server's script
 * @property {string} node the Node.js that runs it
 */

/**
 * @typedef {object} ServerOptions
 * @property {ServerProgram} program
 * @property {string} root the repository, whose package.json says which settings are the machine's
 * @property {string} home a private folder for everything that this server keeps; short, for the sake of sockets
 * @property {import('./settings.mjs').Settings} [settings] written before the server starts; what is there stays
 *   when left out
 * @property {NodeJS.ProcessEnv} [env] what the extension host sees on top of our environment; `undefined` removes
 * @property {number} [port] a free one when left out
 * @property {boolean} [workspaceTrust] true asks for trust as a desktop VS Code does; false trusts every folder
 */

/**
 * @typedef {object} RunningServer
 * @property {string} origin such as `http://127.0.0.1:41234`
 * @property {string} home
 * @property {string} userDataFolder
 * @property {number} pid
 * @property {() => string} output what the server and its extension hosts printed, the last half million characters
 * @property {Promise<number>} exited the exit code, -1 for a signal
 * @property {() => Promise<void>} stop
 */

/**
 * Installs a packed extension for servers that will run in `home`.
 *
 * @param {Pick<ServerOptions, 'program' | 'home' | 'env'> & { vsix: string }} options
 */
export async function installExtension({ program, home, env, vsix }) {
  prepareHome(home);
  const { command, args } = commandLine(program, home);
  await mustRun(command, [...args, '--install-extension', vsix, '--force'], {
    env: serverEnvironment(home, env),
    timeoutMs: 120_000,
  });
}

/**
 * Starts code-server on a loopback port and waits until it answers.
 *
 * @param {ServerOptions} options
 * @returns {Promise<RunningServer>}
 */
export async function startServer(options) {
  const { home, program } = options;
  const userDataFolder = prepareHome(home);
  if (options.settings) writeSettings(options.root, options.settings, userDataFolder);
  const port = options.port ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const { command, args } = commandLine(program, home);
  const child = startProcess(
    command,
    [
      ...args,
      ...[
        '--bind-addr',
        `127.0.0.1:${port}`,
        '--auth',
        'none',
        '--disable-telemetry',
        '--disable-update-check',
      ],
      ...['--disable-getting-started-override', '--ignore-last-opened', '--disable-proxy'],
      // Without it the extension hosts of closed windows live on for three hours.
      ...['--reconnection-grace-time', '1'],
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
    ],
    { env: serverEnvironment(home, options.env) },
  );
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
    child.once('error', (error) => {
      output += error.message;
      resolve(-1);
    });
  });
  let ended = false;
  void exited.then(() => (ended = true));

  const deadline = Date.now() + STARTS_WITHIN_MS;
  while (!(await answers(`${origin}/healthz`))) {
    if (ended || Date.now() > deadline) {
      await endProcess(child);
      throw new Error(
        `code-server did not start on port ${port}.\n${output.split('\n').slice(-25).join('\n')}`,
      );
    }
    await delay(100);
  }
  return {
    origin,
    home,
    userDataFolder,
    pid: child.pid ?? -1,
    output: () => output,
    exited,
    stop: () => endProcess(child),
  };
}

/**
 * @param {string} root
 * @param {import('./settings.mjs').Settings} settings
 * @param {string} userDataFolder
 */
function writeSettings(root, settings, userDataFolder) {
  const { user, machine } = divideByScope(root, settings);
  writeSettingsFile(userDataFolder, 'User', user);
  writeSettingsFile(userDataFolder, 'Machine', machine);
}

/**
 * Writes one of the settings files, all at once: a window that reads half of one has no settings for a moment. Open windows
 * notice a change of the machine's, not of the user's.
 *
 * @param {string} userDataFolder
 * @param {'User' | 'Machine'} whose
 * @param {import('./settings.mjs').Settings} settings
 */
export function writeSettingsFile(userDataFolder, whose, settings) {
  const folder = path.join(userDataFolder, whose);
  mkdirSync(folder, { recursive: true });
  const written = path.join(folder, 'settings.json.new');
  writeFileSync(written, JSON.stringify(settings, undefined, 2));
  renameSync(written, path.join(folder, 'settings.json'));
}

/** @param {string} home */
function prepareHome(home) {
  const userDataFolder = path.join(home, 'data');
  mkdirSync(path.join(home, 'extensions'), { recursive: true });
  mkdirSync(userDataFolder, { recursive: true });
  // Without a configuration file of its own, code-server writes one into the user's home folder.
  writeFileSync(path.join(home, 'config.yaml'), '{}\n');
  return userDataFolder;
}

/**
 * @param {ServerProgram} program
 * @param {string} home
 */
function commandLine(program, home) {
  return {
    command: program.node,
    args: [
      program.entry,
      ...['--config', path.join(home, 'config.yaml')],
      ...['--user-data-dir', path.join(home, 'data')],
      ...['--extensions-dir', path.join(home, 'extensions')],
    ],
  };
}

/**
 * @param {string} home
 * @param {NodeJS.ProcessEnv} [changes]
 */
function serverEnvironment(home, changes) {
  return {
    ...process.env,
    XDG_CONFIG_HOME: path.join(home, 'xdg', 'config'),
    XDG_DATA_HOME: path.join(home, 'xdg', 'data'),
    XDG_CACHE_HOME: path.join(home, 'xdg', 'cache'),
    EXTENSIONS_GALLERY: '{}',
    ...changes,
  };
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
