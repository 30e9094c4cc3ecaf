import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { LOCAL_HOST } from '../shared/modelRef';
import type { UiContext } from './uiContext';
import { nameWithPlace, windowPlace, type WindowPlace } from './windowPlace';

/** The machine that a backend's models run on, as a person says it. */
export function hostLabel({ engine, extension }: UiContext, backendId: string): string {
  const host = engine.hostOf(backendId);
  return host === LOCAL_HOST ? thisMachineLabel(windowPlace(extension)) : host;
}

/**
 * The machine that Model Pool runs on. By its name in a window that works on another machine than the one in front of the
 * person, who would take "this machine" for that one.
 */
export function thisMachineLabel(place: WindowPlace): string {
  if (place.remoteName === undefined) return vscode.l10n.t('this machine');
  return place.runsBeside ? vscode.l10n.t('your own computer') : nameWithPlace(hostname(), place);
}
