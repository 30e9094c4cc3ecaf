import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { DeferredTree, type RowSource } from '../../src/ui/deferredTree';
import type { TreeRow } from '../../src/ui/treeRow';
import { eventually } from '../e2e/support/eventually';

/** Rows as nested lists of `id: label`. */
interface Node {
  readonly id: string;
  readonly label: string;
  readonly under?: readonly Node[];
}

class NodeItem extends vscode.TreeItem {
  constructor(readonly node: Node) {
    super(node.label);
    this.id = node.id;
  }
}

class NodeSource implements RowSource {
  asked = 0;
  failure: Error | undefined;

  constructor(public nodes: readonly Node[]) {}

  children(parent: vscode.TreeItem | undefined): vscode.TreeItem[] {
    this.asked += 1;
    if (this.failure) throw this.failure;
    const nodes = parent instanceof NodeItem ? (parent.node.under ?? []) : this.nodes;
    return nodes.map((node) => new NodeItem(node));
  }
}

const node = (id: string, label = id, under: readonly Node[] = []): Node => ({ id, label, under });

describe('a view', () => {
  let tree: DeferredTree;
  let drawn: (string | undefined)[][];

  beforeEach(() => {
    tree = new DeferredTree('modelPool.test');
    drawn = [];
    tree.onDidChangeTreeData((rows) => drawn.push(rows ? rows.map((row) => row.item.id) : [undefined]));
  });
  afterEach(() => tree.dispose());

  async function open(source: NodeSource): Promise<readonly TreeRow[]> {
    tree.fillFrom(source);
    const rows = await tree.getChildren();
    for (const row of rows) await tree.getChildren(row);
    return rows;
  }

  /** Refreshes and waits until the tree has looked at everything. */
  async function refreshed(source: NodeSource): Promise<void> {
    const asked = source.asked;
    tree.refresh();
    await eventually('the rows to be looked at', async () => source.asked > asked);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('waits for its provider, which comes after activation', async () => {
    let came = false;
    const waiting = tree.getChildren().finally(() => (came = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(came, false);
    tree.fillFrom(new NodeSource([node('a')]));
    const rows = await waiting;
    assert.deepEqual(
      rows.map((row) => tree.getTreeItem(row).label),
      ['a'],
    );
  });

  it('draws nothing anew when nothing looks different', async () => {
    const source = new NodeSource([node('a', 'A', [node('a1')]), node('b')]);
    await open(source);
    await refreshed(source);
    assert.deepEqual(drawn, []);
  });

  it('draws the one row anew that looks different, and keeps it the same object', async () => {
    const source = new NodeSource([node('a', 'A', [node('a1'), node('a2')]), node('b')]);
    const [first] = await open(source);
    const inner = first?.children?.[1];
    source.nodes = [node('a', 'A', [node('a1'), node('a2', '50 %')]), node('b')];
    await refreshed(source);
    assert.deepEqual(drawn, [['a2']]);
    assert.equal(inner && tree.getTreeItem(inner).label, '50 %');
  });

  it('gives commands what a row stands for now, although it looks the same', async () => {
    const source = new NodeSource([node('a')]);
    const [row] = await open(source);
    const replaced = node('a');
    source.nodes = [replaced];
    await refreshed(source);
    const item = row && tree.getTreeItem(row);
    assert.ok(item instanceof NodeItem);
    assert.equal(item.node, replaced);
  });

  it('draws the rows under one anew when their number changes, and the rest stays', async () => {
    const source = new NodeSource([node('a', 'A', [node('a1')]), node('b')]);
    const [first] = await open(source);
    const kept = first?.children?.[0];
    source.nodes = [node('a', 'A', [node('a0'), node('a1')]), node('b')];
    await refreshed(source);
    assert.deepEqual(drawn, [['a']]);
    assert.equal((first && (await tree.getChildren(first)))?.[1], kept);
  });

  it('is drawn anew as a whole when its first rows change', async () => {
    const source = new NodeSource([node('a')]);
    await open(source);
    source.nodes = [node('b'), node('a')];
    await refreshed(source);
    assert.deepEqual(drawn, [[undefined]]);
  });

  it('looks again where something changed while its first rows were made', async () => {
    const source = new NodeSource([node('a')]);
    const made = Promise.withResolvers<undefined>();
    tree.fillFrom({
      children: async (parent) => {
        const items = source.children(parent);
        await made.promise;
        return items;
      },
    });
    const first = tree.getChildren();
    await eventually('the rows to be asked for', async () => source.asked > 0);
    source.nodes = [node('b')];
    tree.refresh();
    made.resolve(undefined);
    await first;
    await eventually('the view to be drawn anew', async () => drawn.length > 0);
    assert.deepEqual(drawn, [[undefined]]);
  });

  it('asks for nothing that was never opened', async () => {
    const source = new NodeSource([node('a')]);
    tree.fillFrom(source);
    tree.refresh();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(source.asked, 0);
  });

  it('leaves an error to VS Code, which shows it, and goes on afterwards', async () => {
    const source = new NodeSource([node('a')]);
    await open(source);
    source.failure = new Error('no rows now');
    await refreshed(source);
    assert.deepEqual(drawn, [[undefined]]);
    await assert.rejects(tree.getChildren(), /no rows now/);
    source.failure = undefined;
    source.nodes = [node('a', 'back')];
    await refreshed(source);
    assert.deepEqual(drawn.at(-1), ['a']);
  });
});
