import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { RankingRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { rangeBar } from './bars';
import type { GridColumn } from './gridModel';
import { formatNumber, formatParameters, formatRate, UNKNOWN } from './format';
import { checkIcon, chevronDownIcon, chevronRightIcon, diamondMark, levelMark, squareMark } from './icons';
import { commonContextTokens, rankingKey } from './rankingsView';
import type { RankingColumn } from './rankingsView';
import { scoreFraction, SPEED_BAND_EDGES, speedBand, speedFraction } from './scales';

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
const FIT_LABELS: Readonly<Record<Fit, string>> = {
  gpu: 'GPU',
  offload: 'GPU + RAM',
  cpu: 'RAM',
  none: 'too big',
  unknown: 'not known',
};

const FIT_MEANINGS: Readonly<Record<Fit, string>> = {
  gpu: 'All of it fits into accelerator memory',
  offload: 'Split between accelerator and system memory',
  cpu: 'Runs from system memory alone',
  none: 'Does not fit this machine',
  unknown: 'The hardware of this machine is not described',
};

export function fitMark(fit: Fit): TemplateResult {
  return html`<span class="marked fit-${fit}" title=${FIT_MEANINGS[fit]}
    >${squareMark(FIT_SHARES[fit])}${FIT_LABELS[fit]}</span
  >`;
}

const GRADE_SHARES: Readonly<Record<RankingRow['evidence'], 1 | 0.5 | 0>> = {
  direct: 1,
  variant: 0.5,
  base: 0.5,
  interpolated: 0,
  'self-reported': 0,
};

const GRADE_MEANINGS: Readonly<Record<RankingRow['evidence'], string>> = {
  direct: 'Measured on this very model',
  variant: 'Measured on a close variant of this model',
  base: 'Measured on the model that this one is made from',
  interpolated: 'Estimated from related models',
  'self-reported': "The maker's own figure, not checked by others",
};

const LEVELS: Readonly<Record<RankingRow['confidence'], 1 | 2 | 3>> = { low: 1, medium: 2, high: 3 };

export function gradeMark(grade: RankingRow['evidence']): TemplateResult {
  return html`<span class="marked" title=${GRADE_MEANINGS[grade]}
    >${diamondMark(GRADE_SHARES[grade])}${grade}</span
  >`;
}

/** What does not fit has neither a speed nor a score here. */
const NO_METRIC = html`<span class="metric"><span class="figure">${UNKNOWN}</span></span>`;

function speedCell(row: RankingRow): unknown {
  if (row.fit === 'none' || row.fit === 'unknown') return NO_METRIC;
  const measured = row.speedBasis === 'measured';
  const [low, high] = row.tokPerSecRange;
  const band = speedBand(row.tokPerSec);
  const how = measured
    ? 'Measured on this machine'
    : `Estimated: ${formatRate(low)} to ${formatRate(high)} tok/s, ${row.speedConfidence} confidence`;
  return html`<span class="metric" title=${how}>
    <span class="figure">
      ${measured ? html`${checkIcon}<span class="unseen">measured</span>` : '~'}${formatRate(row.tokPerSec)}
    </span>
    ${rangeBar({
      low: speedFraction(low),
      high: speedFraction(high),
      point: speedFraction(row.tokPerSec),
      ticks: SPEED_BAND_EDGES.map(speedFraction),
    })}
    <span class="band">${band}</span>
  </span>`;
}

function scoreCell(row: RankingRow): unknown {
  if (row.fit === 'none') return NO_METRIC;
  const [low, high] = row.interval;
  const title = `Between ${formatNumber(low, 1)} and ${formatNumber(high, 1)} with about 80 % certainty; ${row.confidence} confidence`;
  return html`<span class="metric" title=${title}>
    <span class="figure strong">${formatNumber(row.score, 1)}</span>
    ${rangeBar({ low: scoreFraction(low), high: scoreFraction(high), point: scoreFraction(row.score) })}
    ${levelMark(LEVELS[row.confidence])}<span class="unseen">${row.confidence} confidence</span>
  </span>`;
}

function nameCell(row: RankingRow, open: boolean): unknown {
  return html`<span class="twist">${open ? chevronDownIcon : chevronRightIcon}</span>
    <span class="clip name" title="${row.name} (${row.modelId})">${row.name}</span>
    <span class="muted parameters">${formatParameters(row.sizeB, row.activeB)}</span>
    ${row.installed ? html`<span class="badge strong-badge">installed</span>` : nothing}
    ${row.toolCalling === true ? html`<span class="badge" title="Can call tools">tools</span>` : nothing}`;
}

/** The columns for these rows. The head of the memory column names the context when all rows share one. */
export function rankingColumns(
  rows: readonly RankingRow[],
  expanded: ReadonlySet<string>,
): readonly (GridColumn<RankingRow> & { readonly key: RankingColumn })[] {
  const context = commonContextTokens(rows);
  const at = context === null ? 'the context of the task' : `${formatContext(context)} context`;
  return [
    {
      key: 'name',
      label: 'Model',
      sortable: true,
      cell: (row) => nameCell(row, expanded.has(rankingKey(row))),
    },
    {
      key: 'quant',
      label: 'Quant',
      sortable: true,
      cell: (row) => html`<span class="clip">${row.quant}</span>`,
    },
    {
      key: 'size',
      label: 'Size GiB',
      hint: 'Size of the file to download, GiB',
      numeric: true,
      sortable: true,
      cell: (row) => formatNumber(row.fileGib, 1),
    },
    {
      key: 'fit',
      label: 'Fit',
      hint: `The memory that it runs from at ${at}`,
      sortable: true,
      cell: (row) => fitMark(row.fit),
    },
    {
      key: 'memory',
      label: 'Memory GiB',
      hint: `Memory needed at ${at}, GiB`,
      numeric: true,
      sortable: true,
      cell: (row) => formatNumber(row.memoryGib, 1),
    },
    {
      key: 'speed',
      label: 'tok/s',
      hint: 'Tokens per second. ~ estimated, check mark measured here. Ticks at 4, 10 and 30',
      sortable: true,
      cell: speedCell,
    },
    {
      key: 'score',
      label: 'Score',
      hint: '0 to 100, with its interval; dots: confidence',
      sortable: true,
      cell: scoreCell,
    },
    {
      key: 'evidence',
      label: 'Evidence',
      hint: 'The weakest evidence that the score rests on',
      sortable: true,
      cell: (row) => gradeMark(row.evidence),
    },
  ];
}
