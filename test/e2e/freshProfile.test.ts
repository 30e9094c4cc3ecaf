import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor, vsixPath } from './support/editor';
import { eventually } from './support/eventually';
import { KeyboardUser } from './support/keyboardUser';
import { offeredModel } from './support/offeredModel';
import { readRecords } from './support/records';
import { portOfOllama, turnOnUsualPorts } from './support/usualPorts';

const GIB = 1024 ** 3;
const ANSWER = /Hello from one tiny model .* word by\s+word\./;
/** From an empty profile in an open window to the first word; what a person takes to read is not in it. */
const FIRST_WORD_LIMIT_MS = 180_000;

/** A VS Code that nobody has used yet, on a machine where Ollama runs: from the .vsix to an answer, without a mouse. */
describe('a fresh profile, with the keyboard alone', () => {
  let endTurn: () => void;
  let ollama: FakeOllama;
  let begunMs: number;
  let user: KeyboardUser;
  let pointed: () => Promise<number>;
  /** Of the model, for people and for its server. */
  let label = '';
  let name = '';
  const editor = useEditor(async () => {
    endTurn = await turnOnUsualPorts();
    ollama = await startFakeOllama({ port: await portOfOllama(), bytesPerSecond: 10 * GIB });
    // Nothing of ours is set: the environment keeps what looks for new models from the network.
    const env = { OLLAMA_MODELS: undefined, OLLAMA_HOST: undefined, HF_ENDPOINT: 'http://127.0.0.1:9' };
    return { freshProfile: true, env };
  });
  beforeAll(async () => {
    begunMs = performance.now();
    user = new KeyboardUser(editor().workbench);
    pointed = await user.watchPointer();
  });
  afterAll(async () => {
    await ollama.stop();
    endTurn();
  });

  it('takes the extension from its file, which then says how to begin', async () => {
    const { workbench } = editor();
    await user.chooseFile('Extensions: Install from VSIX...', vsixPath());
    // First of all: VS Code takes these words away after ten seconds.
    await workbench.notifications.waitFor(/Completed installing/);
    await workbench.waitUntilActive();
    await workbench.page.getByText('Run Models on Your Machine').first().waitFor();
    await workbench.screenshot('fresh-installed');
  });

  it('shows what this machine could run, while nothing is used or loaded', async () => {
    const { workbench } = editor();
    await user.runCommand('Model Pool: Focus on Recommended View');
    const rows = await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    expect(rows[0]?.description).toMatch(/GiB RAM/);
    expect(ollama.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    const isFound = async (): Promise<boolean> =>
      (await workbench.tree('Pool').welcomeText()).includes('but one answers on this machine');
    await eventually('the server that answers', isFound);
    await workbench.screenshot('fresh-recommended');
  });

  it('finds the server at its usual address, and uses it after a yes', async () => {
    const { workbench } = editor();
    await user.runCommand('Model Pool: Add Backend');
    await user.choose('Ollama', '127.0.0.1:11434');
    await workbench.quickInput.waitForOptions('the answer', (found) => found[0]?.label === 'Add');
    await workbench.screenshot('fresh-found');
    await user.choose('Add');
    await workbench
      .tree('Pool')
      .waitForRows('it', (rows) => rows[0]?.description.startsWith('serving') === true);
  });

  it('installs what is recommended first', async () => {
    const { workbench } = editor();
    const recommended = await user.goToRow('Recommended', 1);
    await user.chooseFromMenu('Install Model');
    await workbench.dialog.waitUntilOpen();
    name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    ollama.registry.offer(name, offeredModel(name, await workbench.dialog.detail()));
    await workbench.screenshot('fresh-consent');
    await user.pressInDialog('Install');
    await workbench
      .tree('Recommended')
      .row(recommended)
      .waitForDescription(/^installed/);
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the model', (found) => found.some(({ level }) => level === 3));
    label = rows.find(({ level }) => level === 3)?.label ?? '';
    await workbench.screenshot('fresh-model');
  });

  it('asks it, and the answer comes word by word', async () => {
    const { workbench } = editor();
    await user.runCommand('Model Pool: Pick Model');
    await user.choose(label, label);
    const status = workbench.statusBarItem('modelPool.status');
    await eventually('the pick', async () => (await status.text()).startsWith(label));
    await user.runCommand('Model Pool: Ask a Model');
    // Slow enough to see its first word alone.
    ollama.settings.tokenIntervalMs = 1_000;
    await user.enter('Who are you?');
    const begin = await workbench.waitForEditorText(/Hello/);
    const firstWordMs = performance.now() - begunMs;
    ollama.settings.tokenIntervalMs = 1;
    expect(begin).not.toMatch(/word\./);
    await workbench.waitForEditorText(ANSWER);
    await workbench.screenshot('fresh-answer');
    console.log(`from an empty profile to the first word: ${(firstWordMs / 1_000).toFixed(1)} s`);
    expect(firstWordMs).toBeLessThan(FIRST_WORD_LIMIT_MS);
  });

  it('reads its record in the report', async () => {
    const { workbench, globalStorageFolder } = editor();
    await user.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    await page.getByRole('grid').getByText('Served').waitFor({ timeout: 60_000 });
    await user.tabTo('Dispatch records, newest first');
    await user.press('ArrowDown');
    await user.press('Enter');
    await page.getByText('Where each value came from').waitFor();
    await workbench.screenshot('fresh-record');
    const [record] = await eventually('the record', async () => {
      const found = readRecords(globalStorageFolder);
      return found.length > 0 ? found : undefined;
    });
    expect(record).toMatchObject({ outcome: { kind: 'served' }, backend: 'ollama', model: name });
    console.log(`with its record: ${((performance.now() - begunMs) / 1_000).toFixed(1)} s`);
  });

  it('needed no mouse, and no setting but the server that was agreed to', async () => {
    const { userDataFolder } = editor().server;
    expect(await pointed()).toBe(0);
    const ours = ['User', 'Machine'].flatMap((whose) => settingsOf(path.join(userDataFolder, whose)));
    expect(ours).toEqual([
      ['modelPool.backends', [{ id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434' }]],
    ]);
  });
});

/** Our settings in a folder's file. */
function settingsOf(folder: string): readonly (readonly [string, unknown])[] {
  const written = JSON.parse(readFileSync(path.join(folder, 'settings.json'), 'utf8')) as object;
  return Object.entries(written).filter(([key]) => key.startsWith('modelPool.'));
}
