import * as l10n from '@vscode/l10n';
import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchSummary } from '../src/shared/dispatchQuery';
import { formatMoment } from '../src/shared/timeText';
import { formatNumber } from './format';

type Bar = DispatchSummary['histogram'][number];

/** Pixels; few bars would else be as wide as the page. */
const MAX_BAR_WIDTH = 36;
const LEAST_WIDTH = 260;
const HEIGHT = 100;
/** A bar that stands for something is seen. */
const LEAST_HEIGHT = 6;

const moment = (ms: number): string => formatMoment(ms).slice(0, 16);

function renderBar(bar: Bar, index: number, most: number, choose: (bar: Bar) => void): unknown {
  if (bar.records === 0) return nothing;
  const height = Math.max(LEAST_HEIGHT, (bar.records / most) * HEIGHT);
  const failed = (bar.failed / bar.records) * height;
  return svg`<g class="histogram-bar" @click=${() => choose(bar)}>
    <title>${barText(bar)}</title>
    <rect class="histogram-hit" x=${index} width="1" y="0" height=${HEIGHT}></rect>
    <rect class="bar-value" x=${index + 0.1} width="0.8" y=${HEIGHT - height} height=${height - failed}></rect>
    <rect class="histogram-failed" x=${index + 0.1} width="0.8" y=${HEIGHT - failed} height=${failed}></rect>
  </g>`;
}

function barText({ fromMs, untilMs, records, failed }: Bar): string {
  const [from, until] = [moment(fromMs), moment(untilMs)];
  return records === 1
    ? l10n.t('{0} to {1}: 1 record, {2} failed', from, until, failed)
    : l10n.t('{0} to {1}: {2} records, {3} failed', from, until, formatNumber(records), formatNumber(failed));
}

/**
 * The records that match over time; failed ones stand at the foot of each bar. A click on a bar narrows the log to its
 * span; the menu of times does the same without a mouse.
 */
export function dispatchHistogram(
  bars: DispatchSummary['histogram'],
  choose: (bar: Bar) => void,
): TemplateResult | typeof nothing {
  const first = bars[0];
  const last = bars.at(-1);
  if (!first || !last || bars.length < 2) return nothing;
  const most = Math.max(...bars.map(({ records }) => records));
  const failed = bars.reduce((sum, bar) => sum + bar.failed, 0);
  const records = bars.reduce((sum, bar) => sum + bar.records, 0);
  const text = l10n.t(
    '{0} records from {1} to {2}, {3} failed, at most {4} in one bar',
    formatNumber(records),
    moment(first.fromMs),
    moment(last.untilMs),
    formatNumber(failed),
    formatNumber(most),
  );
  const width = Math.max(LEAST_WIDTH, bars.length * MAX_BAR_WIDTH);
  return html`<figure class="histogram" .style=${`max-width: ${width}px`}>
    <svg
      role="img"
      aria-label=${text}
      viewBox="0 0 ${bars.length} ${HEIGHT}"
      preserveAspectRatio="none"
      focusable="false"
    >
      ${bars.map((bar, index) => renderBar(bar, index, most, choose))}
      <line class="bar-track" x1="0" x2=${bars.length} y1=${HEIGHT} y2=${HEIGHT}></line>
    </svg>
    <figcaption class="axis muted" aria-hidden="true">
      <span>${moment(first.fromMs)}</span><span>${moment(last.untilMs)}</span>
    </figcaption>
  </figure>`;
}
