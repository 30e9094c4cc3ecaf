import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { describeParameters, formatDay, formatNumber, formatRate, UNKNOWN } from './format';
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
import { speedBand } from './scales';

/** What stands under an expanded row of the ranking: why this score, and what it takes to run it. */

export interface DetailContext {
  readonly usable: Usable;
  readonly nowMs: number;
  readonly send: Send;
  /** False for a machine that is only imagined: nothing can be installed on it. */
  readonly installable: boolean;
  /** Null where this row is the one that another is looked for to be compared with. */
  readonly compare: (() => void) | null;
}

function speedText(row: RankingRow): string {
  if (row.fit === 'none' || row.fit === 'unknown') return UNKNOWN;
  const rate = `${row.speedBasis === 'measured' ? '' : '~'}${formatRate(row.tokPerSec)} tok/s`;
  return `${rate}, ${speedBand(row.tokPerSec)}. ${speedBasis(row)}`;
}

function facts(row: RankingRow, nowMs: number): TemplateResult {
  const basis =
    row.memoryBasis === 'gguf' ? 'from the file and its architecture' : 'estimated from the parameter count';
  const firstToken = firstTokenText(row);
  const entries: readonly (readonly [string, string])[] = [
    ['Model', row.modelId],
    ['Evidence', evidenceText(row, nowMs)],
    ['Speed', speedText(row)],
    ...(firstToken === undefined ? [] : [['First token', firstToken] as const]),
    ['Memory', `${formatNumber(row.memoryGib, 1)} GiB at ${formatContext(row.contextTokens)}, ${basis}`],
    ['Longest context', longestContextText(row)],
    ['Parameters', describeParameters(row.sizeB, row.activeB)],
    ['Tool calling', toolCallingText(row)],
    ['Licence', row.licence ?? 'not stated'],
    ['Released', row.released === null ? UNKNOWN : formatDay(row.released)],
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

function installButton(row: RankingRow, { send, installable }: DetailContext): TemplateResult {
  const { modelId, quant } = row;
  if (!installable)
    return html`<span class="muted">Simulated: nothing can be installed on this machine.</span>`;
  if (row.installed) return html`<span class="muted">Installed.</span>`;
  if (row.installName === null) {
    return html`<span class="muted"
      >No build that Ollama can install is known; the commands may still help.</span
    >`;
  }
  return html`<vscode-button
    ?secondary=${row.fit === 'none'}
    aria-label="Install ${row.name}"
    title=${row.installName}
    @click=${() => send({ type: 'install', modelId, quant })}
    >Install</vscode-button
  >`;
}

function actions(row: RankingRow, context: DetailContext): TemplateResult {
  const { modelId, quant } = row;
  const { send, installable, compare } = context;
  return html`<div class="actions">
    ${installButton(row, context)}
    ${
      installable
        ? html`<vscode-button
            secondary
            aria-label="Copy Command for ${row.name}"
            @click=${() => send({ type: 'showInstallCommand', modelId, quant })}
            >Copy Command</vscode-button
          >`
        : nothing
    }
    ${
      compare === null
        ? nothing
        : html`<vscode-button secondary aria-label="Compare ${row.name}" @click=${compare}
            >Compare</vscode-button
          >`
    }
  </div>`;
}

export function rankingDetail(row: RankingRow, context: DetailContext): TemplateResult {
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
