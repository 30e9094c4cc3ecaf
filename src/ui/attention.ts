import * as vscode from 'vscode';
import type { UiContext } from './uiContext';

/** Keeps the engine told whether somebody would notice that a server came or went. */
export function watchAttention(
  { engine, extension }: UiContext,
  views: readonly Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>[],
): void {
  const tell = (): void =>
    engine.setAttention({
      viewVisible: views.some((view) => view.visible),
      focused: vscode.window.state.focused,
    });
  extension.subscriptions.push(
    ...views.map((view) => view.onDidChangeVisibility(tell)),
    vscode.window.onDidChangeWindowState(tell),
  );
  tell();
}
