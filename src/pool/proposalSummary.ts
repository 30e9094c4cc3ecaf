import * as l10n from '@vscode/l10n';
import { formatNumber } from '../shared/numberText';
import { taskWord } from '../shared/taskWord';
import { formatBytes } from '../shared/units';
import type { ProposalCandidate } from './proposal';
import type { PoolEntry } from './poolState';

/** Less of a change is none to a person who looks at a disk. */
const SAME_SIZE_BYTES = 50 * 2 ** 20;

/** `currentScore`: of the entry for the candidate's task. */
export function swapSummary(
  candidate: ProposalCandidate,
  entry: PoolEntry,
  currentScore: number,
  bytes: number,
): string {
  const facts = [
    candidate.label,
    pointsText(candidate.score - currentScore),
    taskWord(candidate.task),
    entry.ollamaName,
    formatNumber(candidate.score, 1),
    formatNumber(currentScore, 1),
  ] as const;
  if (Math.abs(bytes) < SAME_SIZE_BYTES) {
    return l10n.t(
      '{0} scores {1} more for {2} here than {3} ({4} instead of {5}) and takes about as much disk.',
      ...facts,
    );
  }
  const size = formatBytes(Math.abs(bytes));
  return bytes > 0
    ? l10n.t(
        '{0} scores {1} more for {2} here than {3} ({4} instead of {5}) and takes {6} more disk.',
        ...facts,
        size,
      )
    : l10n.t(
        '{0} scores {1} more for {2} here than {3} ({4} instead of {5}) and takes {6} less disk.',
        ...facts,
        size,
      );
}

/** `best`: the model that is there for the task, where there is one. */
export function additionSummary(
  candidate: ProposalCandidate,
  best: { readonly entry: PoolEntry; readonly score: number } | undefined,
): string {
  const { label, task, score, sizeBytes } = candidate;
  const disk = l10n.t('It takes {0} of disk.', formatBytes(sizeBytes));
  const sentence = best
    ? l10n.t(
        '{0} scores {1} more for {2} here than {3}, the best that is installed for it.',
        label,
        pointsText(score - best.score),
        taskWord(task),
        best.entry.ollamaName,
      )
    : l10n.t('{0} is the best model for {1} that fits this machine and your lists.', label, taskWord(task));
  return `${sentence} ${disk}`;
}

/** `better`: the model for whose sake it is not missed; `points`: by how much it is better for the task. */
export function evictionSummary(
  entry: PoolEntry,
  better: PoolEntry,
  points: number,
  task: string,
  freedBytes: number,
): string {
  const { ollamaName, lastUsedAt, installedAt } = entry;
  const why = [better.ollamaName, pointsText(points), taskWord(task)] as const;
  const idle =
    lastUsedAt === null
      ? l10n.t(
          '{0} was never used since it was installed on {1}, and {2} takes no more room and scores {3} more for {4}.',
          ollamaName,
          day(installedAt),
          ...why,
        )
      : l10n.t(
          '{0} was not used since {1}, and {2} takes no more room and scores {3} more for {4}.',
          ollamaName,
          day(lastUsedAt),
          ...why,
        );
  return `${idle} ${l10n.t('Removing it frees {0}.', formatBytes(freedBytes))}`;
}

function pointsText(points: number): string {
  // As it is shown: 1.04 is one point too.
  return Math.round(points * 10) === 10 ? l10n.t('1 point') : l10n.t('{0} points', formatNumber(points, 1));
}

function day(iso: string): string {
  return iso.slice(0, 10);
}
