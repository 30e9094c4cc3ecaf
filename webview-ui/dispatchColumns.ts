import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { shortModelName } from '../src/shared/shortModelName';
import { formatMoment } from '../src/shared/timeText';
import type { GridColumn } from './gridModel';
import { escalationText, explainOutcome, hasInherited, outcomeLabel } from './dispatchesView';
import type { OutcomeKind } from './dispatchesView';
import { formatNumber, formatRate, formatRelative, formatSeconds, humanise } from './format';
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
  const text = outcome.kind === 'provider_error' ? humanise(outcome.class) : outcomeLabel(outcome.kind);
  return html`<span class="marked" title="${text}: ${explainOutcome(outcome.kind)}"
    ><span class="mark-${tone}">${mark}</span><span class="clip">${text}</span></span
  >`;
}

const clipped = (text: string, whole = text): TemplateResult =>
  html`<span class="clip" title=${whole}>${text}</span>`;

export function dispatchColumns(nowMs: number): readonly GridColumn<DispatchRecord>[] {
  return [
    {
      key: 'time',
      label: l10n.t('Time'),
      hint: l10n.t('When the call ended'),
      sortable: true,
      // The log is in the order in which calls ended: of two, the one that began first may end last.
      cell: (record) =>
        html`<time datetime=${record.endedAt} title=${formatMoment(record.endedAt)}
          >${formatRelative(record.endedAt, nowMs)}</time
        >`,
    },
    { key: 'backend', label: l10n.t('Backend'), sortable: true, cell: ({ backend }) => clipped(backend) },
    { key: 'provider', label: l10n.t('Provider'), sortable: true, cell: ({ provider }) => clipped(provider) },
    {
      key: 'model',
      label: l10n.t('Model'),
      sortable: true,
      cell: (record) =>
        html`${clipped(shortModelName(record.model, record.provider), record.model)}${
          hasInherited(record)
            ? html`<span
                class="badge warning-badge"
                title=${l10n.t('A value fell through from the primary route')}
                >${l10n.t('inherited')}</span
              >`
            : record.escalation
              ? html`<span class="badge" title=${escalationText(record)}>${l10n.t('escalated')}</span>`
              : nothing
        }`,
    },
    {
      key: 'outcome',
      label: l10n.t('Outcome'),
      sortable: true,
      cell: (record) =>
        html`${outcomeMark(record.outcome)}${
          record.attempts.length > 1
            ? html`<span class="muted attempts" title=${l10n.t('{0} attempts', record.attempts.length)}
                >×${record.attempts.length}</span
              >`
            : nothing
        }`,
    },
    {
      key: 'in',
      label: l10n.t('In tok'),
      sortable: true,
      hint: l10n.t('Input tokens, all attempts'),
      numeric: true,
      cell: (record) => formatNumber(record.usage.inputTokens),
    },
    {
      key: 'out',
      label: l10n.t('Out tok'),
      sortable: true,
      hint: l10n.t('Output tokens, all attempts'),
      numeric: true,
      cell: (record) => formatNumber(record.usage.outputTokens),
    },
    {
      key: 'ttft',
      label: 'TTFT ms',
      sortable: true,
      hint: l10n.t('Time to the first token, ms'),
      numeric: true,
      cell: (record) => formatNumber(record.ttftMs),
    },
    {
      key: 'total',
      label: l10n.t('Total s'),
      sortable: true,
      hint: l10n.t('The whole call with its retries, s'),
      numeric: true,
      cell: (record) => formatSeconds(record.durationMs),
    },
    {
      key: 'rate',
      label: 'tok/s',
      sortable: true,
      hint: l10n.t('Tokens per second while it wrote'),
      numeric: true,
      cell: (record) => formatRate(record.timings?.decodeTokPerSec),
    },
    {
      key: 'finish',
      label: l10n.t('Finish'),
      sortable: true,
      hint: l10n.t('Finish reason'),
      cell: (record) => clipped(humanise(record.finishReason)),
    },
  ];
}
