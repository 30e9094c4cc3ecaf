import * as vscode from 'vscode';
import { isStartable } from '../engine/serverStarts';
import type { BackendState } from '../registry/row';
import { originOf } from '../shared/http';
import { LOCAL_HOST } from '../shared/modelRef';
import { formatDate, formatMoment, formatTimeOfDay } from '../shared/timeText';
import { hoverCard } from './hoverCard';
import { backendRowValue } from './manifest/rowValues';
import { plainText } from './modelText';

/** A row of the Pool view for one backend: how it is, when that was seen, and where it is. */
export class BackendItem extends vscode.TreeItem {
  constructor(readonly state: BackendState) {
    super(state.id, vscode.TreeItemCollapsibleState.Expanded);
    const { id, kind, url, host, version, lastProbeAt, lastOkAt } = state;
    this.id = `backend:${id}`;
    this.contextValue = backendRowValue({
      needsKey: state.readiness === 'unauthorized',
      startable: isStartable(state),
    });
    const seenAt = lastProbeAt === undefined ? undefined : clockText(lastProbeAt);
    const place = host === LOCAL_HOST ? addressOf(url) : host === id ? undefined : host;
    const shownKind = kind === id ? undefined : kind;
    this.description = joined([stateText(state), seenAt, place, shownKind]);
    this.iconPath = backendIcon(state);
    this.tooltip = hoverCard(`${id} (${joined([kind, version], ' ')})`, [
      url === '' ? undefined : originOf(url),
      stateText(state),
      state.message === undefined ? undefined : plainText(state.message),
      state.nextStep === undefined ? undefined : plainText(state.nextStep),
      ...(state.limits ?? []),
      lastProbeAt === undefined ? undefined : vscode.l10n.t('Last looked at {0}', formatMoment(lastProbeAt)),
      lastOkAt === undefined || lastOkAt === lastProbeAt
        ? undefined
        : vscode.l10n.t('Last answered at {0}', formatMoment(lastOkAt)),
    ]);
    const spoken = joined([stateText(state), place, shownKind]);
    this.accessibilityInformation = {
      label: joined(
        [id, spoken, seenAt === undefined ? undefined : vscode.l10n.t('last looked at {0}', seenAt)],
        ', ',
      ),
    };
  }
}

function joined(parts: readonly (string | undefined)[], separator = ' · '): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Time of the day for today, else the date: rows are not painted anew as time goes by. */
function clockText(iso: string): string {
  return formatDate(iso) === formatDate(Date.now()) ? formatTimeOfDay(iso) : formatDate(iso);
}

function stateText(state: BackendState): string {
  switch (state.readiness) {
    case 'ok':
      return vscode.l10n.t('serving');
    case 'unknown':
      return state.probing ? vscode.l10n.t('looking…') : vscode.l10n.t('not looked at yet');
    case 'unreachable':
      return vscode.l10n.t('unreachable');
    case 'invalid_url':
      return vscode.l10n.t('bad address');
    case 'bad_status':
      return vscode.l10n.t('answers with an error');
    case 'bad_response':
      return vscode.l10n.t('not such a server');
    case 'model_missing':
      return vscode.l10n.t('no model');
    case 'too_old':
      return vscode.l10n.t('too old');
    case 'unauthorized':
      return vscode.l10n.t('needs a key');
  }
}

function backendIcon(state: BackendState): vscode.ThemeIcon {
  if (state.readiness === 'ok')
    return new vscode.ThemeIcon('server', new vscode.ThemeColor('testing.iconPassed'));
  if (state.readiness === 'unknown') return new vscode.ThemeIcon('loading~spin');
  return new vscode.ThemeIcon('server', new vscode.ThemeColor('problemsWarningIcon.foreground'));
}
