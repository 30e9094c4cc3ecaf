import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, describe, it } from 'vitest';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { extensionHostsOf } from './support/extensionHosts';

/** The palette leaves the pointer on the tabs of the editors, where a hover would hide those of the report. */
const NO_HOVER = '.workbench-hover-container { visibility: hidden }';
const TABS = ['Rankings', 'Dispatches', 'Machine', 'Pool'] as const;

describe('while everything is slow', () => {
  const tools = mkdtempSync(path.join(tmpdir(), 'mp-slow-'));
  const release = path.join(tools, 'release');
  let silent: Server;
  const editor = useEditor(async () => {
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    // The tool that is asked for graphics cards takes as long as the test likes.
    const tool = path.join(tools, 'nvidia-smi');
    writeFileSync(tool, `#!/bin/sh\nwhile [ ! -e '${release}' ]; do sleep 0.1; done\nexit 9\n`);
    chmodSync(tool, 0o755);
    const { port } = silent.address() as AddressInfo;
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: `http://127.0.0.1:${port}` }],
      },
      // VSCODE_CLI: else the PATH of a login shell takes the place of this one.
      env: { VSCODE_CLI: '1', PATH: `${tools}:${process.env['PATH'] ?? ''}` },
    };
  });
  afterAll(() => {
    silent.closeAllConnections();
    silent.close();
    rmSync(tools, { recursive: true, force: true });
  });

  /** Tells the report of a question that could not be answered, as the extension host would. */
  const fail = (what: string): Promise<void> =>
    editor()
      .workbench.webview()
      .locator('body')
      .evaluate((_, message) => window.postMessage(message, '*'), {
        ...{ type: 'failed', what, message: 'It took too long. Try again when this machine is less busy.' },
      });

  it('each view says what is waited for', async () => {
    const { workbench } = editor();
    await workbench.openView('Model Pool');
    await workbench.waitUntilActive();
    // Together: the tool is given up after 5 s, and the server after 10.
    await Promise.all([
      workbench
        .tree('Pool')
        .row('ollama')
        .waitForDescription(/^looking…/),
      workbench.page.getByText('Looking at this machine and ranking models for it…').waitFor(),
    ]);
    await workbench.leaveHovers();
    await workbench.screenshot('waiting-views-dark');
    mkdirSync(release);
    await workbench.tree('Recommended').waitForRows('the models', (rows) => rows.length > 5);
  });

  it('each tab of the report says what it reads, why it could not, and has it when the extension host goes on', async () => {
    const { workbench, server } = editor();
    await workbench.runCommand('Model Pool: Open Report');
    const page = workbench.webview();
    await page.getByRole('tab', { name: 'Rankings', selected: true }).waitFor({ timeout: 60_000 });
    const [host] = extensionHostsOf(server.pid);
    if (host === undefined) throw new Error('There is no extension host.');
    process.kill(host, 'SIGSTOP');
    try {
      // The page before it stays until the new one is loaded, and may still be waiting as well.
      await page.locator('body').evaluate((body) => body.classList.add('before'));
      await workbench.runCommand('Developer: Reload Webviews');
      await page.locator('body:not(.before)').waitFor();
      await page.getByRole('tab', { name: 'Rankings', selected: true }).waitFor({ timeout: 60_000 });
      for (const tab of TABS) {
        await page.getByRole('tab', { name: tab }).dispatchEvent('click');
        await page.getByRole('status').filter({ hasText: '…' }).first().waitFor();
        await workbench.screenshot(`waiting-${tab.toLowerCase()}-dark`, NO_HOVER);
        await fail(tab.toLowerCase());
        await page.getByRole('heading', { name: /could not be (?:ranked|read|looked at)$/ }).waitFor();
        await workbench.screenshot(`failed-${tab.toLowerCase()}-dark`, NO_HOVER);
        await page.getByRole('button', { name: 'Try Again' }).press('Enter');
        await page.getByRole('status').filter({ hasText: '…' }).first().waitFor();
      }
    } finally {
      process.kill(host, 'SIGCONT');
    }
    for (const tab of TABS) {
      await page.getByRole('tab', { name: tab }).dispatchEvent('click');
      await eventually(
        `${tab} without waiting`,
        async () => (await page.getByRole('status').filter({ hasText: '…' }).count()) === 0,
      );
    }
  });
});
