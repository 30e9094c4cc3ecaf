import { describe, expect, it } from 'vitest';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { Workbench } from './support/workbench';

const MODELFILE = [
  '# Reads every line twice',
  'FROM llama3.2:3b',
  'PARAMETER num_ctx 8192',
  'SYSTEM """Name the line of each fault."""',
  'TEMPLATE """{{ .Prompt }}"""',
].join('\n');

/** One of ours that is always offered, one that a Modelfile brings, and one that VS Code makes for a view of ours. */
const COMMANDS = [
  'Model Pool: Rank Models for This Machine',
  'Model Pool: Create Model from Modelfile',
  'Model Pool: Focus on Pool View',
];
const STARTS_WITHIN_MS = 60_000;

/** Waits until an open Modelfile is known for one: the extension is there, wherever it runs. */
async function waitUntilKnown({ page }: Workbench): Promise<void> {
  const language = page.locator('[id="status.editor.mode"]').getByText('Modelfile', { exact: true });
  await language.waitFor({ timeout: STARTS_WITHIN_MS });
}

/** Looks in all places where the extension shows itself elsewhere, beside what it does with Modelfiles. */
async function expectNothingButGrammar(workbench: Workbench): Promise<void> {
  const { page, quickInput } = workbench;
  await eventually(
    'the icon of the views to go',
    async () => (await page.locator('.activitybar').getByRole('tab', { name: 'Model Pool' }).count()) === 0,
    STARTS_WITHIN_MS,
  );
  expect(await page.locator('.statusbar-item[id^="modelpool."]').count()).toBe(0);
  for (const command of COMMANDS) expect(await workbench.hasCommand(command), command).toBe(false);
  await workbench.openQuestion('Welcome: Open Walkthrough...');
  const walkthroughs = await quickInput.waitForOptions('walkthroughs', (found) => found.length > 0);
  expect(walkthroughs.map(({ label }) => label)).not.toContain('Run Models on Your Machine');
  await quickInput.cancel();
  expect(await workbench.notifications.texts()).toEqual([]);
}

/** As when it was installed in the browser, and the window then opened on a machine that does not have it. */
describe('a web window whose remote does not run the extension', () => {
  const editor = useEditor({
    settings: { 'remote.extensionKind': { 'modelpool.model-pool': ['web'] } },
    files: { Modelfile: MODELFILE },
  });

  it('has the grammar alone as well', async () => {
    const { workbench } = editor();
    const { quickInput } = workbench;
    await workbench.openQuestion('Go to File...');
    await quickInput.type('Modelfile');
    await quickInput.choose('Modelfile');
    await workbench.waitForEditorText(/FROM llama3\.2:3b/);
    await waitUntilKnown(workbench);
    await expectNothingButGrammar(workbench);
    await workbench.screenshot('web-other-remote');
  });
});
