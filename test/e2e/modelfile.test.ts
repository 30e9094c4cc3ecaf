import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { Workbench } from './support/workbench';

const ANSWER = 'I read every line twice.';
const LIMIT_MS = 60_000;

/** What VS Code shows for a language server, by the classes of its editor. */
function editorOf({ page }: Workbench): Locator {
  return page.locator('.editor-group-container.active .monaco-editor').first();
}

/** A lens that is drawn anew under the click does not hear it. */
async function pressCreate(workbench: Workbench): Promise<void> {
  const lens = editorOf(workbench).locator('.codelens-decoration').getByText('Create reviewer');
  await eventually('the question for the name', async () => {
    await lens.click({ timeout: 4_000 });
    await workbench.quickInput.waitUntilOpen(4_000);
    return true;
  });
}

describe('a Modelfile in the editor', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    const base = describeModel({
      ...{ parameterSize: '3.2B', weightsBytes: 2_019_393_189, contextLength: 131_072 },
      script: { answer: ANSWER },
    });
    ollama = await startFakeOllama({ installed: { 'llama3.2:3b': base } });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.hardware.override': {
          ...{ platform: 'nvidia', gpuName: 'NVIDIA GeForce RTX 3050', vramGb: 8, ramGb: 8 },
          bandwidthGbps: 224,
        },
        '[modelfile]': { 'editor.wordWrap': 'off', 'editor.inlayHints.enabled': 'on' },
      },
      env: { OLLAMA_MODELS: undefined, OLLAMA_CONTEXT_LENGTH: undefined },
      files: {
        'opencode.json': '{\n  "model": "ollama/llama3.2:3b"\n}\n',
        'reviewer/Modelfile': [
          '# A reviewer that reads twice',
          'FROM llama3.2:3b',
          'PARAMETER num_ctx 131072',
          'PARAMETER temperatur 0.2',
          'SYSTEM """You are a careful reviewer.',
          'Name the line of each fault."""',
          'TEMPLATE """{{ range .Messages }}{{ .Role }}: {{ .Content }}',
          '{{ end }}"""',
          '',
        ].join('\n'),
      },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.page.keyboard.press('Control+P');
    await workbench.quickInput.type('reviewer/Modelfile');
    await workbench.quickInput.waitForOptions('the file', (found) =>
      found.some(({ label }) => label === 'Modelfile'),
    );
    await workbench.quickInput.choose('Modelfile');
    await workbench.waitForEditorText(/FROM llama3\.2:3b/);
  });
  afterAll(() => ollama.stop());

  it('shows the fit, the findings and what can be done', async () => {
    const { workbench } = editor();
    const shown = editorOf(workbench);
    await workbench.waitForEditorText(/FROM llama3\.2:3b.*does not fit · \d+\.\d GiB at 128k/, LIMIT_MS);
    await shown.locator('.codelens-decoration').getByText('Create reviewer').waitFor();
    await shown.locator('.squiggly-warning').first().waitFor();
    await shown.locator('.squiggly-error').first().waitFor();
    await workbench.screenshot('modelfile-findings-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('modelfile-findings-light');
    await editor().setColorTheme('dark');
  });

  it('applies the fix for a context that does not fit', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await editorOf(workbench).getByText('131072').click();
    await eventually('the menu of fixes', async () => {
      await page.keyboard.press('Control+.');
      await page
        .locator('.action-widget')
        .getByText(/^Set num_ctx to/)
        .waitFor({ timeout: 3_000 });
      return true;
    });
    await workbench.screenshot('modelfile-fix-dark');
    await page
      .locator('.action-widget')
      .getByText(/^Set num_ctx to/)
      .click();
    await workbench.waitForEditorText(/FROM llama3\.2:3b.*\d % GPU · \d+\.\d GiB at \d+k/, LIMIT_MS);
    expect(await workbench.editorText()).toMatch(/PARAMETER num_ctx \d{5,6}$/m);
    await editorOf(workbench).getByText('temperatur', { exact: true }).click();
    await eventually('the menu of fixes', async () => {
      await page.keyboard.press('Control+.');
      await page.locator('.action-widget').getByText('Change to temperature').click({ timeout: 3_000 });
      return true;
    });
    await workbench.waitForEditorText(/PARAMETER temperature 0\.2/);
    await editorOf(workbench).locator('.squiggly-error').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+s');
  });

  it('explains a model, and offers the models of this machine', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await editorOf(workbench).getByText('llama3.2:3b', { exact: true }).hover();
    const hover = page.locator('.monaco-hover:visible').filter({ hasText: /Installed · .* GiB/ });
    await hover.waitFor({ timeout: LIMIT_MS });
    expect(await hover.innerText()).toMatch(/This machine: .*GiB needed, .*GiB usable/);
    await workbench.screenshot('modelfile-hover-dark');
    await page.mouse.move(0, 0);
    await page.keyboard.press('Control+End');
    await page.keyboard.type('FROM ');
    const suggestions = page.locator('.suggest-widget.visible .monaco-list-row');
    await suggestions.filter({ hasText: 'llama3.2:3b' }).first().waitFor({ timeout: LIMIT_MS });
    expect(await suggestions.count()).toBeGreaterThan(3);
    await workbench.screenshot('modelfile-completion-dark');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Home');
    await page.keyboard.press('Delete');
    await workbench.waitForEditorText(/\{\{ end \}\}"""\s*$/);
  });

  it('creates the model through Ollama, and asks it', async () => {
    const { workbench } = editor();
    await pressCreate(workbench);
    expect(await workbench.quickInput.value()).toBe('reviewer');
    await workbench.quickInput.enter('reviewer');
    await workbench.notifications.waitFor(/reviewer was created/, LIMIT_MS);
    const sent = ollama.requests.find(({ path }) => path === '/api/create');
    expect(JSON.parse(sent?.body ?? '{}')).toMatchObject({
      ...{ model: 'reviewer', from: 'llama3.2:3b', stream: true },
      system: 'You are a careful reviewer.\nName the line of each fault.',
      parameters: { temperature: 0.2 },
    });
    expect(ollama.store.names()).toContain('reviewer:latest');
    await workbench.screenshot('modelfile-created-dark');
    await workbench.notifications.press(/reviewer was created/, 'Run');
    await workbench.quickInput.enter('Who are you?');
    await workbench.waitForEditorText(/I read every line twice\./, LIMIT_MS);
  });

  it('shows what it would replace before it does', async () => {
    const { workbench } = editor();
    await workbench.page.keyboard.press('Control+P');
    await workbench.quickInput.type('reviewer/Modelfile');
    await workbench.quickInput.choose('Modelfile');
    await workbench.waitForEditorText(/FROM llama3\.2:3b/);
    const lens = editorOf(workbench).locator('.codelens-decoration');
    await lens.getByText('Show what it would replace').waitFor({ timeout: LIMIT_MS });
    await pressCreate(workbench);
    await workbench.quickInput.enter('reviewer');
    expect(await workbench.dialog.message()).toBe('Replace reviewer:latest?');
    await workbench.screenshot('modelfile-replace-dark');
    const created = (): number => ollama.requests.filter(({ path }) => path === '/api/create').length;
    expect(created()).toBe(1);
    await workbench.dialog.press('Show Both');
    await workbench.page.locator('.monaco-diff-editor').waitFor();
    const installed = workbench.page
      .locator('.monaco-diff-editor .view-line')
      .getByText('Modelfile generated');
    await installed.first().waitFor();
    await workbench.screenshot('modelfile-diff-dark');
    await editor().setColorTheme('light');
    await workbench.screenshot('modelfile-diff-light');
    await editor().setColorTheme('dark');
    expect(created()).toBe(1);
  });

  it('says in other files how their models fit, where that is turned on', async () => {
    const { workbench } = editor();
    const { page } = workbench;
    await page.keyboard.press('Control+P');
    await workbench.quickInput.type('opencode.json');
    await workbench.quickInput.choose('opencode.json');
    await workbench.waitForEditorText(/"ollama\/llama3\.2:3b"$/m);
    editor().changeSettings({ 'modelPool.modelfile.otherFiles': true });
    await workbench.waitForEditorText(/"ollama\/llama3\.2:3b.*fits GPU · \d\.\d GiB at 4k/, LIMIT_MS);
    await editorOf(workbench).getByText('llama3.2:3b').first().hover();
    await page
      .locator('.monaco-hover:visible')
      .filter({ hasText: /Installed · .* GiB/ })
      .waitFor({ timeout: LIMIT_MS });
    await workbench.screenshot('modelfile-opencode-dark');
    editor().changeSettings({ 'modelPool.modelfile.otherFiles': undefined });
    await workbench.waitForEditorText(/"ollama\/llama3\.2:3b"$/m, LIMIT_MS);
  });
});
