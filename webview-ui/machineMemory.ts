import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Machine } from '../src/shared/machineMessage';
import { formatContext } from '../src/shared/units';
import { formatNumber, UNKNOWN } from './format';
import { memoryBar, memoryLegend, memorySegments } from './memoryMap';

/** What the memory of a machine holds, as a map and as figures. */

type MemoryRow = Machine['memory'][number];

function memoryName(kind: MemoryRow['kind']): string {
  switch (kind) {
    case 'accelerator':
      return l10n.t('Accelerators');
    case 'shared':
      return l10n.t('Shared memory');
    case 'system':
      return l10n.t('System memory');
  }
}

export function memoryTable({ memory, loaded }: Machine): TemplateResult | typeof nothing {
  if (memory.length === 0) return nothing;
  const alone = memory.length === 1;
  return html`<section class="machine-memory-map">
    <h3>${l10n.t('Memory')}</h3>
    <table class="small-table memory-table">
      <thead>
        <tr>
          <th scope="col"><span class="unseen">${l10n.t('Which')}</span></th>
          <th class="numeric" scope="col">GiB</th>
          <th class="numeric" scope="col" title=${l10n.t('What one model may take of it')}>
            ${l10n.t('Usable GiB')}
          </th>
          <th
            class="numeric"
            scope="col"
            title=${l10n.t('What the models that are loaded now take of it, as their servers say')}
          >
            ${l10n.t('Loaded GiB')}
          </th>
          <th class="bar-column" scope="col"><span class="unseen">${l10n.t('Map')}</span></th>
          <th class="numeric" scope="col" title=${l10n.t('~ assumed by kind of hardware')}>GB/s</th>
        </tr>
      </thead>
      <tbody>
        ${memory.map(
          (row) =>
            html`<tr>
              <th scope="row">${memoryName(row.kind)}</th>
              <td class="numeric">${formatNumber(row.totalGib, 1)}</td>
              <td class="numeric">${formatNumber(row.usableGib, 1)}</td>
              <td class="numeric">${formatNumber(row.loadedGib, 1)}</td>
              <td>${memoryBar(row, memorySegments(row, loaded, alone), `memory-${row.kind}`)}</td>
              <td class="numeric">${row.bandwidthKnown ? '' : '~'}${formatNumber(row.bandwidthGBps)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${memoryLegend(loaded)}
  </section>`;
}

export function loadedTable(loaded: Machine['loaded']): TemplateResult {
  if (loaded.length === 0) {
    return html`<section>
      <h3>${l10n.t('Loaded now')}</h3>
      <p class="muted">${l10n.t('No model is loaded on this machine, as far as its backends say.')}</p>
    </section>`;
  }
  return html`<section>
    <h3>${l10n.t('Loaded now')}</h3>
    <table class="small-table">
      <thead>
        <tr>
          <th scope="col">${l10n.t('Model')}</th>
          <th scope="col">${l10n.t('Backend')}</th>
          <th class="numeric" scope="col">${l10n.t('Context')}</th>
          <th class="numeric" scope="col">${l10n.t('GPU GiB')}</th>
          <th class="numeric" scope="col">${l10n.t('RAM GiB')}</th>
        </tr>
      </thead>
      <tbody>
        ${loaded.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.model}</th>
              <td>${row.backend}</td>
              <td class="numeric">
                ${row.contextTokens === null ? UNKNOWN : formatContext(row.contextTokens)}
              </td>
              <td class="numeric">${formatNumber(row.acceleratorGib, 1)}</td>
              <td class="numeric">${formatNumber(row.systemGib, 1)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
