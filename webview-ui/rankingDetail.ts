import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { PageMessage, RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { valueBar } from './bars';
import { describeParameters, formatDay, formatNumber, formatRate, UNKNOWN } from './format';
import { linkIcon } from './icons';
import { fitMark, gradeMark } from './rankingColumns';
import { shareOf, speedBand } from './scales';

/** What stands under an expanded row of the ranking: why this score, and what it takes to run it. */

type Contribution = RankingRow['contributions'][number];
type Send = (message: PageMessage) => void;

const SCALE_UNITS: Readonly<Record<Contribution['scale'], string>> = {
  percent: ' %',
  elo: ' Elo',
  score: '',
};

function memoryTable(row: RankingRow): TemplateResult {
  const greatest = Math.max(...row.fitByContext.map((entry) => entry.totalGb), 0);
  return html`<table class="small-table">
    <caption>
      Memory by context
    </caption>
    <thead>
      <tr>
        <th class="numeric" scope="col">Context</th>
        <th class="numeric" scope="col">GiB</th>
        <th class="bar-column" scope="col"><span class="unseen">Share</span></th>
        <th scope="col">Fit</th>
      </tr>
    </thead>
    <tbody>
      ${row.fitByContext.map(
        (entry) =>
          html`<tr>
            <th class="numeric" scope="row">${formatContext(entry.contextTokens)}</th>
            <td class="numeric">${formatNumber(entry.totalGb, 1)}</td>
            <td>${valueBar(shareOf(entry.totalGb, greatest), entry.fit === 'none')}</td>
            <td>${fitMark(entry.fit)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The scores behind the rank, those that count most first. */
function contributionsTable(row: RankingRow, send: Send): TemplateResult {
  const total = row.contributions.reduce((sum, contribution) => sum + contribution.weight, 0);
  const rows = row.contributions.toSorted((a, b) => b.weight - a.weight);
  return html`<table class="small-table contributions">
    <caption>
      Scores behind the rank
    </caption>
    <thead>
      <tr>
        <th scope="col">Benchmark</th>
        <th class="numeric" scope="col">Published</th>
        <th class="numeric" scope="col" title="On the common scale, 0 to 100">0–100</th>
        <th class="bar-column" scope="col"><span class="unseen">Bar</span></th>
        <th class="numeric" scope="col">Weight %</th>
        <th scope="col">Grade</th>
        <th scope="col">Date</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (entry) =>
          html`<tr>
            <th scope="row">${sourceName(entry, send)}</th>
            <td class="numeric">
              ${formatNumber(entry.value, entry.scale === 'elo' ? 0 : 1)}${SCALE_UNITS[entry.scale]}
            </td>
            <td class="numeric">${formatNumber(entry.normalisedValue, 1)}</td>
            <td>${valueBar(entry.normalisedValue / 100, !entry.independent)}</td>
            <td class="numeric">${formatNumber(shareOf(entry.weight, total) * 100)}</td>
            <td>${gradeMark(entry.grade)}</td>
            <td>${formatDay(entry.observedAt)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function sourceName(entry: Contribution, send: Send): TemplateResult {
  const { url } = entry;
  const text = html`${entry.benchmark} <span class="muted">${entry.source}</span>`;
  if (!url?.startsWith('https://')) return text;
  const open = (event: Event): void => {
    event.preventDefault();
    // VS Code opens every link that a click reaches the document with; the host does it here, once.
    event.stopPropagation();
    send({ type: 'openUrl', url });
  };
  return html`<a href=${url} title=${url} @click=${open}>${text}${linkIcon}</a>`;
}

function factorsTable(row: RankingRow): TemplateResult {
  const factors: readonly (readonly [string, string, string])[] = [
    ['Quality', formatNumber(row.quality, 1), 'The merged benchmark score before any factor, 0 to 100'],
    [
      'Benchmark confidence',
      `× ${formatNumber(row.factors.benchmarkConfidence, 2)}`,
      'How well the scores are backed',
    ],
    ['Speed confidence', `× ${formatNumber(row.factors.speedConfidence, 2)}`, 'How well the speed is known'],
    [
      'Quantisation',
      `× ${formatNumber(row.factors.quantisation, 2)}`,
      `What ${row.quant} keeps of the full model`,
    ],
    ['Usability', `× ${formatNumber(row.factors.usability, 2)}`, 'Speed against what the task needs'],
    ['Score', formatNumber(row.score, 1), 'What the table is ordered by'],
  ];
  return html`<table class="small-table factors">
    <caption>
      How the score is made
    </caption>
    <tbody>
      ${factors.map(
        ([name, value, meaning]) =>
          html`<tr title=${meaning}>
            <th scope="row">${name}</th>
            <td class="numeric">${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function facts(row: RankingRow): TemplateResult {
  const [low, high] = row.tokPerSecRange;
  const speed =
    row.speedBasis === 'measured'
      ? `${formatRate(row.tokPerSec)} tok/s, measured here`
      : `~${formatRate(row.tokPerSec)} tok/s, likely ${formatRate(low)} to ${formatRate(high)} (${row.speedConfidence} confidence)`;
  const basis =
    row.memoryBasis === 'gguf' ? 'from the file and its architecture' : 'estimated from the parameter count';
  const entries: readonly (readonly [string, string])[] = [
    ['Model', row.modelId],
    [
      'Speed',
      row.fit === 'none' || row.fit === 'unknown' ? UNKNOWN : `${speed}: ${speedBand(row.tokPerSec)}`,
    ],
    ['Memory', `${formatNumber(row.memoryGib, 1)} GiB at ${formatContext(row.contextTokens)}, ${basis}`],
    ['Parameters', describeParameters(row.sizeB, row.activeB)],
    ['Longest context', row.contextMax === null ? UNKNOWN : formatContext(row.contextMax)],
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

function actions(row: RankingRow, send: Send): TemplateResult {
  const { modelId, quant } = row;
  const install = row.installed
    ? html`<span class="muted">Installed.</span>`
    : row.installName === null
      ? html`<span class="muted"
          >No build that Ollama can install is known; the commands may still help.</span
        >`
      : html`<vscode-button
          ?secondary=${row.fit === 'none'}
          aria-label="Install ${row.name}"
          title=${row.installName}
          @click=${() => send({ type: 'install', modelId, quant })}
          >Install</vscode-button
        >`;
  return html`<div class="actions">
    ${install}
    <vscode-button
      secondary
      aria-label="Copy Command for ${row.name}"
      @click=${() => send({ type: 'showInstallCommand', modelId, quant })}
      >Copy Command</vscode-button
    >
  </div>`;
}

export function rankingDetail(row: RankingRow, send: Send): TemplateResult {
  return html`<div class="detail">
    <div class="detail-main">
      <p class="explanation">${row.explanation}</p>
      ${row.unfitReason === null ? nothing : html`<p class="explanation">${row.unfitReason}</p>`}
      ${facts(row)} ${actions(row, send)}
    </div>
    ${row.fitByContext.length > 0 ? memoryTable(row) : nothing} ${factorsTable(row)}
    ${
      row.contributions.length > 0
        ? contributionsTable(row, send)
        : html`<p class="muted contributions">No published score is known for this model.</p>`
    }
  </div>`;
}
