import { describe, expect, it } from 'vitest';
import { holds, keysOf, parseWhen, type Place } from './support/whenClause';

const PLACE: Place = { view: 'a.pool', viewItem: 'model.pinned', ready: true, empty: false, count: '3' };

describe('a when clause', () => {
  it.each([
    ['ready', true],
    ['!ready', false],
    ['nobodySetThis', false],
    ['ready && empty', false],
    ['empty || ready', true],
    // The one binds tighter than the other.
    ['ready || ready && empty', true],
    ['(ready || ready) && empty', false],
    ['!(ready && empty)', true],
    ['view == a.pool', true],
    ["view == 'a.pool'", true],
    ['view != a.pool', false],
    ['view == a.proposals', false],
    ['ready == true && empty != true', true],
    ['viewItem =~ /\\bpinned\\b/', true],
    ['viewItem =~ /\\bpin\\b/', false],
    ['viewItem =~ /^(?:MODEL|other)\\./i', true],
    ['count > 2 && count <= 3', true],
    ['count < 3', false],
    ['false', false],
  ])('%s is %s', (clause, expected) => {
    expect(holds(parseWhen(clause), PLACE)).toBe(expected);
  });

  it.each([
    '',
    'ready &&',
    '&& ready',
    'ready empty',
    '(ready',
    'ready)',
    'view =~ pool',
    'a & b',
    'view not b',
  ])('is none: %s', (text) => {
    expect(() => parseWhen(text)).toThrow();
  });

  it('names its keys', () => {
    expect(keysOf(parseWhen('!(a && b == c) || d =~ /e/ || f in g'))).toEqual(['a', 'b', 'd', 'f', 'g']);
  });
});
