import { describe, expect, it } from 'vitest';
import type { Contribution } from '../../../src/ranking/rankTypes';
import { rowEvidence } from '../../../src/ui/rowEvidence';

function result(changes: Partial<Contribution>): Contribution {
  return {
    ...{ source: 'a', benchmark: 'b', value: 50, scale: 'percent', normalisedValue: 50, standardError: 5 },
    ...{
      grade: 'direct',
      evidenceConfidence: 1,
      observedAt: '2026-08-11',
      recencyWeight: 1,
      sourceWeight: 1,
    },
    ...{ relevance: 1, share: 1, combinedWeight: 1, independent: true },
    ...changes,
  };
}

function of(...contributions: readonly Contribution[]): ReturnType<typeof rowEvidence> {
  return rowEvidence({
    evidence: 'base',
    benchmarkScore: { score: 50, confidence: 'high', interval: [40, 60], contributions },
  });
}

describe('the evidence of a row', () => {
  it('is mainly what carries most of the weight; what does not count is not counted', () => {
    expect(
      of(
        result({ source: 'a', grade: 'self-reported', combinedWeight: 0.4, observedAt: '2026-02' }),
        result({ source: 'b', grade: 'direct', combinedWeight: 0.6 }),
        result({ source: 'c', grade: 'variant', combinedWeight: 0, observedAt: '2026-11-01' }),
      ),
    ).toEqual({
      main: 'direct',
      shares: [
        { grade: 'direct', share: 0.6 },
        { grade: 'self-reported', share: 0.4 },
      ],
      ...{ results: 2, sources: 2, independent: true, newest: '2026-08-11' },
    });
  });

  it('counts a source once, and says where only the maker has measured', () => {
    const own = { grade: 'self-reported', independent: false } as const;
    expect(of(result(own), result({ ...own, benchmark: 'c' }))).toMatchObject({
      ...{ main: 'self-reported', results: 2, sources: 1, independent: false },
    });
  });

  it('is the grade of the row alone where nothing counts', () => {
    const nothing = { main: 'base', shares: [], results: 0, sources: 0, independent: false, newest: null };
    expect(of()).toEqual(nothing);
    expect(of(result({ combinedWeight: 0 }))).toEqual(nothing);
  });
});
