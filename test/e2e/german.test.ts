import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { repositoryRoot } from '../support/repository';
import { useEditor } from './support/editor';

const MODEL = 'qwen2.5:3b';

const textsSchema = z.record(z.string(), z.string());
const readTexts = (file: string): Readonly<Record<string, string>> =>
  textsSchema.parse(JSON.parse(readFileSync(path.join(repositoryRoot, file), 'utf8')));

/** What is said for an English text, or for a key of package.json; never the English itself. */
function german(english: string): string {
  const text = { ...readTexts('l10n/bundle.l10n.de.json'), ...readTexts('package.nls.de.json') }[english];
  if (text === undefined || text === '' || text === english) throw new Error(`No German for ${english}.`);
  return text;
}

/** A text with a placeholder, as it is looked for in what is shown. */
const germanPattern = (english: string, ...values: readonly string[]): RegExp =>
  new RegExp(
    german(english)
      .replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/\{(\d)\}/g, (_all, digit: string) => values[Number(digit)] ?? '.+'),
  );

/**
 * Makes German the display language, as installing a language pack and "Configure Display Language" do. The pack has no
 * word in it: what is VS Code's own stays English, and extensions are told German.
 */
function speakGerman(userDataFolder: string): void {
  const pack = path.join(userDataFolder, 'german.json');
  const write = (file: string, content: unknown): void => writeFileSync(file, JSON.stringify(content));
  write(pack, { version: '1.0.0', contents: {} });
  write(path.join(userDataFolder, 'languagepacks.json'), {
    de: {
      ...{ hash: 'test', label: 'Deutsch', translations: { vscode: pack } },
      extensions: [{ extensionIdentifier: { id: 'test.german' }, version: '1.0.0' }],
    },
  });
  mkdirSync(path.join(userDataFolder, 'User'), { recursive: true });
  write(path.join(userDataFolder, 'User', 'argv.json'), { locale: 'de' });
}

describe('a German VS Code', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      installed: { [MODEL]: describeModel({ weightsBytes: 2e9, capabilities: ['completion', 'tools'] }) },
    });
    return {
      settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] },
      beforeStart: (globalStorage) => speakGerman(path.join(globalStorage, '../../..')),
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
  });
  afterAll(() => ollama.stop());

  it('has German views, rows and a German status item', async () => {
    const { workbench } = editor();
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the model', (found) => found.some(({ label }) => label === MODEL));
    expect(rows[0]?.description).toContain(german('serving'));
    const best = await workbench
      .tree(german('view.recommended'))
      .waitForRows('recommendations', (found) => found.length > 5);
    expect(best[1]?.description).toMatch(germanPattern('score {0}'));
    expect(best[1]?.description).toMatch(/\d,\d GiB/);
    await workbench.page
      .getByRole('button', { name: german('view.proposals') })
      .first()
      .waitFor();
    await workbench.statusBarItem('modelPool.status').waitForText(germanPattern('Pick a model'));
    await workbench.screenshot('german-views');
  });

  it('finds commands by their German titles', async () => {
    const { workbench } = editor();
    await workbench.openQuestion(`Model Pool: ${german('command.pickModel.title')}`);
    const options = await workbench.quickInput.waitForOptions('models', (found) => found.length > 1);
    expect(options.map(({ label }) => label).join()).toContain(german('Install another…'));
    await workbench.screenshot('german-picker');
    await workbench.quickInput.cancel();
  });

  it('asks in German before it installs', async () => {
    const { workbench } = editor();
    const tree = workbench.tree(german('view.recommended'));
    const rows = await tree.waitForRows('recommendations', (found) => found.length > 5);
    await tree.row(rows[1]?.label ?? '').pressInline(german('command.installModel.title'));
    expect(await workbench.dialog.message()).toMatch(germanPattern('Install {0}?'));
    const detail = await workbench.dialog.detail();
    expect(detail).toContain(german('Nothing is removed.'));
    expect(detail).toMatch(germanPattern('Pool: {0} now, then {1}'));
    expect(await workbench.dialog.buttons()).toContain(german('Install'));
    await workbench.screenshot('german-install');
    await workbench.dialog.press('Cancel');
  });

  it('says in German what the rooms below the user interface know', async () => {
    const { workbench } = editor();
    const tree = workbench.tree(german('view.recommended'));
    const rows = await tree.waitForRows('recommendations', (found) => found.length > 5);
    await tree.row(rows[1]?.label ?? '').pressInline(german('command.showInstallCommand.title'));
    const options = await workbench.quickInput.waitForOptions('four tools', (found) => found.length === 4);
    const studio = options.find(({ label }) => label === 'LM Studio');
    expect(studio?.description).toContain(
      german('Needs LM Studio and its `lms` tool. LM Studio asks before it downloads.'),
    );
    await workbench.screenshot('german-install-commands');
    await workbench.quickInput.cancel();
  });

  it('shows the report in German', async () => {
    const { workbench } = editor();
    await workbench.runCommand(`Model Pool: ${german('command.openReport.title')}`);
    const page = workbench.webview();
    await page.getByRole('tab', { name: german('Machine') }).waitFor({ timeout: 60_000 });
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('row').nth(3).waitFor();
    // Away from the tabs, whose hovers would be in the picture.
    await workbench.page.mouse.move(900, 500);
    await workbench.page.locator('.workbench-hover').waitFor({ state: 'hidden' });
    await workbench.screenshot('german-report');
  });
});
