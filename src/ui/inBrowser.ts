import * as vscode from 'vscode';
import { IN_BROWSER_KEY } from './manifest/grammarOnly';

/** All that runs in a browser, where there is no machine: what would need one is told to stay away. */
export function activate(): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', IN_BROWSER_KEY, true);
}
