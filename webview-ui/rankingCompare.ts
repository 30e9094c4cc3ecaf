import { html } from 'lit';
import type { TemplateResult } from 'lit';
import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { describeParameters, formatDay, formatNumber, formatRate, UNKNOWN } from './format';
import { crossIcon } from './icons';
import { fitMark } from './rankingColumns';
import { evidenceText, firstTokenText, longestContextText, toolCallingText } from './rankingText';
import { betterOf, speedBand } from './scales';

/** Two rows of the ranking side by side; of two figures the better one is strong. */

export type Pair = readonly [RankingRow, RankingRow];

interface Line {
  readonly label: string;
  readonly cells: readonly [unknown, unknown];
  /** Which of the two is better; null where neither is, or it is a matter of taste. */
  readonly better: 0 | 1 | null;
}

type Figure = (row: RankingRow) => number | null;
type Text = (row: RankingRow) => unknown;

function compared(pair: Pair, label: string, text: Text, figure?: Figure, less = false): Line {
  const [a, b] = pair;
  const better = figure === undefined ? null : betterOf([figure(a), figure(b)], less);
  return { label, cells: [text(a), text(b)], better };
}

const runs = ({ fit }: RankingRow): boolean => fit !== 'none' && fit !== 'unknown';

function scoreLines(pair: Pair): readonly Line[] {
  const factor =
    (name: keyof RankingRow['factors']): Text =>
    (row) =>
      `× ${formatNumber(row.factors[name], 2)}`;
  const value =
    (name: keyof RankingRow['factors']): Figure =>
    (row) =>
      row.factors[name];
  return [
    compared(
      pair,
      'Score',
      (row) =>
        `${formatNumber(row.score, 1)}, probably ${row.interval.map((end) => formatNumber(end)).join(' to ')}`,
      (row) => row.score,
    ),
    compared(
      pair,
      'Quality',
      (row) => formatNumber(row.quality, 1),
      (row) => row.quality,
    ),
    compared(pair, 'Benchmark confidence', factor('benchmarkConfidence'), value('benchmarkConfidence')),
    compared(pair, 'Speed confidence', factor('speedConfidence'), value('speedConfidence')),
    compared(pair, 'Quantisation', factor('quantisation'), value('quantisation')),
    compared(pair, 'Usability', factor('usability'), value('usability')),
  ];
}

function speedLines(pair: Pair): readonly Line[] {
  return [
    compared(
      pair,
      'Speed',
      (row) => {
        if (!runs(row)) return UNKNOWN;
        const [low, high] = row.tokPerSecRange.map((rate) => formatRate(rate));
        const known = row.speedBasis === 'measured' ? 'measured' : `${low} to ${high}`;
        return `${formatRate(row.tokPerSec)} tok/s (${known}), ${speedBand(row.tokPerSec)}`;
      },
      (row) => (runs(row) ? row.tokPerSec : null),
    ),
    compared(
      pair,
      'First token',
      (row) => firstTokenText(row) ?? UNKNOWN,
      (row) => (runs(row) ? row.promptTokPerSec : null),
    ),
  ];
}

function memoryLines(pair: Pair): readonly Line[] {
  const contexts = new Set(pair.flatMap((row) => row.fitByContext.map(({ contextTokens }) => contextTokens)));
  const at = (row: RankingRow, context: number): RankingRow['fitByContext'][number] | undefined =>
    row.fitByContext.find(({ contextTokens }) => contextTokens === context);
  return [...contexts]
    .sort((a, b) => a - b)
    .map((context) =>
      compared(
        pair,
        `Memory at ${formatContext(context)}`,
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
    compared(pair, 'Evidence', (row) => evidenceText(row, nowMs)),
    compared(pair, 'Longest context', longestContextText, (row) => row.longestContext?.atAll ?? null),
    compared(pair, 'File', (row) => (row.fileGib === null ? UNKNOWN : `${formatNumber(row.fileGib, 1)} GiB`)),
    compared(pair, 'Parameters', (row) => describeParameters(row.sizeB, row.activeB)),
    compared(pair, 'Tool calling', toolCallingText),
    compared(pair, 'Licence', (row) => row.licence ?? 'not stated'),
    compared(pair, 'Released', (row) => (row.released === null ? UNKNOWN : formatDay(row.released))),
  ];
}

export function rankingCompare(pair: Pair, nowMs: number, close: () => void): TemplateResult {
  const lines = [...scoreLines(pair), ...speedLines(pair), ...memoryLines(pair), ...otherLines(pair, nowMs)];
  const title = `${pair[0].name} and ${pair[1].name}`;
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
  };
  return html`<aside class="sheet compare" tabindex="0" aria-label="Comparison of ${title}" @keydown=${onKey}>
    <div class="sheet-head">
      <h2>Compared</h2>
      <button
        type="button"
        class="icon-button"
        aria-label="Close the comparison"
        title="Close (Escape)"
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
                    ${line.better === index ? html`<strong>${cell}</strong><span class="unseen"> (better)</span>` : cell}
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </aside>`;
}
