import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';

const MODEL = 'qwen3:8b';

/** Commands that no other run in the workbench needs on its way. */
describe('the commands beside the way', () => {
  const tools = mkdtempSync(path.join(tmpdir(), 'mp-tools-'));
  const started = path.join(tools, 'started');
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      installed: {
        [MODEL]: describeModel({ family: 'qwen3', quantization: 'Q4_K_M', weightsBytes: 5 * 1024 ** 3 }),
      },
    });
    await ollama.stop();
    // Says only how it was called: the server itself is started by the test.
    const program = path.join(tools, 'ollama');
    writeFileSync(program, `#!/bin/sh\necho "$@ at $OLLAMA_HOST" > '${started}'\nexec sleep 600\n`);
    chmodSync(program, 0o755);
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.warmOnPick': true,
      },
      // VSCODE_CLI: else the PATH of a login shell takes the place of this one.
      env: { VSCODE_CLI: '1', PATH: `${tools}:${process.env['PATH'] ?? ''}`, OLLAMA_MODELS: undefined },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
  });
  afterAll(async () => {
    await ollama.stop();
    rmSync(tools, { recursive: true, force: true });
  });

  /** Waits until the clipboard holds such a text, on one line, as an input field takes it. */
  async function waitForClipboard(pattern: RegExp): Promise<void> {
    const { workbench } = editor();
    const { page, quickInput } = workbench;
    await eventually(`${String(pattern)} in the clipboard`, async () => {
      // The picker is opened for its field. F1 does nothing for a while after a menu was used.
      await workbench.statusBarItem('modelPool.status').click();
      await quickInput.type('', 2_000);
      await page.keyboard.press('ControlOrMeta+V');
      const text = await quickInput.value();
      await quickInput.cancel();
      return pattern.test(text);
    });
  }

  it('Start Server runs what it shows in a terminal, and the view sees the server as soon as it answers', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Pool').row('ollama');
    await row.waitForDescription(/^unreachable/);
    await row.pressInline('Start Server');
    const [choice] = await workbench.quickInput.waitForOptions(
      'a way to start it',
      (found) => found.length > 0,
    );
    expect(choice?.label).toBe('Ollama');
    expect(choice?.detail).toContain('ollama serve');
    await workbench.screenshot('start-server-dark');
    await workbench.quickInput.choose('Ollama');
    // The shell makes the file before it writes into it.
    const said = await eventually('the program to run', () =>
      Promise.resolve(existsSync(started) && /^.+(?=\n)/.exec(readFileSync(started, 'utf8'))?.[0]),
    );
    expect(said).toBe(`serve at 127.0.0.1:${String(ollama.port)}`);
    await ollama.restart();
    await row.waitForDescription(/^serving/);
    await workbench.tree('Pool').waitForLabels([MODEL]);
  });

  it('Copy Model Id copies what other tools call the model', async () => {
    await editor().workbench.tree('Pool').row(MODEL).chooseFromMenu('Copy Model Id');
    await waitForClipboard(/^qwen3:8b$/);
  });

  it('Copy Endpoint for Other Tools copies address, model and context, and a request for curl', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Pool').row(MODEL);
    await row.chooseFromMenu('Copy Endpoint for Other Tools');
    const options = await workbench.quickInput.waitForOptions('tools', (found) => found.length === 5);
    expect(options.map(({ label }) => label)).toEqual([
      'Base URL, Model Id, Context',
      ...['Cline', 'opencode', 'Aider', 'curl'],
    ]);
    await workbench.screenshot('copy-endpoint-dark');
    await workbench.quickInput.choose('Base URL, Model Id, Context');
    await waitForClipboard(/^Base URL: http:\/\/127\.0\.0\.1:\d+\/v1 Model id: qwen3:8b/);
    await row.chooseFromMenu('Copy Endpoint for Other Tools');
    await workbench.quickInput.choose('curl');
    await waitForClipboard(/^curl .*\/v1\/chat\/completions/);
  });

  it('Choose Task ranks for another task, and the view says which', async () => {
    const { workbench } = editor();
    const tree = workbench.tree('Recommended');
    const before = await tree.waitForRows('models', (found) => found.length > 5);
    await workbench.openQuestion('Model Pool: Choose Task');
    await workbench.quickInput.choose('coding');
    await workbench.page
      .locator('.sidebar .pane-header')
      .getByText(/^for coding · /)
      .waitFor();
    // The title is there before the rows are.
    await tree.waitForRows(
      'models for it',
      (found) => found.length > 5 && JSON.stringify(found) !== JSON.stringify(before),
    );
  });

  it('Explain Score on a row opens the report where the score is made up', async () => {
    const { workbench } = editor();
    const rows = await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    const name = rows[1]?.label ?? '';
    await workbench.tree('Recommended').row(name).chooseFromMenu('Explain Score');
    const page = workbench.webview();
    await page.getByText('How the score is made').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('row', { expanded: true }).innerText()).toContain(name);
    // As the view ranks, also where the report was never told to.
    const task = page.getByLabel('Task', { exact: true });
    await eventually('the task of the view', async () => (await task.inputValue()) === 'coding');
  });

  it('Dismiss takes a failed install away', async () => {
    const { workbench } = editor();
    const tree = workbench.tree('Recommended');
    const rows = await tree.waitForRows('models', (found) => found.length > 5);
    const name = rows[1]?.label ?? '';
    ollama.faults.missing = true;
    await tree.row(name).pressInline('Install Model');
    await workbench.dialog.press('Install');
    await workbench.notifications.waitFor(/was not installed/);
    await workbench.notifications.clear();
    ollama.faults.missing = false;
    const before = await tree.row(name).description();
    await tree.row(name).pressInline('Dismiss');
    await eventually('the row as it was', async () => {
      const now = await tree.row(name).description();
      return now !== before && now.includes('tok/s');
    });
  });

  it('a pick loads its model at once where the setting wants that', async () => {
    const { workbench } = editor();
    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.choose(MODEL);
    await workbench
      .tree('Pool')
      .row(MODEL)
      .waitForDescription(/loaded/);
  });

  it('Export Dispatch Records asks for a format and a file', async () => {
    const { workbench, workspaceFolder, globalStorageFolder } = editor();
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Say hello');
    await eventually('its record', () => Promise.resolve(readRecords(globalStorageFolder).length > 0));
    await workbench.openQuestion('Model Pool: Export Dispatch Records');
    await workbench.quickInput.choose('CSV');
    const file = path.join(workspaceFolder, 'calls.csv');
    await workbench.quickInput.saveAs(file, 'model-pool-dispatches-');
    await workbench.notifications.waitFor(/1 record was exported|records were exported/);
    expect(readFileSync(file, 'utf8')).toContain(MODEL);
    await workbench.notifications.clear();
  });

  it('Show Log opens the log of the extension', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Show Log');
    await workbench.page
      .locator('.panel')
      .getByRole('combobox', { name: /output/i })
      .waitFor();
    await workbench.page.locator('.panel .view-line').filter({ hasText: '[info]' }).first().waitFor();
    await workbench.runCommand('View: Hide Panel');
  });

  it('Re-detect Hardware looks at the machine again', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Re-detect Hardware');
    const rows = await workbench.tree('Recommended').waitForRows('the machine', (found) => found.length > 5);
    expect(rows[0]?.description).toContain('RAM');
  });

  it('the walkthrough leads through four steps', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Welcome: Open Walkthrough...');
    await workbench.quickInput.choose('Run Models on Your Machine');
    const page = workbench.page.locator('.gettingStartedContainer');
    for (const title of ['See your machine', 'Find a model that fits', 'Install it', 'Use it in chat']) {
      await page.getByText(title, { exact: true }).first().waitFor();
    }
    await workbench.screenshot('walkthrough-dark');
  });

  it('Reset Model Pool Data says what goes, wants a word, and leaves the models', async () => {
    const { workbench, globalStorageFolder } = editor();
    await workbench.runCommand('Model Pool: Reset Model Pool Data');
    expect(await workbench.dialog.message()).toBe('Reset all data of Model Pool?');
    expect(await workbench.dialog.detail()).toMatch(/All models, on their servers/);
    await workbench.screenshot('reset-data-dark');
    await workbench.dialog.press('Reset and Reload Window');
    await workbench.quickInput.enter('reset');
    await eventually('no record', () => Promise.resolve(readRecords(globalStorageFolder).length === 0));
    await workbench.statusBarItem('modelPool.status').waitForText(/Pick a model/);
    await workbench.openView('Model Pool');
    await workbench.tree('Pool').waitForLabels([MODEL]);
  });
});
