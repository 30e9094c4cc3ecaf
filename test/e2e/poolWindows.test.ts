import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseModelName } from '../../src/backends/installAdapter';
import { describeModel, digestOf } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { extensionHostsOf } from './support/extensionHosts';
import { inSharedState } from './support/sharedState';
import { percentsIn, ProgressWatch, type ShownProgress } from './support/shownProgress';
import type { RowText, TreeRow } from './support/treeView';
import type { Workbench } from './support/workbench';

const GIB = 1024 ** 3;
/** Two of the smallest models are too much for a budget that has room for one of them. */
const LEAST_GIB = 1.3;
/** The small layers, and what a row rounds off. */
const SPARE_GIB = 0.6;
/** So much of its way a download makes in a second for as long as it is looked at. */
const SLOW_SHARE = 0.01;
const FAST_BYTES_PER_SECOND = 50 * GIB;
/** More than the lease of a pull, which is 120 s. */
const LEASE_MICROSECONDS = 121_000_000;

/** So that pictures show all that a row says of an install. */
const WIDER_PIXELS = 250;

/** A row under Recommended. */
interface Candidate {
  readonly label: string;
  readonly gib: number;
}

describe('two windows that install', () => {
  let ollama: FakeOllama;
  let first: Workbench;
  let second: Workbench;
  let firstHost: number | undefined;
  /** The refused one of the first test is the one of the second. */
  let refused: Candidate;
  let third: Candidate;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama();
    return {
      settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] },
      env: { OLLAMA_MODELS: undefined },
    };
  });
  const windows = (): readonly Workbench[] => [first, second];
  const state = (query: string): Promise<readonly Readonly<Record<string, string | number | null>>[]> =>
    inSharedState(editor().globalStorageFolder, (sql) => sql.all(query));
  const installed = (): readonly string[] => ollama.store.names().map(normaliseModelName);
  /** What the server was asked to pull so far, by name. */
  const pulls = (): readonly string[] =>
    ollama.requests
      .filter(({ path }) => path === '/api/pull')
      .map(({ body }) => normaliseModelName(/"(?:model|name)":"([^"]+)"/.exec(body)?.[1] ?? ''));

  /** What the pool takes of its budget, with what is promised to downloads. */
  const takenBytes = async (): Promise<number> => {
    const [sums] = await state(`SELECT
      (SELECT coalesce(sum(size_bytes), 0) FROM pool_entries) AS there,
      (SELECT coalesce(sum(reserved_bytes), 0) FROM pull_runs) AS promised`);
    return Number(sums?.['there']) + Number(sums?.['promised']);
  };
  const setBudget = async (gib: number): Promise<void> => {
    editor().changeSettings({ 'modelPool.pool.diskBudgetGb': gib });
    await eventually('the new budget', async () => {
      const [bounds] = await state('SELECT budget_bytes FROM pool_bounds');
      return bounds?.['budget_bytes'] === Math.round(gib * GIB);
    });
  };
  /** Opens the dialog for a model, which the registry then has in the size that the dialog says; its name. */
  const askFor = async (workbench: Workbench, { label }: Candidate): Promise<string> => {
    await workbench.tree('Recommended').row(label).pressInline('Install Model');
    const name = /^Install (.+)\?$/.exec(await workbench.dialog.message())?.[1] ?? '';
    const [, digits, unit] =
      /Download: (\d+(?:\.\d+)?) (GiB|MiB)/.exec(await workbench.dialog.detail()) ?? [];
    const weightsBytes = Math.round(Number(digits) * (unit === 'GiB' ? GIB : GIB / 1024));
    const weightsDigest = digestOf(name);
    ollama.registry.offer(
      name,
      describeModel({ weightsBytes, weightsDigest, capabilities: ['completion', 'tools'] }),
    );
    ollama.pace.bytesPerSecond = Math.round(weightsBytes * SLOW_SHARE);
    return normaliseModelName(name);
  };
  const pressInstall = async (asked: readonly Workbench[]): Promise<void> => {
    await Promise.all(asked.map((workbench) => workbench.dialog.press('Install')));
  };
  const finish = async (candidate: Candidate, seenBy: readonly Workbench[]): Promise<void> => {
    ollama.pace.bytesPerSecond = FAST_BYTES_PER_SECOND;
    for (const workbench of seenBy) await rowOf(workbench, candidate).waitForDescription(/^installed/);
  };

  beforeAll(async () => {
    first = editor().workbench;
    await first.waitUntilActive();
    [firstHost] = extensionHostsOf(editor().server.pid);
    second = await editor().newWindow();
    for (const workbench of windows()) {
      await workbench.openOurViews();
      await workbench.widenSideBar(WIDER_PIXELS);
      await workbench.tree('Pool').waitForRows('an answering backend', isServing);
      await workbench
        .tree('Recommended')
        .waitForRows('three models', (rows) => candidatesIn(rows).length > 2);
    }
  });
  afterAll(() => ollama.stop());

  it('get the one model of two that the budget has room for; the other is refused with the reason', async () => {
    const [a, b, c] = candidatesIn(await first.tree('Recommended').rows());
    if (!a || !b || !c) throw new Error('Fewer than three models are recommended.');
    const budgetGib = b.gib + SPARE_GIB;
    expect(a.gib).toBeGreaterThan(2 * SPARE_GIB);
    await setBudget(budgetGib);
    const [nameA, nameB] = [await askFor(first, a), await askFor(second, b)];
    const watches = {
      a: await Promise.all(windows().map(({ page }) => ProgressWatch.start(page, a.label))),
      b: await Promise.all(windows().map(({ page }) => ProgressWatch.start(page, b.label))),
    };
    await pressInstall(windows());
    const isA = (await eventually('a pull', async () => pulls()[0])) === nameA;
    const winner = isA ? a : b;
    const [winning, losing] = isA ? [first, second] : [second, first];
    refused = isA ? b : a;
    third = c;
    const refusal = await losing.notifications.waitFor(/was not installed\. .* would exceed disk budget by/);
    expect(refusal.toLowerCase()).toContain(isA ? nameB : nameA);
    await moved(losing, winner);
    expect(await rowOf(losing, winner).description()).toContain('other window');
    expect(await rowOf(winning, winner).description()).not.toContain('window');
    expect(await takenBytes()).toBeLessThanOrEqual(budgetGib * GIB);
    await losing.screenshot('windows-budget-dark');

    await finish(winner, windows());
    expect(pulls()).toEqual([isA ? nameA : nameB]);
    expect(installed()).toEqual(pulls());
    expect(await takenBytes()).toBeGreaterThan(LEAST_GIB * GIB);
    expect(await takenBytes()).toBeLessThanOrEqual(budgetGib * GIB);
    expect(await state('SELECT model FROM pool_entries')).toEqual([{ model: pulls()[0] }]);
    for (const workbench of windows()) {
      await workbench.page
        .locator('.sidebar .pane-header')
        .getByText(/^\d.* of \d.* GiB$/)
        .waitFor();
      expect(await rowOf(workbench, refused).description()).not.toMatch(/^(?:installed|failed|\d+ %)/);
    }
    for (const watch of watches[isA ? 'a' : 'b']) await expectForwardToTheEnd(watch);
    for (const watch of watches[isA ? 'b' : 'a']) {
      expect(percentsIn((await watch.shown()).recommended)).toEqual([]);
    }
    await losing.notifications.clear();
  });

  it('share one pull of the same model, and both see how far it is', async () => {
    await setBudget(500);
    const before = pulls().length;
    const name = await askFor(first, refused);
    expect(await askFor(second, refused)).toBe(name);
    const watches = await Promise.all(windows().map(({ page }) => ProgressWatch.start(page, refused.label)));
    await pressInstall(windows());
    for (const workbench of windows()) {
      await moved(workbench, refused);
      await workbench.notifications.waitFor(/^Installing .*\d+ % · /);
      await workbench.statusBarItem('modelPool.status').waitForText(/ · \d+ %$/);
    }
    const described = await Promise.all(windows().map((each) => rowOf(each, refused).description()));
    const elsewhere = described.map((text) => text.includes('other window'));
    expect(elsewhere.toSorted()).toEqual([false, true]);
    await (elsewhere[0] === true ? first : second).screenshot('windows-one-pull-dark');

    await finish(refused, windows());
    expect(pulls().slice(before)).toEqual([name]);
    expect(installed()).toHaveLength(2);
    expect(installed()).toContain(name);
    for (const watch of watches) {
      const shown = await expectForwardToTheEnd(watch);
      expect(percentsIn(shown.notification).length).toBeGreaterThan(1);
    }
  });

  it('finish a pull in the other one when the one that pulls is killed', async () => {
    const before = pulls().length;
    const name = await askFor(first, third);
    expect(await askFor(second, third)).toBe(name);
    const [doomed, watch] = [
      await ProgressWatch.start(first.page, third.label),
      await ProgressWatch.start(second.page, third.label),
    ];
    await pressInstall([first]);
    await rowOf(first, third).waitForDescription(/^\d+ % · /);
    // Who agrees while it is under way joins.
    await pressInstall([second]);
    await moved(second, third);
    expect(await second.notifications.waitFor(/^Installing .*\d+ % · /)).toContain('other window');
    expect(await rowOf(second, third).description()).toContain('other window');
    expect(pulls().slice(before)).toEqual([name]);
    expectForward(await doomed.shown());
    if (firstHost === undefined) throw new Error('There is no extension host.');
    // Stopped, then killed without its window: VS Code would give that another host, which could go on as well.
    process.kill(firstHost, 'SIGSTOP');
    await editor().closeWindow(first);
    process.kill(firstHost, 'SIGKILL');
    await eventually('the end of the killed host', async () => {
      const hosts = extensionHostsOf(editor().server.pid);
      return hosts.length === 1 && hosts[0] !== firstHost;
    });
    const row = rowOf(second, third);
    const [percentAtDeath = 100] = percentsIn([await row.description()]);
    expect(pulls().slice(before)).toEqual([name]);
    // As if the time of the lease had passed.
    const age = 'UPDATE pull_runs SET renewed_mono = renewed_mono - ? WHERE model = ?';
    const aged = await inSharedState(editor().globalStorageFolder, (sql) =>
      sql.run(age, [LEASE_MICROSECONDS, name]),
    );
    expect(aged).toBe(1);
    await row.waitForDescription(/^\d+ % · .*taken over/);
    await eventually('more of it', async () => {
      const [now = 0] = percentsIn([await row.description()]);
      return now > percentAtDeath;
    });
    await second.screenshot('windows-taken-over-dark');

    await finish(third, [second]);
    expect(pulls().slice(before)).toEqual([name, name]);
    expect(installed()).toHaveLength(3);
    const { notification } = await expectForwardToTheEnd(watch);
    expect(notification.filter((text) => text.includes('taken over'))).not.toEqual([]);
    const entries = await state('SELECT model FROM pool_entries');
    expect(entries.filter(({ model }) => model === name)).toHaveLength(1);
    const runs = await state('SELECT model, status, attempt, taken_over, percent FROM pull_runs');
    expect(runs.filter(({ model }) => model === name)).toEqual([
      { model: name, status: 'succeeded', attempt: 2, taken_over: 1, percent: 100 },
    ]);
  });
});

function isServing(rows: readonly RowText[]): boolean {
  return rows[0]?.description.includes('serving') === true;
}

function rowOf(workbench: Workbench, { label }: Candidate): TreeRow {
  return workbench.tree('Recommended').row(label);
}

/** Waits until the window has seen the download move twice: what is not its own it hears of every five seconds. */
async function moved(workbench: Workbench, candidate: Candidate): Promise<void> {
  const row = rowOf(workbench, candidate);
  const first = percentsIn([await row.waitForDescription(/^\d+ % · /)])[0] ?? 100;
  await eventually(
    'a download that moves',
    async () => (percentsIn([await row.description()])[0] ?? 0) > first,
  );
}

/** The recommended models whose size is shown, the smallest first. */
function candidatesIn(rows: readonly RowText[]): readonly Candidate[] {
  return rows
    .flatMap(({ label, description }) => {
      const [, digits, unit] = /· ~?(\d+(?:\.\d+)?) (GiB|MiB) ·/.exec(description) ?? [];
      const gib = Number(digits) / (unit === 'MiB' ? 1024 : 1);
      return gib >= LEAST_GIB ? [{ label, gib }] : [];
    })
    .sort((a, b) => a.gib - b.gib);
}

/** What a window has shown of an install from its begin to the end, once no place shows a percentage any more. */
async function expectForwardToTheEnd(watch: ProgressWatch): Promise<ShownProgress> {
  const shown = await eventually('the end of all progress', async () => {
    const now = await watch.shown();
    return Object.values(now).every((texts) => percentsIn(texts.slice(-1)).length === 0) && now;
  });
  expectForward(shown);
  // From the first percentage on it is never again the row of a model that is not there.
  const begun = shown.recommended.slice(shown.recommended.findIndex((text) => /^\d+ %/.test(text)));
  expect(begun.filter((text) => !/^(?:\d+ % · |verifying|installed)/.test(text))).toEqual([]);
  expect(shown.recommended.at(-1)).toMatch(/^installed/);
  return shown;
}

/** No place ever showed less than before, and those that always tell have told. */
function expectForward(shown: ShownProgress): void {
  for (const texts of Object.values(shown)) {
    const percents = percentsIn(texts);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(Math.max(0, ...percents)).toBeLessThanOrEqual(100);
  }
  for (const place of ['recommended', 'pool', 'status'] as const) {
    expect(percentsIn(shown[place]).length, place).toBeGreaterThan(1);
  }
}
