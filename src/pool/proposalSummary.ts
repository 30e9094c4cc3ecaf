import { formatBytes } from '../shared/units';
import type { ProposalCandidate } from './proposal';
import type { PoolEntry } from './poolState';

/** Less of a change is none to a person who looks at a disk. */
const SAME_SIZE_BYTES = 50 * 2 ** 20;

/** What a task is called in a sentence, where its name is not a word for it. */
const TASK_WORDS: Readonly<Record<string, string>> = {
  general: 'general use',
  agentic: 'agents',
  vision: 'images',
  small: 'quick completions',
};

/** `currentScore`: of the entry for the candidate's task. */
export function swapSummary(
  candidate: ProposalCandidate,
  entry: PoolEntry,
  currentScore: number,
  bytes: number,
): string {
  const points = `${pointsText(candidate.score - currentScore)} more for ${taskWord(candidate.task)} here than ${entry.ollamaName}`;
  return `${candidate.label} scores ${points} (${candidate.score.toFixed(1)} instead of ${currentScore.toFixed(1)}) and ${diskText(bytes)}.`;
}

/** `best`: the model that is there for the task, where there is one. */
export function additionSummary(
  candidate: ProposalCandidate,
  best: { readonly entry: PoolEntry; readonly score: number } | undefined,
): string {
  const { label, task, score, sizeBytes } = candidate;
  const disk = `It takes ${formatBytes(sizeBytes)} of disk.`;
  if (!best)
    return `${label} is the best model for ${taskWord(task)} that fits this machine and your lists. ${disk}`;
  const points = `${pointsText(score - best.score)} more for ${taskWord(task)} here than ${best.entry.ollamaName}`;
  return `${label} scores ${points}, the best that is installed for it. ${disk}`;
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
  const idle =
    lastUsedAt === null
      ? `${ollamaName} was never used since it was installed on ${day(installedAt)}`
      : `${ollamaName} was not used since ${day(lastUsedAt)}`;
  const why = `${better.ollamaName} takes no more room and scores ${pointsText(points)} more for ${taskWord(task)}`;
  return `${idle}, and ${why}. Removing it frees ${formatBytes(freedBytes)}.`;
}

function taskWord(task: string): string {
  return TASK_WORDS[task] ?? task;
}

function pointsText(points: number): string {
  return points.toFixed(1) === '1.0' ? '1 point' : `${points.toFixed(1)} points`;
}

function diskText(bytes: number): string {
  if (Math.abs(bytes) < SAME_SIZE_BYTES) return 'takes about as much disk';
  return bytes > 0 ? `takes ${formatBytes(bytes)} more disk` : `takes ${formatBytes(-bytes)} less disk`;
}

function day(iso: string): string {
  return iso.slice(0, 10);
}
