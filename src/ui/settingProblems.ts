import * as vscode from 'vscode';
import { Emitter } from '../shared/events';
import type { SettingProblem } from '../shared/settings';

/** What of the user's settings is not used now, and why; views show it for as long as it stands. */
export class SettingProblems {
  readonly #changed = new Emitter<readonly SettingProblem[]>();
  readonly onDidChange = this.#changed.on;
  #current: readonly SettingProblem[] = [];

  get current(): readonly SettingProblem[] {
    return this.#current;
  }

  /** Replaces the problems and returns those that were not there before. */
  replace(problems: readonly SettingProblem[]): readonly SettingProblem[] {
    const known = new Set(this.#current.map(settingProblemText));
    this.#current = problems;
    this.#changed.fire(problems);
    return problems.filter((problem) => !known.has(settingProblemText(problem)));
  }
}

/** `The setting modelPool.backends[1] is not used: …`, on one line. */
export function settingProblemText({ key, message }: SettingProblem): string {
  const line = message
    .replaceAll(/\s*\n\s*→\s*/g, ' ')
    .replaceAll(/\s*\n\s*/g, '; ')
    .replaceAll('✖ ', '');
  return vscode.l10n.t('The setting {0} is not used: {1}.', key, line);
}
