// `npm start`: sets up everything, then opens a real VS Code with the extension in it.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheRoot } from './setup/cache.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { mustRun, runProcess } from './setup/processes.mjs';
import { messageOf, seconds, setUp } from './setup/report.mjs';
import { temporaryFolder } from './setup/temporaryFolder.mjs';
import { ensureTools } from './setup/tools.mjs';
import { whyPortIsRefused } from './vscode/ports.mjs';

const USAGE = `npm start -- [--demo] [--port N] [--folder PATH] [--server] [--check]

  --demo    also starts a real llama-server with a tiny generated model, and tells the extension about it
  --port    the port of the workbench when there is no desktop; a free one when left out
  --folder  what to open; a folder with one note when left out
  --server  a workbench in the browser, even where there is a desktop
  --check   opens it in a headless browser, looks whether the extension is there, and ends`;

const DEMO_BACKEND = 'llama_server_demo';
const CHECK_LIMIT_MS = 60_000;

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const begun = performance.now();
const options = readOptions();
// A check leaves nothing behind; otherwise the windows' state is kept between starts.
const home = options.check ? temporaryFolder('mps-') : path.join(cacheRoot, 'start');
const folder = path.resolve(options.folder ?? path.join(home, 'workspace'));

try {
  await start();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        demo: { type: 'boolean', default: false },
        port: { type: 'string' },
        folder: { type: 'string' },
        server: { type: 'boolean', default: process.env['MODEL_POOL_HOST'] === 'server' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!values.help) return values;
    console.log(USAGE);
    process.exit();
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** What is asked for and cannot be had is told before minutes of set-up. */
async function refuseWhatCannotBe() {
  if (options.folder && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`There is no folder ${folder}. Give --folder one that exists, or leave it out.`);
  }
  if (options.port === undefined) return;
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${options.port} is no port. Give --port a number from 1 to 65535, or leave it out.`);
  }
  const refused = await whyPortIsRefused(port);
  if (!refused) return;
  const reasons = new Map([
    ['EADDRINUSE', 'another program listens on it'],
    ['EACCES', 'this user may not listen on it'],
  ]);
  throw new Error(
    `Port ${port} cannot be used: ${reasons.get(refused) ?? refused}. Give --port another, or leave it out: then a free one is taken.`,
  );
}

async function start() {
  await refuseWhatCannotBe();
  console.log('Set-up');
  await ensureDependencies(root);
  if (!options.folder) writeNote();
  const desktop = options.server || options.check ? undefined : await findOrDownloadDesktop();
  const demo = options.demo ? await startDemoModel() : undefined;
  try {
    if (desktop) await openDesktop(desktop, demo?.url);
    else await openServer(demo?.url);
  } finally {
    await demo?.stop();
  }
}

async function findOrDownloadDesktop() {
  const { downloadDesktop, findDesktop } = await import('./vscode/desktop.mjs');
  return findDesktop() ?? (await downloadDesktop());
}

/** Starts a real llama-server whose tiny model answers every question with the same sentence. */
async function startDemoModel() {
  const { llamaServer = '' } = await ensureTools(['llamaServer']);
  const { launchLlamaServer } = await import('./servers/llamaServer.mjs');
  const model = path.join(home, 'tiny-llama.gguf');
  mkdirSync(home, { recursive: true });
  return setUp('demo model', async () => {
    await mustRun(process.execPath, [path.join('test', 'support', 'makeGguf.mjs'), 'tiny-llama', model], {
      cwd: root,
    });
    const server = await launchLlamaServer(llamaServer, ['--model', model, '--alias', 'tiny-llama']);
    return { value: server, note: `tiny-llama at ${server.url}` };
  });
}

/**
 * @param {string} program
 * @param {string | undefined} demoUrl
 */
async function openDesktop(program, demoUrl) {
  const { quietSettings } = await import('./vscode/settings.mjs');
  await setUp('build', async () => {
    await mustRun(process.execPath, ['esbuild.mjs'], { cwd: root, timeoutMs: 120_000 });
    return { value: undefined, note: 'done' };
  });
  const userDataFolder = path.join(home, 'desktop');
  // On a desktop the user's own file is the one place for settings of any scope.
  keepSettings(path.join(userDataFolder, 'User', 'settings.json'), quietSettings, demoUrl);
  console.log(`Opening ${program} (${seconds(performance.now() - begun)}). Close its window to end.`);
  const { code, output } = await runProcess(program, [
    `--extensionDevelopmentPath=${root}`,
    ...['--user-data-dir', userDataFolder, '--extensions-dir', path.join(home, 'desktop-extensions')],
    ...['--new-window', '--wait', folder],
  ]);
  if (code !== 0) throw new Error(`VS Code ended with code ${code}.\n${output}`);
}

/** @param {string | undefined} demoUrl */
async function openServer(demoUrl) {
  const tools = await ensureTools(options.check ? ['codeServer', 'chromium'] : ['codeServer']);
  const program = { entry: tools.codeServer ?? '', node: tools.codeServerNode ?? '' };
  const { packExtension } = await import('./package.mjs');
  const { installExtension, startServer } = await import('./vscode/codeServer.mjs');
  const { quietSettings } = await import('./vscode/settings.mjs');
  await setUp('extension', async () => {
    const { vsix, bytes } = await packExtension(root);
    await installExtension({ program, home, vsix });
    return { value: undefined, note: `packed (${(bytes / 1e6).toFixed(2)} MB) and installed` };
  });
  keepSettings(path.join(home, 'data', 'User', 'settings.json'), quietSettings, undefined);
  keepSettings(path.join(home, 'data', 'Machine', 'settings.json'), {}, demoUrl);
  const server = await startServer({
    program,
    root,
    home,
    ...(options.port ? { port: Number(options.port) } : {}),
  });
  try {
    const url = `${server.origin}/?folder=${encodeURIComponent(folder).replaceAll('%2F', '/')}`;
    console.log(`Model Pool is running: ${url}  (${seconds(performance.now() - begun)})`);
    if (options.check) return await check(tools.chromium ?? '', url, server.output);
    console.log('Press Ctrl-C to end.');
    const code = await server.exited;
    throw new Error(`The workbench's server ended with code ${code}.\n${server.output().slice(-4_000)}`);
  } finally {
    await server.stop();
  }
}

/**
 * Looks at the workbench as a user would: our container is in the activity bar, opens, and the extension is active.
 *
 * @param {string} chromium
 * @param {string} url
 * @param {() => string} serverOutput
 */
async function check(chromium, url, serverOutput) {
  const { launchBrowser, newContext } = await import('./vscode/browser.mjs');
  const browser = await launchBrowser(chromium);
  try {
    const context = await newContext(browser);
    const page = await context.newPage();
    page.setDefaultTimeout(CHECK_LIMIT_MS);
    const opened = performance.now();
    const since = () => seconds(performance.now() - opened);
    await page.goto(url);
    const tab = page.locator('.activitybar').getByRole('tab', { name: 'Model Pool' });
    await tab.waitFor();
    console.log(`  the Model Pool container is in the activity bar (${since()})`);
    await tab.click();
    await page.locator('.sidebar .composite.title').getByText('Model Pool').waitFor();
    console.log(`  it opens (${since()})`);
    await page.locator('.statusbar-item[id^="modelpool.model-pool"]').first().waitFor();
    console.log(`  the extension is active: its status item shows (${since()})`);
    console.log(`Checked in ${seconds(performance.now() - begun)}.`);
  } catch (error) {
    throw new Error(`The workbench does not show Model Pool.\n${serverOutput().slice(-4_000)}`, {
      cause: error,
    });
  } finally {
    await browser.close();
  }
}

/**
 * Keeps what the user changed in these private settings; adds what is missing and the demo's backend, and takes the
 * backend of an earlier demo away.
 *
 * @param {string} file
 * @param {Record<string, unknown>} defaults
 * @param {string | undefined} demoUrl
 */
function keepSettings(file, defaults, demoUrl) {
  const present = existsSync(file) ? readSettings(file) : {};
  const backends = /** @type {{ id: string }[]} */ (present['modelPool.backends'] ?? []);
  const others = backends.filter(({ id }) => id !== DEMO_BACKEND);
  const wanted = demoUrl ? [...others, { id: DEMO_BACKEND, kind: 'llama_server', url: demoUrl }] : others;
  const settings = { ...defaults, ...present, 'modelPool.backends': wanted };
  if (wanted.length === 0) Reflect.deleteProperty(settings, 'modelPool.backends');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(settings, undefined, 2)}\n`);
}

/**
 * @param {string} file
 * @returns {Record<string, unknown>}
 */
function readSettings(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is no plain JSON. Take its comments out, or delete it.`, { cause });
  }
}

function writeNote() {
  mkdirSync(folder, { recursive: true });
  const note = path.join(folder, 'notes.md');
  if (existsSync(note)) return;
  writeFileSync(
    note,
    '# Try Model Pool\n\n' +
      'Open the Model Pool container in the activity bar, pick a model in the status bar, then run\n' +
      '"Model Pool: Ask a Model" from the palette (F1).\n',
  );
}
