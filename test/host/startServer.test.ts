import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { shellQuote } from '../../src/backends/shellQuote';
import { shellOfProgram } from '../../src/engine/terminalShell';
import type { BackendState } from '../../src/registry/row';
import { BackendItem } from '../../src/ui/backendItem';
import { sendToTerminal } from '../../src/ui/installCommands';
import { eventually } from '../e2e/support/eventually';
import { EXTENSION_ID } from './support/extensionUnderTest';

const STATE: BackendState = {
  ...{ id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434', host: 'local' },
  ...{ readiness: 'unreachable', probing: false },
};

const values = (state: BackendState): readonly string[] =>
  (new BackendItem(state).contextValue ?? '').split('.');

describe('a command that is run in a terminal', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpss-'));
  const PATH = process.env['PATH'];
  before(async () => {
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
  });
  afterEach(() => {
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });
  after(() => {
    process.env['PATH'] = PATH;
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs by itself, where and with what it is told', async () => {
    const shell = shellOfProgram(vscode.env.shell);
    assert.equal(shell, 'posix', 'the tests run in a shell of the kind sh');
    const quoted = shellQuote(shell, 'made $HERE') ?? assert.fail('no quotes for this shell');
    const options = { name: 'Made', cwd: folder, env: { THERE: 'there' }, run: true };
    const terminal = await sendToTerminal(`mkdir ${quoted} "$THERE"`, options);
    assert.equal(terminal.name, 'Made');
    for (const name of ['made $HERE', 'there'])
      await eventually(name, async () => existsSync(path.join(folder, name)));
  });

  it('starts the one server whose program is installed, from the palette', async () => {
    const program = path.join(folder, 'lms');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    process.env['PATH'] = folder;
    void vscode.commands.executeCommand('modelPool.startServer');
    const terminal = await eventually('the terminal of LM Studio', async () => {
      // The list takes a moment; without one this does nothing.
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return vscode.window.terminals.find(({ name }) => name === 'LM Studio');
    });
    const { cwd } = terminal.creationOptions as vscode.TerminalOptions;
    assert.equal(cwd, homedir(), 'never where the workspace may have a program of that name');
  });

  it('is offered on the row of a server of this machine that does not answer, and on no other', () => {
    assert.deepEqual(values(STATE), ['backend', 'startable']);
    assert.deepEqual(values({ ...STATE, readiness: 'ok' }), ['backend']);
    assert.deepEqual(values({ ...STATE, readiness: 'unauthorized' }), ['backend', 'needsKey']);
    assert.deepEqual(values({ ...STATE, host: 'gpubox' }), ['backend']);
    assert.deepEqual(values({ ...STATE, kind: 'openai_compatible' }), ['backend']);
  });
});
