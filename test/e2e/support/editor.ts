import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { toolPath } from '../../../scripts/setup/knownTools.mjs';
import { packFolder } from '../../../scripts/package.mjs';
import { launchBrowser, newContext } from '../../../scripts/vscode/browser.mjs';
import {
  type RunningServer,
  installExtension,
  startServer,
  writeSettingsFile,
} from '../../../scripts/vscode/codeServer.mjs';
import { divideByScope, scopesOfOurs, testSettings } from '../../../scripts/vscode/settings.mjs';
import { keepEditorFiles } from '../../../scripts/test/evidence.mjs';
import { repositoryRoot } from '../../support/repository';
import { Workbench, resultsFolder } from './workbench';

export interface EditorOptions {
  /**
   * True for a VS Code as it is when it is new: without our extension, and with no setting but those that keep it from
   * calling out.
   */
  readonly freshProfile?: boolean;
  /** On top of the quiet test settings. Those of machine scope go where the extension host reads them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the extension host finds in its environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Files of the open folder, by their path in it. */
  readonly files?: Readonly<Record<string, string>>;
  /** True asks whether the folder is trusted, as a desktop does. Every folder is trusted when left out. */
  readonly workspaceTrust?: boolean;
  /** Changes the installed extension before VS Code starts; gets the folder with its package.json. */
  readonly changeExtension?: (extensionFolder: string) => void;
  /** Folders of further extensions, which are packed and installed as well. */
  readonly moreExtensions?: readonly string[];
  /** Prepares the folder that all windows share before VS Code starts. */
  readonly beforeStart?: (globalStorageFolder: string) => void;
}

/** The names of VS Code's own themes. */
export const COLOR_THEMES = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  highContrast: 'Default High Contrast',
} as const;

const THEME_CLASSES = { light: 'vs', dark: 'vs-dark', highContrast: 'hc-black' } as const;
const STEP_LIMIT_MS = 30_000;
/** A cold browser on a busy machine. */
const WINDOW_LIMIT_MS = 60_000;

/** All that a fresh profile has: without them VS Code asks the network about itself. */
const FRESH_SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
};

/** A VS Code server with private data, and the browser that shows its windows. */
export class Editor {
  readonly server: RunningServer;
  readonly workspaceFolder: string;
  readonly #home: string;
  readonly #browser: Browser;
  readonly #consoleLines: string[] = [];
  readonly #windows: { readonly workbench: Workbench; readonly context: BrowserContext }[] = [];
  #machineSettings: Readonly<Record<string, unknown>>;

  private constructor(
    home: string,
    server: RunningServer,
    browser: Browser,
    settings: Readonly<Record<string, unknown>>,
  ) {
    this.#home = home;
    this.#browser = browser;
    this.#machineSettings = divideByScope(repositoryRoot, settings).machine;
    this.server = server;
    this.workspaceFolder = path.join(home, 'workspace');
  }

  /**
   * Starts a server with the packed extension installed and opens the first window.
   *
   * @throws when there is no .vsix or a program is not set up; says what to run.
   */
  static async start(options: EditorOptions = {}): Promise<Editor> {
    // Short, for the sake of the sockets that VS Code opens in it.
    const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'mpe-')));
    const program = { entry: toolPath('codeServer'), node: toolPath('codeServerNode') };
    const env = { ...options.env };
    const fresh = options.freshProfile === true;
    if (!fresh) await installExtension({ program, home, env, vsix: vsixPath() });
    for (const folder of options.moreExtensions ?? []) {
      const vsix = path.join(home, `${path.basename(folder)}.vsix`);
      await packFolder(folder, vsix);
      await installExtension({ program, home, env, vsix });
    }
    options.changeExtension?.(extensionFolder(home));
    options.beforeStart?.(globalStorageFolderOf(path.join(home, 'data')));
    const workspace = path.join(home, 'workspace');
    for (const [name, text] of Object.entries({ 'notes.md': '# Notes\n', ...options.files })) {
      const file = path.join(workspace, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const settings = { ...(fresh ? FRESH_SETTINGS : testSettings), ...options.settings };
    const workspaceTrust = options.workspaceTrust ?? false;
    const server = await startServer({ program, root: repositoryRoot, home, settings, env, workspaceTrust });
    try {
      const browser = await launchBrowser(toolPath('chromium'));
      const editor = new Editor(home, server, browser, settings);
      await editor.newWindow();
      return editor;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The first window. */
  get workbench(): Workbench {
    const first = this.#windows[0];
    if (!first) throw new Error('The editor has no window.');
    return first.workbench;
  }

  /** Opens one more window on the same folder: an extension host of its own on the same stored data. */
  async newWindow(): Promise<Workbench> {
    const context = await newContext(this.#browser);
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_LIMIT_MS);
    page.on('console', (message) => this.#consoleLines.push(message.text()));
    const folder = encodeURIComponent(this.workspaceFolder);
    await page.goto(`${this.server.origin}/?folder=${folder}`, { timeout: WINDOW_LIMIT_MS });
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: WINDOW_LIMIT_MS });
    const workbench = new Workbench(page);
    this.#windows.push({ workbench, context });
    return workbench;
  }

  /** Closes a window as its user does; its extension host ends a second later. */
  async closeWindow(workbench: Workbench): Promise<void> {
    const index = this.#windows.findIndex((window) => window.workbench === workbench);
    const [closed] = this.#windows.splice(index, index < 0 ? 0 : 1);
    await closed?.context.close();
  }

  /**
   * Changes settings while windows are open; `undefined` takes one away. Goes through the machine's settings file,
   * the one that open windows watch.
   *
   * @throws for a setting of ours with scope `application`, which counts only in the user's file: use the UI.
   */
  changeSettings(changes: Readonly<Record<string, unknown>>): void {
    const scopes = scopesOfOurs(repositoryRoot);
    const unknown = Object.keys(changes).filter((key) => key.startsWith('modelPool.') && !scopes.has(key));
    if (unknown.length > 0) throw new Error(`There is no setting ${unknown.join(', ')}.`);
    const deaf = Object.keys(changes).filter((key) => scopes.get(key)?.startsWith('application'));
    if (deaf.length > 0) throw new Error(`Open windows do not notice a change of ${deaf.join(', ')}.`);
    this.#machineSettings = { ...this.#machineSettings, ...changes };
    writeSettingsFile(this.server.userDataFolder, 'Machine', this.#machineSettings);
  }

  /** Gives every window a colour theme and waits until they wear it. */
  async setColorTheme(theme: keyof typeof COLOR_THEMES): Promise<void> {
    this.changeSettings({ 'workbench.colorTheme': COLOR_THEMES[theme] });
    for (const { workbench } of this.#windows) {
      await workbench.page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).waitFor();
    }
  }

  /** Where the extension keeps what all windows share. */
  get globalStorageFolder(): string {
    return globalStorageFolderOf(this.server.userDataFolder);
  }

  /** The extension hosts' logs, our own log channel, what the server printed and the windows' consoles. */
  logs(): string {
    const folder = path.join(this.server.userDataFolder, 'logs');
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
    const wanted = files.filter((file) => /modelpool\.model-pool.*\.log$|remoteexthost\.log$/.test(file));
    const texts = wanted.map((file) => `--- ${file}\n${readFileSync(path.join(folder, file), 'utf8')}`);
    return [
      ...texts,
      `--- server\n${this.server.output()}`,
      `--- windows\n${this.#consoleLines.join('\n')}`,
    ].join('\n');
  }

  /** Keeps pictures of all windows and the logs in test-results/`name`/. */
  async keepEvidence(name: string): Promise<void> {
    const folder = path.join(resultsFolder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'logs.txt'), this.logs());
    for (const [index, { workbench }] of this.#windows.entries()) {
      await workbench.page.screenshot({ path: path.join(folder, `window-${index + 1}.png`) });
    }
    const own = path.join(this.server.userDataFolder, 'logs');
    if (existsSync(own)) cpSync(own, path.join(folder, 'vscode-logs'), { recursive: true });
  }

  /** Ends the browser, the server and its extension hosts, keeps what they left for the scan, and deletes it. */
  async stop(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
    keepEditorFiles(this.server.userDataFolder);
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * One editor for the tests of a file or of a `describe`: started before them, ended after them, its pictures and
 * logs kept in test-results when one of them fails.
 *
 * @param options a function when they depend on what other hooks start first
 */
export function useEditor(
  options: EditorOptions | (() => EditorOptions | Promise<EditorOptions>) = {},
): () => Editor {
  let editor: Editor | undefined;
  beforeAll(async () => {
    editor = await Editor.start(typeof options === 'function' ? await options() : options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await editor?.keepEvidence(task.name.replaceAll(/[^\w]+/g, '-'));
  });
  afterAll(async () => {
    await editor?.stop();
  });
  return () => {
    if (!editor) throw new Error('The editor is there only inside tests and later hooks.');
    return editor;
  };
}

/**
 * The packed extension of this run.
 *
 * @throws when there is none; says what to run.
 */
export function vsixPath(): string {
  const vsix = process.env['MODEL_POOL_VSIX'] ?? path.join(repositoryRoot, 'dist', 'model-pool.vsix');
  if (existsSync(vsix)) return vsix;
  throw new Error(`There is no packed extension at ${vsix}: run \`npm run package\` first.`);
}

function extensionFolder(home: string): string {
  const extensions = path.join(home, 'extensions');
  const folder = readdirSync(extensions).find((name) => name.startsWith('modelpool.model-pool-'));
  if (folder === undefined) throw new Error(`The extension was not installed into ${extensions}.`);
  return path.join(extensions, folder);
}

function globalStorageFolderOf(userDataFolder: string): string {
  return path.join(userDataFolder, 'User', 'globalStorage', 'modelpool.model-pool');
}
