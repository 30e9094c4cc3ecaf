import * as l10n from '@vscode/l10n';
import type { EvidenceGrade, RankingRow } from '../src/shared/reportMessages';
import { formatContext, formatDuration } from '../src/shared/units';
import { formatAge, formatDay, formatNumber, formatRate } from './format';
import type { OpenedRow } from './openedRow';

/** What the ranking says of a row in words. Pure. */

/** How the speed is known, in one sentence without a full stop. */
export function speedBasis(row: RankingRow): string {
  const { calibration, speedBasis: basis, speedConfidence, tokPerSecRange } = row;
  if (basis === 'measured') return l10n.t('Measured on this machine');
  const [low, high] = tokPerSecRange;
  const likely = l10n.t(
    'Estimated: likely {0} to {1} tok/s, {2} confidence',
    formatRate(low),
    formatRate(high),
    confidenceWord(speedConfidence),
  );
  if (calibration === null) return likely;
  const factor = formatNumber(calibration.factor, 2);
  return calibration.measurements === 1
    ? l10n.t('{0}; corrected by × {1} after measuring 1 model here', likely, factor)
    : l10n.t(
        '{0}; corrected by × {1} after measuring {2} models here',
        likely,
        factor,
        formatNumber(calibration.measurements),
      );
}

/** Stands before the word confidence. */
function confidenceWord(confidence: RankingRow['confidence']): string {
  switch (confidence) {
    case 'high':
      return l10n.t('high');
    case 'medium':
      return l10n.t('medium');
    case 'low':
      return l10n.t('low');
  }
}

export function confidenceText(confidence: RankingRow['confidence']): string {
  return l10n.t('{0} confidence', confidenceWord(confidence));
}

/** Tokens of the prompt that the wait for a first token is told for. */
const PROMPT_TOKENS = 4_096;

/** `about 1.2 s for a prompt of 4k`; undefined where nobody can say. */
export function firstTokenText({ fit, promptTokPerSec }: OpenedRow): string | undefined {
  if (promptTokPerSec === null || promptTokPerSec <= 0 || fit === 'none' || fit === 'unknown')
    return undefined;
  const wait = roughSpan((PROMPT_TOKENS / promptTokPerSec) * 1_000);
  return l10n.t(
    'about {0} for a prompt of {1} ({2} tok/s)',
    wait,
    formatContext(PROMPT_TOKENS),
    formatRate(promptTokPerSec),
  );
}

/** Of an estimate: no more digits than it is good for. */
function roughSpan(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds >= 60) return formatDuration(milliseconds);
  return `${formatNumber(Math.max(0.1, seconds), seconds < 10 ? 1 : 0)} s`;
}

/** `14k on the GPU, 96k with RAM; made for 128k`. */
export function longestContextText({ fit, contextMax, longestContext: longest }: RankingRow): string {
  const made =
    contextMax === null
      ? l10n.t('its own maximum is not known')
      : l10n.t('made for {0}', formatContext(contextMax));
  if (longest === null || longest.atAll <= 0) return made;
  const { onAccelerators, atAll } = longest;
  const cap = (tokens: number): string =>
    contextMax === null && tokens > 131_072 ? l10n.t('more than 128k') : formatContext(tokens);
  if (onAccelerators <= 0) {
    return fit === 'cpu'
      ? l10n.t('{0} in RAM; {1}', cap(atAll), made)
      : l10n.t('{0} on GPU and RAM; {1}', cap(atAll), made);
  }
  if (onAccelerators >= atAll) return l10n.t('{0} on the GPU; {1}', cap(atAll), made);
  return l10n.t('{0} on the GPU, {1} with RAM; {2}', cap(onAccelerators), cap(atAll), made);
}

export function toolCallingText({ toolCalling }: RankingRow): string {
  if (toolCalling === null) return l10n.t('not known');
  return toolCalling ? l10n.t('yes') : l10n.t('no');
}

/** `10 results from 4 sources, the newest of 2026-08-11 (3 months old); by weight 83 % direct, 17 % self-reported`. */
export function evidenceText(row: RankingRow, nowMs: number): string {
  const { results, sources, newest, shares } = row.evidence;
  if (results === 0 || newest === null) {
    return withoutResults(row);
  }
  const age = formatAge(newest, nowMs);
  const day = age === null ? formatDay(newest) : `${formatDay(newest)} (${age})`;
  const grades = shares
    .map(({ grade, share }) => `${formatNumber(share * 100)} % ${gradeLabel(grade)}`)
    .join(', ');
  const counted = l10n.t(
    '{0} from {1}, the newest of {2}; by weight {3}',
    countResults(results),
    countSources(sources),
    day,
    grades,
  );
  return row.unscored > 0
    ? l10n.t('{0}; {1} more cannot be compared', counted, formatNumber(row.unscored))
    : counted;
}

function withoutResults(row: RankingRow): string {
  const { unscored } = row;
  if (unscored === 0) return standInText(row);
  return unscored === 1
    ? l10n.t('{0}; of 1 published result none can be compared', standInText(row))
    : l10n.t('{0}; of {1} published results none can be compared', standInText(row), formatNumber(unscored));
}

function countResults(results: number): string {
  return results === 1 ? l10n.t('1 result') : l10n.t('{0} results', formatNumber(results));
}

function countSources(sources: number): string {
  return sources === 1 ? l10n.t('1 source') : l10n.t('{0} sources', formatNumber(sources));
}

/** Of the task's scores, in the words of the table. */
export function gradeLabel(grade: EvidenceGrade): string {
  switch (grade) {
    case 'direct':
      return l10n.t('direct');
    case 'variant':
      return l10n.t('variant');
    case 'base':
      return l10n.t('base');
    case 'interpolated':
      return l10n.t('interpolated');
    case 'self-reported':
      return l10n.t('self-reported');
  }
}

/** What stands in the place of the scores behind a rank where there are none. */
export function noScoresText({ unscored }: RankingRow): string {
  if (unscored === 0) return l10n.t('No published score is known for this model.');
  return unscored === 1
    ? l10n.t(
        '1 published result of this model is known, on benchmarks that too few models share to compare them.',
      )
    : l10n.t(
        '{0} published results of this model are known, on benchmarks that too few models share to compare them.',
        formatNumber(unscored),
      );
}

/** What a score without own results rests on. */
function standInText({ inferredFrom, succeeds, guessedFrom }: RankingRow): string {
  if (inferredFrom.length > 0)
    return l10n.t('No results of its own; inferred from {0}', inferredFrom.map(shortName).join(', '));
  if (succeeds !== null)
    return l10n.t(
      'No results of its own yet; the score of {0}, the model before it in its line and size',
      shortName(succeeds),
    );
  switch (guessedFrom) {
    case 'size':
      return l10n.t('No results of its own or of a relative; guessed from its size until there are some');
    case 'size and date':
      return l10n.t(
        'No results of its own or of a relative; guessed from its size and date until there are some',
      );
    case null:
      return l10n.t('No results that can be compared');
  }
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
