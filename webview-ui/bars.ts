import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';

/** Thin bars. They repeat numbers that stand beside them as text, so screen readers skip them. */

const WIDTH = 72;
const HEIGHT = 12;
const MIDDLE = HEIGHT / 2;

interface RangeBar {
  /** All fractions of the bar's width, 0..1. */
  readonly low: number;
  readonly high: number;
  readonly point: number;
  /** Edges worth knowing, drawn as small ticks. */
  readonly ticks?: readonly number[];
}

/** A line for the whole scale, a band from low to high, and a mark at the value itself. */
export function rangeBar(bar: RangeBar): TemplateResult {
  const x = (fraction: number): number => 1 + fraction * (WIDTH - 2);
  return html`<svg
    class="range"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <line class="bar-track" x1="1" x2=${WIDTH - 1} y1=${MIDDLE} y2=${MIDDLE}></line>
    ${(bar.ticks ?? []).map(
      (tick) =>
        svg`<line class="bar-tick" x1=${x(tick)} x2=${x(tick)} y1=${MIDDLE - 2} y2=${MIDDLE + 2}></line>`,
    )}
    <rect
      class="bar-range"
      x=${x(bar.low)}
      width=${Math.max(2, x(bar.high) - x(bar.low))}
      y=${MIDDLE - 2}
      height="4"
    ></rect>
    <rect class="bar-point" x=${x(bar.point) - 0.75} width="1.5" y=${MIDDLE - 4.5} height="9"></rect>
  </svg>`;
}

/** One bar from the left, as wide as its cell; `faint` for what counts less. */
export function valueBar(fraction: number, faint = false): TemplateResult {
  return html`<svg
    class="value-bar"
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="bar-ground" width="100" height="6"></rect>
    <rect class=${faint ? 'bar-value faint' : 'bar-value'} width=${fraction * 100} height="6"></rect>
  </svg>`;
}

interface MemoryBar {
  /** Fractions of the bar's width, 0..1: what is needed, and where the accelerators' memory ends. */
  readonly need: number;
  readonly acceleratorEnd: number;
  /** Nothing holds it. */
  readonly tooBig: boolean;
}

/** What a model needs of a machine: solid on the accelerators, fainter in system memory, hollow where it is too big. */
export function memoryBar({ need, acceleratorEnd, tooBig }: MemoryBar): TemplateResult {
  const held = Math.min(need, acceleratorEnd);
  return html`<svg
    class="value-bar memory-bar"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="bar-ground" width="100" height="6" y="2"></rect>
    ${
      tooBig
        ? svg`<rect class="bar-failed" x="0.5" y="2.5" width=${Math.max(1, need * 100 - 1)} height="5"></rect>`
        : svg`<rect class="bar-value" y="2" width=${held * 100} height="6"></rect>
          <rect class="bar-value faint" y="2" x=${held * 100} width=${(need - held) * 100} height="6"></rect>`
    }
    ${
      acceleratorEnd > 0 && acceleratorEnd < 1
        ? svg`<line class="bar-edge" x1=${acceleratorEnd * 100} x2=${acceleratorEnd * 100} y1="0" y2="10"></line>`
        : nothing
    }
  </svg>`;
}

interface SpanBar {
  readonly start: number;
  readonly width: number;
  readonly waitWidth: number;
  readonly failed: boolean;
  /** Where the first token came, on the same line. */
  readonly firstToken: number | null;
}

/** One attempt on the call's time line: the wait before it as a line, the attempt as a bar. */
export function spanBar(bar: SpanBar): TemplateResult {
  const width = Math.max(0.5, bar.width * 100);
  const x = Math.min(bar.start * 100, 100 - width);
  return html`<svg
    class="span-bar"
    viewBox="0 0 100 12"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <line class="bar-track" x1="0" x2="100" y1="11.5" y2="11.5"></line>
    ${
      bar.waitWidth > 0
        ? svg`<line class="bar-wait" x1=${x - bar.waitWidth * 100} x2=${x} y1="6" y2="6"></line>`
        : nothing
    }
    <rect class=${bar.failed ? 'bar-failed' : 'bar-value'} x=${x} width=${width} y="2" height="8"></rect>
    ${
      bar.firstToken === null
        ? nothing
        : svg`<line class="bar-first" x1=${bar.firstToken * 100} x2=${bar.firstToken * 100} y1="0" y2="12"></line>`
    }
  </svg>`;
}
