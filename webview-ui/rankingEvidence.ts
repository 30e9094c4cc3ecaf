import { EVIDENCE_GRADES } from '../src/shared/reportMessages';
import type { RankingRow } from '../src/shared/reportMessages';

/** What a score rests on, as the table orders it. Pure. */

type Evidenced = Pick<RankingRow, 'evidence'>;
type Inferred = Pick<RankingRow, 'inferredFrom' | 'succeeds' | 'guessedFrom'>;

/** What a score without results of its own rests on, strongest first. */
const STAND_INS = ['siblings', 'predecessor', 'guess', 'nothing'] as const;
type StandIn = (typeof STAND_INS)[number];

/** Means something of rows without any result that counts. */
export function standIn({ inferredFrom, succeeds, guessedFrom }: Inferred): StandIn {
  if (inferredFrom.length > 0) return 'siblings';
  if (succeeds !== null) return 'predecessor';
  return guessedFrom === null ? 'nothing' : 'guess';
}

/** Greater for stronger evidence; rows without any result come last. */
export function evidenceOrder(row: Evidenced & Inferred): number {
  const { main, results } = row.evidence;
  return results === 0
    ? -1 - STAND_INS.indexOf(standIn(row))
    : EVIDENCE_GRADES.length - EVIDENCE_GRADES.indexOf(main);
}
