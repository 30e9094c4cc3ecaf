import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { formatContext, formatDuration } from '../src/shared/units';
import { spanBar } from './bars';
import { outcomeMark } from './dispatchColumns';
import { attemptSpans, firstTokenFraction, OUTCOME_EXPLANATIONS } from './dispatchesView';
import type { AttemptSpan } from './dispatchesView';
import {
  formatAbsolute,
  formatNumber,
  formatRate,
  formatRelative,
  formatSpan,
  humanise,
  UNKNOWN,
} from './format';
import { crossIcon, warningIcon } from './icons';

/** The sheet beside the log: one record, told from the record alone. */

type Fact = readonly [name: string, value: string | TemplateResult | null | undefined];

/** Pairs of name and value; those without a value are left out. */
function factList(facts: readonly Fact[]): TemplateResult {
  return html`<dl class="facts">
    ${facts.map(([name, value]) =>
      value === null || value === undefined
        ? nothing
        : html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
    )}
  </dl>`;
}

function milliseconds(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : formatSpan(value);
}

/** What one attempt was: its answer, how long it took, and what was waited for before it. */
function attemptText({ attempt }: AttemptSpan, firstTokenAfterMs: number | null): string {
  const answer = [attempt.status === null ? '' : String(attempt.status), humanise(attempt.reason ?? '')];
  const parts = [answer.filter(Boolean).join(' ') || 'ended', formatSpan(attempt.durationMs)];
  if (firstTokenAfterMs !== null) parts.push(`first token after ${formatSpan(firstTokenAfterMs)}`);
  if (attempt.delayMs !== null && attempt.delayMs > 0) {
    const origin = attempt.delayOrigin === null ? '' : ` (${humanise(attempt.delayOrigin)})`;
    parts.push(`after a wait of ${formatSpan(attempt.delayMs)}${origin}`);
  }
  return parts.join(', ');
}

function waterfall(record: DispatchRecord): TemplateResult {
  const { spans, totalMs } = attemptSpans(record);
  if (spans.length === 0) return html`<p class="muted">No attempt reached the server.</p>`;
  const firstToken = firstTokenFraction(record, totalMs);
  return html`<ol class="waterfall">
      ${spans.map((span, index) => {
        const last = index === spans.length - 1;
        const served = record.outcome.kind === 'served' || record.outcome.kind.endsWith('recovered');
        return html`<li>
          <div class="attempt-line">
            <span class="attempt-name">Attempt ${span.attempt.n}</span>
            <span class="muted"
              >${attemptText(span, last && firstToken !== null ? (firstToken - span.start) * totalMs : null)}</span
            >
          </div>
          ${spanBar({ ...span, failed: !(last && served), firstToken: last ? firstToken : null })}
        </li>`;
      })}
    </ol>
    <div class="axis muted" aria-hidden="true"><span>0</span><span>${formatSpan(totalMs)}</span></div>`;
}

/** Every resolved field with the value that was used and where it came from. */
function provenanceTable(record: DispatchRecord): TemplateResult {
  const thinking =
    record.thinking.enabled === null ? record.thinking.mode : record.thinking.enabled ? 'on' : 'off';
  const context = record.contextAllocated ?? record.contextRequested;
  const rows: readonly (readonly [string, string, keyof DispatchRecord['provenance']])[] = [
    ['Backend', record.backend, 'backend'],
    ['Provider', record.provider, 'provider'],
    ['Model', record.model, 'model'],
    ['Wire format', record.wireFormat, 'wireFormat'],
    ['Thinking', thinking, 'thinking'],
    ['Tool format', record.toolFormat, 'toolFormat'],
    ['Context', context === null ? "server's default" : formatContext(context), 'contextTokens'],
  ];
  return html`<table class="small-table provenance">
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Value</th>
        <th scope="col">Set by</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(([name, value, key]) => {
        const origin = record.provenance[key];
        return html`<tr>
          <th scope="row">${name}</th>
          <td>${value}</td>
          <td>
            ${
              origin === 'inherited_from_primary'
                ? html`<span class="marked"
                    ><span class="mark-warning">${warningIcon}</span>${humanise(origin)}</span
                  >`
                : humanise(origin)
            }
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function section(title: string, body: unknown): TemplateResult {
  return html`<section>
    <h3>${title}</h3>
    ${body}
  </section>`;
}

function timingFacts(record: DispatchRecord): readonly Fact[] {
  const { timings, usage } = record;
  const rate = (value: number | undefined): string =>
    value === undefined ? '' : ` at ${formatRate(value)} tok/s`;
  const tokens = (value: number | undefined): string | null =>
    value === undefined ? null : formatNumber(value);
  const prompt = milliseconds(timings?.promptMs);
  const decode = milliseconds(timings?.decodeMs);
  return [
    ['First token', milliseconds(record.ttftMs)],
    ['Total', milliseconds(record.durationMs)],
    ['Load', milliseconds(timings?.loadMs)],
    ['Prompt', prompt && prompt + rate(timings?.promptTokPerSec)],
    ['Answer', decode && decode + rate(timings?.decodeTokPerSec)],
    ['Measured by', timings && (timings.measuredBy === 'server' ? 'the server' : 'our clock')],
    ['Input tokens', formatNumber(usage.inputTokens)],
    ['Output tokens', formatNumber(usage.outputTokens)],
    ['Cached tokens', tokens(usage.cachedTokens)],
    ['Reasoning tokens', tokens(usage.reasoningTokens)],
  ];
}

function outcomeFacts(record: DispatchRecord): readonly Fact[] {
  const { outcome } = record;
  const retry = { none: null, active: 'retried until the attempts ran out', deferred: 'left for later' };
  return [
    ['Finish reason', humanise(record.finishReason)],
    ['As the server said', record.rawReason],
    ['Answer length', 'contentLen' in outcome ? `${formatNumber(outcome.contentLen)} characters` : null],
    ['Empty retries', 'emptyRetries' in outcome ? formatNumber(outcome.emptyRetries) : null],
    ['Retry', retry[record.retryKind]],
    ['Retry after', milliseconds(record.retryAfterMs)],
    ['Thinking', record.thinkingNote],
  ];
}

function callFacts(record: DispatchRecord): readonly Fact[] {
  const code = (text: string | null): TemplateResult | null =>
    text === null ? null : html`<code>${text}</code>`;
  return [
    ['Host', record.host],
    ['Digest', code(record.digest)],
    ['Quant', record.quant],
    ['Context asked', record.contextRequested === null ? null : formatContext(record.contextRequested)],
    ['Context given', record.contextAllocated === null ? null : formatContext(record.contextAllocated)],
    ['Streaming', record.streaming ? 'yes' : 'no'],
    [
      'Stop words',
      record.stop.length > 0 ? record.stop.map((word) => JSON.stringify(word)).join(', ') : null,
    ],
    [
      'Registry',
      record.registry &&
        `${record.registry.source}, ${formatDuration(record.registry.ageMs)} old at the call`,
    ],
    ['Record', code(record.recordId)],
    ['Call', code(record.callId)],
    ['Session', code(record.sessionId)],
    ['Span', code(record.spanId)],
  ];
}

export function dispatchDetail(record: DispatchRecord, nowMs: number, close: () => void): TemplateResult {
  return html`<div class="sheet-head">
      <h2 class="clip" title=${record.model}>${record.model}</h2>
      <button
        type="button"
        class="icon-button"
        aria-label="Close details"
        title="Close (Escape)"
        @click=${close}
      >
        ${crossIcon}
      </button>
    </div>
    <p class="sheet-line">
      ${outcomeMark(record.outcome)}
      <span class="muted"
        >${formatAbsolute(record.startedAt) || UNKNOWN} (${formatRelative(record.startedAt, nowMs)})</span
      >
    </p>
    <p class="muted sheet-line">${OUTCOME_EXPLANATIONS[record.outcome.kind]}</p>
    ${
      record.error
        ? html`<div class="banner warning">
            <span class="mark-error">${warningIcon}</span>
            <span class="banner-text"><code>${record.error.code}</code> ${record.error.message}</span>
          </div>`
        : nothing
    }
    <div class="sheet-body">
      ${section('Attempts', waterfall(record))} ${section('Outcome', factList(outcomeFacts(record)))}
      ${section('Time and tokens', factList(timingFacts(record)))}
      ${section('Where each value came from', provenanceTable(record))}
      ${section('Call', factList(callFacts(record)))}
    </div>`;
}
