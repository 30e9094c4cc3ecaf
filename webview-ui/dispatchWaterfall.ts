import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { spanBar } from './bars';
import { attemptSpans, firstTokenFraction } from './dispatchesView';
import type { AttemptSpan } from './dispatchesView';
import { formatSpan, humanise } from './format';
import { arrowDownIcon } from './icons';

/** The attempts of one call on its own time line: what was waited, what each came to, and where the route changed. */

/** What one attempt was: its answer, how long it took, and when the first token came. */
function attemptText({ attempt }: AttemptSpan, firstTokenAfterMs: number | null): string {
  const answer = [attempt.status === null ? '' : String(attempt.status), humanise(attempt.reason ?? '')];
  const parts = [answer.filter(Boolean).join(' ') || l10n.t('ended'), formatSpan(attempt.durationMs)];
  if (firstTokenAfterMs !== null) parts.push(l10n.t('first token after {0}', formatSpan(firstTokenAfterMs)));
  return parts.join(', ');
}

function waitText(wait: string, whose: AttemptSpan['attempt']['delayOrigin']): string {
  switch (whose) {
    case 'provider':
      return l10n.t('waited {0}, as long as the provider asked for', wait);
    case 'policy':
      return l10n.t('waited {0}, our own pause', wait);
    case null:
      return l10n.t('waited {0}', wait);
  }
}

function waitLine({ delayMs, delayOrigin }: AttemptSpan['attempt']): TemplateResult | typeof nothing {
  if (delayMs === null || delayMs <= 0) return nothing;
  return html`<div class="attempt-wait muted">${waitText(formatSpan(delayMs), delayOrigin)}</div>`;
}

export function waterfall(record: DispatchRecord): TemplateResult {
  const { spans, totalMs } = attemptSpans(record);
  if (spans.length === 0) return html`<p class="muted">${l10n.t('No attempt reached the server.')}</p>`;
  const firstToken = firstTokenFraction(record, totalMs);
  const served = record.outcome.kind === 'served' || record.outcome.kind.endsWith('recovered');
  const turn = spans.findIndex(({ attempt }) => attempt.route === 'escalation');
  return html`<ol class="waterfall">
      ${spans.map((span, index) => {
        const last = index === spans.length - 1;
        const first = last ? firstToken : null;
        return html`<li>
          ${
            index === turn
              ? html`<div class="turn marked">
                  ${arrowDownIcon}<span
                    >${l10n.t('escalated to {0} at {1}', record.model, record.backend)}</span
                  >
                </div>`
              : nothing
          }
          ${waitLine(span.attempt)}
          <div class="attempt-line">
            <span class="attempt-name">${l10n.t('Attempt {0}', span.attempt.n)}</span>
            <span class="muted"
              >${attemptText(span, first === null ? null : (first - span.start) * totalMs)}</span
            >
          </div>
          ${spanBar({ ...span, failed: !(last && served), firstToken: first })}
        </li>`;
      })}
    </ol>
    <div class="axis muted" aria-hidden="true"><span>0</span><span>${formatSpan(totalMs)}</span></div>`;
}
