import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../e2e/support/eventually';
import { EXTENSION_ID } from './support/extensionUnderTest';

const LIMIT_MS = 30_000;

/** The processes of our language server, of this extension host alone. */
function serverProcesses(): readonly number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [, pid, parent] = /^\s*(\d+)\s+(\d+)\s.*modelfileServer\.js/.exec(line) ?? [];
    return Number(parent) === process.pid ? [Number(pid)] : [];
  });
}

describe('Modelfile support', () => {
  let folder = '';
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mpm-'));
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, text: string): Promise<vscode.TextDocument> {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    return document;
  }

  const codesOf = (uri: vscode.Uri): readonly string[] =>
    vscode.languages
      .getDiagnostics(uri)
      .map(({ code }) => String(typeof code === 'object' ? code.value : code));

  const has = ({ uri }: vscode.TextDocument, code: string): Promise<boolean> =>
    Promise.resolve(codesOf(uri).includes(code));

  async function write(document: vscode.TextDocument, text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    const end = document.lineAt(document.lineCount - 1).range.end;
    edit.replace(document.uri, new vscode.Range(new vscode.Position(0, 0), end), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }

  it('starts no server before a Modelfile is open', () => {
    assert.deepEqual(serverProcesses(), []);
  });

  it('knows the three ways to name a Modelfile', async () => {
    for (const name of ['Modelfile', 'Modelfile.reviewer', 'reviewer.modelfile']) {
      assert.equal((await open(name, 'FROM a\n')).languageId, 'modelfile', name);
    }
  });

  it('finds mistakes, completes, explains and formats', async () => {
    const document = await open('first.modelfile', 'from ./gone.gguf\nPARAMETER temperature hot\n');
    const { uri } = document;
    await eventually('both findings', () => Promise.resolve(codesOf(uri).length === 2), LIMIT_MS);
    assert.deepEqual([...codesOf(uri)].sort(), ['invalid-float', 'missing-file']);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      ...(['vscode.executeHoverProvider', uri, new vscode.Position(1, 12)] as const),
    );
    const shown = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
      .join('\n');
    assert.match(shown, /Default: 0\.8/);
    await write(document, 'from ./gone.gguf\nPARAMETER num_');
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      ...(['vscode.executeCompletionItemProvider', uri, new vscode.Position(1, 14)] as const),
    );
    assert.ok(items.some(({ label }) => label === 'num_ctx'));
    await write(document, 'from ./gone.gguf\n\n\n\nparameter num_ctx  8192');
    await vscode.commands.executeCommand('editor.action.formatDocument');
    assert.equal(document.getText(), 'FROM ./gone.gguf\n\nPARAMETER num_ctx 8192\n');
  });

  it('comes back when its server is killed, with what is in the editor and not on the disk', async () => {
    const document = await open('second.modelfile', 'FROM a\n');
    await write(document, 'FROM a\nSYTEM unsaved\n');
    await eventually('the finding', () => has(document, 'unknown-command'), LIMIT_MS);
    const [first] = serverProcesses();
    assert.ok(first !== undefined);
    process.kill(first, 'SIGKILL');
    const [second] = await eventually(
      'another server',
      () => {
        const running = serverProcesses().filter((pid) => pid !== first);
        return Promise.resolve(running.length > 0 && running);
      },
      LIMIT_MS,
    );
    assert.notEqual(second, first);
    await write(document, 'FROM a\nSYTEM unsaved\nPARAMETER top_k many\n');
    await eventually('both findings', () => has(document, 'invalid-integer'), LIMIT_MS);
    assert.ok(codesOf(document.uri).includes('unknown-command'));
  });
});
