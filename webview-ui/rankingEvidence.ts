import type { RankingRow } from '../src/shared/reportMessages';

/** What a score rests on, all results of a row taken together. Pure. */

type Grade = RankingRow['evidence'];

/** Strongest first. */
const GRADES = [
  'direct',
  'variant',
  'base',
  'interpolated',
  'self-reported',
] as const satisfies readonly Grade[];

export interface RowEvidence {
  /** The grade that carries most of the weight: what the score mainly rests on. */
  readonly main: Grade;
  /** The weight of each grade that there is, 0..1, strongest grade first. */
  readonly shares: readonly { readonly grade: Grade; readonly share: number }[];
  /** Results that count. */
  readonly results: number;
  readonly sources: number;
  /** Whether anybody but the maker has measured it. */
  readonly independent: boolean;
  /** ISO date of the newest result; null where there is none. */
  readonly newest: string | null;
}

type Evidenced = Pick<RankingRow, 'evidence' | 'contributions'>;
type Inferred = Pick<RankingRow, 'inferredFrom' | 'succeeds' | 'guessedFrom'>;

/** What a score without results of its own rests on, strongest first. */
const STAND_INS = ['siblings', 'predecessor', 'guess', 'nothing'] as const;
type StandIn = (typeof STAND_INS)[number];

/** Sorting and drawing ask for the same rows over and over. */
const known = new WeakMap<Evidenced, RowEvidence>();

/** Of the results that count; without any, the row's own grade stands and the rest is empty. */
export function rowEvidence(row: Evidenced): RowEvidence {
  let evidence = known.get(row);
  if (!evidence) {
    evidence = evidenceOf(row);
    known.set(row, evidence);
  }
  return evidence;
}

function evidenceOf({ contributions, evidence }: Evidenced): RowEvidence {
  const counting = contributions.filter(({ weight }) => weight > 0);
  const total = counting.reduce((sum, { weight }) => sum + weight, 0);
  const shares = GRADES.flatMap((grade) => {
    const own = counting.filter((part) => part.grade === grade);
    if (own.length === 0) return [];
    return [{ grade, share: own.reduce((sum, { weight }) => sum + weight, 0) / total }];
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

/** Means something of rows without any result that counts. */
export function standIn({ inferredFrom, succeeds, guessedFrom }: Inferred): StandIn {
  if (inferredFrom.length > 0) return 'siblings';
  if (succeeds !== null) return 'predecessor';
  return guessedFrom === null ? 'nothing' : 'guess';
}

/** Greater for stronger evidence; rows without any result come last. */
export function evidenceOrder(row: Evidenced & Inferred): number {
  const { main, results } = rowEvidence(row);
  return results === 0 ? -1 - STAND_INS.indexOf(standIn(row)) : GRADES.length - GRADES.indexOf(main);
}
