import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufRepo } from '../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub } from '../fakes/huggingFace/server';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { shapedGguf } from '../support/shapedGguf';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';

/** No such model was released: its series is known, and nothing of it. */
const NEW_MODEL = 'Qwen3.5-31B-A3B';

describe('the machine and the catalogue', () => {
  let folder: string;
  let hub: FakeHub;
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mpm-'));
    hub = await startFakeHub();
    // From the start: the refresh that comes by itself after half a minute may look first, and what it saw is kept.
    const file = await shapedGguf(folder, 'qwen3-30b-a3b', NEW_MODEL);
    const id = `Qwen/${NEW_MODEL}-GGUF`;
    hub.repos.set(
      id,
      ggufRepo(id, {
        createdAt: '2026-11-20T08:00:00.000Z',
        tags: ['gguf', 'text-generation', 'conversational', 'license:apache-2.0'],
        files: { [`${NEW_MODEL}-F16.gguf`]: file },
      }),
    );
    ollama = await startFakeOllama();
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.catalog.online': true,
        'modelPool.hosts': {
          gpubox: {
            ...{ platform: 'nvidia', gpuName: 'NVIDIA GeForce RTX 4090' },
            ...{ vramGb: 24, ramGb: 64, bandwidthGbps: 1008 },
          },
        },
      },
      env: { HF_ENDPOINT: hub.url },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Recommended').waitForRows('models', (rows) => rows.length > 5);
  });
  afterAll(async () => {
    await hub.stop();
    await ollama.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const titleOfRecommended = (): Promise<string> =>
    editor().workbench.page.locator('.sidebar .pane-header[aria-label^="Recommended"]').innerText();

  it('finds a new model on Hugging Face when it is refreshed, and ranks it with the others', async () => {
    const { workbench } = editor();
    expect(await titleOfRecommended()).toMatch(/snapshot \d{4}-\d{2}-\d{2}/);
    await workbench.tree('Pool').pressTitleAction('Refresh');
    await eventually('the live catalogue', async () => (await titleOfRecommended()).includes('live'));
    await workbench.runCommand('Model Pool: Rank Models for This Machine');
    const page = workbench.webview();
    await page.getByRole('searchbox').fill(NEW_MODEL);
    await page.getByText(NEW_MODEL).first().waitFor({ timeout: 60_000 });
    await workbench.screenshot('discovered-dark');
    await page.getByRole('searchbox').fill('');
  });

  it('ranks for another machine that the settings describe, and says for which', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Choose Machine');
    await workbench.quickInput.choose('gpubox');
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('the other machine', (found) => found[0]?.description.includes('gpubox') === true);
    expect(rows[0]?.label).toBe('NVIDIA GeForce RTX 4090');
    await workbench.screenshot('other-machine-dark');
    await workbench.openQuestion('Model Pool: Choose Machine');
    const [local] = await workbench.quickInput.waitForOptions('the machines', (found) => found.length === 2);
    await workbench.quickInput.choose(local?.label ?? '');
    await workbench
      .tree('Recommended')
      .waitForRows('this machine', (found) => found[0]?.description.includes('gpubox') === false);
  });

  it('measures the memory when it is asked to, and shows the figure as measured', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Measure Memory Bandwidth');
    expect(await workbench.dialog.message()).toContain('Measure how fast');
    await workbench.screenshot('measure-dark');
    await workbench.dialog.press('Measure');
    const text = await workbench.notifications.waitFor(/GB\/s/);
    expect(text).toMatch(/\d+ GB\/s/);
    await workbench
      .tree('Recommended')
      .waitForRows('a measured bandwidth', (rows) => / · \d+ GB\/s$/.test(rows[0]?.description ?? ''));
    await workbench.screenshot('measured-dark');
  });
});
