import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';

const NAME = 'qwen3:14b';

describe('a model of an Ollama', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      installed: {
        [NAME]: describeModel({
          family: 'qwen3',
          contextLength: 40_960,
          capabilities: ['completion', 'tools'],
        }),
      },
    });
    return { settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] } };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([NAME]);
  });
  afterAll(() => ollama.stop());

  /** Runs a command of ours on the model, and returns what the editor says at the end. */
  async function run(command: string, said: RegExp): Promise<string> {
    const { workbench } = editor();
    await workbench.openQuestion(`Model Pool: ${command}`);
    await workbench.quickInput.choose(NAME);
    return workbench.notifications.waitFor(said);
  }

  it('is loaded when it is told to be, and is shown as loaded', async () => {
    const { workbench } = editor();
    const text = await run('Warm Model', /was loaded/);
    expect(text).toMatch(/qwen3:14b was loaded in .+ It stays for 30 minutes without a call\./);
    await workbench
      .tree('Pool')
      .waitForRows('a loaded model', (rows) =>
        rows.some(({ description }) => description.includes('loaded')),
      );
    await workbench.notifications.clear();
  });

  it('is tried, and calls the tool that it is offered', async () => {
    await run('Check Tool Calling', /calls tools: it was offered one/);
    await editor().workbench.notifications.clear();
  });

  it('is measured, and its row says how fast it really is', async () => {
    const { workbench } = editor();
    const text = await run('Measure a Model', /writes .+ tok\/s/);
    expect(text).toMatch(/The median of 3 runs with \d+ tokens of prompt and \d+ of answer\./);
    await workbench.screenshot('trials-measured-dark');
    const tree = workbench.tree('Pool');
    const tooltip = await eventually('the rate in the hover', async () => {
      const hover = await tree.row(NAME).tooltip();
      return hover.includes('Measured at') ? hover : undefined;
    });
    expect(tooltip).toMatch(/Measured at .+ tok\/s with a context of /);
    expect(tooltip).toContain('calls tools (tried)');
    await eventually('their records', async () => {
      const records = readRecords(editor().globalStorageFolder);
      return records.filter(({ sessionId }) => sessionId === 'measure').length >= 3;
    });
    await workbench.notifications.clear();
  });

  it('is explained as the route of the next call', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Explain Route');
    const page = workbench.webview();
    await page.getByRole('heading', { name: 'Route of a call' }).waitFor();
    const row = page.getByRole('row').filter({ hasText: NAME }).first();
    expect(await row.innerText()).toMatch(/catalog_default/);
    await workbench.screenshot('route-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('route-light');
  });
});
