import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type * as vscode from 'vscode';
import type { ModelRef } from '../../src/shared/modelRef';
import { PickStore } from '../../src/ui/pickStore';

/** VS Code's storage as an extension sees it; what is stored comes back as JSON would bring it. */
class TestMemento implements vscode.Memento {
  readonly #values = new Map<string, string>();

  constructor(values: Readonly<Record<string, unknown>> = {}) {
    for (const [key, value] of Object.entries(values)) this.#values.set(key, JSON.stringify(value));
  }

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  get<T>(key: string, fallback?: T): T | undefined {
    const stored = this.#values.get(key);
    return stored === undefined ? fallback : (JSON.parse(stored) as T);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, JSON.stringify(value));
  }
}

const ref = (modelId: string, backend = 'ollama'): ModelRef => ({ backend, provider: 'qwen', modelId });
const PICK = 'modelPool.pick';
const RECENT = 'modelPool.recentPicks';

describe('the pick', () => {
  it('is kept for the folder and for windows that have none of their own', async () => {
    const everywhere = new TestMemento();
    const here = new PickStore(new TestMemento(), everywhere);
    const elsewhere = new PickStore(new TestMemento({ [PICK]: ref('other') }), everywhere);
    await here.set(ref('qwen3:8b'));
    assert.deepEqual(here.pick, ref('qwen3:8b'));
    assert.deepEqual(elsewhere.pick, ref('other'));
    assert.deepEqual(new PickStore(new TestMemento(), everywhere).pick, ref('qwen3:8b'));
  });

  it('tells its listeners, and can be taken away', async () => {
    const store = new PickStore(new TestMemento(), new TestMemento());
    const heard: (ModelRef | null)[] = [];
    store.onDidChange((pick) => heard.push(pick));
    await store.set(ref('qwen3:8b'));
    await store.set(null);
    assert.deepEqual(heard, [ref('qwen3:8b'), null]);
    assert.equal(store.pick, null);
  });

  it('remembers the last five, the newest first, each once', async () => {
    const store = new PickStore(new TestMemento(), new TestMemento());
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'c']) await store.set(ref(name));
    assert.deepEqual(
      store.recent.map(({ modelId }) => modelId),
      ['c', 'f', 'e', 'd', 'b'],
    );
    await store.set(ref('c', 'other'));
    assert.equal(store.recent.filter(({ modelId }) => modelId === 'c').length, 2);
  });

  for (const garbage of ['x', 7, [], {}, { backend: 'ollama' }, { ...ref('a'), modelId: 3 }, null]) {
    it(`is none where the storage holds ${JSON.stringify(garbage)}`, async () => {
      const workspace = new TestMemento({ [PICK]: garbage });
      const store = new PickStore(workspace, new TestMemento({ [PICK]: garbage, [RECENT]: garbage }));
      assert.equal(store.pick, null);
      assert.deepEqual(store.recent, []);
      await store.set(ref('a'));
      assert.deepEqual(store.pick, ref('a'));
      assert.deepEqual(store.recent, [ref('a')]);
    });
  }
});
