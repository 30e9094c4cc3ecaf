import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { SCRIPTED_ANSWER } from '../support/scriptedModel';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { Workbench } from './support/workbench';

interface AxeResult {
  readonly violations: readonly Violation[];
  /** Number of rules that applied and found nothing. */
  readonly passed: number;
}

/** A finding of axe, as far as it is shown here. */
interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What one press of a key may take to show. */
const KEY_LIMIT_MS = 20_000;

describe('without a mouse and without eyes', () => {
  let server: LlamaServer;
  const editor = useEditor(async () => {
    server = await startLlamaServer({ alias: 'tiny' });
    return {
      settings: { 'modelPool.backends': [{ id: 'llama', kind: 'llama_server', url: server.url }] },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.openView('Model Pool');
    await workbench.tree('Recommended').waitForRows('models', (rows) => rows.length > 5, 30_000);
    await workbench
      .tree('Pool')
      .waitForRows('the model', (rows) => rows[0]?.description.startsWith('serving') === true, 30_000);
  });
  afterAll(() => server.stop());

  it('every row says what it is', async () => {
    const { workbench } = editor();
    const names = async (view: string): Promise<readonly string[]> =>
      workbench.page
        .locator(`.sidebar .pane:has(.pane-header[aria-label^="${view}"]) .monaco-list-row`)
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
    const pool = await names('Pool');
    expect(pool[0]).toMatch(/^llama, serving · 127\.0\.0\.1:\d+/);
    expect(pool.some((name) => name.startsWith('tiny, F16 · '))).toBe(true);
    const recommended = await names('Recommended');
    expect(recommended[0]).toMatch(/^This machine: .+, .*RAM/);
    expect(recommended[1]).toMatch(
      /^1\. .+, ~.+ tok\/s · .+ · score \d+ · .+ · (?:fits in RAM|fits the GPU|GPU and RAM)/,
    );
  });

  it('a recommendation is read, a model picked and asked, and the record opened', async () => {
    const { workbench } = editor();
    const { keyboard } = workbench.page;
    await workbench.runCommand('Model Pool: Focus on Recommended View');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await workbench.webview().getByText('How the score is made').waitFor({ timeout: KEY_LIMIT_MS });

    await workbench.runCommand('Model Pool: Pick Model');
    await workbench.quickInput.waitForOptions('the model', (options) => options[0]?.label === 'tiny');
    await keyboard.press('Enter');
    const status = workbench.statusBarItem('modelPool.status');
    await status.waitForText(/tiny/);
    expect(await status.accessibleName()).toBe('Model Pool: tiny');

    await workbench.runCommand('Model Pool: Ask a Model');
    await workbench.quickInput.waitUntilOpen();
    await keyboard.type('Who are you?');
    await keyboard.press('Enter');
    expect(await workbench.waitForEditorText(/word by word\./, KEY_LIMIT_MS)).toContain(SCRIPTED_ANSWER);

    await workbench.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    await page.getByRole('grid').getByText('Served').waitFor({ timeout: KEY_LIMIT_MS });
    await tabTo(workbench, 'Dispatch records, newest first');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.getByText('Where each value came from').waitFor();
    await keyboard.press('Escape');
    await page.getByText('Where each value came from').waitFor({ state: 'detached' });
  });

  it.each(['dark', 'light', 'highContrast'] as const)(
    'axe finds nothing in the report in %s',
    async (theme) => {
      const { workbench } = editor();
      await editor().setColorTheme(theme);
      await workbench.runCommand('Model Pool: Show Dispatches');
      const page = workbench.webview();
      await page.getByRole('row').filter({ hasText: 'Served' }).click();
      await page.getByText('Where each value came from').waitFor();
      expect(await violations(workbench)).toEqual([]);
      await page.getByRole('button', { name: 'Close details' }).click();
      await workbench.runCommand('Model Pool: Rank Models for This Machine');
      await page.getByText('How the score is made').waitFor();
      expect(await violations(workbench)).toEqual([]);
      // A hover of VS Code over the tabs of editors lies where a mouse would click.
      await page.getByRole('tab', { name: 'Machine' }).dispatchEvent('click');
      await page.getByText('Loaded now').waitFor();
      expect(await violations(workbench)).toEqual([]);
    },
  );
});

/** Presses Tab until the element of the report with this name has the focus. */
async function tabTo(workbench: Workbench, name: string): Promise<void> {
  const frame = await reportFrame(workbench);
  await eventually(`the focus on ${name}`, async () => {
    await workbench.page.keyboard.press('Tab');
    return frame.evaluate((wanted) => document.activeElement?.getAttribute('aria-label') === wanted, name);
  });
}

/** What axe finds, in short. The page's own security policy stays as it is: this is not a script of the page. */
async function violations(workbench: Workbench): Promise<readonly string[]> {
  const frame = await reportFrame(workbench);
  await frame.evaluate(AXE);
  const found = await frame.evaluate<AxeResult>(
    'axe.run(document.body).then(({ violations, passes }) => ({ violations, passed: passes.length }))',
  );
  expect(found.passed, 'rules that axe could apply').toBeGreaterThan(10);
  return found.violations.map(
    ({ id, impact, nodes }) =>
      `${id} (${String(impact)}): ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join('\n')}`,
  );
}

async function reportFrame(workbench: Workbench): Promise<Frame> {
  const main = await workbench.webview().locator('main').elementHandle();
  const frame = await main.ownerFrame();
  if (!frame) throw new Error('The report is not shown.');
  return frame;
}
