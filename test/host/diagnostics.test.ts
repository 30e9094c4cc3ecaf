import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { commandId } from '../../src/ui/manifest/commands';
import { eventually } from '../e2e/support/eventually';
import { EXTENSION_ID } from './support/extensionUnderTest';

describe('Copy Diagnostics', () => {
  before(async () => {
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
  });

  it('puts what a bug report needs on the clipboard, and no name of a folder', async () => {
    await vscode.env.clipboard.writeText('');
    // It ends when its message is closed, which nobody does here.
    void vscode.commands.executeCommand(commandId('copyDiagnostics'));
    const text = await eventually('the diagnostics', async () => {
      const copied = await vscode.env.clipboard.readText();
      return copied.includes('## Model Pool diagnostics') && copied;
    });
    for (const title of ['Versions', 'Storage', 'Backends', 'Registry rows', 'Machine', 'Log']) {
      assert.match(text, new RegExp(`^### ${title}$`, 'm'));
    }
    assert.ok(text.includes(vscode.version));
    assert.ok(!text.includes(homedir()));
  });
});
