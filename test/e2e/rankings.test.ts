import { beforeAll, describe, expect, it } from 'vitest';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { RowText } from './support/treeView';

/** What the ranking says of its models, in the Recommended view and in the report, on a machine with a common GPU. */
describe('the ranking', () => {
  const editor = useEditor(() =>
    Promise.resolve({
      settings: {
        'modelPool.hardware.override': {
          ...{ platform: 'nvidia', vramGb: 16, ramGb: 64, bandwidthGbps: 717 },
          ...{ gpuName: 'NVIDIA GeForce RTX 4080', cpuName: 'AMD Ryzen 9 7950X' },
        },
        'editor.minimap.enabled': false,
      },
    }),
  );
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Recommended').waitForRows('models', (rows) => rows.length > 5);
  });

  it('says on a row of the Recommended view how fast, how big, how good, where it fits and to which context', async () => {
    const { workbench } = editor();
    const tree = workbench.tree('Recommended');
    const first = (await tree.rows())[1];
    await workbench.leaveHovers();
    expect(first?.description).toMatch(
      /^~\d+ tok\/s · [\d.]+ GiB · score \d+ · \S+ · (?:fits the GPU|GPU and RAM) · \d+k context/,
    );
    const card = await tree.row(first?.label ?? '').tooltip();
    expect(card).toMatch(/Score [\d.]+ of 100, probably \d+ to \d+ \((?:high|medium|low) confidence\)/);
    expect(card).toMatch(/Evidence: .*(?:the newest of \d{4}-\d{2}-\d{2}|of its series)/);
    expect(card).toMatch(/estimated: [\d.]+ to [\d.]+/);
    expect(card).toMatch(/Longest context that fits: \d+k on the GPU/);
    expect(card).toMatch(/Memory by context:\s+4k: [\d.]+ GiB/);
    await workbench.screenshot('ranking-card-dark');
    await workbench.leaveHovers();
  });

  it('says at the end of the view how many models are left out, and why', async () => {
    const { workbench } = editor();
    const tree = workbench.tree('Recommended');
    await workbench.runCommand('Model Pool: Focus on Recommended View');
    const pane = workbench.page.locator('.sidebar .pane:has(.pane-header[aria-label^="Recommended"])');
    await pane.locator('.monaco-list:focus').waitFor();
    await workbench.page.keyboard.press('End');
    const left = tree.row(/^Left out: \d+ models$/);
    await left.expand();
    await tree.waitForRows('a reason', (found) => reasons(found).length > 0);
    await workbench.page.keyboard.press('End');
    const rows = await tree.waitForRows('the reasons', (found) => reasons(found).length >= 4);
    const texts = reasons(rows).map(({ label }) => label);
    expect(texts).toEqual(expect.arrayContaining(['Base models', 'Too big', 'No file to install']));
    for (const { description } of reasons(rows)) expect(Number(description)).toBeGreaterThan(0);
    const tooBig = tree.row('Too big');
    expect(await tooBig.accessibleName()).toMatch(/^\d+ models left out: Do not fit/);
    expect(await tooBig.tooltip()).toMatch(
      /^Do not fit: 72\.0 GiB are usable, the smallest .+\sand \d+ more$/s,
    );
    await workbench.screenshot('left-out-dark');
    await workbench.leaveHovers();
    await editor().setColorTheme('light');
    await workbench.screenshot('left-out-light');
    await editor().setColorTheme('dark');
    await left.collapse();
    await workbench.page.keyboard.press('Home');
  });

  it('shows in the report fit by context, the range of the speed, the evidence with its date, and other builds', async () => {
    const { workbench } = editor();
    const name = (await workbench.tree('Recommended').rows())[1]?.label ?? '';
    await workbench.tree('Recommended').row(name).select();
    const page = workbench.webview();
    const detail = page.locator('.grid-detail');
    await detail.getByText('How the score is made').waitFor({ timeout: 60_000 });
    const text = await detail.innerText();
    expect(text).toMatch(/Evidence\s.*the newest of \d{4}-\d{2}-\d{2} \(.+ old\)/);
    expect(text).toMatch(/Speed\s+~[\d.]+ tok\/s, \w+\. Estimated: likely [\d.]+ to [\d.]+ tok\/s/);
    expect(text).toMatch(/Longest context\s+\d+k on the GPU/);
    expect(text).toMatch(/Usable: 16\.0 GiB on the GPU, 72\.0 GiB with RAM/);
    const memory = detail.getByRole('table', { name: 'Memory by context' });
    expect(await memory.getByRole('rowheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['4k', '16k', '32k', '128k']),
    );
    const dates = await detail
      .getByRole('table', { name: /^Scores behind/ })
      .locator('td:last-child')
      .allInnerTexts();
    expect(dates.length).toBeGreaterThan(0);
    for (const date of dates) expect(date).toMatch(/^\d{4}/);
    expect(await detail.getByRole('table', { name: 'Builds' }).getByRole('row').count()).toBeGreaterThan(2);
    await workbench.page.keyboard.press('ControlOrMeta+B');
    await workbench.page.locator('.sidebar').waitFor({ state: 'hidden' });
    for (const theme of ['dark', 'light', 'highContrast'] as const) {
      await editor().setColorTheme(theme);
      await workbench.screenshot(`ranking-detail-${theme}`);
    }
    await editor().setColorTheme('dark');
  });

  it('says of a score without any result that it is a guess, and what from', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    const heads = page.getByRole('columnheader');
    const head = heads.filter({ hasText: 'Evidence' });
    await page.getByRole('row', { expanded: true }).dispatchEvent('click');
    const guessed = page.locator('#ranking-table .grid-row').filter({ hasText: 'guessed' }).first();
    await eventually('the weakest evidence first', async () => {
      if ((await head.getAttribute('aria-sort')) !== 'ascending') await head.getByRole('button').click();
      return guessed.isVisible();
    });
    await guessed.dispatchEvent('click');
    const detail = page.locator('.grid-detail');
    await detail.getByText(/^No results of its own or of a relative; guessed from its size/).waitFor();
    await workbench.screenshot('ranking-guessed-dark');
    await page.getByRole('row', { expanded: true }).dispatchEvent('click');
    await heads.filter({ hasText: 'Score' }).getByRole('button').click();
    await page.locator('#ranking-table .grid-body .grid-row').first().dispatchEvent('click');
    await detail.getByText('How the score is made').waitFor();
  });

  it('counts in the report what was left out, and opens to why', async () => {
    const { workbench } = editor();
    const line = workbench.webview().locator('details.left-out');
    expect(await line.locator('summary').innerText()).toMatch(/^[\d,]+ models of the catalogue left out/);
    await line.locator('summary').press('Enter');
    const table = line.getByRole('table');
    await table.getByText('Base models').waitFor();
    expect(await table.innerText()).toMatch(/Do not fit: 72\.0 GiB are usable/);
    await workbench.screenshot('report-left-out-dark');
    await line.locator('summary').press('Enter');
    await table.waitFor({ state: 'hidden' });
  });

  it('compares two models side by side', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    const rows = page.locator('#ranking-table .grid-body .grid-row');
    // Rows that lie under the head cannot be clicked by a mouse.
    const turn = (index: number): Promise<void> => rows.nth(index).dispatchEvent('click');
    const compare = page.getByRole('button', { name: /^Compare / });
    const opened = await page.getByRole('row', { expanded: true }).count();
    expect(opened).toBe(1);
    await compare.press('Enter');
    await page.getByText(/^Comparing .+: open another model/).waitFor();
    await compare.waitFor({ state: 'detached' });
    // The focus goes there in the next frame, where it would take the next key.
    await page.locator('#ranking-table .grid:focus').waitFor();
    await turn(3);
    await compare.press('Enter');
    const pane = page.getByRole('complementary', { name: /^Comparison of / });
    await pane.waitFor();
    expect(await pane.getByRole('rowheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['Score', 'Speed', 'Memory at 4k', 'Evidence', 'Longest context']),
    );
    await workbench.screenshot('report-compare-dark');
    await pane.press('Escape');
    await pane.waitFor({ state: 'detached' });
  });

  it('ranks for hardware that is only simulated, and says so, while the view stays with this machine', async () => {
    const { workbench } = editor();
    const page = workbench.webview();
    const title = page.locator('mp-rankings-tab .machine h2');
    await page.getByRole('button', { name: 'Simulate other hardware' }).press('Enter');
    // The focus goes there in the next frame: what is filled in meanwhile would land there.
    await page.locator('.imagine .device:focus').waitFor();
    await page.getByLabel('GPU or chip').fill('NVIDIA GeForce RTX 3090');
    await page.getByLabel('Number').fill('2');
    await page.getByLabel('RAM GiB').fill('128');
    await page.getByLabel('RAM GiB').press('Enter');
    await title.getByText('2 × NVIDIA GeForce RTX 3090').waitFor({ timeout: 60_000 });
    expect(await title.innerText()).toMatch(/^Simulated:/);
    await page.locator('#ranking-table .grid-body .grid-row').first().dispatchEvent('click');
    const detail = page.locator('.grid-detail').first();
    await detail.getByText('Usable: 48.0 GiB on the GPU, 168.0 GiB with RAM').waitFor();
    expect(await detail.getByRole('button', { name: /^Install/ }).count()).toBe(0);
    await workbench.screenshot('report-simulated-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('report-simulated-light');
    await editor().setColorTheme('dark');
    await page.getByRole('button', { name: 'Back to This Machine' }).press('Enter');
    await title.getByText('NVIDIA GeForce RTX 4080 (this machine)').waitFor({ timeout: 60_000 });
    await workbench.openView('Model Pool');
    const [machine] = await workbench.tree('Recommended').waitForRows('rows', (rows) => rows.length > 5);
    expect(machine?.label).toBe('NVIDIA GeForce RTX 4080');
  });
});

function reasons(rows: readonly RowText[]): readonly RowText[] {
  return rows.filter(({ level }) => level === 2);
}
