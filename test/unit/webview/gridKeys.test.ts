import { describe, expect, it } from 'vitest';
import { activates, rowAfterKey } from '../../../webview-ui/gridKeys';

describe('a key in a table of 100 rows, of which 20 fit', () => {
  it.each([
    ['ArrowDown', 4, 5],
    ['ArrowUp', 4, 3],
    ['PageDown', 4, 24],
    ['PageUp', 4, 0],
    ['PageDown', 95, 99],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['ArrowDown', 99, 99],
    ['ArrowDown', -1, 0],
    ['ArrowUp', -1, 0],
  ])('%s at row %d goes to row %d', (key, active, target) => {
    expect(rowAfterKey(key, active, 20, 100)).toBe(target);
  });

  it('that is not for moving moves nowhere', () => {
    expect(rowAfterKey('a', 4, 20, 100)).toBeNull();
    expect(rowAfterKey('Tab', 4, 20, 100)).toBeNull();
  });

  it('moves nowhere in an empty table', () => {
    expect(rowAfterKey('ArrowDown', -1, 20, 0)).toBeNull();
  });
});

describe('opening a row', () => {
  it('takes Enter or Space anywhere', () => {
    expect(activates('Enter', false, false)).toBe(true);
    expect(activates(' ', true, true)).toBe(true);
  });

  it('takes the right arrow to open and the left one to close', () => {
    expect(activates('ArrowRight', true, false)).toBe(true);
    expect(activates('ArrowRight', true, true)).toBe(false);
    expect(activates('ArrowRight', false, false)).toBe(false);
    expect(activates('ArrowLeft', true, true)).toBe(true);
    expect(activates('ArrowLeft', true, false)).toBe(false);
  });
});
