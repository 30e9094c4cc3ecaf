import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { EXTENSION_ID } from './support/extensionUnderTest';

const REGISTERED_WITHIN_MS = 15_000;

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

function extensionUnderTest(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  assert.ok(extension, `${EXTENSION_ID} is not in this window`);
  return extension;
}

describe('the extension in a real extension host', () => {
  it('is present and activates without an error', async () => {
    const extension = extensionUnderTest();
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('registers every command that package.json contributes', async () => {
    const extension = extensionUnderTest();
    await extension.activate();
    const manifest = extension.packageJSON as Manifest;
    const contributed = (manifest.contributes?.commands ?? []).map(({ command }) => command);
    assert.ok(contributed.length > 0, 'package.json contributes no command');
    // Most of them are registered in the moment after activation has returned.
    let missing = contributed;
    const deadline = Date.now() + REGISTERED_WITHIN_MS;
    while (missing.length > 0 && Date.now() < deadline) {
      const registered = new Set(await vscode.commands.getCommands(true));
      missing = contributed.filter((command) => !registered.has(command));
      await delay(50);
    }
    assert.deepEqual(missing, []);
  });
});
