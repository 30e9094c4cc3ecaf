import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import type { RowText } from './support/treeView';

/** A small Ollama server that has every name, so that whatever is recommended first can be pulled. */
const GIB = 1024 ** 3;

describe('the faithful fake Ollama', () => {
  let ollama: FakeOllama;
  let label = '';
  let name = '';
  let installedLabel = '';
  const editor = useEditor(async () => {
    // Minutes for the whole model: it is paused before that, also on a slow machine.
    ollama = await startFakeOllama({ bytesPerSecond: 4_000_000 });
    return {
      settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] },
      env: { OLLAMA_MODELS: undefined },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    const rows = await workbench
      .tree('Recommended')
      .waitForRows('recommendations', (found) => found.length > 5);
    label = rows[1]?.label ?? '';
  });
  afterAll(() => ollama.stop());

  it('asks once before it downloads, and says how much', async () => {
    const { workbench } = editor();
    await workbench
      .tree('Pool')
      .waitForRows('an answering backend', (rows) => (rows[0]?.description ?? '').includes('serving'));
    await workbench.tree('Recommended').row(label).pressInline('Install Model');
    const message = await workbench.dialog.message();
    name = /^Install (.+)\?$/.exec(message)?.[1] ?? '';
    expect(name).not.toBe('');
    const detail = await workbench.dialog.detail();
    expect(detail).toMatch(/Download: .*iB/);
    expect(detail).toMatch(/Pool: 0 B of .*iB now, then .*iB/);
    expect(detail).toMatch(/Free on its disk: .*iB now, then .*iB/);
    expect(detail).toMatch(/Licence: /);
    expect(detail).toMatch(/Nothing is removed\./);
    // No setting was touched before, so nothing is allowed.
    expect((await workbench.dialog.buttons()).join()).toMatch(/Always Allow /);
    await workbench.screenshot('consent-dark');
    await workbench.dialog.press('Cancel');
    expect(ollama.requests.some((request) => request.path === '/api/pull')).toBe(false);
  });

  it('shows progress in the row, stops on cancel, and resumes from there', async () => {
    const { workbench } = editor();
    ollama.registry.offer(name, describeModel({ weightsBytes: GIB, capabilities: ['completion', 'tools'] }));
    const row = workbench.tree('Recommended').row(label);
    await row.pressInline('Install Model');
    await workbench.dialog.press('Install');
    await row.waitForDescription(/^\d+ % · .*iB of .*iB · .*\/s/);
    await workbench.notifications.waitFor(/^Installing .*\d+ % · /);
    await workbench.statusBarItem('modelPool.status').waitForText(/ · \d+ %$/);
    await workbench.screenshot('pull-dark');
    await row.pressInline('Pause Install');
    await row.waitForDescription(/^paused at .*iB, resumes from there$/);
    const words = workbench.page.locator('.statusbar').getByText(/is paused\. .*iB stay on the disk/);
    await words.waitFor();
    const pulled = (): number => ollama.requests.filter((request) => request.path === '/api/pull').length;
    expect(pulled()).toBe(1);
    ollama.pace.bytesPerSecond = 2_000_000_000;
    await row.pressInline('Resume Install');
    await row.waitForDescription(/^installed/);
    expect(pulled()).toBe(2);
  });

  it('lists the installed model under its backend and provider', async () => {
    const { workbench } = editor();
    const levels = (rows: readonly RowText[]): string => rows.map((row) => row.level).join();
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the installed model alone', (found) => levels(found) === '1,2,3');
    expect(rows[1]?.label).not.toBe('');
    installedLabel = rows[2]?.label ?? '';
    expect(name).toContain(installedLabel);
    await workbench.screenshot('installed-dark');
  });

  it('removes it after one more question', async () => {
    const { workbench } = editor();
    await workbench.tree('Pool').row(installedLabel).pressInline('Remove Model');
    expect(await workbench.dialog.message()).toBe(`Remove ${name} from ollama?`);
    // The window is in a browser: "this machine" would be another one.
    expect(await workbench.dialog.detail()).toContain(`1.0 GiB are freed on the disk of ${hostname()}.`);
    await workbench.dialog.press('Remove');
    await workbench.tree('Pool').waitForRows('no model', (rows) => rows.every((row) => row.level < 3));
    await eventually('an empty store', async () => {
      const tags: unknown = await (await fetch(`${ollama.url}/api/tags`)).json();
      return JSON.stringify(tags) === '{"models":[]}' ? true : undefined;
    });
  });

  it('says what is wrong when the registry has no such model', async () => {
    const { workbench } = editor();
    ollama.faults.missing = true;
    const row = workbench.tree('Recommended').row(label);
    await row.pressInline('Install Model');
    await workbench.dialog.press('Install');
    const text = await workbench.notifications.waitFor(/was not installed/);
    expect(text).toMatch(/^\S+ was not installed\. The registry does not have this model or tag/);
    await workbench.notifications.clear();
    ollama.faults.missing = false;
  });

  it('shows the commands of four tools side by side and copies one', async () => {
    const { workbench } = editor();
    await workbench.tree('Recommended').row(label).pressInline('Show Install Command');
    const options = await workbench.quickInput.waitForOptions('four tools', (found) => found.length === 4);
    expect(options.map((option) => option.label)).toEqual(['Ollama', 'LM Studio', 'vLLM', 'llama.cpp']);
    const [ollamaCommand, , vllm, llama] = options.map((option) => option.detail);
    expect(ollamaCommand).toBe(`ollama pull ${name}`);
    expect(vllm).toMatch(/^vllm serve \S+/);
    expect(llama).toMatch(/^llama-server -hf |No GGUF/);
    await workbench.screenshot('install-commands-dark');
    await workbench.quickInput.pressOptionButton('Ollama', 'Copy');
    await workbench.quickInput.waitUntilClosed();
    // It is copied after the list has gone.
    await eventually('the command in the clipboard', async () => {
      await workbench.page.keyboard.press('F1');
      await workbench.quickInput.type('', 2_000);
      await workbench.page.keyboard.press('ControlOrMeta+V');
      const text = await workbench.quickInput.value();
      await workbench.quickInput.cancel();
      return text.includes(`ollama pull ${name}`);
    });
  });
});
