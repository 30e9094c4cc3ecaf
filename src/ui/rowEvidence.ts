import type { RankedModel } from '../ranking/rankTypes';
import { EVIDENCE_GRADES, type RowEvidence } from '../shared/reportMessages';

/** What a score rests on, all results that count taken together. Pure. */
export function rowEvidence({
  benchmarkScore: { contributions },
  evidence,
}: Pick<RankedModel, 'benchmarkScore' | 'evidence'>): RowEvidence {
  const counting = contributions.filter((part) => part.combinedWeight > 0);
  const weigh = (parts: typeof counting): number =>
    parts.reduce((sum, { combinedWeight }) => sum + combinedWeight, 0);
  const total = weigh(counting);
  const shares = EVIDENCE_GRADES.flatMap((grade) => {
    const own = counting.filter((part) => part.grade === grade);
    return own.length === 0 ? [] : [{ grade, share: weigh(own) / total }];
  });
  return {
    main: shares.toSorted((a, b) => b.share - a.share)[0]?.grade ?? evidence,
    shares,
    results: counting.length,
    sources: new Set(counting.map(({ source }) => source)).size,
    independent: counting.some(({ independent }) => independent),
    newest: counting.reduce<string | null>(
      (date, { observedAt }) => (date === null || observedAt > date ? observedAt : date),
      null,
    ),
  };
}
