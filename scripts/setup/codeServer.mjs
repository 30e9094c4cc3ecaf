import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { installOnce } from './cache.mjs';
import { ensureNode24 } from './node.mjs';
import { mustRun } from './processes.mjs';
import { setUp } from './report.mjs';

/** code-server 4.139.1 is VS Code 1.139.1. */
const VERSION = '4.139.1';
const WATCHER_VERSION = '2.5.6';
/** Part of the installed copy's name: raise it when what `install` does changes. */
const RECIPE = 4;
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Makes sure that code-server, the real workbench and the real extension host without a desktop, is in the cache.
 *
 * Its own install script compiles native modules for three minutes and needs system headers. The scripts stay off:
 * two of those modules are replaced by plain ones, the others we can do without.
 *
 * @returns {Promise<{ entry: string, node: string }>} the script to run and the Node.js to run it with
 */
export async function ensureCodeServer() {
  return setUp(`code-server ${VERSION}`, async () => {
    if (process.platform === 'win32') {
      throw new Error('code-server does not run on Windows. Install VS Code so that `code` is on PATH.');
    }
    const node = await ensureNode24();
    const { folder, installed } = await installOnce('code-server', `${VERSION}-r${RECIPE}`, (fresh) =>
      install(fresh, node),
    );
    const entry = path.join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
    return { value: { entry, node }, note: installed ? 'installed' : 'already there' };
  });
}

/**
 * @param {string} folder
 * @param {string} node
 */
async function install(folder, node) {
  const env = { ...process.env, PATH: [path.dirname(node), process.env['PATH']].join(path.delimiter) };
  const npm = (/** @type {string[]} */ args, /** @type {string} */ cwd) =>
    mustRun('npm', ['install', ...QUIET, ...args], { cwd, env, timeoutMs: 600_000 });

  await npm(['--prefix', folder, '--no-save', `code-server@${VERSION}`], folder);
  const server = path.join(folder, 'node_modules', 'code-server');
  const workbench = path.join(server, 'lib', 'vscode');
  // Not `npm ci`: the shrinkwrap that ships with the package does not match its own package.json.
  await npm(['--omit=dev', '--omit=optional'], workbench);
  await addFileWatcher(npm, folder, workbench);
  for (const module of ['spdlog', 'native-watchdog']) {
    cpSync(
      fileURLToPath(new URL(`plainModules/${module}.cjs`, import.meta.url)),
      path.join(workbench, 'node_modules', '@vscode', module, 'index.js'),
    );
  }
  trim(workbench);
  await mustRun(node, [path.join(server, 'out', 'node', 'entry.js'), '--version'], { env });
}

/**
 * The file watcher's native part is an optional dependency, left out with the others, but the server needs it.
 *
 * @param {(args: string[], cwd: string) => Promise<string>} npm
 * @param {string} folder
 * @param {string} workbench
 */
async function addFileWatcher(npm, folder, workbench) {
  const name = `watcher-${process.platform}-${process.arch}${process.platform === 'linux' ? `-${libc()}` : ''}`;
  const aside = path.join(folder, 'watcher');
  await npm(['--prefix', aside, '--no-save', `@parcel/${name}@${WATCHER_VERSION}`], folder);
  cpSync(
    path.join(aside, 'node_modules', '@parcel', name),
    path.join(workbench, 'node_modules', '@parcel', name),
    { recursive: true },
  );
  rmSync(aside, { recursive: true });
}

function libc() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header?.glibcVersionRuntime ? 'glibc' : 'musl';
}

/**
 * Drops what no run of ours touches: other platforms' programs and two extensions that call home.
 *
 * @param {string} workbench
 */
function trim(workbench) {
  const modules = path.join(workbench, 'node_modules');
  const unused = [
    path.join(modules, '@microsoft', 'mxc-sdk'),
    path.join(modules, '@vscode', 'windows-process-tree'),
    path.join(workbench, 'extensions', 'mermaid-markdown-features'),
    path.join(workbench, 'extensions', 'microsoft-authentication'),
    ...others(path.join(modules, 'node-pty', 'prebuilds')),
    ...others(path.join(modules, '@vscode', 'ripgrep-universal', 'bin')),
  ];
  for (const folder of unused) rmSync(folder, { recursive: true, force: true });
}

/** @param {string} folder whose entries are named for a platform each */
function others(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => !entry.includes(process.platform) || !entry.includes(process.arch))
    .map((entry) => path.join(folder, entry));
}
