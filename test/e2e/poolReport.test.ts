import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel, type ModelPackage } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { violations } from './support/axe';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';

const GIB = 1024 ** 3;
const WEIGHTS = `sha256:${'a'.repeat(64)}`;

function model(system: string): ModelPackage {
  return describeModel({ weightsBytes: 3 * GIB, weightsDigest: WEIGHTS, system });
}

/** Three names of one file, with a prompt of its own each, and one of another file. */
const MODELS: Readonly<Record<string, ModelPackage>> = {
  'base:7b': model('base'),
  'lawyer:7b': model('You are a lawyer.'),
  'poet:7b': model('You are a poet.'),
  'alone:3b': describeModel({ weightsBytes: 2 * GIB }),
};

describe('the disk of the pool', () => {
  let ollama: FakeOllama;
  const folder = mkdtempSync(path.join(tmpdir(), 'mp-models-'));
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({ installed: MODELS });
    writeModelsFolder(folder);
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.pool.diskBudgetGb': 20,
        'editor.minimap.enabled': false,
      },
      env: { OLLAMA_MODELS: folder },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels(['base:7b']);
  });
  afterAll(async () => {
    await ollama.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function figure(name: string): Promise<string> {
    const row = editor().workbench.webview().locator('.disk-figures tr').filter({ hasText: name });
    return (await row.locator('td').innerText()).trim();
  }

  it('shows layer by layer what is there, with what the pool does not keep', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Show Pool Disk');
    const page = workbench.webview();
    await page.getByRole('tab', { name: 'Pool', selected: true }).waitFor({ timeout: 60_000 });
    await eventually('the figures', async () => (await figure('Outside the pool')) === '5.0');
    expect(await figure('Used by the pool')).toBe('0.0');
    expect(await figure('Unfinished downloads')).toBe('0.1');
    expect(Number((await figure('Free on the volume')).replaceAll(',', ''))).toBeGreaterThan(0);
    await page.getByText('2 layers as a table').or(page.getByText('3 layers as a table')).first().waitFor();
    expect(await page.getByText(/^Unfinished downloads keep their disk until they are resumed/).count()).toBe(
      1,
    );
  });

  it('follows the pool: what is taken in counts once however many models share it', async () => {
    const { workbench } = editor();
    for (const name of ['base:7b', 'lawyer:7b', 'poet:7b']) {
      await workbench.tree('Pool').row(name).chooseFromMenu('Add to Pool');
      await workbench.dialog.press('Add to Pool');
    }
    await eventually('the budget to count them', async () => (await figure('Used by the pool')) === '3.0');
    expect(await figure('Left of the budget')).toBe('17.0');
    const page = workbench.webview();
    const order = page.getByRole('region', { name: 'What would go first from This machine' });
    const rows = await eventually('all three of them', async () => {
      const texts = await order.locator('tbody tr').allInnerTexts();
      return texts.length === 3 ? texts : undefined;
    });
    const cells = rows.map((row) => row.split('\t').map((cell) => cell.trim()));
    // The weights go with the last of them alone.
    expect(cells.map(([place, , , , frees, inAll]) => [place, frees, inAll])).toEqual([
      ['1', '0.0', '0.0'],
      ['2', '0.0', '0.0'],
      ['3', '3.0', '3.0'],
    ]);
    expect(cells[0]?.at(-1)).toMatch(/others share its layers$/);
    const staying = page.getByRole('region', { name: 'What stays on This machine' });
    expect(await staying.innerText()).toMatch(/alone:3b\s+2\.0\s+installed outside the pool/);
    const history = page.getByRole('region', { name: 'History of the pool' });
    expect(await history.locator('tbody tr').count()).toBe(3);
    expect(await history.innerText()).toMatch(/Came into the pool\s+poet:7b\s+3\.0/);
  });

  it('draws the layers as a map, and says the same in a table', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    const map = page.getByRole('img', { name: /^Map of 3 layers on the disk of This machine/ });
    await map.getByText(/shared by 3/).waitFor();
    await page.locator('.layers summary').press('Enter');
    const layers = page.getByRole('region', { name: 'Layers on the disk of This machine' });
    const text = await layers.innerText();
    expect(text).toMatch(/base:7b, lawyer:7b, poet:7b\s+3\.0\s+shared by several models\s+a{12}/);
    expect(text).toMatch(/unfinished download\s+0\.1/);
    await page.locator('.layers summary').press('Enter');
    await workbench.page.keyboard.press('ControlOrMeta+B');
    await workbench.page.locator('.sidebar').waitFor({ state: 'hidden' });
    for (const [theme, kind] of [
      ['dark', 'vscode-dark'],
      ['light', 'vscode-light'],
      ['highContrast', 'vscode-high-contrast'],
    ] as const) {
      await editor().setColorTheme(theme);
      // The page is told a moment after the window wears it.
      await page.locator(`body.${kind}`).waitFor();
      await workbench.screenshot(`pool-tab-${theme}`);
      expect(await violations(workbench)).toEqual([]);
    }
    await editor().setColorTheme('dark');
  });

  it('says which model stays because it is pinned', async () => {
    const { workbench } = editor();
    await workbench.openView('Model Pool');
    await workbench.tree('Pool').row('poet:7b').chooseFromMenu('Keep Model (Pin)');
    const staying = workbench.webview().getByRole('region', { name: 'What stays on This machine' });
    await staying.getByText('you have pinned it').waitFor({ timeout: 60_000 });
    expect(await staying.innerText()).toMatch(/poet:7b\s+3\.0\s+you have pinned it/);
  });

  it('tells what left it: what Model Pool removed, and what went without it', async () => {
    const { workbench } = editor();
    await workbench.tree('Pool').row('lawyer:7b').pressInline('Remove Model');
    await workbench.dialog.press('Remove');
    const history = workbench.webview().getByRole('region', { name: 'History of the pool' });
    await history.getByText('Removed', { exact: true }).waitFor({ timeout: 60_000 });
    expect(await history.innerText()).toMatch(/Removed\s+lawyer:7b\s+3\.0/);

    const body = JSON.stringify({ model: 'base:7b' });
    expect((await fetch(`${ollama.url}/api/delete`, { method: 'DELETE', body })).ok).toBe(true);
    await workbench.runCommand('Model Pool: Reconcile Pool');
    await history.getByText('Removed outside Model Pool').waitFor({ timeout: 60_000 });
    expect(await history.innerText()).toMatch(/Removed outside Model Pool\s+base:7b\s+3\.0/);
    expect(await history.getByText('Came into the pool').count()).toBe(3);
    await workbench.screenshot('pool-history-dark');
  });
});

/** Ollama's models folder as it is on a disk: manifests by name, and a download that was broken off. */
function writeModelsFolder(root: string): void {
  for (const [name, { layers }] of Object.entries(MODELS)) {
    const [base = '', tag = ''] = name.split(':');
    const at = path.join(root, 'manifests', 'registry.ollama.ai', 'library', base);
    mkdirSync(at, { recursive: true });
    const manifest = { layers: layers.map(({ digest, size }) => ({ digest, size: Math.round(size) })) };
    writeFileSync(path.join(at, tag), JSON.stringify(manifest));
  }
  const blobs = path.join(root, 'blobs');
  mkdirSync(blobs, { recursive: true });
  writeFileSync(path.join(blobs, `sha256-${'f'.repeat(64)}-partial`), Buffer.alloc(GIB / 16, 1));
}
