import * as l10n from '@vscode/l10n';
import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatContext } from '../src/shared/units';
import { describeParameters, formatNumber, formatRate, UNKNOWN } from './format';
import { crossIcon } from './icons';
import type { OpenedRow } from './openedRow';
import { fitMark } from './rankingColumns';
import { releasedText } from './rankingDetail';
import { evidenceText, firstTokenText, longestContextText, toolCallingText } from './rankingText';
import { betterOf } from './scales';
import { speedBandText } from './speedBandText';

/** Two rows of the ranking side by side; of two figures the better one is strong. */

export type Pair = readonly [OpenedRow, OpenedRow];

interface Line {
  readonly label: string;
  readonly cells: readonly [unknown, unknown];
  /** Which of the two is better; null where neither is, or it is a matter of taste. */
  readonly better: 0 | 1 | null;
}

type Figure = (row: OpenedRow) => number | null;
type Text = (row: OpenedRow) => unknown;

function compared(pair: Pair, label: string, text: Text, figure?: Figure, less = false): Line {
  const [a, b] = pair;
  const better = figure === undefined ? null : betterOf([figure(a), figure(b)], less);
  return { label, cells: [text(a), text(b)], better };
}

const runs = ({ fit }: OpenedRow): boolean => fit !== 'none' && fit !== 'unknown';

function scoreLines(pair: Pair): readonly Line[] {
  const factor =
    (name: keyof OpenedRow['factors']): Text =>
    (row) =>
      `× ${formatNumber(row.factors[name], 2)}`;
  const value =
    (name: keyof OpenedRow['factors']): Figure =>
    (row) =>
      row.factors[name];
  return [
    compared(
      pair,
      l10n.t('Score'),
      ({ score, interval: [low, high] }) =>
        l10n.t('{0}, probably {1} to {2}', formatNumber(score, 1), formatNumber(low), formatNumber(high)),
      (row) => row.score,
    ),
    compared(
      pair,
      l10n.t('Quality'),
      (row) => formatNumber(row.quality, 1),
      (row) => row.quality,
    ),
    compared(
      pair,
      l10n.t('Benchmark confidence'),
      factor('benchmarkConfidence'),
      value('benchmarkConfidence'),
    ),
    compared(pair, l10n.t('Speed confidence'), factor('speedConfidence'), value('speedConfidence')),
    compared(pair, l10n.t('Quantisation'), factor('quantisation'), value('quantisation')),
    compared(pair, l10n.t('Usability'), factor('usability'), value('usability')),
  ];
}

function speedLines(pair: Pair): readonly Line[] {
  return [
    compared(
      pair,
      l10n.t('Speed'),
      (row) => {
        if (!runs(row)) return UNKNOWN;
        const [low, high] = row.tokPerSecRange;
        const known =
          row.speedBasis === 'measured'
            ? l10n.t('measured')
            : l10n.t('{0} to {1}', formatRate(low), formatRate(high));
        return `${formatRate(row.tokPerSec)} tok/s (${known}), ${speedBandText(row.tokPerSec)}`;
      },
      (row) => (runs(row) ? row.tokPerSec : null),
    ),
    compared(
      pair,
      l10n.t('First token'),
      (row) => firstTokenText(row) ?? UNKNOWN,
      (row) => (runs(row) ? row.promptTokPerSec : null),
    ),
  ];
}

function memoryLines(pair: Pair): readonly Line[] {
  const contexts = new Set(pair.flatMap((row) => row.fitByContext.map(({ contextTokens }) => contextTokens)));
  const at = (row: OpenedRow, context: number): OpenedRow['fitByContext'][number] | undefined =>
    row.fitByContext.find(({ contextTokens }) => contextTokens === context);
  return [...contexts]
    .sort((a, b) => a - b)
    .map((context) =>
      compared(
        pair,
        l10n.t('Memory at {0}', formatContext(context)),
        (row) => {
          const fit = at(row, context);
          return fit ? html`${formatNumber(fit.totalGb, 1)} GiB ${fitMark(fit.fit)}` : UNKNOWN;
        },
        (row) => at(row, context)?.totalGb ?? null,
        true,
      ),
    );
}

function otherLines(pair: Pair, nowMs: number): readonly Line[] {
  return [
    compared(pair, l10n.t('Evidence'), (row) => evidenceText(row, nowMs)),
    compared(pair, l10n.t('Longest context'), longestContextText, (row) => row.longestContext?.atAll ?? null),
    compared(pair, l10n.t('File'), (row) =>
      row.fileGib === null ? UNKNOWN : `${formatNumber(row.fileGib, 1)} GiB`,
    ),
    compared(pair, l10n.t('Parameters'), (row) => describeParameters(row.sizeB, row.activeB)),
    compared(pair, l10n.t('Tool calling'), toolCallingText),
    compared(pair, l10n.t('Licence'), (row) => row.licence ?? l10n.t('not stated')),
    compared(pair, l10n.t('Released'), (row) => releasedText(row, nowMs)),
  ];
}

export function rankingCompare(pair: Pair, nowMs: number, close: () => void): TemplateResult {
  const lines = [...scoreLines(pair), ...speedLines(pair), ...memoryLines(pair), ...otherLines(pair, nowMs)];
  const title = l10n.t('Comparison of {0} and {1}', pair[0].name, pair[1].name);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
  };
  return html`<aside class="sheet compare" tabindex="0" aria-label=${title} @keydown=${onKey}>
    <div class="sheet-head">
      <h2>${l10n.t('Compared')}</h2>
      <button
        type="button"
        class="icon-button"
        aria-label=${l10n.t('Close the comparison')}
        title=${l10n.t('Close (Escape)')}
        @click=${close}
      >
        ${crossIcon}
      </button>
    </div>
    <table class="small-table">
      <colgroup>
        <col />
        <col />
        <col />
      </colgroup>
      <thead>
        <tr>
          <td></td>
          ${pair.map(
            (row) =>
              html`<th scope="col"><strong>${row.name}</strong> <span class="muted">${row.quant}</span></th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          (line) =>
            html`<tr>
              <th scope="row">${line.label}</th>
              ${line.cells.map(
                (cell, index) =>
                  html`<td>
                    ${line.better === index ? html`<strong>${cell}</strong><span class="unseen"> ${l10n.t('(better)')}</span>` : cell}
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </aside>`;
}
