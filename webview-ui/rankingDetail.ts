import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatContext } from '../src/shared/units';
import { describeParameters, formatAge, formatDay, formatNumber, formatRate, UNKNOWN } from './format';
import { warningIcon } from './icons';
import type { OpenedRow } from './openedRow';
import {
  buildsTable,
  contributionsTable,
  factorsTable,
  memoryTable,
  type Send,
  type Usable,
} from './rankingTables';
import {
  evidenceText,
  firstTokenText,
  longestContextText,
  noScoresText,
  speedBasis,
  toolCallingText,
} from './rankingText';
import { speedBandText } from './speedBandText';

/** What stands under an expanded row of the ranking: why this score, and what it takes to run it. */

/** While it is on its way. It is seen where that takes long enough to be noticed. */
export function awaitedDetail(): TemplateResult {
  return html`<div class="detail awaited" role="status">
    <p class="muted">${l10n.t('Loading the details…')}</p>
  </div>`;
}

/** Where it did not come, and why. */
export function failedDetail(failure: string, retry: () => void): TemplateResult {
  return html`<div class="detail" role="alert">
    <div class="detail-main">
      <p class="explanation">
        <span class="mark-error">${warningIcon}</span> ${l10n.t('The details could not be loaded.')}
        ${failure}
      </p>
      <vscode-button secondary @click=${retry}>${l10n.t('Try Again')}</vscode-button>
    </div>
  </div>`;
}

export interface DetailContext {
  readonly usable: Usable;
  readonly nowMs: number;
  readonly send: Send;
  /** False for a machine that is only imagined: nothing can be installed on it. */
  readonly installable: boolean;
  /** Null where this row is the one that another is looked for to be compared with. */
  readonly compare: (() => void) | null;
}

function speedText(row: OpenedRow): string {
  if (row.fit === 'none' || row.fit === 'unknown') return UNKNOWN;
  const rate = `${row.speedBasis === 'measured' ? '' : '~'}${formatRate(row.tokPerSec)} tok/s`;
  return `${rate}, ${speedBandText(row.tokPerSec)}. ${speedBasis(row)}`;
}

export function releasedText({ released }: OpenedRow, nowMs: number): string {
  if (released === null) return UNKNOWN;
  const age = formatAge(released, nowMs);
  return age === null ? formatDay(released) : `${formatDay(released)} (${age})`;
}

function facts(row: OpenedRow, nowMs: number): TemplateResult {
  const memory = [formatNumber(row.memoryGib, 1), formatContext(row.contextTokens)] as const;
  const firstToken = firstTokenText(row);
  const entries: readonly (readonly [string, string])[] = [
    [l10n.t('Model'), row.modelId],
    [l10n.t('Evidence'), evidenceText(row, nowMs)],
    [l10n.t('Speed'), speedText(row)],
    ...(firstToken === undefined ? [] : [[l10n.t('First token'), firstToken] as const]),
    [
      l10n.t('Memory'),
      row.memoryBasis === 'gguf'
        ? l10n.t('{0} GiB at {1}, from the file and its architecture', ...memory)
        : l10n.t('{0} GiB at {1}, estimated from the parameter count', ...memory),
    ],
    [l10n.t('Longest context'), longestContextText(row)],
    [l10n.t('Parameters'), describeParameters(row.sizeB, row.activeB)],
    [l10n.t('Tool calling'), toolCallingText(row)],
    [l10n.t('Licence'), row.licence ?? l10n.t('not stated')],
    [l10n.t('Released'), releasedText(row, nowMs)],
  ];
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function installButton(row: OpenedRow, { send, installable }: DetailContext): TemplateResult {
  const { modelId, quant } = row;
  if (!installable)
    return html`<span class="muted">${l10n.t('Simulated: nothing can be installed on this machine.')}</span>`;
  if (row.installed) return html`<span class="muted">${l10n.t('Installed.')}</span>`;
  if (row.installName === null) {
    return html`<span class="muted"
      >${l10n.t('No build that Ollama can install is known; the commands may still help.')}</span
    >`;
  }
  return html`<vscode-button
    ?secondary=${row.fit === 'none'}
    aria-label=${l10n.t('Install {0}', row.name)}
    title=${row.installName}
    @click=${() => send({ type: 'install', modelId, quant })}
    >${l10n.t('Install')}</vscode-button
  >`;
}

function actions(row: OpenedRow, context: DetailContext): TemplateResult {
  const { modelId, quant } = row;
  const { send, installable, compare } = context;
  return html`<div class="actions">
    ${installButton(row, context)}
    ${
      installable
        ? html`<vscode-button
            secondary
            aria-label=${l10n.t('Copy Command for {0}', row.name)}
            @click=${() => send({ type: 'showInstallCommand', modelId, quant })}
            >${l10n.t('Copy Command')}</vscode-button
          >`
        : nothing
    }
    ${
      compare === null
        ? nothing
        : html`<vscode-button secondary aria-label=${l10n.t('Compare {0}', row.name)} @click=${compare}
            >${l10n.t('Compare')}</vscode-button
          >`
    }
  </div>`;
}

export function rankingDetail(row: OpenedRow, context: DetailContext): TemplateResult {
  const { send, nowMs, usable } = context;
  return html`<div class="detail">
    <div class="detail-main">
      <p class="explanation">${row.explanation}</p>
      ${row.unfitReason === null ? nothing : html`<p class="explanation">${row.unfitReason}</p>`}
      ${facts(row, nowMs)} ${actions(row, context)}
    </div>
    ${row.fitByContext.length > 0 ? memoryTable(row, usable) : nothing} ${factorsTable(row)}
    ${
      row.contributions.length > 0
        ? contributionsTable(row, send, nowMs)
        : html`<p class="muted contributions">${noScoresText(row)}</p>`
    }
    ${row.otherBuilds.length > 0 ? buildsTable(row) : nothing}
  </div>`;
}
