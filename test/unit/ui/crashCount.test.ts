import { describe, expect, it } from 'vitest';
import { CrashCount } from '../../../src/ui/modelfile/crashCount';

describe('the count of crashes', () => {
  it('is too high with the last of the allowed ones within the time', () => {
    const count = new CrashCount(4, 1_000);
    expect([0, 300, 600].map((ms) => count.isTooOften(ms))).toEqual([false, false, false]);
    expect(count.isTooOften(999)).toBe(true);
  });

  it('forgets those that are long ago', () => {
    const count = new CrashCount(2, 1_000);
    expect([0, 1_000, 2_000, 3_500].map((ms) => count.isTooOften(ms))).toEqual([false, false, false, false]);
    expect(count.isTooOften(3_600)).toBe(true);
  });
});
