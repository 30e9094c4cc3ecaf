import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { GridColumn } from './gridModel';
import { escalationText, hasInherited, OUTCOME_EXPLANATIONS, OUTCOME_LABELS } from './dispatchesView';
import type { OutcomeKind } from './dispatchesView';
import { formatAbsolute, formatNumber, formatRate, formatRelative, formatSeconds, humanise } from './format';
import { cancelledIcon, checkIcon, crossIcon, emptyIcon, limitIcon, refusedIcon, retryIcon } from './icons';

/** The cells of the dispatch log. */

const OUTCOME_MARKS: Readonly<Record<OutcomeKind, readonly [TemplateResult, 'plain' | 'warning' | 'error']>> =
  {
    served: [checkIcon, 'plain'],
    empty_completion_transient_recovered: [retryIcon, 'plain'],
    empty_completion_terminal: [emptyIcon, 'warning'],
    usage_limit: [limitIcon, 'warning'],
    provider_error: [crossIcon, 'error'],
    cancelled: [cancelledIcon, 'plain'],
    refused: [refusedIcon, 'warning'],
  };

/** Mark and word; a failed call names its class, for that is what a reader looks for. */
export function outcomeMark(outcome: DispatchRecord['outcome']): TemplateResult {
  const [mark, tone] = OUTCOME_MARKS[outcome.kind];
  const text = outcome.kind === 'provider_error' ? humanise(outcome.class) : OUTCOME_LABELS[outcome.kind];
  return html`<span class="marked" title="${text}: ${OUTCOME_EXPLANATIONS[outcome.kind]}"
    ><span class="mark-${tone}">${mark}</span><span class="clip">${text}</span></span
  >`;
}

const clipped = (text: string): TemplateResult => html`<span class="clip" title=${text}>${text}</span>`;

export function dispatchColumns(nowMs: number): readonly GridColumn<DispatchRecord>[] {
  return [
    {
      key: 'time',
      label: 'Time',
      sortable: true,
      cell: (record) =>
        html`<time datetime=${record.startedAt} title=${formatAbsolute(record.startedAt)}
          >${formatRelative(record.startedAt, nowMs)}</time
        >`,
    },
    { key: 'backend', label: 'Backend', sortable: true, cell: (record) => clipped(record.backend) },
    { key: 'provider', label: 'Provider', sortable: true, cell: (record) => clipped(record.provider) },
    {
      key: 'model',
      label: 'Model',
      sortable: true,
      cell: (record) =>
        html`${clipped(record.model)}${
          hasInherited(record)
            ? html`<span class="badge warning-badge" title="A value fell through from the primary route"
                >inherited</span
              >`
            : record.escalation
              ? html`<span class="badge" title=${escalationText(record)}>escalated</span>`
              : nothing
        }`,
    },
    {
      key: 'outcome',
      label: 'Outcome',
      sortable: true,
      cell: (record) =>
        html`${outcomeMark(record.outcome)}${
          record.attempts.length > 1
            ? html`<span class="muted attempts" title="${record.attempts.length} attempts"
                >×${record.attempts.length}</span
              >`
            : nothing
        }`,
    },
    {
      key: 'in',
      label: 'In tok',
      sortable: true,
      hint: 'Input tokens, all attempts',
      numeric: true,
      cell: (record) => formatNumber(record.usage.inputTokens),
    },
    {
      key: 'out',
      label: 'Out tok',
      sortable: true,
      hint: 'Output tokens, all attempts',
      numeric: true,
      cell: (record) => formatNumber(record.usage.outputTokens),
    },
    {
      key: 'ttft',
      label: 'TTFT ms',
      sortable: true,
      hint: 'Time to the first token, ms',
      numeric: true,
      cell: (record) => formatNumber(record.ttftMs),
    },
    {
      key: 'total',
      label: 'Total s',
      sortable: true,
      hint: 'The whole call with its retries, s',
      numeric: true,
      cell: (record) => formatSeconds(record.durationMs),
    },
    {
      key: 'rate',
      label: 'tok/s',
      sortable: true,
      hint: 'Tokens per second while it wrote',
      numeric: true,
      cell: (record) => formatRate(record.timings?.decodeTokPerSec),
    },
    {
      key: 'finish',
      label: 'Finish',
      sortable: true,
      hint: 'Finish reason',
      cell: (record) => clipped(humanise(record.finishReason)),
    },
  ];
}
