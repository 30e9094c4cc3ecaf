import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { useEditor } from './support/editor';

const STATUS = 'modelPool.status';

describe('settings that are wrong', () => {
  let llama: LlamaServer;
  let ollama: FakeOllama;
  const good = (): object => ({ id: 'llama', kind: 'llama_server', url: llama.url });
  const twin = { id: 'llama', kind: 'ollama', url: 'http://127.0.0.1:1' };
  const mistyped = { id: 'mistyped', kind: 'ollama', url: 'localhost 11434' };
  const editor = useEditor({
    settings: { 'modelPool.backends': 'x', 'modelPool.probe.localMinutes': 0 },
  });
  beforeAll(async () => {
    [llama, ollama] = await Promise.all([startLlamaServer({ alias: 'tiny' }), startFakeOllama()]);
    await editor().workbench.openOurViews();
  });
  afterAll(async () => {
    await Promise.all([llama.stop(), ollama.stop()]);
  });

  it('are named in the Pool view from the start, and everything else works', async () => {
    const { workbench } = editor();
    const rows = await workbench.tree('Pool').waitForRows('two problems', (found) => found.length === 2);
    expect(rows.map(({ label }) => label)).toEqual([
      'modelPool.backends is not used',
      'modelPool.probe.localMinutes is not used',
    ]);
    expect(await workbench.tree('Pool').row(/probe/).accessibleName()).toMatch(
      /^The setting modelPool\.probe\.localMinutes is not used: .*1/,
    );
    expect(await workbench.tree('Pool').row(/probe/).inlineActions()).toEqual(['Refresh', 'Open Settings']);
    await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    expect(await workbench.notifications.texts()).toEqual([]);
  });

  it('are told in one message when they are written, and do not hide the good ones', async () => {
    const { workbench } = editor();
    editor().changeSettings({
      'modelPool.backends': [good(), twin, mistyped],
      'modelPool.probe.localMinutes': undefined,
    });
    const text = await workbench.notifications.waitFor(/modelPool/);
    expect(text).toMatch(/modelPool\.backends\[1\] is not used: the id "llama" is used twice/);
    expect(text).toMatch(/modelPool\.backends\[2\] is not used: must be an address/);
    expect(await workbench.notifications.texts()).toHaveLength(1);
    await workbench.screenshot('settings-dark');
    await workbench.notifications.clear();
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the model', (found) => found.some(({ label }) => label === 'tiny'));
    expect(rows.filter(({ label }) => label.endsWith('is not used'))).toHaveLength(2);
  });

  it('are kept by Add Backend, which adds its own', async () => {
    const { workbench, server } = editor();
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter(ollama.url);
    await workbench.quickInput.choose('Add');
    await workbench.tree('Pool').waitForLabels(['ollama']);
    const file = path.join(server.userDataFolder, 'Machine', 'settings.json');
    const written: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(written).toMatchObject({
      'modelPool.backends': [good(), twin, mistyped, { id: 'ollama', kind: 'ollama', url: ollama.url }],
    });
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter(ollama.url);
    await workbench.notifications.waitFor(/is a backend already: ollama\./);
    await workbench.notifications.clear();
  });

  it('show nowhere any more once they are right', async () => {
    const { workbench } = editor();
    editor().changeSettings({ 'modelPool.backends': [good()] });
    await workbench
      .tree('Pool')
      .waitForRows('the good backend alone', (rows) => rows.map(({ level }) => level).join() === '1,2,3');
  });

  it('or a server that went away: the pick warns, and Ask says what to do', async () => {
    const { workbench } = editor();
    const status = workbench.statusBarItem(STATUS);
    await status.click();
    await workbench.quickInput.choose('tiny');
    await status.waitForText(/tiny/);
    await llama.kill();
    await workbench.tree('Pool').pressTitleAction('Refresh');
    await workbench
      .tree('Pool')
      .waitForRows('no answer', (rows) => rows[0]?.description.includes('unreachable') === true);
    expect(await status.tooltip()).toMatch(/Nothing listens on .*Start llama-server with/);
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Are you there?');
    const text = await workbench.notifications.waitFor(/llama/);
    expect(text).toMatch(/[Ss]tart /);
    expect(await workbench.waitForEditorText(/> llama cannot be reached/)).toContain('# Are you there?');
    await workbench.screenshot('pick-down-dark');
  });
});
