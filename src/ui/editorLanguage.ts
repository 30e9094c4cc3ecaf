import * as vscode from 'vscode';
import { ENGLISH, type SpokenLanguage } from '../shared/spokenLanguage';

/** The editor's language with our texts in it; English, numbers too, where they are not translated, whatever it speaks. */
export function editorLanguage(): SpokenLanguage {
  const texts = vscode.l10n.bundle;
  return texts === undefined ? ENGLISH : { language: vscode.env.language, texts };
}
