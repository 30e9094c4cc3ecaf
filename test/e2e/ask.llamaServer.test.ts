import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { ggufModel, SCRIPTED_ANSWER } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';

describe('a real llama-server', () => {
  let server: LlamaServer;
  const editor = useEditor(async () => {
    const model = ggufModel('tiny-llama', ['--ctx', '131072']);
    server = await startLlamaServer({
      alias: 'tiny',
      model,
      args: ['--ctx-size', '32768', '--parallel', '1'],
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'llama_server', kind: 'llama_server', url: server.url }],
        // Agent mode sends tens of thousands of tokens with its tools; asking is enough here.
        'chat.agent.enabled': false,
      },
    };
  });
  beforeAll(async () => {
    await editor().workbench.openOurViews();
  });
  afterAll(() => server.stop());

  it('is listed beside the models that are recommended for this machine', async () => {
    const { workbench } = editor();
    await workbench
      .tree('Pool')
      .waitForRows('the served model', (rows) => rows.some((row) => row.label === 'tiny' && row.level === 3));
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('recommendations', (found) => found.length > 5);
    expect(rows[0]?.description).toMatch(/GiB RAM · ~?\d+ GB\/s/);
    const facts =
      /^~\d.* tok\/s · .+iB · score \d+ · \S+ · (?:fits in RAM|fits the GPU|GPU and RAM) · \d+k context/;
    expect(rows[1]?.description).toMatch(facts);
    await workbench.screenshot('tree-dark');
  });

  it('is picked in the status bar, asked, and streams its answer into an editor', async () => {
    const { workbench } = editor();
    const status = workbench.statusBarItem('modelPool.status');
    await status.click();
    await workbench.quickInput.waitForOptions('the model', (options) =>
      options.some(({ label }) => label === 'tiny'),
    );
    await workbench.screenshot('picker-dark');
    await workbench.quickInput.choose('tiny');
    await status.waitForText(/tiny/);
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Who are you?');
    const text = await workbench.waitForEditorText(/word by word\./);
    expect(text).toContain('# Who are you?');
    expect(text).toContain(SCRIPTED_ANSWER);
    await status.waitForText(/tiny · [\d,]+(\.\d)? tok\/s/);
  });

  it('leaves one served record, with the tokens that the server itself counted', async () => {
    const records = await eventually('a record', async () => {
      const found = readRecords(editor().globalStorageFolder);
      return found.length > 0 ? found : undefined;
    });
    expect(records).toHaveLength(1);
    const [record] = records;
    expect(record).toMatchObject({
      outcome: { kind: 'served', completionTokens: 14, contentLen: SCRIPTED_ANSWER.length },
      backend: 'llama_server',
      model: 'tiny',
      host: server.url,
      wireFormat: 'openai_compat',
      sessionId: 'ask',
      provenance: { model: 'pipeline_input', wireFormat: 'catalog_default' },
      finishReason: 'stop',
      error: null,
    });
    expect(record?.timings?.decodeTokPerSec).toBeGreaterThan(0);
    expect(record?.timings?.measuredBy).toBe('server');
    expect(record?.usage.outputTokens).toBe(14);
    expect(JSON.stringify(records)).not.toContain('Who are you');
    expect(JSON.stringify(records)).not.toContain('tiny model whose');
  });

  it('shows that record in the report', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    const row = page.getByRole('row').filter({ hasText: 'tiny' }).first();
    await row.waitFor({ timeout: 60_000 });
    expect(await row.innerText()).toMatch(/served/i);
    await row.click();
    await page.getByText('pipeline input').first().waitFor();
    await page.getByText(server.url).first().waitFor();
    await workbench.screenshot('dispatches-dark');
  });

  it('shows the ranking in the report, light and dark', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Rank Models for This Machine');
    const page = workbench.webview();
    // The record that is shown until then has rows too.
    await page.getByRole('tab', { name: 'Rankings', selected: true }).waitFor({ timeout: 60_000 });
    await page.getByRole('row').nth(5).waitFor({ timeout: 60_000 });
    await workbench.screenshot('rankings-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('rankings-light');
    await workbench.runCommand('Model Pool: Show Dispatches');
    await page.getByRole('row').filter({ hasText: 'tiny' }).first().waitFor();
    await workbench.screenshot('dispatches-light');
    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.waitUntilOpen();
    await workbench.screenshot('picker-light');
    await workbench.quickInput.cancel();
    await editor().setColorTheme('dark');
  });

  it('answers in the chat view through our provider, with a record of its own', async () => {
    const { workbench } = editor();
    const before = readRecords(editor().globalStorageFolder).length;
    await workbench.runCommand('Chat: Manage Language Models');
    await workbench.page
      .locator('.models-table-row, .monaco-table .monaco-list-row')
      .filter({ hasText: 'tiny' })
      .first()
      .waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.runCommand('Chat: Open Chat');
    await workbench.chat.pickModel('tiny');
    await workbench.chat.ask('Say hello');
    await workbench.chat.waitForAnswer(/word by word\./, 60_000);
    await workbench.screenshot('chat-dark');
    const records = await eventually('one more record', async () => {
      const found = readRecords(editor().globalStorageFolder);
      return found.length > before ? found : undefined;
    });
    const chatRecords = records.filter((record) => record.sessionId === 'chat');
    expect(chatRecords.length).toBeGreaterThan(0);
    for (const record of chatRecords) expect(record.outcome.kind).toBe('served');
  });
});
