import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { RowText, TreeView } from './support/treeView';
import type { Workbench } from './support/workbench';

const GIB = 1024 ** 3;
/** One that every newer model of its size beats. */
const OLD = 'qwen:7b';

/** What a refresh proposes from the models that came with the extension, on a machine with a small card. */
describe('the proposals', () => {
  let ollama: FakeOllama;
  let rejected = '';
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      bytesPerSecond: 40_000_000,
      installed: {
        [OLD]: describeModel({
          ...{ family: 'qwen2', parameterSize: '7.7B', quantization: 'Q4_0', weightsBytes: 4.2 * GIB },
        }),
      },
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.pool.diskBudgetGb': 30,
        'modelPool.hardware.override': {
          ...{ platform: 'nvidia', vramGb: 8, ramGb: 16, bandwidthGbps: 288 },
          ...{ gpuName: 'NVIDIA GeForce RTX 4060', cpuName: 'AMD Ryzen 5 7600' },
        },
      },
      env: { OLLAMA_MODELS: undefined },
    };
  });
  const view = (): TreeView => editor().workbench.tree('Proposals');
  /** Waits until no refresh runs: who asks meanwhile gets what that one has found, however early it looked. */
  const refreshed = (): Promise<void> =>
    editor()
      .workbench.page.locator('.sidebar .pane-header[aria-label^="Proposals"]')
      .getByText('comparing…')
      .waitFor({ state: 'hidden' });
  const pulls = (): number => ollama.requests.filter(({ path }) => path === '/api/pull').length;
  const deletions = (): number => ollama.requests.filter(({ path }) => path === '/api/delete').length;

  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([OLD]);
  });
  afterAll(() => ollama.stop());

  it('say what to do first while nobody is allowed', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Model Pool: Focus on Proposals View');
    const text = await eventually('the welcome', async () => {
      const welcome = await view().welcomeText();
      return welcome.includes('Allow Organisation') ? welcome : undefined;
    });
    expect(text).toMatch(/once you say whose/);
    await workbench.screenshot('proposals-welcome-dark');
  });

  it('come with a refresh, each with what it changes, once somebody is allowed', async () => {
    const { workbench } = editor();
    await workbench.tree('Pool').row(OLD).chooseFromMenu('Add to Pool');
    await workbench.dialog.press('Add to Pool');
    editor().changeSettings({ 'modelPool.pool.allowedOrgs': ['Qwen', 'google', 'openai', 'mistralai'] });
    await eventually('the setting to be read', async () => {
      // The refresh that comes half a minute after the start may propose before this looks.
      if ((await view().rows()).length > 0) return true;
      const welcome = await view().welcomeText();
      return welcome.includes('Refresh');
    });
    await refreshed();
    await workbench.runCommand('Model Pool: Refresh');
    await workbench.runCommand('Model Pool: Focus on Proposals View');
    const rows = await view().waitForRows('a swap', (found) => found.some(isSwap));
    const swap = rows.find(isSwap);
    expect(swap?.description).toMatch(/^\+\d+\.\d points · [+−][\d.]+ [GM]iB$/);
    expect(rows.filter(isAddition).length).toBeGreaterThan(0);
    const badge = workbench.page.locator('.activitybar .action-item.checked .badge-content');
    const waiting = String(rows.filter((row) => row.level === 1).length);
    await eventually('their number on the icon', async () => (await badge.innerText()) === waiting);
    expect(pulls() + deletions()).toBe(0);
  });

  it('give their reasons on the row and under it', async () => {
    const { workbench } = editor();
    // Makes room for the view.
    await workbench.page.locator('.sidebar .pane-header[aria-label^="Recommended"]').click();
    const row = view().row(/ instead of /);
    const card = await row.tooltip();
    expect(card).toMatch(new RegExp(`points more for .+ than ${OLD}`));
    expect(card).toMatch(/not proposed again for 90 days, unless its lead grows by another 5 points/);
    expect(card).toMatch(/Fit: .+/);
    expect(card).toMatch(/Evidence: .+/);
    expect(card).toMatch(/Freshness: .+/);
    await workbench.screenshot('proposal-card-dark');
    await workbench.leaveHovers();
    expect(await row.accessibleName()).toMatch(/instead of qwen:7b, \+[\d.]+ points/);
    await row.expand();
    const rows = await view().waitForRows('the reasons', (found) => found.some(({ level }) => level === 2));
    const facts = rows.filter(({ level }) => level === 2).map(({ label }) => label);
    expect(facts).toEqual(expect.arrayContaining(['Score', 'Comes', 'Goes', 'Disk']));
    for (const theme of ['dark', 'light', 'highContrast'] as const) {
      await editor().setColorTheme(theme);
      await workbench.screenshot(`proposals-${theme}`);
    }
    await editor().setColorTheme('dark');
    await row.collapse();
  });

  it('go when they are rejected', async () => {
    const before = await view().waitForRows('a proposal to add', (rows) => rows.some(isAddition));
    rejected = before.find(isAddition)?.label ?? '';
    await view().row(rejected).pressInline('Reject Proposal');
    await view().waitForRows('one less', (rows) => rows.every((row) => row.label !== rejected));
    const settled = view().row('Decided lately: 1');
    await settled.expand();
    expect(await view().row(rejected).description()).toBe('rejected today');
    await settled.collapse();
    expect(pulls() + deletions()).toBe(0);
  });

  it('say in one dialog what an approval downloads and removes, and do nothing without it', async () => {
    const { workbench } = editor();
    await view()
      .row(/ instead of /)
      .pressInline('Approve Proposal');
    const message = await workbench.dialog.message();
    expect(message).toMatch(/^Install .+ and remove qwen:7b\?$/);
    const detail = await workbench.dialog.detail();
    expect(detail).toMatch(/Download: \S+, [\d.]+ GiB, through ollama at http:/);
    expect(detail).toMatch(/Licence: /);
    expect(detail).toMatch(/Removed once .+ is there and no call uses it:\s+• qwen:7b: 4\.2 GiB/);
    expect(detail).toMatch(/Pool: 4\.2 GiB of 30\.0 GiB, then [\d.]+ GiB/);
    expect(detail).toMatch(/Free on that disk: .+ now, .+ while both are there, .+ after/);
    await workbench.screenshot('proposal-approve-dark');
    await workbench.dialog.press('Cancel');
    expect(pulls() + deletions()).toBe(0);
  });

  it('are stopped in the middle, and go on when they are approved again: the new one comes, then the old one goes', async () => {
    const { workbench } = editor();
    const label = (await view().rows()).find(isSwap)?.label.split(' instead of ')[0] ?? '';
    const target = await approve(workbench, view(), / instead of /, (name) => {
      ollama.registry.offer(
        name,
        describeModel({ weightsBytes: GIB, capabilities: ['completion', 'tools'] }),
      );
    });
    const row = view().row(label);
    await row.waitForDescription(/^\d+ % · .*iB of [\d.]+ GiB/);
    await workbench.screenshot('proposal-installing-dark');
    // A row that is drawn anew four times a second has no button for long.
    ollama.pace.bytesPerSecond = 1_000;
    await row.pressInline('Pause Install');
    await row.waitForDescription(/^paused, goes on when approved again$/);
    expect(deletions()).toBe(0);
    expect(ollama.store.names()).toEqual([OLD]);
    await workbench.screenshot('proposal-stopped-dark');
    ollama.pace.bytesPerSecond = 2_000_000_000;
    await workbench.notifications.clear();
    await approve(workbench, view(), label);
    await workbench.notifications.waitFor(/is installed\. Removed: qwen:7b\./);
    expect(ollama.store.names()).toEqual([target]);
    await view().waitForRows('no swap', (rows) => rows.every((each) => each.label !== label));
    await workbench.notifications.clear();
    const settled = view().row('Decided lately: 2');
    await settled.expand();
    await view()
      .row(/ instead of /)
      .waitForDescription(/^approved today$/);
    await settled.collapse();
  });

  it('end for good where the registry has no such model, and never take another one', async () => {
    const { workbench } = editor();
    // An empty pool is offered the best models again.
    for (const model of ollama.store.names()) {
      await fetch(`${ollama.url}/api/delete`, { method: 'DELETE', body: JSON.stringify({ model }) });
    }
    await refreshed();
    await workbench.runCommand('Model Pool: Refresh');
    // All of it: a row that is drawn anew under the pointer loses what was pressed.
    const rows = await view().waitForRows('what fills it', (found) => found.filter(isAddition).length === 2);
    // But not what was rejected.
    expect(rows.map((row) => row.label)).not.toContain(rejected);
    const label = rows.find(isAddition)?.label ?? '';
    ollama.faults.missing = true;
    const before = pulls();
    await view().row(label).pressInline('Approve Proposal');
    await workbench.dialog.press('Approve');
    const isOver = (found: readonly RowText[]): boolean =>
      found.some((row) => row.label === 'Decided lately: 3');
    await view().waitForRows('its end', isOver);
    ollama.faults.missing = false;
    expect(ollama.store.names()).toEqual([]);
    expect(pulls()).toBe(before + 1);
    const settled = view().row('Decided lately: 3');
    await settled.expand();
    await view()
      .row(label)
      .waitForDescription(/^not to be had, today$/);
  });
});

/** Presses Approve and agrees; `offer` gets the name that is downloaded before it is. Returns that name. */
async function approve(
  workbench: Workbench,
  view: TreeView,
  row: string | RegExp,
  offer?: (name: string) => void,
): Promise<string> {
  await view.row(row).pressInline('Approve Proposal');
  await workbench.dialog.waitUntilOpen();
  const detail = await workbench.dialog.detail();
  const name = /Download: (\S+), /.exec(detail)?.[1] ?? '';
  expect(name).not.toBe('');
  offer?.(name);
  await workbench.dialog.press('Approve');
  return name;
}

function isSwap({ label, level }: RowText): boolean {
  return level === 1 && label.includes(' instead of ');
}

function isAddition({ label, level }: RowText): boolean {
  return level === 1 && label.startsWith('Add ');
}
