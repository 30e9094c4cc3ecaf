import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { PageMessage, RankingRow, Rankings } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { memoryBar, valueBar } from './bars';
import { gradeMark } from './evidenceMarks';
import { formatAge, formatDay, formatNumber, formatRate } from './format';
import { checkIcon, linkIcon } from './icons';
import type { OpenedRow } from './openedRow';
import { fitMark } from './rankingColumns';
import { memoryScaleGib, shareOf } from './scales';

/** The tables under an expanded row of the ranking. */

type Contribution = OpenedRow['contributions'][number];
export type Send = (message: PageMessage) => void;
export type Usable = Rankings['machine']['usable'];

const SCALE_UNITS: Readonly<Record<Contribution['scale'], string>> = {
  percent: ' %',
  elo: ' Elo',
  score: '',
};

/** What the model needs at each context against what the machine has. */
export function memoryTable(row: OpenedRow, usable: Usable): TemplateResult {
  const scale = memoryScaleGib(
    row.fitByContext.map(({ totalGb }) => totalGb),
    usable,
  );
  return html`<table class="small-table">
    <caption>
      ${l10n.t('Memory by context')}
    </caption>
    <thead>
      <tr>
        <th class="numeric" scope="col">${l10n.t('Context')}</th>
        <th class="numeric" scope="col">GiB</th>
        <th class="bar-column" scope="col"><span class="unseen">${l10n.t('Share')}</span></th>
        <th scope="col">${l10n.t('Fit')}</th>
      </tr>
    </thead>
    <tbody>
      ${row.fitByContext.map(
        (entry) =>
          html`<tr>
            <th class="numeric" scope="row">${formatContext(entry.contextTokens)}</th>
            <td class="numeric">${formatNumber(entry.totalGb, 1)}</td>
            <td>
              ${memoryBar({
                need: shareOf(entry.totalGb, scale),
                acceleratorEnd: usable === null ? 1 : shareOf(usable.acceleratorGib, scale),
                tooBig: entry.fit === 'none',
              })}
            </td>
            <td>${fitMark(entry.fit)}</td>
          </tr>`,
      )}
    </tbody>
    ${
      usable === null
        ? nothing
        : html`<tfoot>
            <tr>
              <td class="muted" colspan="4">${usableText(usable)}</td>
            </tr>
          </tfoot>`
    }
  </table>`;
}

function usableText({ acceleratorGib, totalGib }: NonNullable<Usable>): string {
  const all = formatNumber(totalGib, 1);
  if (acceleratorGib <= 0) return l10n.t('Usable: {0} GiB of RAM', all);
  if (totalGib <= acceleratorGib) return l10n.t('Usable: {0} GiB on the GPU', all);
  return l10n.t('Usable: {0} GiB on the GPU, {1} GiB with RAM', formatNumber(acceleratorGib, 1), all);
}

/** The build that the row stands for and the others, the largest first. */
export function buildsTable(row: OpenedRow): TemplateResult {
  const own = { ...row, chosen: true };
  const builds = [own, ...row.otherBuilds.map((build) => ({ ...build, chosen: false }))];
  return html`<table class="small-table builds">
    <caption>
      ${l10n.t('Builds')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${l10n.t('Quant')}</th>
        <th class="numeric" scope="col">${l10n.t('Size GiB')}</th>
        <th class="numeric" scope="col">${l10n.t('Memory GiB')}</th>
        <th scope="col">${l10n.t('Fit')}</th>
        <th class="numeric" scope="col">tok/s</th>
        <th class="numeric" scope="col">${l10n.t('Score')}</th>
      </tr>
    </thead>
    <tbody>
      ${builds
        .sort((a, b) => b.memoryGib - a.memoryGib)
        .map(
          (build) =>
            html`<tr class=${build.chosen ? 'chosen' : ''}>
              <th scope="row">
                ${build.quant}${build.chosen ? html` <span class="muted">${l10n.t('(this row)')}</span>` : nothing}
              </th>
              <td class="numeric">${formatNumber(build.fileGib, 1)}</td>
              <td class="numeric">${formatNumber(build.memoryGib, 1)}</td>
              <td>${fitMark(build.fit)}</td>
              <td class="numeric">${buildRate(build)}</td>
              <td class="numeric">${formatNumber(runs(build.fit) ? build.score : null, 1)}</td>
            </tr>`,
        )}
    </tbody>
  </table>`;
}

function buildRate({ fit, speedBasis, tokPerSec }: OpenedRow['otherBuilds'][number]): unknown {
  if (!runs(fit)) return formatRate(null);
  if (speedBasis === 'estimated') return `~${formatRate(tokPerSec)}`;
  return html`<span class="measured-rate" title=${l10n.t('Measured on this machine')}
    >${checkIcon}<span class="unseen">${l10n.t('measured')}</span>${formatRate(tokPerSec)}</span
  >`;
}

function runs(fit: RankingRow['fit']): boolean {
  return fit !== 'none' && fit !== 'unknown';
}

/** The scores behind the rank, those that count most first. */
export function contributionsTable(row: OpenedRow, send: Send, nowMs: number): TemplateResult {
  const total = row.contributions.reduce((sum, contribution) => sum + contribution.weight, 0);
  const rows = row.contributions.toSorted((a, b) => b.weight - a.weight);
  return html`<table class="small-table contributions">
    <caption>
      ${l10n.t('Scores behind the rank')}
      ${
        row.unscored > 0
          ? html`<span class="muted">${l10n.t('({0} more cannot be compared)', row.unscored)}</span>`
          : nothing
      }
    </caption>
    <thead>
      <tr>
        <th scope="col">${l10n.t('Benchmark')}</th>
        <th class="numeric" scope="col">${l10n.t('Published')}</th>
        <th class="numeric" scope="col" title=${l10n.t('On the common scale, 0 to 100')}>0–100</th>
        <th class="bar-column" scope="col"><span class="unseen">${l10n.t('Bar')}</span></th>
        <th class="numeric" scope="col">${l10n.t('Weight %')}</th>
        <th scope="col">${l10n.t('Grade')}</th>
        <th scope="col">${l10n.t('Date')}</th>
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
            <td title=${formatAge(entry.observedAt, nowMs) ?? ''}>${formatDay(entry.observedAt)}</td>
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

export function factorsTable(row: OpenedRow): TemplateResult {
  const times = (factor: number): string => `× ${formatNumber(factor, 2)}`;
  const factors: readonly (readonly [string, string, string])[] = [
    [
      l10n.t('Quality'),
      formatNumber(row.quality, 1),
      l10n.t('The merged benchmark score before any factor, 0 to 100'),
    ],
    [
      l10n.t('Benchmark confidence'),
      times(row.factors.benchmarkConfidence),
      l10n.t('How well the scores are backed'),
    ],
    [l10n.t('Speed confidence'), times(row.factors.speedConfidence), l10n.t('How well the speed is known')],
    [
      l10n.t('Quantisation'),
      times(row.factors.quantisation),
      l10n.t('What {0} keeps of the full model', row.quant),
    ],
    [l10n.t('Usability'), times(row.factors.usability), l10n.t('Speed against what the task needs')],
    [l10n.t('Score'), formatNumber(row.score, 1), l10n.t('What the table is ordered by')],
  ];
  return html`<table class="small-table factors">
    <caption>
      ${l10n.t('How the score is made')}
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
