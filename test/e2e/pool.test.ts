import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel, type ModelPackage } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { inSharedState } from './support/sharedState';
import type { TreeRow } from './support/treeView';

const GIB = 1024 ** 3;
/** Models on the server; sizes are declared, no byte of them is anywhere. */
const BIG = 'qwen2.5:32b';
const KEPT = 'qwen2.5:3b';
const GONE = 'qwen2.5:1.5b';
const OUTSIDE = 'qwen2.5:0.5b';
const PARTIAL_BYTES = 96 * 1024 ** 2;

const model = (gib: number, more: Parameters<typeof describeModel>[0] = {}): ModelPackage =>
  describeModel({ weightsBytes: gib * GIB, capabilities: ['completion', 'tools'], ...more });

describe('the pool in the views', () => {
  let ollama: FakeOllama;
  /** The models folder as this machine would see it: one download that was never finished. */
  let modelsFolder = '';
  /** What is installed: its row under Recommended, its name on the server, and the GiB that the row says. */
  let label = '';
  let name = '';
  let organisation = '';
  const editor = useEditor(async () => {
    modelsFolder = mkdtempSync(path.join(tmpdir(), 'mpo-'));
    mkdirSync(path.join(modelsFolder, 'blobs'));
    const partial = path.join(modelsFolder, 'blobs', `sha256-${'a'.repeat(64)}-partial`);
    writeFileSync(partial, Buffer.alloc(PARTIAL_BYTES, 1));
    ollama = await startFakeOllama({
      bytesPerSecond: 2_000_000_000,
      tokenIntervalMs: 20,
      installed: {
        [BIG]: model(20),
        [KEPT]: model(2, { script: { answer: 'tick-tock ', endless: true } }),
        [GONE]: model(1),
        [OUTSIDE]: model(0.5),
      },
    });
    return {
      settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] },
      env: { OLLAMA_MODELS: modelsFolder },
    };
  });
  const installed = (modelName: string): TreeRow => editor().workbench.tree('Pool').row(modelName);
  const listed = async (): Promise<string> => (await fetch(`${ollama.url}/api/tags`)).text();
  /** Chooses an entry of the model's menu and answers its dialog; returns what the dialog said. */
  const answer = async (modelName: string, entry: string, button: string): Promise<string> => {
    const { workbench } = editor();
    await installed(modelName).chooseFromMenu(entry);
    await workbench.dialog.waitUntilOpen();
    const detail = await workbench.dialog.detail();
    await workbench.dialog.press(button);
    return detail;
  };

  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([BIG, KEPT, GONE, OUTSIDE]);
    const isSmall = ({ description }: { readonly description: string }): boolean =>
      /· ~?(?:[1-4]\.\d GiB|\d{3} MiB) ·/.test(description);
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('a small recommendation', (found) => found.some(isSmall));
    label = rows.find(isSmall)?.label ?? '';
  });
  afterAll(async () => {
    await ollama.stop();
    rmSync(modelsFolder, { recursive: true, force: true });
  });

  it('says what an unfinished download holds, and when that is freed', async () => {
    const row = installed('96.0 MiB in unfinished downloads');
    await eventually('its card', async () =>
      (await row.tooltip()).includes('Ollama frees them when it starts again an hour later or more'),
    );
  });

  it('takes a model in that was installed outside, after saying what that means', async () => {
    await eventually('its card', async () =>
      (await installed(BIG).tooltip()).includes('Installed outside the pool'),
    );
    expect(await installed(BIG).menuEntries()).not.toContain('Keep Model (Pin)');
    const detail = await answer(BIG, 'Add to Pool', 'Add to Pool');
    expect(detail).toMatch(/Its 20\.0 GiB then count towards the disk budget/);
    await eventually('the menu of a model of the pool', async () => {
      const entries = await installed(BIG).menuEntries();
      return entries.includes('Keep Model (Pin)') && !entries.includes('Add to Pool') ? true : undefined;
    });
    await answer(GONE, 'Add to Pool', 'Add to Pool');
  });

  it('keeps a model that is pinned', async () => {
    const { workbench } = editor();
    await answer(KEPT, 'Add to Pool', 'Add and Keep (Pin)');
    await installed(KEPT).waitForDescription(/^pinned · /);
    await installed(KEPT).chooseFromMenu('Unpin Model');
    await installed(KEPT).waitForDescription(/^Q4_K_M · /);
    await workbench.openQuestion('Model Pool: Keep Model (Pin)');
    await workbench.quickInput.choose(KEPT);
    await installed(KEPT).waitForDescription(/^pinned · /);
    await workbench.screenshot('pool-rows-dark');
  });

  it('gets its budget from a person, who is told what it means before it counts', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Set Disk Budget');
    expect(await workbench.quickInput.message()).toMatch(/Now they take 23\.0 GiB\..* free on this machine/);
    await workbench.quickInput.type('lots');
    await eventually('the error', async () =>
      (await workbench.quickInput.message()).includes('number of GiB'),
    );
    await workbench.quickInput.type('10');
    await eventually('the warning', async () =>
      (await workbench.quickInput.message()).includes('Less than the 23.0 GiB in use: nothing is removed'),
    );
    await workbench.screenshot('disk-budget-dark');
    await workbench.quickInput.enter('23,5');
    await workbench.page.locator('.sidebar .pane-header').getByText('23.0 GiB of 23.5 GiB').waitFor();
  });

  it('shows before an install what goes for it, why, and what stays', async () => {
    const { workbench } = editor();
    await workbench.tree('Recommended').row(label).pressInline('Install Model');
    await workbench.dialog.waitUntilOpen();
    name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    const detail = await workbench.dialog.detail();
    expect(detail).toMatch(/Pool: 23\.0 GiB of 23\.5 GiB now, then \d\.\d GiB/);
    // The one of the pool that is enough alone.
    expect(detail).toContain(`• ${BIG}: 20.0 GiB, score `);
    expect(detail).not.toContain(`• ${GONE}`);
    expect(detail).toMatch(/Kept: qwen2\.5:3b \(pinned\), qwen2\.5:1\.5b \(need not go\)\./);
    await workbench.screenshot('install-plan-dark');
    const buttons = await workbench.dialog.buttons();
    organisation =
      /^Always Allow (.+)$/.exec(buttons.find((text) => text.startsWith('Always')) ?? '')?.[1] ?? '';
    expect(organisation).not.toBe('');
    // Changing one setting of the machine's file writes them all, what the command has set as well.
    editor().changeSettings({ 'modelPool.pool.diskBudgetGb': 23.5 });
    await editor().setColorTheme('light');
    await workbench.screenshot('install-plan-light');
    await editor().setColorTheme('dark');
    await workbench.dialog.press('Cancel');
    expect(ollama.requests.some((request) => /pull|delete/.test(request.path))).toBe(false);
  });

  it('installs, removes what was shown, says so, and allows the organisation', async () => {
    const { workbench } = editor();
    ollama.registry.offer(name, model(1, { weightsDigest: `sha256:${'b'.repeat(64)}` }));
    await workbench.tree('Recommended').row(label).pressInline('Install Model');
    await workbench.dialog.press(`Always Allow ${organisation}`);
    const text = await workbench.notifications.waitFor(/to make room/, 40_000);
    expect(text).toBe(`Removed to make room for ${label}: ${BIG}.`);
    await workbench.tree('Pool').waitForRows('the rest', (rows) => !isAmong(rows)(BIG));
    expect(await listed()).not.toContain(BIG);
    expect(await listed()).toContain(KEPT);
    await workbench.screenshot('install-evicted-dark');
    await workbench.notifications.clear();
  });

  it('lists the organisations that are allowed, with how many models they have, and takes one by name', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Allow Organisation');
    const options = await workbench.quickInput.waitForOptions('some', (found) => found.length > 3);
    expect(options[0]?.label).toContain('Other…');
    expect(options[1]?.label).toBe(organisation);
    expect(options[1]?.description).toMatch(/models? for this machine/);
    await workbench.screenshot('allow-organisation-dark');
    await workbench.quickInput.choose(/Other/);
    await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await eventually('the question for a name', async () =>
      (await workbench.quickInput.title()).includes('Allow an organisation'),
    );
    await workbench.quickInput.type('a/b');
    await eventually('the error', async () => (await workbench.quickInput.message()).includes('no slash'));
    await workbench.quickInput.enter('some-lab');
    await workbench.quickInput.waitUntilClosed();
    // The list is made once: it must not be asked for before the setting is read.
    await eventually('the name among those allowed', () =>
      inSharedState(editor().globalStorageFolder, (sql) =>
        sql
          .all('SELECT allowed_orgs FROM pool_bounds')
          .some((row) => `${row['allowed_orgs']}`.includes('some-lab')),
      ),
    );
    await workbench.openQuestion('Model Pool: Allow Organisation');
    await workbench.quickInput.waitForOptions('both', (found) =>
      [organisation, 'some-lab'].every((each) => found.slice(1, 3).some((row) => row.label === each)),
    );
    await workbench.quickInput.cancel();
  });

  it('refuses what the budget has no room for, says why, and goes on when it has been raised', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Set Disk Budget');
    await workbench.quickInput.enter('2.5');
    await workbench.page.locator('.sidebar .pane-header').getByText('of 2.5 GiB').waitFor();
    const rows = await workbench.tree('Recommended').rows();
    const other = rows.find((row) => row.label !== label && row.description.includes(' GiB · '))?.label ?? '';
    await workbench.tree('Recommended').row(other).pressInline('Install Model');
    await workbench.dialog.waitUntilOpen();
    expect(await workbench.dialog.message()).toMatch(/cannot be installed now/);
    expect(await workbench.dialog.detail()).toMatch(/would exceed disk budget by [\d.]+ GB/);
    await workbench.screenshot('install-refused-dark');
    await workbench.dialog.press('Set Disk Budget');
    await workbench.quickInput.enter('500');
    await eventually('the dialog with a plan', async () =>
      /^Install .+\?$/.test(await workbench.dialog.message()),
    );
    expect(await workbench.dialog.detail()).toMatch(/of 500 GiB now/);
    await workbench.dialog.press('Cancel');
  });

  it('removes a model that answers a call when that has ended, and its row says so until then', async () => {
    const { workbench } = editor();
    await installed(KEPT).pressInline('Ask a Model');
    await workbench.quickInput.enter('Go on for ever');
    await installed(KEPT).waitForDescription(/^in use · pinned · /);
    const detail = await answer(KEPT, 'Remove Model', 'Remove Pinned Model');
    expect(detail).toMatch(/It is pinned: you asked to keep it\./);
    expect(detail).toMatch(/goes when that has ended/);
    await installed(KEPT).waitForDescription(/^goes when no call uses it · pinned · /);
    await workbench.notifications.waitFor(/is removed as soon as no call uses it/);
    await workbench.screenshot('removal-waits-dark');
    expect(await listed()).toContain(KEPT);
    await workbench.notifications.press(/answering/, 'Cancel');
    await workbench.tree('Pool').waitForRows('the rest', (rows) => !isAmong(rows)(KEPT));
    expect(await listed()).not.toContain(KEPT);
    await workbench.notifications.clear();
  });

  it('agrees with its server again when it is reconciled, and offers what is outside', async () => {
    const { workbench } = editor();
    // It comes half a minute after the start, reconciles as well, and would leave nothing to find.
    await eventually('the refresh that comes by itself', async () =>
      editor().logs().includes('refresh.completed'),
    );
    const response = await fetch(`${ollama.url}/api/delete`, {
      method: 'DELETE',
      body: JSON.stringify({ model: GONE }),
    });
    expect(response.status).toBe(200);
    await workbench.runCommand('Model Pool: Reconcile Pool');
    const text = await workbench.notifications.waitFor(/in the pool/);
    expect(text).toBe(
      `No longer installed, so no longer in the pool: ${GONE}. Installed outside the pool: ${OUTSIDE}.`,
    );
    await workbench.tree('Pool').waitForRows('the rest', (rows) => !isAmong(rows)(GONE));
    await workbench.screenshot('reconciled-dark');
    await workbench.notifications.press(/in the pool/, 'Add to Pool…');
    await workbench.quickInput.waitForOptions(OUTSIDE, (found) => found[0]?.label === OUTSIDE);
    await workbench.quickInput.cancel();
  });
});

function isAmong(rows: readonly { readonly label: string }[]): (name: string) => boolean {
  return (name) => rows.some((row) => row.label === name);
}
