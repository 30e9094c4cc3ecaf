import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { count, formatAge, formatDay, formatNumber, formatRate, formatSpan } from './format';
import { rowEvidence } from './rankingEvidence';

/** What the ranking says of a row in words. Pure. */

/** How the speed is known, in one sentence without a full stop. */
export function speedBasis(row: RankingRow): string {
  const { calibration, speedBasis: basis, speedConfidence, tokPerSecRange } = row;
  if (basis === 'measured') return 'Measured on this machine';
  const [low, high] = tokPerSecRange;
  const likely = `Estimated: likely ${formatRate(low)} to ${formatRate(high)} tok/s, ${speedConfidence} confidence`;
  if (calibration === null) return likely;
  return `${likely}; corrected by × ${formatNumber(calibration.factor, 2)} after measuring ${count(calibration.measurements, 'other model')} here`;
}

/** Tokens of the prompt that the wait for a first token is told for. */
const PROMPT_TOKENS = 4_096;

/** `about 1.2 s for a prompt of 4k`; undefined where nobody can say. */
export function firstTokenText({ fit, promptTokPerSec }: RankingRow): string | undefined {
  if (promptTokPerSec === null || promptTokPerSec <= 0 || fit === 'none' || fit === 'unknown')
    return undefined;
  const wait = formatSpan((PROMPT_TOKENS / promptTokPerSec) * 1_000);
  return `about ${wait} for a prompt of ${formatContext(PROMPT_TOKENS)} (${formatRate(promptTokPerSec)} tok/s)`;
}

/** `14k on the GPU, 96k with RAM; made for 128k`. */
export function longestContextText({ fit, contextMax, longestContext: longest }: RankingRow): string {
  const made = contextMax === null ? 'its own maximum is not known' : `made for ${formatContext(contextMax)}`;
  if (longest === null || longest.atAll <= 0) return made;
  const { onAccelerators, atAll } = longest;
  const cap = (tokens: number): string =>
    contextMax === null && tokens > 131_072 ? 'more than 128k' : formatContext(tokens);
  if (onAccelerators <= 0) return `${cap(atAll)} ${fit === 'cpu' ? 'in RAM' : 'on GPU and RAM'}; ${made}`;
  if (onAccelerators >= atAll) return `${cap(atAll)} on the GPU; ${made}`;
  return `${cap(onAccelerators)} on the GPU, ${cap(atAll)} with RAM; ${made}`;
}

export function toolCallingText({ toolCalling }: RankingRow): string {
  if (toolCalling === null) return 'not known';
  return toolCalling ? 'yes' : 'no';
}

/** `10 results from 4 sources, the newest of 2026-08-11 (3 months old); by weight 83 % direct, 17 % self-reported`. */
export function evidenceText(row: RankingRow, nowMs: number): string {
  const { results, sources, newest, shares } = rowEvidence(row);
  const uncounted = row.unscored > 0 ? `; ${row.unscored} more cannot be compared` : '';
  if (row.inferredFrom.length > 0) {
    return `No results of its own; inferred from ${row.inferredFrom.map(shortName).join(', ')}${uncounted}`;
  }
  if (results === 0 || newest === null) return `No results that can be compared${uncounted}`;
  const age = formatAge(newest, nowMs);
  const grades = shares.map(({ grade, share }) => `${Math.round(share * 100)} % ${grade}`).join(', ');
  return (
    `${count(results, 'result')} from ${count(sources, 'source')}, ` +
    `the newest of ${formatDay(newest)}${age === null ? '' : ` (${age})`}; by weight ${grades}${uncounted}`
  );
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
