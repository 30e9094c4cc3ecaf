import * as vscode from 'vscode';
import type { Engine } from '../engine';
import { LOCAL_HOST } from '../shared/modelRef';

/** The machine that a backend's models run on, as a person says it. */
export function hostLabel(engine: Engine, backendId: string): string {
  const host = engine.hostOf(backendId);
  return host === LOCAL_HOST ? vscode.l10n.t('this machine') : host;
}
