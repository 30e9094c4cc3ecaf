import * as vscode from 'vscode';
import type { Engine } from '../engine';
import type { ModelRef } from '../shared/modelRef';
import { shortModelName } from '../shared/shortModelName';
import { taskWord } from '../shared/taskWord';
import type { UserPick } from './pickStore';

/** `Auto: coding`, or the model's name. */
export function pickName(pick: UserPick): string {
  if ('best' in pick) return vscode.l10n.t('Auto: {0}', taskWord(pick.best.task));
  return shortModelName(pick.modelId, pick.provider);
}

/**
 * The model that a call under this pick would go to now, as the resolver of calls takes it; null where there is none that
 * is best. A model that was picked by name is itself, whether or not it can be called. Asks nobody.
 */
export function modelNow({ dispatcher }: Pick<Engine, 'dispatcher'>, pick: UserPick): ModelRef | null {
  if (!('best' in pick)) return pick;
  const resolution = dispatcher.explain({ model: pick, messages: [], sessionId: 'pick' });
  return resolution.ok ? resolution.route.ref : null;
}
