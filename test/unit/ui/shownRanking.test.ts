import { describe, expect, it } from 'vitest';
import type { RankedModel } from '../../../src/ranking/rankTypes';
import { rankModels } from '../../../src/ranking/rank';
import { ShownRanking } from '../../../src/ui/shownRanking';

/** A ranking of one build of a model. */
function ranked(quant: string): { readonly models: readonly RankedModel[] } {
  return rankModels({
    candidates: [{ hfRepoId: 'org/model', sizeB: 8, quant }],
    hardware: { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 300 },
    snapshot: { generatedAt: '2026-11-01', observations: [] },
    options: { task: 'general', rankingDate: '2026-11-22', includeUnfit: true },
  });
}

const keyOf = ({ models: [model] }: ReturnType<typeof ranked>): string =>
  `${model?.modelId ?? ''}|${model?.quant ?? ''}`;
const [small, large] = [ranked('Q4_K_M'), ranked('Q8_0')];

describe('the ranking that the page shows', () => {
  it('tells of its open rows, and of no other', () => {
    const shown = new ShownRanking();
    const number = shown.next();
    shown.opened = [keyOf(large), 'org/other|Q4_K_M'];
    shown.take(number, large);
    expect(shown.openedModels(number)).toEqual([large.models[0]]);
    shown.opened = [];
    expect(shown.openedModels(number)).toEqual([]);
  });

  it('tells nothing of an older one, of which the rows may be others', () => {
    expect(keyOf(small)).not.toBe(keyOf(large));
    const shown = new ShownRanking();
    const [first, second] = [shown.next(), shown.next()];
    shown.opened = [keyOf(small), keyOf(large)];
    shown.take(first, small);
    shown.take(second, large);
    expect(shown.openedModels(first)).toBeUndefined();
    expect(shown.openedModels(second)).toEqual([large.models[0]]);
    expect(shown.model(keyOf(small))).toBeUndefined();
  });

  it('stays when one that was asked for earlier comes later', () => {
    const shown = new ShownRanking();
    const [first, second] = [shown.next(), shown.next()];
    shown.take(second, large);
    shown.take(first, small);
    expect(shown.model(keyOf(large))).toBe(large.models[0]);
    expect(shown.openedModels(first)).toBeUndefined();
  });

  it('is forgotten with the page', () => {
    const shown = new ShownRanking();
    const number = shown.next();
    shown.opened = [keyOf(large)];
    shown.take(number, large);
    shown.forget();
    expect(shown.openedModels(number)).toBeUndefined();
    expect(shown.opened).toEqual([]);
    expect(shown.next()).toBeGreaterThan(number);
  });
});
