import * as vscode from 'vscode';
import type { ProbeResult } from '../backends/contract';
import type { Place } from '../backends/findAddresses';
import type { LocatedBackend } from '../engine/backendSetup';
import { thisMachineLabel } from './hostText';
import type { WindowPlace } from './windowPlace';

/** How many model names the summary shows. */
const NAMES_SHOWN = 3;

/** On which machine an address is, seen from this window. */
export function placeText(place: Place, window: WindowPlace): string {
  switch (place) {
    case 'this_machine':
      return thisMachineLabel(window);
    case 'windows_side':
      return vscode.l10n.t('Windows side');
    case 'container_host':
      return vscode.l10n.t('container host');
    case 'elsewhere':
      return vscode.l10n.t('another machine');
  }
}

/** What a server that was found says of itself. */
export function foundText({ readiness, version }: LocatedBackend): string {
  switch (readiness) {
    case 'ok':
      return version === undefined ? vscode.l10n.t('answers') : vscode.l10n.t('version {0}', version);
    case 'bad_status':
      return vscode.l10n.t('is still loading its model, or has troubles');
    case 'unauthorized':
      return vscode.l10n.t('needs a key');
  }
}

/** What a backend that is to be added answered, in one line. */
export function answerText(label: string, address: string, answer: ProbeResult): string {
  if (answer.readiness !== 'ok') return answer.message;
  const name = answer.version === undefined ? label : `${label} ${answer.version}`;
  const at = address === label ? name : vscode.l10n.t('{0} at {1}', name, address);
  const { length } = answer.models;
  return length === 1 ? vscode.l10n.t('{0}: 1 model', at) : vscode.l10n.t('{0}: {1} models', at, length);
}

/** The models that it serves, and what its version cannot do yet. */
export function servedText({ models, limits = [] }: Extract<ProbeResult, { readiness: 'ok' }>): string {
  const names = models.slice(0, NAMES_SHOWN).map(({ displayName }) => displayName);
  const more = models.length - names.length;
  const list = names.join(', ');
  const text =
    models.length === 0
      ? vscode.l10n.t('It serves no model yet.')
      : more > 0
        ? vscode.l10n.t('{0} and {1} more', list, more)
        : list;
  return [text, ...limits].join(' · ');
}
