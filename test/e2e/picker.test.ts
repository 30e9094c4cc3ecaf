import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';

const GIB = 2 ** 30;
const NEW = 'qwen3:8b';
const OLD = 'qwen:7b';
const ANSWER = /word by word\./;

describe('the picked model', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      ...{ gpuShare: 1, bytesPerSecond: 40_000_000 },
      installed: {
        [NEW]: describeModel({ family: 'qwen3', parameterSize: '8.2B', weightsBytes: 4.9 * GIB }),
        [OLD]: describeModel({ family: 'qwen', parameterSize: '7.7B', weightsBytes: 4.2 * GIB }),
      },
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.hardware.override': {
          ...{ platform: 'nvidia', gpuName: 'Imaginary GPU', vramGb: 80, ramGb: 64, bandwidthGbps: 3_000 },
        },
      },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([NEW]);
    await workbench.tree('Recommended').waitForRows('recommendations', (rows) => rows.length > 5);
  });
  afterAll(() => ollama.stop());

  const status = () => editor().workbench.statusBarItem('modelPool.status');

  async function openPicker(): Promise<void> {
    await status().click();
    await editor().workbench.quickInput.waitForOptions('both models', (options) =>
      [NEW, OLD].every((name) => options.some(({ label }) => label.endsWith(name))),
    );
  }

  it('can be whichever is best for a task, which the picker names beside what else there is', async () => {
    const { workbench } = editor();
    await openPicker();
    const options = await workbench.quickInput.waitForOptions('what is best for coding', (found) =>
      found.some(({ label }) => label.endsWith('Auto: coding')),
    );
    const auto = options.find(({ label }) => label.endsWith('Auto: coding'));
    expect(auto?.description).toBe(`now ${NEW} of ollama`);
    const model = options.find(({ label }) => label === NEW);
    expect(model?.description).toBe(`ollama · ${hostname()}`);
    expect(model?.detail).toMatch(/^~\d+ tok\/s · fits the GPU · score \d+ from \d+ results · .*4\.9 GiB/);
    await workbench.screenshot('picker-auto-dark');
    await workbench.quickInput.choose(/Auto: coding$/);
    await status().waitForText(/^Auto: coding · qwen3:8b$/);
    expect(await status().accessibleName()).toContain(`Auto: coding, now ${NEW}`);
  });

  it('answers then, and the record says which model did', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.waitUntilOpen();
    expect(await workbench.quickInput.title()).toBe(`Ask Auto: coding, now ${NEW}`);
    await workbench.quickInput.enter('Who are you?');
    await workbench.waitForEditorText(ANSWER);
    await status().waitForText(/^Auto: coding · qwen3:8b · [\d,]+(\.\d)? tok\/s$/);
    const [record] = await eventually('a record', async () => {
      const found = readRecords(editor().globalStorageFolder);
      return found.length > 0 ? found : undefined;
    });
    expect(record).toMatchObject({ model: NEW, sessionId: 'ask', provenance: { model: 'catalog_default' } });
  });

  it('is not needed to load a model: its button in the picker does that', async () => {
    const { workbench } = editor();
    await openPicker();
    await workbench.quickInput.pressOptionButton(OLD, 'Warm Model');
    await workbench.notifications.waitFor(/qwen:7b was loaded in /);
    await workbench.notifications.clear();
    await workbench
      .tree('Pool')
      .row(OLD)
      .waitForDescription(/loaded/);
  });

  it('or another loaded one is put out of memory in its row', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Pool').row(OLD);
    expect(await row.inlineActions()).toContain('Stop Model (Unload)');
    await workbench.screenshot('stop-model-dark');
    await row.pressInline('Stop Model (Unload)');
    await eventually('it to be gone', async () => !(await row.description()).includes('loaded'));
    expect(ollama.store.names()).toContain(OLD);
    expect(await row.inlineActions()).not.toContain('Stop Model (Unload)');
  });

  it('shows what it is made from, and only its own calls', async () => {
    const { workbench } = editor();
    const row = workbench.tree('Pool').row(NEW);
    await row.chooseFromMenu('Open Modelfile');
    await workbench.waitForEditorText(/^FROM /m);
    expect((await workbench.tabs()).some((tab) => tab.startsWith(NEW))).toBe(true);
    await workbench.screenshot('open-modelfile-dark');
    await workbench.tree('Pool').row(OLD).chooseFromMenu('Show Dispatches');
    const page = workbench.webview();
    await page
      .getByText(/No .*match/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await workbench.screenshot('dispatches-of-model-dark');
    await row.chooseFromMenu('Show Dispatches');
    await page.getByRole('row').filter({ hasText: NEW }).first().waitFor({ timeout: 60_000 });
    await row.chooseFromMenu('Explain Score');
    await page.getByRole('columnheader', { name: 'Score' }).first().waitFor({ timeout: 60_000 });
  });

  it('counts for this folder until it is made that of all windows', async () => {
    const { workbench } = editor();
    await openPicker();
    await workbench.quickInput.choose(OLD);
    await status().waitForText(/^qwen:7b/);
    await openPicker();
    await workbench.quickInput.type('all windows');
    await workbench.quickInput.waitForOptions('where it counts', (options) =>
      options.some(({ label }) => label.endsWith('Use qwen:7b in all windows')),
    );
    await editor().setColorTheme('light');
    await workbench.screenshot('picker-scope-light');
    await workbench.quickInput.type('');
    await workbench.screenshot('picker-light');
    await workbench.quickInput.type('all windows');
    await workbench.quickInput.choose(/Use qwen:7b in all windows/);
    await openPicker();
    await workbench.quickInput.type('all windows');
    const left = await workbench.quickInput.waitForOptions('nothing to change', (options) =>
      options.every(({ label }) => !label.includes('all windows')),
    );
    expect(left.some(({ label }) => label.includes('Follow'))).toBe(false);
    await workbench.quickInput.cancel();
    await editor().setColorTheme('dark');
  });

  it('is joined by no model whose install is cancelled, which says what stays on the disk', async () => {
    const { workbench } = editor();
    const rows = await workbench.tree('Recommended').rows();
    const row = workbench.tree('Recommended').row(rows[1]?.label ?? '');
    await row.pressInline('Install Model');
    const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    ollama.registry.offer(name, describeModel({ weightsBytes: GIB, capabilities: ['completion'] }));
    await workbench.dialog.press('Install');
    await row.waitForDescription(/^[1-9]\d* % · /);
    // A row that is drawn anew four times a second has no button for long.
    ollama.pace.bytesPerSecond = 1_000;
    await row.pressInline('Cancel Install');
    await workbench.notifications.waitFor(
      /is no longer being installed\. The .*iB that were downloaded stay/,
    );
    expect(
      await workbench.page
        .locator('.statusbar')
        .getByText(/ is paused\./)
        .count(),
    ).toBe(0);
    await workbench.screenshot('cancel-install-dark');
    await row.waitForDescription(/^~/);
    expect(ollama.store.names()).not.toContain(name);
  });
});

describe('the recommended models', () => {
  const editor = useEditor({
    settings: {
      'modelPool.hardware.override': {
        ...{ platform: 'nvidia', gpuName: 'Imaginary GPU', vramGb: 12, ramGb: 64, bandwidthGbps: 500 },
      },
    },
  });

  it('are narrowed by a filter that the view names, and grouped by task', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    const tree = workbench.tree('Recommended');
    await tree.waitForRows('recommendations', (rows) => rows.length > 5);
    await workbench.openQuestion('Model Pool: Filter Recommended Models');
    await workbench.quickInput.choose('fits the GPU');
    await workbench.quickInput.choose('free licence');
    await workbench.screenshot('filter-dark');
    await workbench.page.keyboard.press('Enter');
    await tree.waitForRows('only what fits the GPU', (rows) =>
      rows.slice(1, 6).every(({ description }) => description.includes('fits the GPU')),
    );
    await workbench.runCommand('Model Pool: Group Recommended Models by Task');
    await tree.waitForLabels(['For general use']);
    await tree.row('For general use').collapse();
    await tree.row('For coding').expand();
    await tree.waitForRows(
      'the best for coding',
      (rows) => rows.filter(({ level }) => level === 2).length > 3,
    );
    await workbench.screenshot('recommended-groups-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('recommended-groups-light');
  });
});
