import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { SCRIPTED_ANSWER } from '../support/scriptedModel';
import { reportFrame, violations } from './support/axe';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { KeyboardUser } from './support/keyboardUser';
import type { Workbench } from './support/workbench';

/** What one press of a key may take to show. */
const KEY_LIMIT_MS = 60_000;

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
    await workbench.openOurViews();
    await workbench.tree('Recommended').waitForRows('models', (rows) => rows.length > 5);
    await workbench
      .tree('Pool')
      .waitForRows('the model', (rows) => rows[0]?.description.startsWith('serving') === true);
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
    await new KeyboardUser(workbench).goToRow('Recommended', 1);
    await keyboard.press('Enter');
    await workbench.webview().getByText('How the score is made').waitFor({ timeout: KEY_LIMIT_MS });

    await workbench.openQuestion('Model Pool: Pick Model');
    await workbench.quickInput.waitForOptions('the model', (options) => options[0]?.label === 'tiny');
    await keyboard.press('Enter');
    const status = workbench.statusBarItem('modelPool.status');
    await status.waitForText(/tiny/);
    expect(await status.accessibleName()).toBe('Model Pool: tiny');

    await workbench.openQuestion('Model Pool: Ask a Model');
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
      // Without a disk to show; what it says of one is looked at in poolReport.test.ts.
      await page.getByRole('tab', { name: 'Pool' }).dispatchEvent('click');
      await page.getByText('No disk to look at').waitFor();
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
