import * as vscode from 'vscode';

/** Where this window works, seen from the person in front of it. */
export interface WindowPlace {
  /** `vscode.env.remoteName`: absent where everything is on this one computer. */
  readonly remoteName: string | undefined;
  /** Whether this extension runs on the person's own computer although the window works elsewhere. */
  readonly runsBeside: boolean;
}

export function windowPlace({ extension }: vscode.ExtensionContext): WindowPlace {
  const { remoteName } = vscode.env;
  return {
    remoteName,
    runsBeside: remoteName !== undefined && extension.extensionKind === vscode.ExtensionKind.UI,
  };
}

/** What people call a kind of remote machine; undefined for one that has no common name. */
function remoteKind(remoteName: string): string | undefined {
  switch (remoteName) {
    case 'wsl':
      return 'WSL';
    case 'ssh-remote':
      return 'SSH';
    case 'dev-container':
    case 'attached-container':
    case 'k8s-container':
      return vscode.l10n.t('container');
    case 'codespaces':
      return vscode.l10n.t('codespace');
    case 'tunnel':
      return vscode.l10n.t('tunnel');
    default:
      return undefined;
  }
}

/** The same, with the name that the editor has for it where it has no common one. */
export function remoteLabel(remoteName: string): string {
  return remoteKind(remoteName) ?? remoteName;
}

/** The machine's name with the way to it: `gpubox (SSH)`; the name alone where there is nothing to add. */
export function nameWithPlace(name: string, { remoteName, runsBeside }: WindowPlace): string {
  const kind = remoteName === undefined || runsBeside ? undefined : remoteKind(remoteName);
  return kind === undefined ? name : `${name} (${kind})`;
}

/** On which of two machines models run; undefined where there is only one. */
export function whereModelsRun({ remoteName, runsBeside }: WindowPlace): string | undefined {
  if (remoteName === undefined) return undefined;
  const label = remoteLabel(remoteName);
  if (runsBeside) {
    return vscode.l10n.t(
      'This window works on a remote machine ({0}), and Model Pool on your own computer: models run here. Install Model Pool on {0} too to run models there.',
      label,
    );
  }
  if (remoteName === 'wsl') {
    return vscode.l10n.t(
      'This window works in WSL: models run there, and addresses are seen from there. Add Backend looks for servers on the Windows side too.',
    );
  }
  return vscode.l10n.t(
    'This window works on a remote machine ({0}): models run there, not on the computer in front of you, and addresses are seen from there.',
    label,
  );
}
