import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { RowText, TreeRow, TreeView } from './support/treeView';

const GIB = 1024 ** 3;
const SOON_MS = 60_000;
/** Slow enough that a row does not change under the mouse. */
const CRAWLING = 1_000;
const MODEL = 'qwen3:8b';
/** One that every newer model of its size beats. */
const OLD = 'qwen:7b';
const EMBEDDING = 'embedder:1b';

/** Entries of the palette that hold only while there is something for them. */
const CONDITIONAL = {
  always: ['Choose Machine'],
  withServer: ['Remove Model', 'Reconcile Pool', 'Add to Pool', 'Copy Endpoint for Other Tools'],
  withPool: ['Keep Model (Pin)', 'Unpin Model', 'Approve Proposal', 'Reject Proposal'],
} as const;

/**
 * Every entry of the views' menus that no other run uses on its way; `test/unit/ui/menus.test.ts` knows where the others
 * are used. What an entry does is tested elsewhere: here each begins it, for the row that it stands on.
 */
describe('the menus of the views', () => {
  const tools = mkdtempSync(path.join(tmpdir(), 'mp-menus-'));
  const looked = path.join(tools, 'looked');
  let ollama: FakeOllama;
  let locked: Server;
  const backends = (): readonly Readonly<Record<'id' | 'kind' | 'url', string>>[] => {
    const { port } = locked.address() as AddressInfo;
    return [
      { id: 'ollama', kind: 'ollama', url: ollama.url },
      { id: 'locked', kind: 'openai_compatible', url: `http://127.0.0.1:${port}` },
      // Nothing listens there.
      { id: 'down', kind: 'llama_server', url: 'http://127.0.0.1:9' },
    ];
  };
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      bytesPerSecond: CRAWLING,
      installed: {
        [MODEL]: describeModel({ family: 'qwen3', parameterSize: '8.2B', weightsBytes: 4.9 * GIB }),
        [OLD]: describeModel({
          ...{ family: 'qwen2', parameterSize: '7.7B', quantization: 'Q4_0', weightsBytes: 4.2 * GIB },
        }),
        [EMBEDDING]: describeModel({ family: 'bert', capabilities: ['embedding'] }),
      },
    });
    locked = createServer((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"who are you?"}}');
    });
    await new Promise<void>((resolve) => locked.listen(0, '127.0.0.1', resolve));
    // Notes each look at the graphics cards, and finds none.
    const tool = path.join(tools, 'nvidia-smi');
    writeFileSync(tool, `#!/bin/sh\necho look >> '${looked}'\nexit 9\n`);
    chmodSync(tool, 0o755);
    return {
      settings: {
        'modelPool.backends': backends(),
        'modelPool.pool.allowedOrgs': ['some-lab'],
        'modelPool.hosts': { gpubox: { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1008 } },
      },
      // VSCODE_CLI: else the PATH of a login shell takes the place of this one.
      env: { VSCODE_CLI: '1', PATH: `${tools}:${process.env['PATH'] ?? ''}`, OLLAMA_MODELS: undefined },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await recommended().waitForRows('recommendations', (rows) => rows.length > 5, SOON_MS);
  });
  afterAll(async () => {
    locked.closeAllConnections();
    locked.close();
    await ollama.stop();
    rmSync(tools, { recursive: true, force: true });
  });

  const pool = (): TreeView => editor().workbench.tree('Pool');
  const recommended = (): TreeView => editor().workbench.tree('Recommended');
  const proposals = (): TreeView => editor().workbench.tree('Proposals');
  /** Closes a view, or opens it again: rows that have no room are not drawn. */
  const fold = (title: string): Promise<void> =>
    editor().workbench.page.locator(`.sidebar .pane-header[aria-label^="${title}"]`).click();
  /** Waits for a question of this title and leaves it. */
  const asks = async (title: string): Promise<void> => {
    const { quickInput } = editor().workbench;
    await eventually(`the question "${title}"`, async () => (await quickInput.title()) === title);
    await quickInput.cancel();
  };
  const showsReport = async (tab: string): Promise<void> =>
    editor()
      .workbench.webview()
      .getByRole('tab', { name: tab, selected: true })
      .waitFor({ timeout: SOON_MS });
  const opens = async (tab: RegExp): Promise<void> => {
    await eventually(`a tab like ${String(tab)}`, async () =>
      (await editor().workbench.tabs()).some((title) => tab.test(title)),
    );
  };
  /** They lie over everything else until they are left. */
  const showsSettings = async (): Promise<void> => {
    const { page } = editor().workbench;
    const settings = page.locator('.settings-editor').first();
    await settings.waitFor();
    await eventually('the settings to close', async () => {
      await page.keyboard.press('Escape');
      return settings.isHidden();
    });
  };
  const says = async (text: RegExp): Promise<void> => {
    const { notifications } = editor().workbench;
    await notifications.waitFor(text);
    await notifications.clear();
  };
  const welcomes = (view: TreeView, text: string): Promise<true> =>
    eventually(`"${text}"`, async () => (await view.welcomeText()).includes(text), SOON_MS);
  const offers = (row: TreeRow, action: string): Promise<true> =>
    eventually(`${action} on the row`, async () => (await row.inlineActions()).includes(action), SOON_MS);
  /** Waits until the status item turns, or does not any more. */
  const turns = (wanted: boolean): Promise<true> => {
    const spinner = editor().workbench.statusBarItem('modelPool.status').locator.locator('.codicon-loading');
    return eventually(
      `the status item ${wanted ? 'to turn' : 'at rest'}`,
      async () => (await spinner.count()) > 0 === wanted,
    );
  };
  const timesLooked = (): number =>
    existsSync(looked) ? readFileSync(looked, 'utf8').split('\n').length : 0;

  it('and the palette have what there is something for, and views that are empty say what to do', async () => {
    const { workbench } = editor();
    // First of all: half a minute after the start they are compared by themselves.
    await welcomes(proposals(), 'not compared with the known models yet');
    editor().changeSettings({ 'modelPool.backends': [], 'modelPool.pool.allowedOrgs': [] });
    await welcomes(pool(), 'No model server is set up yet');
    await welcomes(proposals(), 'on an Ollama server. None is set up yet.');
    for (const title of [...CONDITIONAL.withServer, ...CONDITIONAL.withPool])
      expect(await workbench.hasCommand(`Model Pool: ${title}`), title).toBe(false);
    editor().changeSettings({ 'modelPool.backends': backends() });
    await pool().waitForLabels([OLD]);
    await welcomes(proposals(), 'once you say whose');
    for (const title of [...CONDITIONAL.always, ...CONDITIONAL.withServer])
      await eventually(title, () => workbench.hasCommand(`Model Pool: ${title}`));
    for (const title of CONDITIONAL.withPool)
      expect(await workbench.hasCommand(`Model Pool: ${title}`), title).toBe(false);
  });

  it('have what is done with all proposals in the title of their view', async () => {
    editor().changeSettings({ 'modelPool.pool.allowedOrgs': ['some-lab'] });
    await proposals().pressTitleAction('Refresh');
    await eventually(
      'the end of the comparison',
      async () => (await proposals().welcomeText()).includes('Nothing to propose: no allowed model'),
      90_000,
    );
    await editor().workbench.screenshot('proposals-nothing-dark');
    await proposals().pressTitleAction('Show Pool Disk');
    await showsReport('Pool');
    await proposals().chooseFromTitleMenu('Allow Organisation');
    await asks('Allow which organisations?');
    await proposals().chooseFromTitleMenu('Set Disk Budget');
    await asks('Disk budget of the pool, in GiB');
  });

  it('have what is done with the whole pool in the title of its view', async () => {
    const { workbench } = editor();
    await pool().pressTitleAction('Add Backend');
    await asks('Add Backend');
    const before = ollama.requests.length;
    await pool().pressTitleAction('Refresh');
    await eventually('a question to the server', () => Promise.resolve(ollama.requests.length > before));
    await pool().pressTitleAction('Open Report');
    await showsReport('Rankings');
    await pool().chooseFromTitleMenu('Set Disk Budget');
    await asks('Disk budget of the pool, in GiB');
    await pool().chooseFromTitleMenu('Allow Organisation');
    await asks('Allow which organisations?');
    await pool().chooseFromTitleMenu('Show Pool Disk');
    await showsReport('Pool');
    await pool().chooseFromTitleMenu('Start Server');
    await asks('Start Server');
    await pool().chooseFromTitleMenu('Reconcile Pool');
    await says(/^The pool is as its servers say\./);
    await pool().chooseFromTitleMenu('Copy Diagnostics');
    await says(/^The diagnostics are on the clipboard/);
    await pool().chooseFromTitleMenu('Reset Model Pool Data');
    expect(await workbench.dialog.message()).toBe('Reset all data of Model Pool?');
    await workbench.dialog.press('Cancel');
    await pool().chooseFromTitleMenu('Open Settings');
    await showsSettings();
    await pool().chooseFromTitleMenu('Show Log');
    await workbench.page
      .locator('.panel')
      .getByRole('combobox', { name: /output/i })
      .waitFor();
    await workbench.runCommand('View: Hide Panel');
  });

  it('have what the recommendations are for in the title of their view, and on the row of the machine', async () => {
    const { workbench } = editor();
    await recommended().pressTitleAction('Choose Task');
    await asks('Recommend models for');
    await recommended().pressTitleAction('Filter Recommended Models');
    await asks('Filter Recommended Models');
    await recommended().pressTitleAction('Rank Models for This Machine');
    await showsReport('Rankings');
    const isGrouped = (rows: readonly RowText[]): boolean =>
      rows.some(({ label }) => label === 'For general use');
    await recommended().chooseFromTitleMenu('Group Recommended Models by Task');
    await recommended().waitForRows('groups', isGrouped);
    await recommended().chooseFromTitleMenu('Group Recommended Models by Task');
    await recommended().waitForRows('no groups', (rows) => rows.length > 5 && !isGrouped(rows));
    const question = 'Rank models for which machine?';
    const machine = recommended().row(/./);
    const looks = async (begin: () => Promise<void>): Promise<void> => {
      const before = timesLooked();
      await begin();
      await eventually('a look at the hardware', () => Promise.resolve(timesLooked() > before), SOON_MS);
    };
    await recommended().chooseFromTitleMenu('Choose Machine');
    await asks(question);
    await machine.pressInline('Choose Machine');
    await asks(question);
    await looks(() => recommended().chooseFromTitleMenu('Re-detect Hardware'));
    await looks(() => machine.pressInline('Re-detect Hardware'));
    await looks(() => machine.chooseFromMenu('Re-detect Hardware'));
    for (const begin of [
      () => recommended().chooseFromTitleMenu('Measure Memory Bandwidth'),
      () => machine.chooseFromMenu('Measure Memory Bandwidth'),
    ]) {
      await begin();
      expect(await workbench.dialog.message()).toContain('Measure how fast');
      await workbench.dialog.press('Cancel');
    }
    const rows = await recommended().waitForRows('models again', (found) => found.length > 5, SOON_MS);
    await recommended()
      .row(rows[1]?.label ?? '')
      .chooseFromMenu('Show Install Command');
    await eventually('the commands', async () => /^Install .+ \(/.test(await workbench.quickInput.title()));
    await workbench.quickInput.cancel();
  });

  it('have what helps beside what is wrong', async () => {
    await fold('Recommended');
    editor().changeSettings({ 'modelPool.probe.localMinutes': 0 });
    const problem = pool().row('modelPool.probe.localMinutes is not used');
    await problem.pressInline('Open Settings');
    await showsSettings();
    const before = ollama.requests.length;
    await problem.pressInline('Refresh');
    await eventually('a question to the server', () => Promise.resolve(ollama.requests.length > before));
    // It does not ask whose key: that is plain.
    await pool().row('locked').pressInline('Set API Key');
    await asks('API key of locked');
    await pool().row('down').pressInline('Start Server');
    await asks('Start Server');
    editor().changeSettings({ 'modelPool.probe.localMinutes': undefined });
    await editor().workbench.notifications.clear();
  });

  it('have on a model what can be done with it', async () => {
    const { workbench } = editor();
    const { quickInput } = workbench;
    const status = workbench.statusBarItem('modelPool.status');
    const [row, old, embedding] = [pool().row(MODEL), pool().row(OLD), pool().row(EMBEDDING)];
    expect(await row.inlineActions()).toEqual(['Pick Model', 'Ask a Model', 'Remove Model']);
    const entries = await eventually('the menu of a model that is ranked', async () => {
      const found = await row.menuEntries();
      return found.includes('Explain Score') && found;
    });
    expect(entries).toEqual([
      ...['Pick Model', 'Ask a Model', 'Warm Model', 'Measure a Model', 'Check Tool Calling'],
      ...['Create Context Variant', 'Copy Model Id', 'Copy Endpoint for Other Tools'],
      ...['Show Dispatches', 'Explain Route', 'Explain Score', 'Open Modelfile'],
      ...['Add to Pool', 'Remove Model'],
    ]);
    // Nobody can talk to it, but other tools call it by its name.
    expect(await embedding.menuEntries()).toEqual([
      ...['Copy Model Id', 'Open Modelfile', 'Add to Pool', 'Remove Model'],
    ]);
    await old.pressInline('Pick Model');
    await status.waitForText(/^qwen:7b/);
    await row.chooseFromMenu('Pick Model');
    await status.waitForText(/^qwen3:8b/);
    // A pick is a word, not a load.
    expect(ollama.requests.some((request) => /\/(?:generate|chat)/.test(request.path))).toBe(false);
    await row.chooseFromMenu('Warm Model');
    await says(/^qwen3:8b was loaded in /);
    await row.chooseFromMenu('Measure a Model');
    await says(/^qwen3:8b writes /);
    await row.chooseFromMenu('Ask a Model');
    ollama.settings.tokenIntervalMs = 500;
    await quickInput.enter('Who are you?');
    await turns(true);
    ollama.settings.tokenIntervalMs = 1;
    await workbench.waitForEditorText(/word by word\./, SOON_MS);
    await turns(false);
    const card = await eventually('the last call in the card', async () => {
      const text = await status.tooltip();
      return text.includes('Last call: qwen3:8b answered at ') && text;
    });
    expect(card).toMatch(/^qwen3:8b\s+ollama, on [^]+(?:GPU|RAM|fit)[^]+Context \d+k/);
    await row.chooseFromMenu('Check Tool Calling');
    await says(/qwen3:8b (?:calls tools|does not call tools)/);
    await offers(row, 'Stop Model (Unload)');
    await row.chooseFromMenu('Stop Model (Unload)');
    await eventually('it to be gone', async () => !(await row.description()).includes('loaded'));
    await row.chooseFromMenu('Create Context Variant');
    await asks(`Context of the new variant of ${MODEL}`);
    await row.chooseFromMenu('Remove Model');
    expect(await workbench.dialog.message()).toBe(`Remove ${MODEL} from ollama?`);
    await workbench.dialog.press('Cancel');
    await row.chooseFromMenu('Explain Route');
    await opens(/Route of qwen3-8b/);
    await workbench.runCommand('View: Close All Editors');
    await fold('Recommended');
  });

  it('are not all: the picker has what can be done with a model before it is picked', async () => {
    const { workbench } = editor();
    const { quickInput } = workbench;
    const openPicker = async (): Promise<void> => workbench.statusBarItem('modelPool.status').click();
    await openPicker();
    const options = await quickInput.waitForOptions('the models', (found) =>
      found.some(({ label }) => label.endsWith(OLD)),
    );
    const groups = options.map(({ separator }) => separator).filter((text) => text !== '');
    expect(groups[0]).toBe('recent');
    expect(options[0]?.label).toContain(MODEL);
    expect(groups.at(-1)).toBe('more');
    await quickInput.pressOptionButton(/qwen3:8b$/, 'Open in Report');
    await showsReport('Rankings');
    await openPicker();
    await quickInput.pressOptionButton(/qwen3:8b$/, 'Measure a Model');
    await says(/^qwen3:8b writes /);
    await openPicker();
    await quickInput.choose(/Install another…$/);
    await asks('Install which model?');
    await workbench.runCommand('View: Close All Editors');
  });

  it('have on an install what halts and ends it, wherever it shows', async () => {
    const { workbench } = editor();
    await fold('Proposals');
    const rows = await recommended().waitForRows('models', (found) => found.length > 5, SOON_MS);
    const label = rows[1]?.label ?? '';
    const [here, there] = [recommended().row(label), pool().row(label)];
    const install = async (): Promise<void> => {
      await here.pressInline('Install Model');
      const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
      ollama.registry.offer(name, describeModel({ weightsBytes: GIB }));
      await workbench.dialog.press('Install');
      // Views are drawn anew one after the other.
      for (const row of [there, here]) await offers(row, 'Pause Install');
    };
    const isGone = async (): Promise<void> => {
      await offers(here, 'Install Model');
      await workbench.notifications.clear();
    };
    await turns(false);
    await install();
    await turns(true);
    expect(await here.inlineActions()).toEqual(['Pause Install', 'Cancel Install', 'Show Install Command']);
    await there.chooseFromMenu('Pause Install');
    await offers(there, 'Resume Install');
    await there.pressInline('Resume Install');
    await offers(there, 'Pause Install');
    await there.pressInline('Pause Install');
    await offers(there, 'Resume Install');
    await there.chooseFromMenu('Resume Install');
    await offers(there, 'Cancel Install');
    await there.pressInline('Cancel Install');
    await isGone();
    await install();
    await there.chooseFromMenu('Cancel Install');
    await isGone();
    await install();
    await here.chooseFromMenu('Pause Install');
    await offers(here, 'Resume Install');
    await here.chooseFromMenu('Resume Install');
    await offers(here, 'Cancel Install');
    await here.chooseFromMenu('Cancel Install');
    await isGone();
    for (const dismiss of [
      () => there.pressInline('Dismiss'),
      () => there.chooseFromMenu('Dismiss'),
      () => here.chooseFromMenu('Dismiss'),
    ]) {
      await install();
      await there.chooseFromMenu('Pause Install');
      for (const row of [there, here]) await offers(row, 'Dismiss');
      await dismiss();
      await isGone();
    }
    await fold('Proposals');
  });

  async function recommendFor(task: string): Promise<void> {
    const { workbench } = editor();
    // A report that has just been opened takes the focus when it has loaded, and so the question away.
    await eventually(
      `models for ${task}`,
      async () => {
        await workbench.openQuestion('Model Pool: Choose Task');
        const tasks = await workbench.quickInput.waitForOptions('tasks', (found) => found.length > 5);
        await workbench.quickInput.choose(task);
        await workbench.quickInput.waitUntilClosed();
        return tasks.some(({ label, description }) => label === task && description === 'current');
      },
      120_000,
    );
  }

  it('have on a proposal the yes, the no and the reasons', async () => {
    const { workbench } = editor();
    await pool().row(OLD).chooseFromMenu('Add to Pool');
    await workbench.dialog.press('Add and Keep (Pin)');
    await pool()
      .row(OLD)
      .waitForDescription(/^pinned · /);
    await pool().row(OLD).chooseFromMenu('Unpin Model');
    editor().changeSettings({
      'modelPool.pool.allowedOrgs': ['Qwen', 'google', 'openai', 'mistralai'],
      'modelPool.pool.diskBudgetGb': 30,
      'modelPool.hardware.override': {
        ...{ platform: 'nvidia', vramGb: 8, ramGb: 16, bandwidthGbps: 288 },
        ...{ gpuName: 'NVIDIA GeForce RTX 4060', cpuName: 'AMD Ryzen 5 7600' },
      },
    });
    await fold('Recommended');
    await proposals().pressTitleAction('Refresh');
    const rows = await proposals().waitForRows('a swap', (found) => found.some(isSwap), 90_000);
    const title = rows.find(isSwap)?.label ?? '';
    const swap = proposals().row(title);
    expect(await swap.inlineActions()).toEqual(['Approve Proposal', 'Reject Proposal']);
    expect(await swap.menuEntries()).toEqual(['Approve Proposal', 'Reject Proposal', 'Explain Score']);
    // Whatever is recommended for meanwhile: the reasons are those of the proposal's own task.
    await recommendFor('reasoning');
    await swap.chooseFromMenu('Explain Score');
    await workbench.webview().getByText('How the score is made').waitFor({ timeout: SOON_MS });
    expect(await workbench.webview().getByLabel('Task').locator('option:checked').innerText()).toBe(
      'General',
    );
    await recommendFor('general use');
    await swap.chooseFromMenu('Approve Proposal');
    await workbench.dialog.waitUntilOpen();
    const name = /Download: (\S+), /.exec(await workbench.dialog.detail())?.[1] ?? '';
    ollama.registry.offer(name, describeModel({ weightsBytes: GIB }));
    await workbench.dialog.press('Approve');
    const target = title.split(' instead of ')[0] ?? '';
    const begun = proposals().row(target);
    await offers(begun, 'Pause Install');
    await begun.chooseFromMenu('Pause Install');
    await offers(begun, 'Reject Proposal');
    await begun.chooseFromMenu('Reject Proposal');
    await proposals().waitForRows('one less', (found) =>
      found.every(({ label }) => label !== target && label !== title),
    );
    expect(ollama.requests.some((request) => request.path === '/api/delete')).toBe(false);
    await workbench.notifications.clear();
  });
});

describe('a state that cannot be written', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama();
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.pool.allowedOrgs': ['Qwen'],
      },
      changeExtension: (extensionFolder: string) => {
        rmSync(path.join(extensionFolder, 'dist', 'sql-wasm.wasm'));
      },
    };
  });
  afterAll(() => ollama.stop());

  it('leaves proposals out, which their view says, with what to try', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    const view = workbench.tree('Proposals');
    await view.pressTitleAction('Refresh');
    const row = view.row('The last comparison failed in part');
    await row.waitForDescription(/cannot open or save its state/, 90_000);
    await workbench.screenshot('proposals-error-dark');
    const before = ollama.requests.length;
    await row.pressInline('Refresh');
    await eventually('a question to the server', () => Promise.resolve(ollama.requests.length > before));
  });
});

describe('an extension that cannot start', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mp-start-'));
  const release = path.join(folder, 'release');
  const editor = useEditor({
    changeExtension: (extensionFolder: string) => {
      // Starts as slowly as the test likes, and then not at all.
      const program = `exports.start = async () => {
        while (!require('node:fs').existsSync(${JSON.stringify(release)})) await new Promise((r) => setTimeout(r, 50));
        throw new Error('a file is missing');
      };`;
      writeFileSync(path.join(extensionFolder, 'dist', 'ui', 'start.js'), program);
    },
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says in its views what it waits for, and then what is wrong and what to do', async () => {
    const { workbench } = editor();
    await workbench.openView('Model Pool');
    for (const [view, text] of [
      ['Pool', 'Looking at the model servers…'],
      ['Proposals', 'Looking at the pool…'],
    ] as const) {
      await eventually(text, async () => (await workbench.tree(view).welcomeText()).includes(text), SOON_MS);
    }
    await workbench.screenshot('starting-dark');
    mkdirSync(release);
    const text = /^Model Pool could not start: a file is missing\. Reload the window, or reinstall/;
    await workbench.notifications.waitFor(text, SOON_MS);
    for (const view of ['Pool', 'Recommended', 'Proposals']) {
      const pane = workbench.page.locator(`.sidebar .pane:has(.pane-header[aria-label^="${view}"])`);
      await pane.getByText(text).waitFor();
    }
    await workbench.screenshot('not-started-dark');
  });
});

function isSwap({ label, level }: RowText): boolean {
  return level === 1 && label.includes(' instead of ');
}
