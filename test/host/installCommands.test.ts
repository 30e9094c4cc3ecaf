import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../e2e/support/eventually';
import { shellQuote } from '../../src/backends/shellQuote';
import { shellOfProgram } from '../../src/engine/terminalShell';
import { sendToTerminal } from '../../src/ui/installCommands';

describe('Send to Terminal', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpst-'));
  after(() => {
    for (const terminal of vscode.window.terminals) terminal.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const word = (name: string): string =>
    shellQuote(shellOfProgram(vscode.env.shell), path.join(folder, name)) ??
    assert.fail('no quotes for this shell');

  it('types the command and does not run it: what is typed next still belongs to it', async () => {
    const terminal = await sendToTerminal(`mkdir ${word('first')}`);
    // Were the first line run, this one would be a command of its own, and no second folder would come of it.
    terminal.sendText(` ${word('second')}`, true);
    await eventually('both folders', async () => existsSync(path.join(folder, 'second')));
    assert.ok(existsSync(path.join(folder, 'first')));
  });

  it('never types into a terminal that is there', async () => {
    const before = new Set(vscode.window.terminals);
    vscode.window.createTerminal('busy').show();
    const terminal = await sendToTerminal('echo one');
    const again = await sendToTerminal('echo two');
    assert.equal(new Set([...before, terminal, again]).size, before.size + 2);
    assert.notEqual(terminal.name, 'busy');
  });
});
