import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { ggufModel } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';

/** The palette leaves the pointer on the tabs of the editors, where a hover would hide those of the report. */
const NO_HOVER = '.workbench-hover-container { visibility: hidden }';

describe('a fresh window without any backend', () => {
  const editor = useEditor();

  it('shows what to do first, and models ranked for this machine', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await eventually('what to do first', async () =>
      (await workbench.tree('Pool').welcomeText()).includes('No model server is set up yet'),
    );
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('recommendations', (found) => found.length > 5);
    expect(rows[0]?.description).toContain('RAM');
    await workbench.leaveHovers();
    await workbench.screenshot('welcome-dark');
  });

  it('says in the report what there is not yet, and what to do for it', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Show Pool Disk');
    const page = workbench.webview();
    await page.getByText('No disk to look at').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Add Backend' }).waitFor();
    await workbench.leaveHovers();
    await workbench.screenshot('report-empty-pool-dark', NO_HOVER);
    await workbench.runCommand('Model Pool: Show Dispatches');
    await page.getByText('No calls recorded yet').waitFor();
    await page.getByRole('button', { name: 'Ask a Model' }).waitFor();
    await workbench.screenshot('report-empty-dispatches-dark', NO_HOVER);
    await workbench.runCommand('View: Close All Editors');
  });

  it('says so when nothing can be asked', async () => {
    const { workbench } = editor();
    await workbench.statusBarItem('modelPool.status').click();
    const options = await workbench.quickInput.waitForOptions('something to do', (found) => found.length > 0);
    expect(options.map((option) => option.label)).toContain('Add a backend…');
    await workbench.screenshot('picker-empty-dark');
    await workbench.quickInput.cancel();
  });

  it('finds a server at its usual address and adds it on a choice', async () => {
    const { workbench } = editor();
    const ollama = await startFakeOllama();
    try {
      await workbench.openQuestion('Model Pool: Add Backend');
      await workbench.quickInput.choose('Enter an address…');
      await workbench.quickInput.enter(ollama.url);
      await workbench.quickInput.choose('Add');
      await workbench
        .tree('Pool')
        .waitForRows('the new backend', (rows) => (rows[0]?.description ?? '').includes('serving'));
    } finally {
      await ollama.stop();
    }
  });
});

describe('backends in trouble', () => {
  let web: FakeOllama;
  let llama: LlamaServer;
  const editor = useEditor(async () => {
    web = await startFakeOllama({ faults: { html: true } });
    // Long enough an answer that its server can be killed in the middle.
    const model = ggufModel('tiny-llama', ['--ctx', '131072']);
    llama = await startLlamaServer({
      alias: 'tiny',
      model,
      args: ['--ctx-size', '131072', '--parallel', '1'],
    });
    return {
      settings: {
        'modelPool.backends': [
          { id: 'down', kind: 'ollama', url: 'http://127.0.0.1:9' },
          { id: 'other', kind: 'ollama', url: web.url },
          { id: 'llama', kind: 'llama_server', url: llama.url },
        ],
      },
    };
  });
  beforeAll(async () => {
    await editor().workbench.openOurViews();
  });
  afterAll(async () => {
    await web.stop();
    await llama.stop();
  });

  it('each say what is wrong and what to do, and do not hide the one that serves', async () => {
    const { workbench } = editor();
    const rows = await workbench
      .tree('Pool')
      .waitForRows(
        'three judged backends',
        (found) =>
          found.some((row) => row.description.includes('unreachable')) &&
          found.some((row) => row.description.includes('not such a server')) &&
          found.some((row) => row.label === 'tiny'),
        40_000,
      );
    expect(rows.some((row) => row.level === 2 && row.label.includes('ollama serve'))).toBe(true);
    await workbench.screenshot('troubles-dark');
  });

  it('keep a record of a call whose server was killed in the middle of the answer', async () => {
    const { workbench } = editor();
    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.choose('tiny');
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('loop');
    await workbench.waitForEditorText(/tick-tock/);
    await llama.kill();
    const text = await workbench.notifications.waitFor(/stopped|ended|broke|connection|reach/i);
    expect(text.length).toBeGreaterThan(20);
    // Without Escape, which would take the message away.
    await workbench.screenshot('killed-dark');
    const records = await eventually('a record', async () => {
      // The window may try by itself what the model can do.
      const found = readRecords(editor().globalStorageFolder).filter(({ sessionId }) => sessionId === 'ask');
      return found.length > 0 ? found : undefined;
    });
    expect(records).toHaveLength(1);
    expect(records[0]?.outcome.kind).toBe('provider_error');
    expect(records[0]?.error?.code).toMatch(/^(truncated|network)$/);
  });
});

describe('a storage folder that cannot be written', () => {
  let llama: LlamaServer;
  const editor = useEditor(async () => {
    llama = await startLlamaServer({ alias: 'tiny' });
    return {
      settings: { 'modelPool.backends': [{ id: 'llama', kind: 'llama_server', url: llama.url }] },
      beforeStart: (globalStorageFolder: string): void => {
        // A file where the folder should be: nobody, root included, can write into it.
        mkdirSync(globalStorageFolder, { recursive: true });
        writeFileSync(path.join(globalStorageFolder, 'transcript'), '');
      },
    };
  });
  afterAll(() => llama.stop());

  it('loses no record while the window lives, and says why it is not on disk', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForRows('the model', (rows) => rows.some((row) => row.label === 'tiny'));
    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.choose('tiny');
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Hello?');
    await workbench.waitForEditorText(/word by word\./);
    await workbench.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    await page.getByRole('row').filter({ hasText: 'tiny' }).first().waitFor({ timeout: 60_000 });
    await page
      .getByText(/cannot be written|not be written/)
      .first()
      .waitFor();
    await workbench.leaveHovers();
    await workbench.screenshot('read-only-dark');
  });
});

describe('a state that can be neither read nor written', () => {
  let llama: LlamaServer;
  const editor = useEditor(async () => {
    llama = await startLlamaServer({ alias: 'tiny' });
    return {
      settings: { 'modelPool.backends': [{ id: 'llama', kind: 'llama_server', url: llama.url }] },
      changeExtension: (extensionFolder: string) => {
        rmSync(path.join(extensionFolder, 'dist', 'sql-wasm.wasm'));
      },
    };
  });
  afterAll(() => llama.stop());

  it('is marked in the tree and the status bar, and everything else works in this window', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the model', (found) => found.some((row) => row.label === 'tiny'));
    expect(rows[0]?.label).toBe('What is seen here is not stored');
    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.choose('tiny');
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Hello?');
    await workbench.waitForEditorText(/word by word\./);
    // The hover of what the pointer was on before may still be there.
    await eventually('the warning in the tooltip', async () =>
      (await workbench.statusBarItem('modelPool.status').tooltip()).includes('cannot open or save its state'),
    );
    await workbench.screenshot('degraded-dark');
    await workbench.runCommand('Model Pool: Show Dispatches');
    await workbench.webview().getByRole('row').filter({ hasText: 'tiny' }).first().waitFor();
    await workbench.leaveHovers();
    await workbench.screenshot('degraded-dispatches-dark');
  });
});

describe('a damaged snapshot', () => {
  const editor = useEditor({
    changeExtension: (extensionFolder: string) => {
      writeFileSync(path.join(extensionFolder, 'data', 'snapshot.json'), '{"version": 1, "candida');
    },
  });

  it('is named where the recommendations would be, and the machine is shown all the same', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    const rows = await workbench.tree('Recommended').waitForRows('a message', (found) => found.length >= 2);
    expect(rows[0]?.description).toContain('RAM');
    expect(rows[1]?.label).toMatch(/^The list of models is damaged/);
    await workbench.leaveHovers();
    await workbench.screenshot('snapshot-dark');
    await workbench.runCommand('Model Pool: Open Report');
    const page = workbench.webview();
    await page.getByText('No model is known here, so none can be ranked.').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('button', { name: 'Re-detect Hardware' }).count()).toBe(0);
    await page
      .getByRole('alert')
      .getByText(/^The list of models is damaged/)
      .waitFor();
    await workbench.leaveHovers();
    await workbench.screenshot('report-empty-rankings-dark', NO_HOVER);
  });
});
