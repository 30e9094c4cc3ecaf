import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usabilityFactor } from '../../../src/ranking/usability';

fc.configureGlobal({ numRuns: 5000 });
describe('usabilityFactor', () => {
  const at = (tokPerSec: number, targetTokPerSec = 10, patience = 1.3): number =>
    usabilityFactor({ tokPerSec, targetTokPerSec, patience, contextTokens: 8192, wantedContextTokens: 8192 });

  it('is 0.93 at the target and near 1 far above it', () => {
    expect(at(10)).toBeCloseTo(0.93, 9);
    expect(at(100)).toBeGreaterThan(0.99);
  });

  it('keeps a 70B at 2 tok/s behind a 32B at 20', () => {
    expect(at(2) * 72).toBeLessThan(at(20) * 60);
  });

  it('grows with speed, and is 0 for what is no speed', () => {
    const speed = fc.double({ min: 0.001, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(speed, speed, (a, b) => {
        expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)));
      }),
    );
    expect([at(0), at(NaN), at(-1)]).toEqual([0, 0, 0]);
  });

  it('takes the root of what is missing in context', () => {
    const factor = usabilityFactor({
      tokPerSec: 1e6,
      targetTokPerSec: 10,
      patience: 1.3,
      contextTokens: 8192,
      wantedContextTokens: 32_768,
    });
    expect(factor).toBeCloseTo(0.5, 3);
  });
});
