import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type * as vscode from 'vscode';
import type { ModelRef } from '../../src/shared/modelRef';
import { PickStore, samePick, type UserPick } from '../../src/ui/pickStore';
import { TestMemento } from './support/testMemento';

const ref = (modelId: string, backend = 'ollama'): ModelRef => ({ backend, provider: 'qwen', modelId });
const AUTO: UserPick = { best: { task: 'coding' } };
const PICK = 'modelPool.pick';
const RECENT = 'modelPool.recentPicks';

/** The store of a window with a folder, unless it is said to have none. */
function windowOf(globalState: vscode.Memento, own: Readonly<Record<string, unknown>> = {}, folder = true) {
  return new PickStore(new TestMemento(own), globalState, () => folder);
}

describe('the pick', () => {
  it('counts for its folder, and the very first one everywhere', async () => {
    const everywhere = new TestMemento();
    const here = windowOf(everywhere);
    await here.set(ref('first'));
    assert.deepEqual(windowOf(everywhere).pick, ref('first'));
    await here.set(ref('second'));
    assert.deepEqual([here.pick, here.scope], [ref('second'), 'folder']);
    const elsewhere = windowOf(everywhere);
    assert.deepEqual([elsewhere.pick, elsewhere.scope], [ref('first'), 'everywhere']);
  });

  it('of a window without a folder counts everywhere that has none of its own', async () => {
    const everywhere = new TestMemento();
    await windowOf(everywhere, {}, false).set(ref('a'));
    const empty = windowOf(everywhere, { [PICK]: ref('left behind') }, false);
    await empty.set(ref('b'));
    assert.deepEqual([empty.pick, empty.scope], [ref('b'), 'everywhere']);
    assert.deepEqual(windowOf(everywhere).pick, ref('b'));
    assert.deepEqual(windowOf(everywhere, { [PICK]: ref('own') }).pick, ref('own'));
  });

  it('of a folder can be made that of all windows, and can give way to it', async () => {
    const everywhere = new TestMemento({ [PICK]: ref('old') });
    const here = windowOf(everywhere, { [PICK]: ref('own') });
    await here.useEverywhere();
    assert.deepEqual([here.pick, here.everywhere, here.scope], [ref('own'), ref('own'), 'everywhere']);
    await here.set(ref('another'));
    await here.followEverywhere();
    assert.deepEqual([here.pick, here.scope], [ref('own'), 'everywhere']);
  });

  it('tells its listeners what counts now', async () => {
    const store = windowOf(new TestMemento({ [PICK]: ref('old') }));
    const heard: (UserPick | null)[] = [];
    store.onDidChange((pick) => heard.push(pick));
    await store.set(AUTO);
    await store.followEverywhere();
    assert.deepEqual(heard, [AUTO, ref('old')]);
  });

  it('can be the best model for a task, which is no recent model', async () => {
    const store = windowOf(new TestMemento());
    await store.set(ref('qwen3:8b'));
    await store.set(AUTO);
    assert.deepEqual(store.pick, AUTO);
    assert.deepEqual(store.recent, [ref('qwen3:8b')]);
  });

  it('remembers the last five, the newest first, each once', async () => {
    const store = windowOf(new TestMemento());
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'c']) await store.set(ref(name));
    assert.deepEqual(
      store.recent.map(({ modelId }) => modelId),
      ['c', 'f', 'e', 'd', 'b'],
    );
    await store.set(ref('c', 'other'));
    assert.equal(store.recent.filter(({ modelId }) => modelId === 'c').length, 2);
  });

  const garbages = ['x', 7, [], {}, { backend: 'ollama' }, { ...ref('a'), modelId: 3 }, null];
  for (const garbage of [...garbages, { best: {} }, { best: { task: 'cooking' } }]) {
    it(`is none where the storage holds ${JSON.stringify(garbage)}`, async () => {
      const store = windowOf(new TestMemento({ [PICK]: garbage, [RECENT]: garbage }), { [PICK]: garbage });
      assert.equal(store.pick, null);
      assert.equal(store.scope, null);
      assert.deepEqual(store.recent, []);
      await store.set(ref('a'));
      assert.deepEqual(store.pick, ref('a'));
      assert.deepEqual(store.recent, [ref('a')]);
    });
  }

  it('is the same as another one only where both mean the same', () => {
    assert.equal(samePick(ref('a'), ref('a')), true);
    assert.equal(samePick(AUTO, { best: { task: 'coding' } }), true);
    for (const other of [ref('b'), ref('a', 'other'), AUTO]) assert.equal(samePick(ref('a'), other), false);
    assert.equal(samePick(AUTO, { best: { task: 'general' } }), false);
  });
});
