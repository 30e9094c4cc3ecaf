import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { Pages, type Page } from '../../src/ui/pages';
import { PageWriter } from '../../src/ui/pageWriter';
import { eventually } from '../e2e/support/eventually';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${from + index}\n`).join('');

const seesLine = (editor: vscode.TextEditor, line: number): boolean =>
  editor.visibleRanges.some((range) => range.start.line <= line && line <= range.end.line);

const closeTab = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.closeActiveEditor');

describe('an answer that streams into a page', () => {
  let pages: Pages;
  const writers: PageWriter[] = [];

  before(() => {
    pages = new Pages('model-pool-page-test');
  });
  after(() => pages.dispose());
  afterEach(async () => {
    for (const writer of writers.splice(0)) writer.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function shown(
    content = '',
  ): Promise<{ readonly page: Page; readonly writer: PageWriter; readonly editor: vscode.TextEditor }> {
    const page = await pages.open('Answer of tiny', content);
    const writer = new PageWriter(page);
    writers.push(writer);
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document, page.document);
    return { page, writer, editor };
  }

  it('is there whole and in order, however fast it comes', async () => {
    const { page, writer } = await shown('# Question\n\n');
    for (let n = 0; n < 500; n++) writer.append(`${n} `);
    await writer.flushed();
    const numbers = Array.from({ length: 500 }, (_, n) => `${n} `).join('');
    assert.equal(page.document.getText(), `# Question\n\n${numbers}`);
  });

  it('is Markdown under the name of its model, and nothing that wants to be saved', async () => {
    const { page, writer } = await shown('# Question\n\n');
    writer.append('Answer');
    await writer.flushed();
    const { document } = page;
    assert.equal(document.languageId, 'markdown');
    assert.match(document.uri.path, /^\/Answer of tiny(?: \(\d+\))?\.md$/);
    assert.equal(document.isDirty, false);
    assert.equal(document.isUntitled, false);
    await closeTab();
    // A question would have left the tab open.
    await eventually('the tab to be closed', async () => writer.closed);
  });

  it('has a name that can be that of a file', async () => {
    const paths: string[] = [];
    for (const name of ['Answer of qwen3:8b', 'Answer of Auto: coding', 'Answer of a/b'])
      paths.push((await pages.open(name, '')).document.uri.path);
    assert.deepEqual(paths, ['/Answer of qwen3-8b.md', '/Answer of Auto coding.md', '/Answer of a-b.md']);
  });

  it('goes on while its tab is hidden, and is whole when it is seen again', async () => {
    const { page, writer } = await shown('# Question\n\n');
    const other = await vscode.workspace.openTextDocument({ content: 'other' });
    await vscode.window.showTextDocument(other, { preview: false });
    writer.append('one ');
    await writer.flushed();
    writer.append('two');
    await writer.flushed();
    assert.equal(writer.closed, false);
    const editor = await vscode.window.showTextDocument(page.document);
    assert.equal(editor.document.getText(), '# Question\n\none two');
    await vscode.window.showTextDocument(other);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('is followed to its end while nobody scrolls', async () => {
    const { writer, editor } = await shown();
    for (let n = 0; n < 30; n++) {
      writer.append(lines(n * 20, 20));
      await writer.flushed();
    }
    await eventually('the end in view', async () => seesLine(editor, editor.document.lineCount - 1));
  });

  it('leaves a reader who has scrolled up where he is, until he comes back to the end', async () => {
    const { writer, editor } = await shown();
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
  });

  it('says when its last tab is closed, and ends quietly', async () => {
    const { page, writer } = await shown('# Question\n\n');
    let told = 0;
    writer.onDidClose(() => (told += 1));
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    await eventually('two tabs', async () => vscode.window.tabGroups.all.length === 2);
    await closeTab();
    await eventually('one tab', async () => vscode.window.tabGroups.all.length === 1);
    writer.append('one tab is left');
    await writer.flushed();
    assert.equal(told, 0);
    assert.match(page.document.getText(), /one tab is left$/);
    await closeTab();
    await eventually('the tab to be closed', async () => told === 1);
    writer.append('nobody reads this');
    await writer.flushed();
    assert.equal(writer.closed, true);
  });
});
