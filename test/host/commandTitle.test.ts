import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type * as vscode from 'vscode';
import { commandTitle } from '../../src/ui/commandTitle';

function titleOf(title: unknown): string {
  const packageJSON = { contributes: { commands: [{ command: 'modelPool.refresh', title }] } };
  return commandTitle({ extension: { packageJSON } as unknown as vscode.Extension<unknown> }, 'refresh');
}

describe('the title of a command in a message', () => {
  it('is that of the palette, in the language of the window', () => {
    assert.equal(titleOf('Refresh'), 'Refresh');
    // As VS Code writes it where its language is not English.
    assert.equal(titleOf({ value: 'Aktualisieren', original: 'Refresh' }), 'Aktualisieren');
  });

  it('is the English one where there is no other', () => {
    assert.equal(titleOf(undefined), 'Refresh');
  });
});
