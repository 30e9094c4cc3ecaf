import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { writeSetting } from '../../src/ui/settingsReader';
import { eventually } from '../e2e/support/eventually';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { EXTENSION_ID } from './support/extensionUnderTest';

describe('Copy Endpoint for Other Tools', () => {
  let ollama: FakeOllama;
  before(async () => {
    ollama = await startFakeOllama({ installed: { 'tiny:1b': describeModel() } });
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
    await writeSetting('backends', [{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
    await vscode.commands.executeCommand('modelPool.refresh');
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await writeSetting('backends', []);
    await ollama.stop();
  });

  it('puts the address, the model and no key on the clipboard', async () => {
    await vscode.env.clipboard.writeText('');
    void vscode.commands.executeCommand('modelPool.copyEndpoint');
    // First the model, then the bare facts; both come first in their lists.
    const copied = await eventually('the endpoint on the clipboard', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return (await vscode.env.clipboard.readText()) || false;
    });
    assert.match(copied, new RegExp(`^Base URL: ${ollama.url}/v1\nModel id: tiny:1b\n`));
    assert.match(copied, /API key: none is needed$/);
  });
});
