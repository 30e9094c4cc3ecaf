import { describe, expect, it } from 'vitest';
import { parsePageState } from '../../../webview-ui/state';

const DEFAULTS = {
  tab: 'rankings',
  rankings: {
    task: null,
    ...{ text: '', installedOnly: false, toolsOnly: false },
    ...{ fit: null, size: null, evidence: null, licence: null },
    order: { column: 'score', descending: true },
    ...{ expanded: [], compared: [], leftOutOpen: false, imagining: false, imagined: null },
  },
  dispatches: {
    ...{ text: '', backend: null, provider: null, model: null, outcome: null, errorCode: null },
    ...{ inheritedOnly: false, span: 'all', fromMs: null, untilMs: null },
    order: { column: 'time', descending: true },
    selectedId: null,
  },
  pool: { layersOf: [] },
  scrollTops: { rankings: 0, dispatches: 0, machine: 0, pool: 0 },
};

describe('the kept state', () => {
  it.each([undefined, null, 7, 'text', [], {}])('that is %j becomes the defaults', (kept) => {
    expect(parsePageState(kept)).toEqual(DEFAULTS);
  });

  it('comes back as it was kept', () => {
    const kept = {
      tab: 'dispatches',
      rankings: {
        task: 'coding',
        ...{ text: 'qwen', installedOnly: true, toolsOnly: true },
        ...{ fit: 'gpu', size: 'middle', evidence: 'direct', licence: 'mit' },
        order: { column: 'context', descending: false },
        ...{ expanded: ['a|Q4_K_M'], compared: ['a|Q4_K_M', 'b|Q8_0'], leftOutOpen: true },
        ...{ imagining: true, imagined: { device: 'sample', count: 2, ramGib: 64 } },
      },
      dispatches: {
        ...{ text: 'x', backend: 'b', provider: 'p', model: 'm', outcome: 'refused', errorCode: 'e' },
        ...{ inheritedOnly: true, span: 'chosen', fromMs: 5, untilMs: 6 },
        order: { column: 'ttft', descending: false },
        selectedId: 'record',
      },
      pool: { layersOf: ['This machine'] },
      scrollTops: { rankings: 260, dispatches: 12, machine: 4, pool: 90 },
    };
    expect(parsePageState(structuredClone(kept))).toEqual(kept);
  });

  it('loses only the part that cannot be read', () => {
    const kept = {
      tab: 'kitchen',
      rankings: { task: 'cooking', text: 'kept', fit: 'well', order: { column: 'colour', descending: true } },
      dispatches: { outcome: 'all', span: 'ever', order: { column: 'colour' }, selectedId: 'record' },
      pool: { layersOf: 'all' },
      scrollTops: { rankings: -4, dispatches: 9, pool: 'top' },
    };
    expect(parsePageState(kept)).toEqual({
      ...DEFAULTS,
      rankings: { ...DEFAULTS.rankings, text: 'kept' },
      dispatches: { ...DEFAULTS.dispatches, selectedId: 'record' },
      scrollTops: { ...DEFAULTS.scrollTops, dispatches: 9 },
    });
  });
});
