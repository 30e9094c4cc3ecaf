import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { formatContext, formatDuration } from '../src/shared/units';
import { outcomeMark } from './dispatchColumns';
import { escalationText, fitText, OUTCOME_EXPLANATIONS } from './dispatchesView';
import { rateLimitText, retryText, thinkingText } from './dispatchesView';
import { waterfall } from './dispatchWaterfall';
import {
  formatAbsolute,
  formatNumber,
  formatRate,
  formatRelative,
  formatSpan,
  humanise,
  UNKNOWN,
} from './format';
import { crossIcon, infoIcon, warningIcon } from './icons';

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

/** Every resolved field with the value that was used and where it came from. */
function provenanceTable(record: DispatchRecord): TemplateResult {
  const context = record.contextAllocated ?? record.contextRequested;
  const rows: readonly (readonly [string, string, keyof DispatchRecord['provenance']])[] = [
    ['Backend', record.backend, 'backend'],
    ['Provider', record.provider, 'provider'],
    ['Model', record.model, 'model'],
    ['Wire format', record.wireFormat, 'wireFormat'],
    ['Thinking', thinkingText(record.thinking), 'thinking'],
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
  const { outcome, thinking } = record;
  return [
    ['Finish reason', humanise(record.finishReason)],
    ['As the server said', record.rawReason],
    ['Answer length', 'contentLen' in outcome ? `${formatNumber(outcome.contentLen)} characters` : null],
    ['Empty retries', 'emptyRetries' in outcome ? formatNumber(outcome.emptyRetries) : null],
    ['Retry', retryText(record)],
    ['Rate limit', rateLimitText(record)],
    ['Thought', thinking.enabled === null ? null : thinking.enabled ? 'yes' : 'no'],
    ['Thinking', record.thinkingNote],
  ];
}

function callFacts(record: DispatchRecord): readonly Fact[] {
  const code = (text: string | null): TemplateResult | null =>
    text === null ? null : html`<code>${text}</code>`;
  return [
    ['Host', record.host],
    ['Answered as', code(record.responseModel ?? null)],
    ['Digest', code(record.digest)],
    ['Quant', record.quant],
    ['Context asked', record.contextRequested === null ? null : formatContext(record.contextRequested)],
    ['Context given', record.contextAllocated === null ? null : formatContext(record.contextAllocated)],
    ['Fit', fitText(record)],
    ['In GPU memory', record.gpuShare === undefined ? null : `${formatNumber(record.gpuShare * 100)} %`],
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
    ${
      record.escalation
        ? html`<div class="banner info">
            <span class="mark-info">${infoIcon}</span>
            <span class="banner-text">Escalated. ${escalationText(record)}</span>
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
