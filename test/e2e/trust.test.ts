import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, parseSettings, SETTING_KEYS, type Settings } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor, type EditorOptions } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';
import type { Workbench } from './support/workbench';

/** Nothing is asked there: the test only reads settings. */
const NOWHERE = 'http://127.0.0.1:9';

/** What the user has set: their own server, and no word to the network. */
const OWN = ['modelPool.backends', 'modelPool.catalog.online'];

/** A server that nobody may be led to: it answers whatever is asked, and counts. */
class HostileServer {
  readonly requests: string[] = [];
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"models":[],"version":"0.32.15"}');
    });
    // A proxy is asked like this for what is elsewhere.
    this.#server.on('connect', (request, socket) => {
      this.requests.push(`CONNECT ${request.url ?? ''}`);
      socket.destroy();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.url = `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Every setting of ours as a folder would write it that means no good; a setting without one does not compile. */
function hostileSettings(url: string): Readonly<Record<keyof Settings, unknown>> {
  const hardware = {
    platform: 'nvidia',
    vramGb: 640,
    ramGb: 2048,
    bandwidthGbps: 9000,
    gpuName: 'Trojan 9000',
  };
  return {
    backends: [
      { id: 'mine', kind: 'ollama', url, secretName: 'mine', headers: { 'x-steal': 'yes' } },
      { id: 'theirs', kind: 'openai_compatible', url, secretName: 'mine' },
    ],
    hardwareOverride: hardware,
    hosts: { gpubox: hardware },
    probeLocalMinutes: 1,
    probeHostedHours: 1,
    recordsRetentionDays: 1,
    recordsMaxMb: 1,
    catalogOnline: true,
    refreshIntervalHours: 1,
    refreshProposalThreshold: 1,
    poolDiskBudgetGb: 100_000,
    poolAllowedOrgs: ['unsloth'],
    poolAllowedFamilies: ['qwen3'],
    poolAutonomy: 'within-budget',
    task: 'vision',
    escalation: { backend: 'theirs', model: 'tap' },
    capabilities: [{ model: '*', wireFormat: 'openai_compat', tools: true }],
    thinking: 'on',
    retry: { maxAttempts: 20 },
    chatIncludePlainOllama: true,
    chatAutoEntries: false,
    warmOnPick: true,
    modelfileOtherFiles: true,
  };
}

/** A window on such a folder, of somebody who has set their own server. */
function hostileFolder(hostileUrl: string, ownUrl: string): EditorOptions {
  const settings = Object.entries(hostileSettings(hostileUrl)).map(([field, value]) => [
    `modelPool.${SETTING_KEYS[field as keyof Settings]}`,
    value,
  ]);
  return {
    settings: {
      'modelPool.backends': [{ id: 'mine', kind: 'ollama', url: ownUrl }],
      // So that the whole of what it says of itself is on the screen.
      'editor.fontSize': 8,
      'editor.lineHeight': 10,
    },
    files: {
      '.vscode/settings.json': JSON.stringify({
        ...Object.fromEntries(settings),
        'http.proxy': hostileUrl,
        'http.proxyAuthorization': 'Basic stolen',
      }),
      '.env': `OLLAMA_HOST=${hostileUrl}\nOLLAMA_MODEL=qwen3:8b\n`,
    },
  };
}

/** What the running extension goes by, of its own report: the settings that are not the defaults. */
async function settingsThatCount(workbench: Workbench): Promise<readonly string[]> {
  await workbench.runCommand('Model Pool: Copy Diagnostics');
  await workbench.notifications.press(/The diagnostics are on the clipboard/, 'Show');
  const text = await workbench.waitForEditorText(/### Settings that differ[^]*### Log/);
  await workbench.runCommand('View: Revert and Close Editor');
  return [...text.matchAll(/^- (modelPool\.\S+):/gm)].map(([, key = '']) => key);
}

it('each setting of the folder would count and change something, had the user written it', () => {
  const { settings, problems } = parseSettings(hostileSettings(NOWHERE));
  expect(problems).toEqual([]);
  const ofUser = { ...DEFAULT_SETTINGS, catalogOnline: false };
  for (const field of Object.keys(SETTING_KEYS) as (keyof Settings)[]) {
    expect(settings[field], field).not.toEqual(ofUser[field]);
  }
});

describe('a folder whose settings mean no good', () => {
  const hostile = new HostileServer();
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    await hostile.start();
    ollama = await startFakeOllama({
      installed: { 'qwen3:8b': describeModel({ script: { answer: 'Forty-two words!' } }) },
    });
    return { ...hostileFolder(hostile.url, ollama.url), workspaceTrust: true };
  });
  afterAll(async () => {
    await Promise.all([ollama.stop(), hostile.stop()]);
  });

  const trustEditor = (): Locator => editor().workbench.page.locator('.workspace-trust-editor');
  const closeTrustEditor = async (): Promise<void> => {
    await editor().workbench.page.locator('.monaco-modal-editor-block .codicon-close').last().click();
    await trustEditor().waitFor({ state: 'hidden' });
  };

  it('reaches nobody without trust, while everything works with what the user has set', async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.page.locator('.statusbar').getByText('Restricted Mode').waitFor();
    await workbench.openView('Model Pool');
    const rows = await workbench
      .tree('Pool')
      .waitForRows('the model', (found) => found.some(({ label }) => label === 'qwen3:8b'));
    expect(rows.filter(({ level }) => level === 1).map(({ label }) => label)).toEqual(['mine']);
    const [machine] = await workbench.tree('Recommended').waitForRows('models', (found) => found.length > 5);
    expect(machine?.label).not.toContain('Trojan');
    expect(await settingsThatCount(workbench)).toEqual(OWN);
    await workbench.screenshot('untrusted-dark');
    expect(hostile.requests).toEqual([]);
  });

  it('has Model Pool limited, by VS Code, which says what that means', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    await trustEditor()
      .getByText(/^\d+ extensions$/)
      .click();
    await closeTrustEditor();
    const row = workbench.page.locator('.extensions-list .monaco-list-row').filter({ hasText: 'Model Pool' });
    const words = workbench.page.getByText("What the folder's settings say for Model Pool does not count");
    // The list moves while it is filled, and takes another row under the mouse.
    await eventually('the hover of its row', async () => {
      await row.first().hover();
      await words.waitFor({ timeout: 3_000 });
      return true;
    });
    await workbench.screenshot('limited-dark');
  });

  it('sets nothing but what it may show, once it is trusted', async () => {
    const { workbench } = editor();
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    await trustEditor().getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.page.locator('.statusbar').getByText('Restricted Mode').waitFor({ state: 'hidden' });
    await closeTrustEditor();
    await workbench.openView('Model Pool');
    // The one setting of ours that a trusted folder has a say in.
    expect(await settingsThatCount(workbench)).toEqual([...OWN, 'modelPool.modelfile.otherFiles']);

    await workbench.statusBarItem('modelPool.status').click();
    await workbench.quickInput.choose('qwen3:8b');
    await workbench.openQuestion('Model Pool: Ask a Model');
    await workbench.quickInput.enter('Who are you?');
    await workbench.waitForEditorText(/Forty-two words!/);
    const records = await eventually('a record', async () => {
      const found = readRecords(editor().globalStorageFolder);
      return found.length > 0 ? found : undefined;
    });
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(['served']);
    expect(ollama.requests.filter(({ headers }) => headers['x-steal'] !== undefined)).toEqual([]);
    await workbench.tree('Pool').pressTitleAction('Refresh');
    await workbench
      .tree('Pool')
      .row('mine')
      .waitForDescription(/serving/);
    await workbench.screenshot('trusted-dark');
    expect(hostile.requests).toEqual([]);
  });
});

describe('the same folder, trusted, where VS Code would let it set everything', () => {
  const hostile = new HostileServer();
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    await hostile.start();
    ollama = await startFakeOllama();
    return {
      ...hostileFolder(hostile.url, ollama.url),
      changeExtension: (folder: string) => {
        const file = path.join(folder, 'package.json');
        writeFileSync(
          file,
          readFileSync(file, 'utf8').replaceAll(/"scope": "(?:machine|application)"/g, '"scope": "window"'),
        );
      },
    };
  });
  afterAll(async () => {
    await Promise.all([ollama.stop(), hostile.stop()]);
  });

  it('reaches nobody either: the extension reads what the user has set alone', async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench
      .tree('Pool')
      .row('mine')
      .waitForDescription(/serving/);
    expect(await settingsThatCount(workbench)).toEqual([...OWN, 'modelPool.modelfile.otherFiles']);
    expect(hostile.requests).toEqual([]);
  });
});
