import * as vscode from 'vscode';
import type { Task } from '../shared/settings';

/** A task's name as it stands in a sentence. */
export function taskLabel(task: Task): string {
  switch (task) {
    case 'general':
      return vscode.l10n.t('general use');
    case 'coding':
      return vscode.l10n.t('coding');
    case 'reasoning':
      return vscode.l10n.t('reasoning');
    case 'agentic':
      return vscode.l10n.t('agents');
    case 'vision':
      return vscode.l10n.t('images');
    case 'small':
      return vscode.l10n.t('small and quick');
  }
}
