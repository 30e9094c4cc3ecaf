import * as l10n from '@vscode/l10n';
import { html } from 'lit';
import type { TemplateResult } from 'lit';
import type { Rankings } from '../src/shared/reportMessages';
import { formatNumber } from './format';

type LeftOut = Rankings['leftOut'];

/** One line under the table that opens to why models are not recommended; nothing is shown where none is left out. */
export function leftOutLine(
  leftOut: LeftOut,
  open: boolean,
  changed: (open: boolean) => void,
): TemplateResult {
  const total = leftOut.reduce((sum, group) => sum + group.count, 0);
  const toggled = (event: Event): void => {
    if (event.currentTarget instanceof HTMLDetailsElement && event.currentTarget.open !== open) {
      changed(event.currentTarget.open);
    }
  };
  return html`<details class="left-out" ?open=${open} @toggle=${toggled}>
    <summary>${summaryText(total)}</summary>
    <table class="small-table">
      <thead>
        <tr>
          <th class="numeric" scope="col">${l10n.t('Models')}</th>
          <th scope="col">${l10n.t('Why')}</th>
          <th scope="col">${l10n.t('For example')}</th>
        </tr>
      </thead>
      <tbody>
        ${leftOut.map(
          (group) =>
            html`<tr>
              <td class="numeric">${formatNumber(group.count)}</td>
              <th scope="row">${group.text}</th>
              <td class="muted">${examplesText(group)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

function examplesText({ count: all, examples }: LeftOut[number]): string {
  const more = all - examples.length;
  const named = examples.join(', ');
  return more > 0 ? l10n.t('{0} and {1} more', named, formatNumber(more)) : named;
}

function summaryText(total: number): string {
  return total === 1
    ? l10n.t('1 model of the catalogue left out, and why')
    : l10n.t('{0} models of the catalogue left out, and why', formatNumber(total));
}
