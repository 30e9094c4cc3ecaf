import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { editorLanguage } from './editorLanguage';
import { reportHtml } from './reportHtml';

/** The report's page for a webview, in the editor's language where it is translated; throws where its files are gone. */
export function reportDocument(extensionUri: vscode.Uri, webview: vscode.Webview): string {
  const file = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name);
  return reportHtml({
    title: vscode.l10n.t('Model Pool Report'),
    language: editorLanguage(),
    nonce: randomBytes(16).toString('base64'),
    styleSource: webview.cspSource,
    scriptUri: webview.asWebviewUri(file('report.js')).toString(),
    styles: readFileSync(file('report.css').fsPath, 'utf8'),
    tabs: [
      vscode.l10n.t('Rankings'),
      vscode.l10n.t('Dispatches'),
      vscode.l10n.t('Machine'),
      vscode.l10n.t('Pool'),
    ],
  });
}
