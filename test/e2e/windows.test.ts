import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { ggufModel, SCRIPTED_ANSWER } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { extensionHostsOf } from './support/extensionHosts';
import { readRecords } from './support/records';
import type { RowText } from './support/treeView';
import type { Workbench } from './support/workbench';

const STATUS = 'modelPool.status';

describe('several windows and their extension hosts', () => {
  let server: LlamaServer;
  let second: Workbench;
  const editor = useEditor(async () => {
    const model = ggufModel('tiny-llama', ['--ctx', '131072']);
    server = await startLlamaServer({
      alias: 'tiny',
      model,
      args: ['--ctx-size', '131072', '--parallel', '1'],
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'llama', kind: 'llama_server', url: server.url }],
      },
    };
  });
  beforeAll(async () => {
    second = await editor().newWindow();
    for (const workbench of [editor().workbench, second]) {
      await workbench.openOurViews();
    }
  });
  afterAll(() => server.stop());

  it('show the same backends', async () => {
    // Each draws what it learns for itself, and the row of a server has the minute in which it was looked at.
    await eventually('the same rows', async () => {
      const [inFirst, inSecond] = await Promise.all([poolOf(editor().workbench), poolOf(second)]);
      expect(inSecond).toEqual(inFirst);
      return true;
    });
  });

  it('each ask, and the report of either holds both calls', async () => {
    for (const workbench of [editor().workbench, second]) {
      await workbench.statusBarItem(STATUS).click();
      await workbench.quickInput.choose('tiny');
      await ask(workbench, 'Who are you?');
    }
    await eventually('two records', async () => readRecords(editor().globalStorageFolder).length === 2);
    for (const workbench of [second, editor().workbench]) {
      await workbench.runCommand('Model Pool: Show Dispatches');
      const page = workbench.webview();
      await page.getByText('2 records').waitFor();
      expect(await page.getByRole('row').filter({ hasText: 'tiny' }).count()).toBe(2);
    }
    await editor().closeWindow(second);
  });

  it('come back after a kill in the middle of an answer, with the pick and the earlier records', async () => {
    const { workbench, server: vscode } = editor();
    const before = readRecords(editor().globalStorageFolder);
    expect(before).toHaveLength(2);
    await startAsking(workbench, 'loop');
    await workbench.waitForEditorText(/tick-tock/);
    // The host of the closed window ends by itself.
    const [host] = await eventually('one extension host', async () => {
      const hosts = extensionHostsOf(vscode.pid);
      return hosts.length === 1 ? hosts : undefined;
    });
    expect(host).toBeDefined();
    process.kill(host ?? -1, 'SIGKILL');
    await eventually('another extension host', async () =>
      extensionHostsOf(vscode.pid).some((pid) => pid !== host),
    );
    await workbench.statusBarItem(STATUS).waitForText(/tiny/);
    await poolOf(workbench);
    await ask(workbench, 'Are you back?');
    const after = await eventually('three records', async () => {
      const records = readRecords(editor().globalStorageFolder);
      return records.length >= 3 ? records : undefined;
    });
    for (const record of before) expect(after).toContainEqual(record);
    expect(after.every(({ outcome }) => outcome.kind === 'served')).toBe(true);
  });

  it('come back after a reload with the report as it was left', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Rank Models for This Machine');
    const page = workbench.webview();
    await page.getByRole('row').nth(1).waitFor();
    await page.getByLabel('Task').selectOption('Coding');
    // Another row stands first in the ranking that comes.
    await page.getByRole('progressbar', { name: 'Ranking models' }).waitFor({ state: 'hidden' });
    await page.getByRole('searchbox').fill('qwen3');
    const row = page.getByRole('row', { expanded: false }).first();
    const name = (await row.innerText()).split('\n')[0] ?? '';
    await row.click();
    await page.getByText('How the score is made').waitFor();
    // The page keeps what was set a moment after it was set.
    await workbench.page.waitForTimeout(500);
    await workbench.reload();
    await page.getByText('How the score is made').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('searchbox').inputValue()).toBe('qwen3');
    expect(await page.getByLabel('Task').locator('option:checked').innerText()).toBe('Coding');
    expect(await page.getByRole('row', { expanded: true }).innerText()).toContain(name);
  });
});

function poolOf(workbench: Workbench): Promise<readonly RowText[]> {
  return workbench
    .tree('Pool')
    .waitForRows(
      'the served model',
      (rows) =>
        rows[0]?.description.includes('serving') === true && rows.some(({ label }) => label === 'tiny'),
    );
}

async function startAsking(workbench: Workbench, question: string): Promise<void> {
  await workbench.openQuestion('Model Pool: Ask a Model');
  await workbench.quickInput.enter(question);
}

async function ask(workbench: Workbench, question: string): Promise<void> {
  await startAsking(workbench, question);
  const text = await workbench.waitForEditorText(/^# (?!loop)[^]*word by word\./);
  expect(text).toContain(`# ${question}`);
  expect(text).toContain(SCRIPTED_ANSWER);
}
