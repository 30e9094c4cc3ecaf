import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { RunningCallRow } from '../src/shared/reportMessages';
import { phaseText } from './dispatchesView';
import { formatNumber, formatSpan } from './format';
import { retryIcon, runningIcon } from './icons';

/** Their times are drawn anew this often while any call runs. */
const CLOCK_EVERY_MS = 1_000;
/** More than these are counted, so that the log keeps its place. */
const MAX_SHOWN = 4;

/** The calls that have not ended yet, above the log; nothing while there are none. */
export class RunningCallsList extends LitElement {
  static override readonly properties = { calls: { attribute: false }, nowMs: { state: true } };

  declare calls: readonly RunningCallRow[];
  declare private nowMs: number;
  private clock: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.calls = [];
    this.nowMs = Date.now();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  protected override willUpdate(): void {
    this.nowMs = Date.now();
    if (this.calls.length === 0) this.stop();
    else this.clock ??= setInterval(() => this.requestUpdate(), CLOCK_EVERY_MS);
  }

  private stop(): void {
    clearInterval(this.clock);
    this.clock = undefined;
  }

  protected override render(): unknown {
    const { calls } = this;
    if (calls.length === 0) return nothing;
    const more = calls.length - MAX_SHOWN;
    return html`<ul class="running" aria-label=${l10n.t('Calls that run now')}>
      ${calls.slice(0, MAX_SHOWN).map((call) => this.renderCall(call))}
      ${more > 0 ? html`<li class="muted">${moreText(more)}</li>` : nothing}
    </ul>`;
  }

  private renderCall(call: RunningCallRow): unknown {
    const { ref, sessionId, phase, startedAt } = call;
    const began = Date.parse(startedAt);
    const time = Number.isNaN(began) ? '' : formatSpan(Math.max(0, this.nowMs - began));
    return html`<li>
      <span class="marked" title=${l10n.t('{0} at {1}, asked by {2}', ref.modelId, ref.backend, sessionId)}
        ><span class="mark-info">${phase === 'retrying' ? retryIcon : runningIcon}</span
        ><span class="clip">${ref.modelId}</span></span
      >
      <span class="muted clip">${ref.backend}</span>
      <span class="muted clip">${phaseText(call)}</span>
      <span class="numeric">${time}</span>
    </li>`;
  }
}

function moreText(more: number): string {
  return more === 1 ? l10n.t('and 1 more call') : l10n.t('and {0} more calls', formatNumber(more));
}

customElements.define('mp-running-calls', RunningCallsList);
