// Runs test/host with Mocha inside a real extension host, and measures activation in fresh ones: `npm test -- host`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { toolEnvironment } from './setup/knownTools.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { mustRun } from './setup/processes.mjs';
import { messageOf, seconds } from './setup/report.mjs';
import { temporaryFolder } from './setup/temporaryFolder.mjs';
import { ensureTools } from './setup/tools.mjs';
import { keepEditorFiles } from './test/evidence.mjs';

const SUITE_LIMIT_MS = 240_000;
const ACTIVATION_LIMIT_MS = 60_000;
const ACTIVATION_RUNS = 5;
/** Half as much again as ui.md's 40 ms leaves room for a busy machine. */
const ACTIVATION_MEDIAN_LIMIT_MS = 60;

/** @typedef {{ event: string, pid?: number, title?: string, message?: string, durationMs?: number, loadMs?: number, activateMs?: number, tests?: number, failures?: number }} HostEvent */
/** @typedef {(testModule: string, limitMs: number) => Promise<{ code: number | undefined, log: string }>} RunInHost runs a module in a fresh extension host; `code` is undefined when it did not end in time */

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
// Short, for the sake of the sockets that VS Code opens in it.
const home = temporaryFolder('mph-');
/** Ours, and one that uses what it exports. */
const developed = [root, path.join(root, 'test', 'host', 'consumer')];
const eventFile = path.join(home, 'events.jsonl');
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function main() {
  await ensureDependencies(root);
  const build = (/** @type {string[]} */ ...bundles) =>
    mustRun(process.execPath, ['esbuild.mjs', ...bundles], { cwd: root, timeoutMs: 120_000 });
  if (!existsSync(path.join(root, 'dist', 'extension.js'))) await build();
  await build('host-tests');
  const workspace = path.join(home, 'workspace');
  mkdirSync(workspace);
  writeFileSync(path.join(workspace, 'notes.md'), '# Notes\n');

  const { runInHost, stop } = await openHost(workspace);
  try {
    const counts = await runSuite(runInHost);
    const activated = await measureActivation(runInHost);
    const passed = counts.passed + (activated ? 1 : 0);
    const failed = counts.failed + (activated ? 0 : 1);
    writeCounts({ passed, failed });
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0;
  } finally {
    await stop();
  }
}

/** @param {RunInHost} runInHost */
async function runSuite(runInHost) {
  const begun = performance.now();
  const { events, verdict, log } = await runModule(runInHost, 'run.js', SUITE_LIMIT_MS);
  for (const { event, title, message, durationMs } of events) {
    if (event === 'pass') console.log(`  ok    ${title} (${Math.round(durationMs ?? 0)} ms)`);
    if (event === 'fail') console.log(`  FAIL  ${title}\n${String(message).replace(/^/gm, '          ')}`);
  }
  const passed = events.filter(({ event }) => event === 'pass').length;
  const failed = events.filter(({ event }) => event === 'fail').length;
  console.log(
    `  suite in the extension host: ${verdict ?? 'passed'} (${seconds(performance.now() - begun)})`,
  );
  if (verdict) console.log(tail(log));
  return { passed, failed: verdict && failed === 0 ? 1 : failed };
}

/** @param {RunInHost} runInHost */
async function measureActivation(runInHost) {
  /** @type {number[]} */
  const totals = [];
  for (let run = 0; run < ACTIVATION_RUNS; run += 1) {
    const { events, verdict, log } = await runModule(runInHost, 'measureActivation.js', ACTIVATION_LIMIT_MS);
    const figures = events.find(({ event }) => event === 'activation');
    if (verdict || !figures) {
      console.log(`  activation could not be measured: ${verdict ?? 'no figures'}\n${tail(log)}`);
      return false;
    }
    totals.push((figures.loadMs ?? 0) + (figures.activateMs ?? 0));
    console.log(
      `  activation ${run + 1}: load ${figures.loadMs?.toFixed(0)} ms + activate ${figures.activateMs?.toFixed(0)} ms`,
    );
  }
  const median = [...totals].sort((a, b) => a - b)[Math.floor(ACTIVATION_RUNS / 2)] ?? Infinity;
  const passed = median <= ACTIVATION_MEDIAN_LIMIT_MS;
  console.log(
    `  activation time, median of ${ACTIVATION_RUNS} fresh extension hosts: ${median.toFixed(0)} ms ` +
      `(limit ${ACTIVATION_MEDIAN_LIMIT_MS} ms)${passed ? '' : ': FAIL'}`,
  );
  return passed;
}

/**
 * Runs one module and says what is wrong with the run, if anything. The exit code alone proves nothing: it is 0
 * when the extension host was killed, and a module that hangs never ends.
 *
 * @param {RunInHost} runInHost
 * @param {string} module
 * @param {number} limitMs
 * @returns {Promise<{ events: HostEvent[], verdict: string | undefined, log: string }>}
 */
async function runModule(runInHost, module, limitMs) {
  rmSync(eventFile, { force: true });
  const { code, log } = await runInHost(path.join(root, 'dist', 'test', 'host', 'support', module), limitMs);
  const events = readEvents();
  const start = events.find(({ event }) => event === 'start');
  const end = events.find(({ event }) => event === 'end');
  if (code === undefined) {
    if (start?.pid) endExtensionHost(start.pid);
    return { events, verdict: `FAILED: did not end within ${seconds(limitMs)}`, log };
  }
  const sound = code === 0 && end && end.failures === 0 && (end.tests ?? 0) > 0;
  if (sound) return { events, verdict: undefined, log };
  const told = end ? `${end.tests} tests, ${end.failures} failures` : 'it never reached the end';
  return { events, verdict: `FAILED: exit code ${code}, ${told}`, log };
}

/** @returns {HostEvent[]} */
function readEvents() {
  if (!existsSync(eventFile)) return [];
  const lines = readFileSync(eventFile, 'utf8').split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      // The host was ended in the middle of a line.
      return [];
    }
  });
}

/** @param {number} pid */
function endExtensionHost(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** @param {{ passed: number, failed: number }} counts for `scripts/test.mjs`, which adds them up */
function writeCounts(counts) {
  const file = process.env['MODEL_POOL_HOST_COUNTS'];
  if (file) writeFileSync(file, JSON.stringify(counts));
}

/** @param {string} log */
function tail(log) {
  const lines = log.trimEnd().split('\n').slice(-60);
  return `  last lines of the host's log:\n${lines.join('\n').replace(/^/gm, '    ')}`;
}

/**
 * @param {string} workspace
 * @returns {Promise<{ runInHost: RunInHost, stop: () => Promise<void> }>}
 */
async function openHost(workspace) {
  const { downloadDesktop } = await import('./vscode/desktop.mjs');
  const desktop = await downloadDesktop();
  return desktop ? openDesktopHost(desktop, workspace) : openServerHost(workspace);
}

/**
 * @param {string} program
 * @param {string} workspace
 */
async function openDesktopHost(program, workspace) {
  const { runTests } = await import('@vscode/test-electron');
  const { testSettings } = await import('./vscode/settings.mjs');
  const userDataFolder = path.join(home, 'data');
  mkdirSync(path.join(userDataFolder, 'User'), { recursive: true });
  writeFileSync(path.join(userDataFolder, 'User', 'settings.json'), JSON.stringify(testSettings));
  const tools = await ensureTools(['llamaServer']);
  console.log(`  extension host: desktop VS Code, ${program}`);
  /** @type {RunInHost} */
  const runInHost = async (testModule, limitMs) => {
    const run = runTests({
      vscodeExecutablePath: program,
      extensionDevelopmentPath: developed,
      extensionTestsPath: testModule,
      extensionTestsEnv: { ...hostEnvironment(), ...toolEnvironment(tools) },
      launchArgs: [workspace, '--user-data-dir', userDataFolder, '--disable-extensions'],
    }).catch(() => 1);
    const code = await Promise.race([run, delay(limitMs, undefined, { ref: false })]);
    return { code, log: '' };
  };
  return { runInHost, stop: async () => keepEditorFiles(userDataFolder) };
}

/** @param {string} workspace */
async function openServerHost(workspace) {
  const tools = await ensureTools(['codeServer', 'chromium', 'llamaServer']);
  const { startServer } = await import('./vscode/codeServer.mjs');
  const { launchBrowser, newContext } = await import('./vscode/browser.mjs');
  const { loadDevelopmentExtension } = await import('./vscode/developmentWindow.mjs');
  const { testSettings } = await import('./vscode/settings.mjs');
  const server = await startServer({
    program: { entry: tools.codeServer ?? '', node: tools.codeServerNode ?? '' },
    root,
    home: path.join(home, 's'),
    settings: testSettings,
    env: { ...hostEnvironment(), ...toolEnvironment(tools) },
  });
  const browser = await launchBrowser(tools.chromium ?? '');
  console.log(`  extension host: code-server, in Chromium ${browser.version()}`);

  /** @type {RunInHost} */
  const runInHost = async (testModule, limitMs) => {
    const context = await newContext(browser);
    try {
      const page = await context.newPage();
      /** @type {string[]} */
      const log = [];
      page.on('console', (message) => log.push(message.text()));
      /** @type {Promise<number>} */
      const exited = new Promise((resolve) => {
        void page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => resolve(code));
      });
      await page.exposeFunction(
        'codeAutomationLog',
        (/** @type {string} */ _type, /** @type {unknown[]} */ args) => log.push(args.map(String).join(' ')),
      );
      await loadDevelopmentExtension(page, {
        origin: server.origin,
        extensionFolders: developed,
        testModule,
      });
      await page.goto(`${server.origin}/?folder=${encodeURIComponent(workspace)}`);
      const code = await Promise.race([exited, delay(limitMs, undefined, { ref: false })]);
      return { code, log: `${log.join('\n')}\n${server.output()}` };
    } finally {
      await context.close();
    }
  };
  const stop = async () => {
    await browser.close();
    await server.stop();
    keepEditorFiles(server.userDataFolder);
  };
  return { runInHost, stop };
}

/** @returns {Record<string, string>} what the tests inside the host need to know */
function hostEnvironment() {
  return { MODEL_POOL_HOST_EVENTS: eventFile, MODEL_POOL_ROOT: root };
}
