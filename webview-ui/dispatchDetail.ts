import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { formatMoment } from '../src/shared/timeText';
import { formatContext, formatDuration } from '../src/shared/units';
import { outcomeMark } from './dispatchColumns';
import { escalationText, explainOutcome, fitText } from './dispatchesView';
import { rateLimitText, retryText, thinkingText } from './dispatchesView';
import { waterfall } from './dispatchWaterfall';
import { formatNumber, formatRate, formatRelative, formatSpan, humanise, UNKNOWN } from './format';
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
    [l10n.t('Backend'), record.backend, 'backend'],
    [l10n.t('Provider'), record.provider, 'provider'],
    [l10n.t('Model'), record.model, 'model'],
    [l10n.t('Wire format'), record.wireFormat, 'wireFormat'],
    [l10n.t('Thinking'), thinkingText(record.thinking), 'thinking'],
    [l10n.t('Tool format'), record.toolFormat, 'toolFormat'],
    [
      l10n.t('Context'),
      context === null ? l10n.t("server's default") : formatContext(context),
      'contextTokens',
    ],
  ];
  return html`<table class="small-table provenance">
    <thead>
      <tr>
        <th scope="col">${l10n.t('Field')}</th>
        <th scope="col">${l10n.t('Value')}</th>
        <th scope="col">${l10n.t('Set by')}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(([name, value, key]) => {
        const origin = record.provenance[key];
        return html`<tr>
          <th scope="row">${name}</th>
          <td>${value}</td>
          <td title=${originMeaning(origin)}>
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

function originMeaning(origin: DispatchRecord['provenance']['model']): string {
  switch (origin) {
    case 'operator_pin':
      return l10n.t('Your pick or setting');
    case 'pipeline_input':
      return l10n.t('The call itself named it');
    case 'escalation_override':
      return l10n.t('The setting of the escalation');
    case 'catalog_default':
      return l10n.t('What Model Pool knows of the model, or a default');
    case 'inherited_from_primary':
      return l10n.t('Nobody set it for this route: it was taken over from the first one');
    case 'unknown':
      return l10n.t('Nobody wrote down whose value it was');
  }
}

function section(title: string, body: unknown): TemplateResult {
  return html`<section>
    <h3>${title}</h3>
    ${body}
  </section>`;
}

function timingFacts(record: DispatchRecord): readonly Fact[] {
  const { timings, usage } = record;
  const span = (ms: number | undefined, rate: number | undefined): string | null =>
    ms === undefined || rate === undefined
      ? milliseconds(ms)
      : l10n.t('{0} at {1} tok/s', formatSpan(ms), formatRate(rate));
  const tokens = (value: number | undefined): string | null =>
    value === undefined ? null : formatNumber(value);
  return [
    [l10n.t('First token'), milliseconds(record.ttftMs)],
    [l10n.t('Total'), milliseconds(record.durationMs)],
    [l10n.t('Load'), milliseconds(timings?.loadMs)],
    [l10n.t('Prompt'), span(timings?.promptMs, timings?.promptTokPerSec)],
    [l10n.t('Answer'), span(timings?.decodeMs, timings?.decodeTokPerSec)],
    [
      l10n.t('Measured by'),
      timings && (timings.measuredBy === 'server' ? l10n.t('the server') : l10n.t('our clock')),
    ],
    [l10n.t('Input tokens'), formatNumber(usage.inputTokens)],
    [l10n.t('Output tokens'), formatNumber(usage.outputTokens)],
    [l10n.t('Cached tokens'), tokens(usage.cachedTokens)],
    [l10n.t('Reasoning tokens'), tokens(usage.reasoningTokens)],
  ];
}

function outcomeFacts(record: DispatchRecord): readonly Fact[] {
  const { outcome, thinking } = record;
  return [
    [l10n.t('Finish reason'), humanise(record.finishReason)],
    [l10n.t('As the server said'), record.rawReason],
    [
      l10n.t('Answer length'),
      'contentLen' in outcome ? l10n.t('{0} characters', formatNumber(outcome.contentLen)) : null,
    ],
    [l10n.t('Empty retries'), 'emptyRetries' in outcome ? formatNumber(outcome.emptyRetries) : null],
    [l10n.t('Retry'), retryText(record)],
    [l10n.t('Rate limit'), rateLimitText(record)],
    [l10n.t('Thought'), thinking.enabled === null ? null : yesOrNo(thinking.enabled)],
    [l10n.t('Thinking'), record.thinkingNote],
  ];
}

function callFacts(record: DispatchRecord): readonly Fact[] {
  const code = (text: string | null): TemplateResult | null =>
    text === null ? null : html`<code>${text}</code>`;
  const context = (tokens: number | null): string | null => (tokens === null ? null : formatContext(tokens));
  return [
    [l10n.t('Host'), record.host],
    [l10n.t('Answered as'), code(record.responseModel ?? null)],
    [l10n.t('Digest'), code(record.digest)],
    [l10n.t('Quant'), record.quant],
    [l10n.t('Context asked'), context(record.contextRequested)],
    [l10n.t('Context given'), context(record.contextAllocated)],
    [l10n.t('Fit'), fitText(record)],
    [
      l10n.t('In GPU memory'),
      record.gpuShare === undefined ? null : `${formatNumber(record.gpuShare * 100)} %`,
    ],
    [l10n.t('Streaming'), yesOrNo(record.streaming)],
    [
      l10n.t('Stop words'),
      record.stop.length > 0 ? record.stop.map((word) => JSON.stringify(word)).join(', ') : null,
    ],
    [
      l10n.t('Registry'),
      record.registry &&
        l10n.t('{0}, {1} old at the call', record.registry.source, formatDuration(record.registry.ageMs)),
    ],
    [l10n.t('Record'), code(record.recordId)],
    [l10n.t('Call'), code(record.callId)],
    [l10n.t('Session'), code(record.sessionId)],
    [l10n.t('Span'), code(record.spanId)],
  ];
}

function yesOrNo(fact: boolean): string {
  return fact ? l10n.t('yes') : l10n.t('no');
}

export function dispatchDetail(record: DispatchRecord, nowMs: number, close: () => void): TemplateResult {
  return html`<div class="sheet-head">
      <h2 class="clip" title=${record.model}>${record.model}</h2>
      <button
        type="button"
        class="icon-button"
        aria-label=${l10n.t('Close details')}
        title=${l10n.t('Close (Escape)')}
        @click=${close}
      >
        ${crossIcon}
      </button>
    </div>
    <p class="sheet-line">
      ${outcomeMark(record.outcome)}
      <span class="muted"
        >${formatMoment(record.endedAt) || UNKNOWN} (${formatRelative(record.endedAt, nowMs)})</span
      >
    </p>
    <p class="muted sheet-line">${explainOutcome(record.outcome.kind)}</p>
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
            <span class="banner-text">${l10n.t('Escalated.')} ${escalationText(record)}</span>
          </div>`
        : nothing
    }
    <div class="sheet-body">
      ${section(l10n.t('Attempts'), waterfall(record))}
      ${section(l10n.t('Outcome'), factList(outcomeFacts(record)))}
      ${section(l10n.t('Time and tokens'), factList(timingFacts(record)))}
      ${section(l10n.t('Where each value came from'), provenanceTable(record))}
      ${section(l10n.t('Call'), factList(callFacts(record)))}
    </div>`;
}
