import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { repositoryRoot } from '../support/repository';
import { SCRIPTED_ANSWER } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { offeredModel } from './support/offeredModel';
import { readRecords } from './support/records';
import type { RowText } from './support/treeView';
import { turnOnUsualPorts } from './support/usualPorts';
import type { Workbench } from './support/workbench';

const GIB = 1024 ** 3;
/** One that every newer model of its size beats. */
const OLD = 'qwen:7b';
/** Where llama-server listens by itself as Debian builds it, and less often something else than at the other place. */
const LLAMA_PORT = 9_931;
const STATUS = 'modelPool.status';

/** From the first look to a model that replaced another one and was measured: one window, everything by its views. */
describe('the whole journey', () => {
  let endTurn: () => void;
  let ollama: FakeOllama;
  let llama: LlamaServer;
  /** The model of this step as it is recommended, and as its server calls it once it is installed. */
  let recommended = '';
  let installed = '';
  const editor = useEditor(async () => {
    endTurn = await turnOnUsualPorts();
    llama = await startLlamaServer({ port: LLAMA_PORT });
    ollama = await startFakeOllama({
      gpuShare: 1,
      // Minutes for the whole model: it is paused before that, also on a slow machine.
      bytesPerSecond: 20_000_000,
      installed: {
        [OLD]: describeModel({
          ...{ family: 'qwen2', parameterSize: '7.7B', quantization: 'Q4_0', weightsBytes: 4.2 * GIB },
        }),
      },
    });
    return {
      settings: {
        'modelPool.pool.diskBudgetGb': 30,
        'modelPool.hardware.override': {
          ...{ platform: 'nvidia', vramGb: 8, ramGb: 16, bandwidthGbps: 288 },
          ...{ gpuName: 'NVIDIA GeForce RTX 4060', cpuName: 'AMD Ryzen 5 7600' },
        },
      },
      // Where Ollama is looked for first.
      env: { OLLAMA_HOST: ollama.url, OLLAMA_MODELS: undefined },
      moreExtensions: [path.join(repositoryRoot, 'test', 'e2e', 'weather')],
    };
  });
  beforeAll(() => editor().workbench.waitUntilActive());
  afterAll(async () => {
    await Promise.all([ollama.stop(), llama.stop()]);
    endTurn();
  });

  it('begins with no server, and with what this machine could run', async () => {
    const { workbench } = editor();
    await workbench.openView('Model Pool');
    const welcome = await eventually('what was found', async () => {
      const text = await workbench.tree('Pool').welcomeText();
      return text.includes('one answers on this machine') ? text : undefined;
    });
    expect(welcome).toContain('No model server is set up yet');
    const rows = await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    expect(rows[0]).toMatchObject({ label: 'NVIDIA GeForce RTX 4060' });
    recommended = rows[1]?.label ?? '';
    await picture(workbench, 'first-run');
  });

  it('finds the servers of this machine, and uses them after one yes', async () => {
    const { workbench } = editor();
    await workbench.tree('Pool').pressInWelcome('Add Backend');
    const offers = await workbench.quickInput.waitForOptions('both', (found) => found.length > 3);
    expect(offers.map(({ label: name }) => name)).toEqual(expect.arrayContaining(['Ollama', 'llama-server']));
    expect(offers[0]?.label).toBe('Add all 2');
    expect(offers[0]?.detail).toMatch(/^Ollama at \S+, llama-server at \S+$/);
    expect(offers[1]).toMatchObject({ label: 'Ollama', description: `${ollama.url} · ${hostname()}` });
    await picture(workbench, 'found');
    await workbench.quickInput.choose('Add all 2');
    await waitForModel(workbench, OLD);
    await waitForModel(workbench, 'tiny');
    await picture(workbench, 'backends');
  });

  it('says on its card why a model is recommended', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Recommended').row(recommended);
    expect(await row.description()).toMatch(/^~\d.* tok\/s · /);
    expect(await row.tooltip()).toMatch(/Score \d+.*[^]*Evidence: [^]*Memory by context/);
    await workbench.screenshot('journey-recommended');
    await workbench.leaveHovers();
  });

  it('installs it after one question, shows how far it is, pauses, and goes on from there', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Recommended').row(recommended);
    await row.pressInline('Install Model');
    const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    const detail = await workbench.dialog.detail();
    expect(detail).toMatch(/Nothing is removed\./);
    const script = { toolCall: { name: 'get_weather', arguments: { city: 'Paris' } } };
    ollama.registry.offer(name, offeredModel(name, detail, { script }));
    await picture(workbench, 'consent');
    await workbench.dialog.press('Install');
    await row.waitForDescription(/^\d+ % · .*iB of .*iB · .*\/s/);
    await picture(workbench, 'pull');
    await row.pressInline('Pause Install');
    await row.waitForDescription(/^paused at .*iB, resumes from there$/);
    await picture(workbench, 'paused');
    expect(ollama.store.names()).toEqual([OLD]);
    ollama.pace.bytesPerSecond = 10 * GIB;
    await row.pressInline('Resume Install');
    await row.waitForDescription(/^installed/);
    await workbench.notifications.waitFor(/is installed\. Ask it a question here, or choose it in the chat/);
    installed = await newModel(workbench, [OLD, 'tiny']);
    await picture(workbench, 'installed');
    expect(ollama.requests.filter(({ path: route }) => route === '/api/pull')).toHaveLength(2);
  });

  it('is picked and asked, the new one from its message and the served one from the picker', async () => {
    const { workbench } = editor();
    const status = workbench.statusBarItem(STATUS);
    await workbench.notifications.press(/is installed\. Ask it/, 'Ask It');
    await workbench.quickInput.enter('Who are you?');
    await workbench.waitForEditorText(/word by word\./);
    expect(await status.text()).toContain(installed);
    await status.click();
    await workbench.quickInput.waitForOptions('the models', (found) =>
      found.some((option) => option.label === 'tiny'),
    );
    await picture(workbench, 'picker');
    await workbench.quickInput.choose('tiny');
    await status.waitForText(/^tiny/);
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Are you there?');
    await workbench.waitForEditorText(/# Are you there\?/);
    expect(await workbench.waitForEditorText(/word by word\./)).toContain(SCRIPTED_ANSWER);
    await picture(workbench, 'answer');
  });

  it('works in the chat as an agent, with a tool', async () => {
    const { workbench, workspaceFolder } = editor();
    await workbench.runCommand('Chat: Open Chat');
    await workbench.chat.pickModel(installed);
    await workbench.chat.chooseMode('Agent');
    await workbench.chat.ask('How is the weather?');
    await workbench.chat.waitForAnswer(/word by word\./, 90_000);
    expect(readFileSync(path.join(workspaceFolder, 'weather.jsonl'), 'utf8')).toBe('{"city":"Paris"}\n');
    await picture(workbench, 'agent');
    await workbench.runCommand('View: Toggle Secondary Side Bar Visibility');
  });

  it('has a record of each call in the report', async () => {
    const { workbench, globalStorageFolder } = editor();
    const records = await eventually('four records', async () => {
      const found = readRecords(globalStorageFolder);
      return found.length >= 4 ? found : undefined;
    });
    expect(records.map(({ backend, sessionId }) => `${backend} ${sessionId}`)).toEqual([
      'ollama ask',
      'llama_server ask',
      'ollama chat',
      'ollama chat',
    ]);
    expect(records.map(({ finishReason }) => finishReason)).toEqual(['stop', 'stop', 'tool_calls', 'stop']);
    await workbench.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    const row = page.getByRole('row').filter({ hasText: 'tiny' }).first();
    await row.waitFor({ timeout: 60_000 });
    await row.click();
    await page.getByText('Where each value came from').waitFor();
    await picture(workbench, 'record');
  });

  it('proposes what is better than an old model once somebody is allowed, and replaces it after a yes', async () => {
    const { workbench } = editor();
    const view = workbench.tree('Proposals');
    await workbench.tree('Pool').row(OLD).chooseFromMenu('Add to Pool');
    await workbench.dialog.press('Add to Pool');
    await view.pressInWelcome('Allow Organisation');
    for (const organisation of ['Qwen', 'google', 'mistralai']) {
      await workbench.quickInput.choose(organisation);
    }
    await picture(workbench, 'allow');
    await workbench.page.keyboard.press('Enter');
    await workbench.quickInput.waitUntilClosed();
    await workbench.runCommand('Model Pool: Refresh');
    const rows = await view.waitForRows('a swap', (found) => found.some(isSwap));
    recommended = rows.find(isSwap)?.label.split(' instead of ')[0] ?? '';
    await picture(workbench, 'proposals');
    await view.row(/ instead of /).pressInline('Approve Proposal');
    await workbench.dialog.waitUntilOpen();
    const detail = await workbench.dialog.detail();
    const name = /Download: (\S+), /.exec(detail)?.[1] ?? '';
    ollama.registry.offer(name, offeredModel(name, detail));
    await picture(workbench, 'approval');
    await workbench.dialog.press('Approve');
    await workbench.notifications.waitFor(/is installed\. Removed: qwen:7b\./);
    expect(ollama.store.names()).toContain(name);
    expect(ollama.store.names()).not.toContain(OLD);
    await workbench
      .tree('Pool')
      .waitForRows('the old one gone', (found) => found.every((row) => row.label !== OLD));
    installed = await newModel(workbench, [installed, 'tiny']);
    await picture(workbench, 'replaced');
    await workbench.notifications.clear();
  });

  it('is measured, and the rate takes the place of the estimate', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Recommended').row(recommended);
    await row.waitForDescription(/^installed · ~\d/);
    await workbench.openQuestion('Model Pool: Measure a Model');
    await workbench.quickInput.choose(installed);
    // It may put out what was asked before.
    await workbench.dialog.press('Load and Measure');
    const said = await workbench.notifications.waitFor(/writes .+ tok\/s/);
    const rate = /writes (\S+ tok\/s)/.exec(said)?.[1] ?? '';
    await row.waitForDescription(/^installed · [\d,.]+ tok\/s/);
    await picture(workbench, 'measured');
    const card = await row.tooltip();
    expect(card.replace(`${rate},`, rate)).toContain(`${rate} measured here`);
    await workbench.screenshot('journey-measured-card');
  });
});

async function waitForModel(workbench: Workbench, name: string): Promise<void> {
  await workbench
    .tree('Pool')
    .waitForRows(name, (rows) => rows.some((row) => row.label === name && row.level === 3));
}

/** The name of the model in the Pool view that is none of those `known`; it may appear later. */
async function newModel(workbench: Workbench, known: readonly string[]): Promise<string> {
  const isNew = ({ label, level }: RowText): boolean => level === 3 && !known.includes(label);
  const rows = await workbench.tree('Pool').waitForRows('a new model', (found) => found.some(isNew));
  return rows.find(isNew)?.label ?? '';
}

function isSwap({ label, level }: RowText): boolean {
  return level === 1 && label.includes(' instead of ');
}

async function picture(workbench: Workbench, name: string): Promise<void> {
  await workbench.screenshot(`journey-${name}`, '.workbench-hover-container { visibility: hidden }');
}
