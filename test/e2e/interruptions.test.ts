import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { ggufModel } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';
import type { Workbench } from './support/workbench';

const STATUS = 'modelPool.status';
const GIB = 1024 ** 3;

describe('what is interrupted', () => {
  let llama: LlamaServer;
  let ollama: FakeOllama;
  const backends = (): readonly Readonly<Record<'id' | 'kind' | 'url', string>>[] => [
    { id: 'llama', kind: 'llama_server', url: llama.url },
    { id: 'ollama', kind: 'ollama', url: ollama.url },
  ];
  const editor = useEditor(async () => {
    const model = ggufModel('tiny-llama', ['--ctx', '131072']);
    llama = await startLlamaServer({
      alias: 'tiny',
      model,
      args: ['--ctx-size', '131072', '--parallel', '1', '--slots'],
    });
    ollama = await startFakeOllama({
      bytesPerSecond: 20_000_000,
      installed: { 'qwen3:8b': describeModel({ capabilities: ['completion'] }) },
    });
    return { settings: { 'modelPool.backends': backends() }, env: { OLLAMA_MODELS: undefined } };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels(['tiny', 'qwen3:8b']);
    await workbench.statusBarItem(STATUS).click();
    await workbench.quickInput.choose('tiny');
  });
  afterAll(async () => {
    await llama.stop();
    await ollama.stop();
  });

  const lastOutcome = (count: number): Promise<string> =>
    eventually(`record ${count}`, async () => {
      const records = readRecords(editor().globalStorageFolder);
      return records.length === count ? records.at(-1)?.outcome.kind : undefined;
    });

  it('by Cancel stops the server too, and leaves what was written', async () => {
    const { workbench } = editor();
    await ask(workbench, 'loop');
    await generates(llama, true);
    await workbench.screenshot('ask-progress-dark');
    await workbench.notifications.press(/tiny: answering/, 'Cancel');
    await generates(llama, false);
    expect(await lastOutcome(1)).toBe('cancelled');
    expect(await workbench.waitForEditorText(/_Stopped\._/)).toContain('tick-tock');
  });

  it('by closing the tab stops the server too', async () => {
    const { workbench } = editor();
    await ask(workbench, 'loop');
    await generates(llama, true);
    await workbench.page
      .locator('.tab.active')
      .getByRole('button', { name: /^Close/ })
      .click();
    await generates(llama, false);
    expect(await lastOutcome(2)).toBe('cancelled');
  });

  it('by taking the backend out of the settings lets the answer end, and then says what is missing', async () => {
    const { workbench } = editor();
    await ask(workbench, 'loop');
    await generates(llama, true);
    editor().changeSettings({ 'modelPool.backends': backends().filter(({ id }) => id !== 'llama') });
    await workbench.tree('Pool').waitForRows('one backend', (rows) => rows[0]?.label === 'ollama');
    await generates(llama, true);
    await workbench.notifications.press(/tiny: answering/, 'Cancel');
    expect(await lastOutcome(3)).toBe('cancelled');
    expect(await workbench.statusBarItem(STATUS).tooltip()).toContain('llama is no longer set up.');
    await ask(workbench, 'Are you there?');
    const text = await workbench.notifications.waitFor(/not configured/);
    expect(text).toMatch(/Pick another model/);
    await workbench.notifications.clear();
  });

  it('by removing a model elsewhere is seen at the next refresh', async () => {
    const { workbench } = editor();
    const response = await fetch(`${ollama.url}/api/delete`, {
      method: 'DELETE',
      body: JSON.stringify({ model: 'qwen3:8b' }),
    });
    expect(response.status).toBe(200);
    await workbench.tree('Pool').pressTitleAction('Refresh');
    await workbench
      .tree('Pool')
      .waitForRows('no model', (rows) => rows.some(({ label }) => label.startsWith('Nothing installed')));
  });

  it('by taking the backend out of the settings lets a pull go on, but not begin again', async () => {
    const { workbench } = editor();
    const rows = await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    const label = rows[1]?.label ?? '';
    const row = workbench.tree('Recommended').row(label);
    await row.pressInline('Install Model');
    const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    // Minutes for the whole model: what is done while it comes is done before that, also on a slow machine.
    ollama.registry.offer(name, describeModel({ weightsBytes: 10 * GIB, capabilities: ['completion'] }));
    await workbench.dialog.press('Install');
    await row.waitForDescription(/^\d+ % · /);
    editor().changeSettings({ 'modelPool.backends': [] });
    expect(await workbench.tree('Pool').welcomeText()).toContain('No model server is set up yet');
    await row.waitForDescription(/^[1-9]\d* % · /);
    await row.pressInline('Pause Install');
    await row.waitForDescription(/^paused at .*iB, resumes from there$/);
    await row.pressInline('Resume Install');
    await row.waitForDescription(/^failed: not reachable$/);
    expect(await row.tooltip()).toContain('ollama is no longer set up');
    await workbench.notifications.waitFor(/was not installed/);
  });
});

async function ask(workbench: Workbench, question: string): Promise<void> {
  await workbench.openQuestion('Model Pool: Ask a Model');
  await workbench.quickInput.enter(question);
}

/** Waits until the server writes, or no longer does. */
async function generates(server: LlamaServer, wanted: boolean): Promise<void> {
  await eventually(`the server to ${wanted ? 'write' : 'be idle'}`, async () => {
    const slots: unknown = await (await fetch(`${server.url}/slots`)).json();
    return JSON.stringify(slots).includes(`"is_processing":${wanted}`);
  });
}
