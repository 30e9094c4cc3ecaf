import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFrozenSnapshot } from '../../src/catalog/snapshot';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { repositoryRoot } from '../support/repository';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';

const NAMES = ['qwen3:8b', 'qwen3:14b'] as const;

/** Bytes of the build that Ollama installs under a name, as the catalogue knows it. */
async function sizeOf(name: string): Promise<number> {
  const { snapshot } = await loadFrozenSnapshot({ path: path.join(repositoryRoot, 'data', 'snapshot.json') });
  const candidate = snapshot.candidates.find(({ ollamaNames }) => ollamaNames?.includes(name));
  const build = candidate?.builds.find(({ quant }) => quant === 'Q4_K_M');
  if (!build) throw new Error(`${name} is not in the catalogue`);
  return build.sizeBytes;
}

describe('how fast a machine really is', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    const installed = await Promise.all(
      NAMES.map(async (name) => {
        const weightsBytes = await sizeOf(name);
        return [name, describeModel({ family: 'qwen3', weightsBytes, quantization: 'Q4_K_M' })] as const;
      }),
    );
    ollama = await startFakeOllama({ gpuShare: 1, installed: Object.fromEntries(installed) });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.hardware.override': {
          // About as fast as the fake.
          ...{ platform: 'nvidia', gpuName: 'Imaginary GPU', vramGb: 11, ramGb: 64, bandwidthGbps: 8_000 },
        },
      },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([NAMES[0]]);
  });
  afterAll(() => ollama.stop());

  async function measure(name: string): Promise<void> {
    const { workbench } = editor();
    await workbench.quickInput.choose(name);
    // The second one may put out the first, which is asked.
    if (name === NAMES[1]) await workbench.dialog.press('Load and Measure');
    await workbench.notifications.waitFor(/writes .+ tok\/s/);
    await workbench.notifications.clear();
  }

  it('is not known before anything was measured, and says how to find out', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Rank Models for This Machine');
    const page = workbench.webview();
    // The page is led to its Rankings first; only then does a click lead elsewhere.
    await page.getByRole('columnheader', { name: 'Score' }).waitFor({ timeout: 60_000 });
    await page.getByRole('tab', { name: 'Machine' }).click();
    await page.getByText('Nothing was measured on this machine yet').waitFor();
    expect(await page.getByText('as described').first().isVisible()).toBe(true);
    await workbench.screenshot('machine-tab-empty-dark');
  });

  it('is shown beside the estimates as soon as models were measured, with the error before and after', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    await page.getByRole('button', { name: 'Measure a Model' }).click();
    await measure(NAMES[0]);
    await page.getByText(/multiplied by .+ on the accelerator \(1 measured model\)/).waitFor();
    await page.getByText(/Measure a second model/).waitFor();

    await page.getByRole('button', { name: 'Measure a Model' }).click();
    await measure(NAMES[1]);
    await page.getByText(/\(2 measured models\)/).waitFor();
    const rows = page.locator('.measured-table tbody tr');
    const cells = await eventually('both models', async () => {
      const texts = await rows.allInnerTexts();
      return texts.length === 2
        ? texts.map((text) => text.split('\t').map((cell) => cell.trim()))
        : undefined;
    });
    for (const [, quant, , measured, estimated, error, calibrated, errorAfter, how] of cells) {
      expect([quant, how]).toEqual(['Q4_K_M', 'Measure']);
      for (const rate of [measured, estimated, calibrated])
        expect(Number(rate?.replace(',', ''))).toBeGreaterThan(0);
      for (const off of [error, errorAfter]) expect(off).toMatch(/^[+−][\d,.]+ %$/);
    }
    await page.getByRole('table').filter({ hasText: 'Usable GiB' }).waitFor();
    await page.getByRole('row', { name: /^qwen3:14b ollama/ }).waitFor();
    await workbench.screenshot('machine-tab-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('machine-tab-light');
    await editor().setColorTheme('dark');
  });

  it('corrects the estimates of the other models, which say so', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    await page.getByRole('tab', { name: 'Rankings' }).click();
    const corrected = page.getByTitle(/× .+ after measuring 2 models here/);
    await corrected.first().waitFor({ timeout: 60_000 });
    await workbench.screenshot('machine-corrected-ranking-dark');
  });

  it('stands at the build that was measured, also where another build of the model is recommended', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    await page.getByPlaceholder('Filter models').fill('Qwen/Qwen3-14B');
    const row = page.locator('#ranking-table .grid-body .grid-row').filter({ hasText: 'Qwen3-14B' });
    await row.first().click();
    const build = page.getByRole('table', { name: 'Builds' }).getByRole('row', { name: /^Q4_K_M/ });
    await build.getByTitle('Measured on this machine').waitFor();
    await workbench.screenshot('measured-build-dark');
  });
});
