import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { DocumentWriter } from '../../src/ui/documentWriter';
import { eventually } from '../e2e/support/eventually';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${from + index}\n`).join('');

async function shown(content = ''): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  return vscode.window.showTextDocument(document, { preview: false });
}

const seesLine = (editor: vscode.TextEditor, line: number): boolean =>
  editor.visibleRanges.some((range) => range.start.line <= line && line <= range.end.line);

describe('an answer that streams into a document', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('is there whole and in order, however fast it comes', async () => {
    const { document } = await shown('# Question\n\n');
    const writer = new DocumentWriter(document);
    for (let n = 0; n < 500; n++) writer.append(`${n} `);
    await writer.flushed();
    writer.dispose();
    const numbers = Array.from({ length: 500 }, (_, n) => `${n} `).join('');
    assert.equal(document.getText(), `# Question\n\n${numbers}`);
  });

  it('is followed to its end while nobody scrolls', async () => {
    const editor = await shown();
    const writer = new DocumentWriter(editor.document);
    for (let n = 0; n < 30; n++) {
      writer.append(lines(n * 20, 20));
      await writer.flushed();
    }
    await eventually('the end in view', async () => seesLine(editor, editor.document.lineCount - 1));
    writer.dispose();
  });

  it('leaves a reader who has scrolled up where he is, until he comes back to the end', async () => {
    const editor = await shown();
    const writer = new DocumentWriter(editor.document);
    writer.append(lines(0, 400));
    await writer.flushed();
    await eventually('the end in view', async () => seesLine(editor, 400));
    editor.revealRange(new vscode.Range(10, 0, 10, 0), vscode.TextEditorRevealType.AtTop);
    await eventually('line 10 in view', async () => seesLine(editor, 10));
    writer.append(lines(400, 100));
    await writer.flushed();
    // An edit and the reveal after it reach the screen in order, so this one comes after both.
    await vscode.commands.executeCommand('editor.action.fontZoomReset');
    assert.ok(seesLine(editor, 10), 'it was scrolled away');
    editor.revealRange(new vscode.Range(500, 0, 500, 0));
    await eventually('the end in view', async () => seesLine(editor, 500));
    writer.append(lines(500, 100));
    await eventually('the new end in view', async () => seesLine(editor, 600));
    writer.dispose();
  });

  it('ends quietly when its document is closed', async () => {
    const editor = await shown();
    const writer = new DocumentWriter(editor.document);
    writer.append('before');
    await writer.flushed();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await eventually('the document to be closed', async () => writer.closed);
    writer.append('after');
    await writer.flushed();
    writer.dispose();
  });
});
