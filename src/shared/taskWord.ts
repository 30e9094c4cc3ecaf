import * as l10n from '@vscode/l10n';
import type { Task } from './settings';

const WORDS: Readonly<Record<Task, () => string>> = {
  general: () => l10n.t('general use'),
  coding: () => l10n.t('coding'),
  reasoning: () => l10n.t('reasoning'),
  agentic: () => l10n.t('agents'),
  vision: () => l10n.t('images'),
  small: () => l10n.t('quick completions'),
};

/** What a task is called in a sentence. One that an older version has stored may be none of ours: it stands as it is. */
export function taskWord(task: string): string {
  return isTask(task) ? WORDS[task]() : task;
}

function isTask(task: string): task is Task {
  return Object.hasOwn(WORDS, task);
}
