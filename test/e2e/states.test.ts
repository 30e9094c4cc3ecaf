import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel, type ModelDescription } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { useEditor } from './support/editor';
import type { RowText } from './support/treeView';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const SOON = { timeout: 60_000 };
/** Nothing listens there: for the proxy that is a machine without a network. */
const NOWHERE = 'http://127.0.0.1:9';
/** A machine on which everything fits, so that more is recommended than any disk holds. */
const HUGE_MACHINE = { platform: 'macos', vramGb: 4096, ramGb: 4096, bandwidthGbps: 4000 };
/** One on which nothing fits. */
const TINY_MACHINE = { platform: 'cpu', vramGb: 0, ramGb: 0.1, bandwidthGbps: 1 };

/**
 * States in which something is missing, in one window: each says what happened, why, and what to do. Where the others
 * that spec and issue name are shown:
 *
 * | state | test |
 * | --- | --- |
 * | no backend at all | troubles: a fresh window without any backend |
 * | two windows | windows, sharedState, poolWindows |
 * | the state or the records cannot be written, a damaged snapshot | troubles |
 * | a broken setting | settings |
 * | a folder without trust | trust |
 * | a key that is missing or wrong, a proxy, a certificate of nobody | backends |
 * | a full budget, a pull that was stopped, a server killed in a pull | pool, install.ollama, interruptions |
 */
describe('a window in which something is missing', () => {
  let ollama: FakeOllama;
  let outdated: FakeOllama;
  let partly: FakeOllama;
  let llama: LlamaServer;
  const editor = useEditor(async () => {
    const small = describeModel({ weightsBytes: GIB });
    [ollama, outdated, partly, llama] = await Promise.all([
      startFakeOllama({ bytesPerSecond: 2_000_000_000, installed: { 'qwen3:8b': small } }),
      startFakeOllama({ version: '0.1.10' }),
      startFakeOllama({ version: '0.5.0', installed: { 'qwen3:4b': small } }),
      startLlamaServer({ alias: 'tiny' }),
    ]);
    return {
      settings: {
        'modelPool.backends': [
          { id: 'ollama', kind: 'ollama', url: ollama.url },
          { id: 'llama', kind: 'llama_server', url: llama.url },
          { id: 'outdated', kind: 'ollama', url: outdated.url },
          { id: 'partly', kind: 'ollama', url: partly.url },
          { id: 'vllm', kind: 'vllm', url: NOWHERE },
        ],
        'modelPool.catalog.online': true,
        'modelPool.retry': false,
        'modelPool.pool.diskBudgetGb': 1_000_000,
        'http.proxy': NOWHERE,
        'chat.agent.enabled': false,
      },
      env: { OLLAMA_MODELS: undefined, HF_ENDPOINT: undefined, HF_TOKEN: undefined },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await fold('Proposals');
  });
  afterAll(async () => {
    // The last test has stopped them already.
    await Promise.allSettled([ollama.stop(), outdated.stop(), partly.stop(), llama.stop()]);
  });

  /** Closes a view, or opens it again: rows that have no room are not drawn. */
  const fold = (title: string): Promise<void> =>
    editor().workbench.page.locator(`.sidebar .pane-header[aria-label^="${title}"]`).click();
  /** Opens the dialog before an install for the rows from the top, until `isWanted` takes the model's name. */
  const askToInstall = async (isWanted: (name: string) => boolean): Promise<string> => {
    const { workbench } = editor();
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('recommendations', (found) => found.length > 5);
    for (const { label } of rows.slice(1)) {
      const row = workbench.tree('Recommended').row(label);
      if (!(await row.inlineActions()).includes('Install Model')) continue;
      await row.pressInline('Install Model');
      const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
      if (isWanted(name)) return name;
      await workbench.dialog.press('Cancel');
    }
    throw new Error('No row is of the wanted kind.');
  };
  /** Offers the model on the registry that the servers pull from, and agrees to the download. */
  const install = async (name: string, description: ModelDescription): Promise<void> => {
    ollama.registry.offer(name, describeModel(description));
    await editor().workbench.dialog.press('Install');
  };

  it('has models at once without a network, with the date of what is known', async () => {
    const { workbench } = editor();
    await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    const header = workbench.page.locator('.sidebar .pane-header[aria-label^="Recommended"]');
    // The first look at Hugging Face is half a minute after the start, and may be over.
    await expect.poll(() => header.innerText(), SOON).toMatch(/(?:snapshot|as of) \d{4}-\d\d-\d\d/);
    await workbench.runCommand('Model Pool: Refresh');
    await expect.poll(() => header.innerText(), SOON).toMatch(/offline, as of \d{4}-\d\d-\d\d/);
    await workbench.tree('Recommended').row(/./).select();
    await workbench.page.keyboard.press('End');
    const row = workbench.tree('Recommended').row(/^Models: offline, as of /);
    await expect
      .poll(() => row.tooltip(), SOON)
      .toMatch(/^Hugging Face .*\. Check the network and the proxy settings, then refresh\./);
    await workbench.screenshot('offline-dark');
    await workbench.page.keyboard.press('Home');
  });

  it('shows its report without a network, with the date of the scores', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Open Report');
    const page = workbench.webview();
    await page.getByText(/^Scores of \d{4}-\d\d-\d\d \(/).waitFor(SOON);
    for (const tab of ['Rankings', 'Dispatches', 'Machine', 'Pool']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tab', { name: tab, selected: true }).waitFor();
      await page.getByText(/^Loading/).waitFor({ state: 'hidden' });
      await workbench.leaveHovers();
      await workbench.screenshot(`report-offline-${tab.toLowerCase()}-dark`);
    }
    await workbench.runCommand('View: Close All Editors');
  });

  it('proposes without a network too, and says of when the scores are', async () => {
    const { workbench } = editor();
    await fold('Recommended');
    await fold('Proposals');
    const proposals = workbench.tree('Proposals');
    editor().changeSettings({ 'modelPool.pool.allowedOrgs': ['Qwen'] });
    await expect.poll(() => proposals.welcomeText(), SOON).not.toContain('Allow Organisation');
    // Who asks while a refresh runs gets what that one has found, and it may have looked before.
    await workbench.page
      .locator('.sidebar .pane-header[aria-label^="Proposals"]')
      .getByText('comparing…')
      .waitFor({ state: 'hidden' });
    await workbench.runCommand('Model Pool: Refresh');
    const rows = await proposals.waitForRows('an offer', (found) => found.some(isAddition));
    const row = proposals.row(rows.find(isAddition)?.label ?? '');
    expect(await row.tooltip()).toMatch(/Freshness: .*, scores as of \d{4}-\d\d-\d\d/);
    await workbench.screenshot('proposals-offline-dark');
    await workbench.leaveHovers();
    editor().changeSettings({ 'modelPool.pool.allowedOrgs': undefined });
    await fold('Proposals');
    await fold('Recommended');
  });

  it('says so where no model fits', async () => {
    const { workbench } = editor();
    editor().changeSettings({ 'modelPool.hardware.override': TINY_MACHINE });
    const recommended = workbench.tree('Recommended');
    const row = recommended.row(/^No known model fits /);
    await row.locator.waitFor(SOON);
    expect(await row.tooltip()).toMatch(/Scores as of \d{4}-\d\d-\d\d\.$/);
    await workbench.leaveHovers();
    await workbench.screenshot('recommended-empty-dark');
    editor().changeSettings({ 'modelPool.hardware.override': undefined });
    await recommended.waitForRows('models', (found) => found.length > 5);
  });

  it('names the machine that it looked at, and says that the models run there', async () => {
    const { workbench } = editor();
    await workbench.widenSideBar(260);
    const machine = workbench.tree('Recommended').row(/./);
    await expect
      .poll(() => machine.tooltip(), SOON)
      .toMatch(/This window works on a remote machine \(.+\): models run there, not on the computer in/);
    await workbench.screenshot('remote-dark');
  });

  it('says of a server that is too old which version to update it to, and of which features', async () => {
    const { workbench } = editor();
    await fold('Recommended');
    const pool = workbench.tree('Pool');
    await pool.row('outdated').waitForDescription(/^too old · /);
    const step = pool.row(/^Update Ollama to 0\.1\.14 or newer\.$/);
    await expect.poll(() => step.tooltip(), SOON).toContain('Ollama 0.1.10 cannot chat over its API.');
    await pool.row('partly').waitForDescription(/^serving · /);
    const limits = pool.row('3 features need a newer version');
    await expect
      .poll(() => limits.tooltip(), SOON)
      .toContain('Ollama 0.5.0 does not tell thinking from the answer: update it to 0.9.0 or newer.');
    await workbench.screenshot('too-old-dark');
    await fold('Recommended');
  });

  it('says of a gated model where its conditions are accepted, with a button that goes there', async () => {
    const { workbench } = editor();
    const name = await askToInstall((found) => found.startsWith('hf.co/'));
    const repository = /^hf\.co\/([^:]+)/.exec(name)?.[1] ?? '';
    const body = JSON.stringify({ error: `Access to model ${repository} is restricted` });
    await install(name, { trouble: { manifest: { status: 403, body } } });
    const text = await workbench.notifications.waitFor(/was not installed/);
    expect(text).toContain(
      'Hugging Face gives this model only to accounts that have accepted its conditions',
    );
    expect(text).toContain(` https://huggingface.co/${repository}, `);
    await workbench.screenshot('gated-dark');
    await workbench.notifications.press(/was not installed/, 'Open Model Page');
    await workbench.dialog.waitUntilOpen();
    expect(await workbench.dialog.detail()).toContain(`https://huggingface.co/${repository}`);
    await workbench.dialog.press('Cancel');
  });

  it('says what a full disk keeps, when it gets it back, and offers to make room', async () => {
    const { workbench } = editor();
    ollama.faults.diskBytes = 8 * MIB;
    await install(await askToInstall((found) => found !== ''), { weightsBytes: 2 * GIB });
    const text = await workbench.notifications.waitFor(/was not installed/);
    expect(text).toMatch(/The disk with Ollama's models( \([^)]*\))? is full\. Free some space/);
    expect(text).toMatch(/keeps its space until Ollama is started again/);
    await workbench.screenshot('disk-full-dark');
    await workbench.notifications.press(/was not installed/, 'Remove Model');
    const options = await workbench.quickInput.waitForOptions('models', (found) => found.length > 0);
    expect(options.map(({ label }) => label)).toContain('qwen3:8b');
    await workbench.quickInput.cancel();
    ollama.faults.diskBytes = null;
  });

  it('says before a download that the disk has too little room, and begins nothing', async () => {
    const { workbench } = editor();
    const pulls = (): number => ollama.requests.filter(({ path }) => path === '/api/pull').length;
    const before = pulls();
    editor().changeSettings({ 'modelPool.hardware.override': HUGE_MACHINE });
    // The biggest whose size is known to the byte: no machine that runs tests has that much free.
    const exactGib = ({ description }: RowText): number =>
      Number(/ · (\d{3}) GiB · /.exec(description)?.[1] ?? 0);
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('huge models', (found) => found.some((row) => exactGib(row) > 0));
    const huge = rows.toSorted((a, b) => exactGib(b) - exactGib(a))[0]?.label ?? '';
    await workbench.tree('Recommended').row(huge).pressInline('Install Model');
    expect(await workbench.dialog.message()).toMatch(/ cannot be installed now$/);
    expect(await workbench.dialog.detail()).toMatch(
      /^The disk has .*iB free, and .* needs \d{3}.* GiB\. Free some space, then install again\./,
    );
    expect(await workbench.dialog.buttons()).toEqual(
      expect.arrayContaining(['Remove Model', 'Choose Another']),
    );
    await workbench.screenshot('disk-too-small-dark');
    await workbench.dialog.press('Cancel');
    expect(pulls()).toBe(before);
  });

  it('says of each backend how to start it when none answers, wherever a person looks', async () => {
    const { workbench } = editor();
    const status = workbench.statusBarItem('modelPool.status');
    editor().changeSettings({ 'modelPool.hardware.override': undefined });
    await status.click();
    await workbench.quickInput.choose('tiny');
    await status.waitForText(/tiny/);
    await Promise.all([ollama.stop(), outdated.stop(), partly.stop(), llama.kill()]);
    await workbench.runCommand('Model Pool: Refresh');
    await fold('Recommended');
    const pool = workbench.tree('Pool');
    for (const id of ['ollama', 'llama', 'outdated', 'partly', 'vllm']) {
      await pool.row(id).waitForDescription(/^unreachable · /);
    }
    await pool.row(/^Start Ollama with "ollama serve"/).locator.waitFor();
    await pool.row(/^Start llama-server with "llama-server /).locator.waitFor();
    expect(await pool.row('llama').inlineActions()).toContain('Start Server');
    await expect.poll(() => status.tooltip(), SOON).toMatch(/Nothing listens on .*Start llama-server with/);
    await workbench.screenshot('all-down-dark');

    await status.click();
    const options = await workbench.quickInput.waitForOptions('backends', (found) =>
      found.some(({ separator }) => separator === 'not answering'),
    );
    expect(options.find(({ label }) => label.includes('tiny'))?.description).toMatch(/ · not answering$/);
    expect(options.find(({ label }) => label.includes('vllm'))?.detail).toMatch(
      /Nothing listens .*Start vLLM/,
    );
    await workbench.screenshot('all-down-picker-dark');
    await workbench.quickInput.choose('vllm');
    await workbench.quickInput.waitForOptions('its command', (found) =>
      found.some(({ description }) => description.includes('vllm')),
    );
    await workbench.quickInput.cancel();

    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Are you there?');
    expect(await workbench.notifications.waitFor(/llama cannot be reached/)).toMatch(/Start that server/);
    await workbench.waitForEditorText(/^# Are you there\?\n\n> llama cannot be reached/);
    await workbench.screenshot('all-down-ask-dark');
    await workbench.notifications.press(/llama cannot be reached/, 'Start Server');
    await workbench.quickInput.waitForOptions('a command', (found) =>
      found.some(({ description }) => description.includes('llama')),
    );
    await workbench.quickInput.cancel();

    await workbench.chat.pickModel('tiny');
    await workbench.chat.ask('Are you there?');
    expect(await workbench.chat.waitForAnswer(/llama cannot be reached/, 60_000)).toMatch(
      /Start that server/,
    );
    await workbench.screenshot('all-down-chat-dark');
  });
});

const isAddition = ({ label, level }: RowText): boolean => level === 1 && label.startsWith('Add ');
