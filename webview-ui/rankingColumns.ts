import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { rankingKey } from '../src/shared/reportMessages';
import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { rangeBar } from './bars';
import type { GridColumn } from './gridModel';
import { formatNumber, formatParameters, formatRate, formatShortAge, UNKNOWN } from './format';
import { calibratedIcon, checkIcon, chevronDownIcon, chevronRightIcon, levelMark, squareMark } from './icons';
import { gradeMark, standInMark } from './evidenceMarks';
import { standIn } from './rankingEvidence';
import { confidenceText, evidenceText, gradeLabel, speedBasis } from './rankingText';
import { commonContextTokens, longestContext } from './rankingsView';
import type { RankingColumn } from './rankingsView';
import { scoreFraction, SPEED_BAND_EDGES, speedFraction } from './scales';
import { speedBandText } from './speedBandText';

/** The cells of the ranking table. Every mark has its meaning beside it as text or in the title. */

type Fit = RankingRow['fit'];

const FIT_SHARES: Readonly<Record<Fit, 1 | 0.5 | 0 | null>> = {
  gpu: 1,
  offload: 0.5,
  cpu: 0,
  none: null,
  unknown: null,
};

/** In the words of the Recommended view. */
function fitWords(fit: Fit): readonly [label: string, meaning: string] {
  switch (fit) {
    case 'gpu':
      return [l10n.t('GPU'), l10n.t('All of it fits into accelerator memory')];
    case 'offload':
      return [l10n.t('GPU + RAM'), l10n.t('Split between accelerator and system memory')];
    case 'cpu':
      return [l10n.t('RAM'), l10n.t('Runs from system memory alone')];
    case 'none':
      return [l10n.t('too big'), l10n.t('Does not fit this machine')];
    case 'unknown':
      return [l10n.t('not known'), l10n.t('The hardware of this machine is not described')];
  }
}

export function fitMark(fit: Fit): TemplateResult {
  const [label, meaning] = fitWords(fit);
  return html`<span class="marked fit-${fit}" title=${meaning}>${squareMark(FIT_SHARES[fit])}${label}</span>`;
}

const LEVELS: Readonly<Record<RankingRow['confidence'], 1 | 2 | 3>> = { low: 1, medium: 2, high: 3 };

/** What does not fit, or has no results, has no figure there. */
const NO_SCORE = html`<span class="metric"><span class="figure">${UNKNOWN}</span></span>`;
const NO_SPEED = html`<span class="metric speed"><span class="figure">${UNKNOWN}</span></span>`;

function speedMark(row: RankingRow): unknown {
  if (row.speedBasis === 'measured')
    return html`${checkIcon}<span class="unseen">${l10n.t('measured')}</span>`;
  if (row.calibration === null) return '~';
  return html`${calibratedIcon}<span class="unseen">${l10n.t('calibrated')}</span>~`;
}

function speedCell(row: RankingRow): unknown {
  if (row.fit === 'none' || row.fit === 'unknown') return NO_SPEED;
  const [low, high] = row.tokPerSecRange;
  return html`<span class="metric speed" title=${speedBasis(row)}>
    <span class="figure"> ${speedMark(row)}${formatRate(row.tokPerSec)} </span>
    ${rangeBar({
      low: speedFraction(low),
      high: speedFraction(high),
      point: speedFraction(row.tokPerSec),
      ticks: SPEED_BAND_EDGES.map(speedFraction),
    })}
    <span class="band">${speedBandText(row.tokPerSec)}</span>
  </span>`;
}

function scoreCell(row: RankingRow): unknown {
  if (row.fit === 'none' || row.score === 0) return NO_SCORE;
  const [low, high] = row.interval;
  const confidence = confidenceText(row.confidence);
  const title = l10n.t(
    'Between {0} and {1} with about 80 % certainty; {2}',
    formatNumber(low, 1),
    formatNumber(high, 1),
    confidence,
  );
  return html`<span class="metric" title=${title}>
    <span class="figure strong">${formatNumber(row.score, 1)}</span>
    ${rangeBar({ low: scoreFraction(low), high: scoreFraction(high), point: scoreFraction(row.score) })}
    ${levelMark(LEVELS[row.confidence])}<span class="unseen">${confidence}</span>
  </span>`;
}

function contextCell(row: RankingRow): unknown {
  const longest = longestContext(row);
  if (longest === null) return html`<span title=${l10n.t('Not known, or nothing fits')}>${UNKNOWN}</span>`;
  const text = formatContext(longest.tokens);
  if (longest.bounded) {
    const ends = l10n.t("The memory ends there; the model's own maximum is not known");
    return html`<span title=${ends}>≤ ${text}</span>`;
  }
  const ends =
    row.contextMax !== null && longest.tokens >= row.contextMax
      ? l10n.t('All that the model was made for')
      : l10n.t('The memory ends there; made for {0}', formatContext(row.contextMax ?? 0));
  return html`<span title=${ends}>${text}</span>`;
}

function standInCell(row: RankingRow): unknown {
  switch (standIn(row)) {
    case 'siblings':
      return standInMark(gradeLabel('interpolated'));
    case 'predecessor':
      return standInMark(l10n.t('predecessor'));
    case 'guess':
      return standInMark(l10n.t('guessed'));
    case 'nothing':
      return l10n.t('none');
  }
}

function evidenceCell(row: RankingRow, nowMs: number): unknown {
  const { main, newest, results } = row.evidence;
  if (results === 0) {
    return html`<span class="muted" title=${evidenceText(row, nowMs)}>${standInCell(row)}</span>`;
  }
  const age = newest === null ? null : formatShortAge(newest, nowMs);
  return html`<span class="evidence" title=${evidenceText(row, nowMs)}>
    ${gradeMark(main)}${age === null ? nothing : html`<span class="muted">${age}</span>`}
  </span>`;
}

function nameCell(row: RankingRow, open: boolean): unknown {
  return html`<span class="twist">${open ? chevronDownIcon : chevronRightIcon}</span>
    <span class="clip name" title="${row.name} (${row.modelId})">${row.name}</span>
    <span class="muted parameters">${formatParameters(row.sizeB, row.activeB)}</span>
    ${row.installed ? html`<span class="badge strong-badge">${l10n.t('installed')}</span>` : nothing}
    ${row.toolCalling === true ? html`<span class="badge" title=${l10n.t('Can call tools')}>${l10n.t('tools')}</span>` : nothing}`;
}

/** The columns for these rows. The head of the memory column names the context when all rows share one. */
export function rankingColumns(
  rows: readonly RankingRow[],
  expanded: ReadonlySet<string>,
  nowMs: number,
): readonly (GridColumn<RankingRow> & { readonly key: RankingColumn })[] {
  const context = commonContextTokens(rows);
  const at =
    context === null ? l10n.t('the context of the task') : l10n.t('{0} context', formatContext(context));
  return [
    {
      key: 'name',
      label: l10n.t('Model'),
      sortable: true,
      cell: (row) => nameCell(row, expanded.has(rankingKey(row))),
    },
    {
      key: 'quant',
      label: l10n.t('Quant'),
      sortable: true,
      cell: (row) => html`<span class="clip">${row.quant}</span>`,
    },
    {
      key: 'size',
      label: l10n.t('Size GiB'),
      hint: l10n.t('Size of the file to download, GiB'),
      numeric: true,
      sortable: true,
      cell: (row) => formatNumber(row.fileGib, 1),
    },
    {
      key: 'fit',
      label: l10n.t('Fit'),
      hint: l10n.t('The memory that it runs from at {0}', at),
      sortable: true,
      cell: (row) => fitMark(row.fit),
    },
    {
      key: 'context',
      label: l10n.t('Context'),
      hint: l10n.t('The longest context that fits where the model runs, tokens'),
      numeric: true,
      sortable: true,
      cell: contextCell,
    },
    {
      key: 'memory',
      label: l10n.t('Memory GiB'),
      hint: l10n.t('Memory needed at {0}, GiB', at),
      numeric: true,
      sortable: true,
      cell: (row) => formatNumber(row.memoryGib, 1),
    },
    {
      key: 'speed',
      label: 'tok/s',
      hint: l10n.t(
        'Tokens per second. ~ estimated, sliders calibrated, check mark measured here. Ticks at 4, 10 and 30',
      ),
      sortable: true,
      cell: speedCell,
    },
    {
      key: 'score',
      label: l10n.t('Score'),
      hint: l10n.t('0 to 100, with its interval; dots: confidence'),
      sortable: true,
      cell: scoreCell,
    },
    {
      key: 'evidence',
      label: l10n.t('Evidence'),
      hint: l10n.t('What the score mainly rests on, and how old the newest result is'),
      sortable: true,
      cell: (row) => evidenceCell(row, nowMs),
    },
  ];
}
