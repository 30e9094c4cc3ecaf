import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext, formatDuration } from '../src/shared/units';
import { count, formatAge, formatDay, formatNumber, formatRate } from './format';
import { rowEvidence } from './rankingEvidence';

/** What the ranking says of a row in words. Pure. */

/** How the speed is known, in one sentence without a full stop. */
export function speedBasis(row: RankingRow): string {
  const { calibration, speedBasis: basis, speedConfidence, tokPerSecRange } = row;
  if (basis === 'measured') return 'Measured on this machine';
  const [low, high] = tokPerSecRange;
  const likely = `Estimated: likely ${formatRate(low)} to ${formatRate(high)} tok/s, ${speedConfidence} confidence`;
  if (calibration === null) return likely;
  return `${likely}; corrected by × ${formatNumber(calibration.factor, 2)} after measuring ${count(calibration.measurements, 'model')} here`;
}

/** Tokens of the prompt that the wait for a first token is told for. */
const PROMPT_TOKENS = 4_096;

/** `about 1.2 s for a prompt of 4k`; undefined where nobody can say. */
export function firstTokenText({ fit, promptTokPerSec }: RankingRow): string | undefined {
  if (promptTokPerSec === null || promptTokPerSec <= 0 || fit === 'none' || fit === 'unknown')
    return undefined;
  const wait = roughSpan((PROMPT_TOKENS / promptTokPerSec) * 1_000);
  return `about ${wait} for a prompt of ${formatContext(PROMPT_TOKENS)} (${formatRate(promptTokPerSec)} tok/s)`;
}

/** Of an estimate: no more digits than it is good for. */
function roughSpan(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds >= 60) return formatDuration(milliseconds);
  return `${formatNumber(Math.max(0.1, seconds), seconds < 10 ? 1 : 0)} s`;
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
  if (results === 0 || newest === null) {
    const shown =
      row.unscored > 0 ? `; of ${count(row.unscored, 'published result')} none can be compared` : '';
    return `${standInText(row)}${shown}`;
  }
  const uncounted = row.unscored > 0 ? `; ${row.unscored} more cannot be compared` : '';
  const age = formatAge(newest, nowMs);
  const grades = shares.map(({ grade, share }) => `${Math.round(share * 100)} % ${grade}`).join(', ');
  return (
    `${count(results, 'result')} from ${count(sources, 'source')}, ` +
    `the newest of ${formatDay(newest)}${age === null ? '' : ` (${age})`}; by weight ${grades}${uncounted}`
  );
}

/** What stands in the place of the scores behind a rank where there are none. */
export function noScoresText({ unscored }: RankingRow): string {
  if (unscored === 0) return 'No published score is known for this model.';
  return `${count(unscored, 'published result')} of this model ${unscored === 1 ? 'is' : 'are'} known, on benchmarks that too few models share to compare them.`;
}

/** What a score without own results rests on. */
function standInText({ inferredFrom, succeeds, guessedFrom }: RankingRow): string {
  if (inferredFrom.length > 0)
    return `No results of its own; inferred from ${inferredFrom.map(shortName).join(', ')}`;
  if (succeeds !== null)
    return `No results of its own yet; the score of ${shortName(succeeds)}, the model before it in its line and size`;
  if (guessedFrom !== null)
    return `No results of its own or of a relative; guessed from its ${guessedFrom} until there are some`;
  return 'No results that can be compared';
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
