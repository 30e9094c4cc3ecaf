import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RecommendedFilter } from '../../src/ui/recommendedFilter';
import { TestMemento } from './support/testMemento';

type Filtered = Parameters<RecommendedFilter['lets']>[0];

const KEY = 'modelPool.recommendedView';

const rankedModel = (change: Partial<Filtered> = {}): Filtered => ({
  ...{ fit: 'cpu', toolCalling: null, licence: undefined },
  ...change,
});

function filterOf(stored: unknown): { readonly filter: RecommendedFilter; readonly kept: () => unknown } {
  const memento = new TestMemento({ [KEY]: stored });
  return { filter: new RecommendedFilter(memento), kept: () => memento.get(KEY) };
}

describe('the filter of the recommended models', () => {
  it('lets everything through at first, in one list', () => {
    const { filter } = filterOf(undefined);
    assert.equal(filter.lets(rankedModel(), false), true);
    assert.equal(filter.text, undefined);
    assert.equal(filter.isGrouped, false);
  });

  const cases: readonly (readonly [string, Partial<Filtered>, boolean, Partial<Filtered>, boolean])[] = [
    ['fitsGpu', { fit: 'gpu' }, false, { fit: 'offload' }, false],
    ['installed', {}, true, {}, false],
    ['callsTools', { toolCalling: true }, false, { toolCalling: null }, false],
    ['freeLicence', { licence: 'Apache-2.0' }, false, { licence: 'llama3.1' }, false],
    ['freeLicence', { licence: 'mit' }, false, { licence: undefined }, false],
  ];
  for (const [name, good, goodInstalled, bad, badInstalled] of cases) {
    it(`${name} keeps ${JSON.stringify(good)} and leaves out ${JSON.stringify(bad)}`, () => {
      const { filter } = filterOf({ filters: [name], isGrouped: false });
      assert.equal(filter.lets(rankedModel(good), goodInstalled), true);
      assert.equal(filter.lets(rankedModel(bad), badInstalled), false);
    });
  }

  it('wants all of what was chosen, and says it', () => {
    const { filter } = filterOf({ filters: ['fitsGpu', 'callsTools'], isGrouped: false });
    assert.equal(filter.lets(rankedModel({ fit: 'gpu', toolCalling: true }), false), true);
    assert.equal(filter.lets(rankedModel({ fit: 'gpu', toolCalling: false }), false), false);
    assert.equal(filter.text, 'fits the GPU, calls tools');
  });

  it('keeps whether models are grouped, and tells its listeners', async () => {
    const { filter, kept } = filterOf({ filters: ['installed'], isGrouped: false });
    let told = 0;
    filter.onDidChange(() => (told += 1));
    await filter.toggleGroups();
    assert.deepEqual(kept(), { filters: ['installed'], isGrouped: true });
    assert.equal(told, 1);
  });

  for (const garbage of ['x', 7, null, [], { filters: ['other'] }]) {
    it(`shows all where the storage holds ${JSON.stringify(garbage)}`, () => {
      assert.equal(filterOf(garbage).filter.lets(rankedModel(), false), true);
    });
  }
});
