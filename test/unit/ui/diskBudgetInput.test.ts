import { describe, expect, it } from 'vitest';
import { readDiskBudget } from '../../../src/ui/diskBudgetInput';

describe('what is written as a disk budget', () => {
  it.each([
    ['80', 80],
    [' 12.5 ', 12.5],
    ['12,5', 12.5],
    ['.5', 0.5],
    ['80 GiB', 80],
    ['80gb', 80],
    ['0', 0],
    ['1000000', 1_000_000],
  ])('%j is a budget', (text, gib) => {
    expect(readDiskBudget(text)).toEqual({ kind: 'budget', gib });
  });

  it.each(['', '   '])('%j is the default', (text) => {
    expect(readDiskBudget(text)).toEqual({ kind: 'default' });
  });

  it.each(['-1', '1e3', '80 TiB', 'all', '1.2.3', '0x10', 'Infinity', '8 0', '5.'])(
    '%j is no number of GiB',
    (text) => {
      expect(readDiskBudget(text)).toEqual({ kind: 'unreadable' });
    },
  );

  it('is too big beyond what the setting takes', () => {
    expect(readDiskBudget('1000000.5')).toEqual({ kind: 'too-big' });
  });
});
