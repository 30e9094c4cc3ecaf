import * as vscode from 'vscode';
import type { NetworkSettings } from '../engine/networkRules';

/** VS Code's own settings of the network. No workspace can set them: they are those of the machine. */
export function readNetworkSettings(): NetworkSettings {
  const http = vscode.workspace.getConfiguration('http');
  const proxy = textOf(http.get('proxy'));
  const proxyAuthorization = textOf(http.get('proxyAuthorization'));
  const noProxy: unknown = http.get('noProxy');
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(proxyAuthorization === undefined ? {} : { proxyAuthorization }),
    noProxy: Array.isArray(noProxy) ? noProxy.filter((entry) => typeof entry === 'string') : [],
    strictTls: http.get('proxyStrictSSL') !== false,
    useProxy: http.get('proxySupport') !== 'off',
  };
}

/** Calls `listener` after any of them changed. */
export function onNetworkSettingsChanged(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('http')) listener();
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
