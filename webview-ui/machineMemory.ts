import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { Machine } from '../src/shared/machineMessage';
import { formatContext } from '../src/shared/units';
import { formatNumber, UNKNOWN } from './format';
import { shareOf } from './scales';

/** What the memory of a machine holds, as a map and as figures. */

type MemoryRow = Machine['memory'][number];

const NAMES: Readonly<Record<MemoryRow['kind'], string>> = {
  accelerator: 'Accelerators',
  shared: 'Shared memory',
  system: 'System memory',
};

export function memoryMap({ memory }: Machine): TemplateResult | typeof nothing {
  if (memory.length === 0) return nothing;
  return html`<section>
    <h3>Memory</h3>
    <table class="small-table memory-table">
      <thead>
        <tr>
          <th scope="col"><span class="unseen">Which</span></th>
          <th class="numeric" scope="col">GiB</th>
          <th class="numeric" scope="col" title="What one model may take of it">Usable GiB</th>
          <th
            class="numeric"
            scope="col"
            title="What the models that are loaded now take of it, as their servers say"
          >
            Loaded GiB
          </th>
          <th class="bar-column" scope="col"><span class="unseen">Map</span></th>
          <th class="numeric" scope="col" title="~ assumed by kind of hardware">GB/s</th>
        </tr>
      </thead>
      <tbody>
        ${memory.map(
          (row) =>
            html`<tr>
              <th scope="row">${NAMES[row.kind]}</th>
              <td class="numeric">${formatNumber(row.totalGib, 1)}</td>
              <td class="numeric">${formatNumber(row.usableGib, 1)}</td>
              <td class="numeric">${formatNumber(row.loadedGib, 1)}</td>
              <td>${memoryBar(row)}</td>
              <td class="numeric">${row.bandwidthKnown ? '' : '~'}${formatNumber(row.bandwidthGBps)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** What is loaded, on what may be, on all there is. */
function memoryBar({ totalGib, usableGib, loadedGib }: MemoryRow): TemplateResult {
  const [usable, loaded] = [shareOf(usableGib, totalGib), shareOf(loadedGib, totalGib)];
  return html`<svg
    class="value-bar"
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="bar-ground" width="100" height="6"></rect>
    ${svg`<rect class="bar-ground" width=${Math.min(1, usable) * 100} height="6"></rect>`}
    <rect class="bar-value" width=${Math.min(1, loaded) * 100} height="6"></rect>
  </svg>`;
}

export function loadedTable(loaded: Machine['loaded']): TemplateResult {
  if (loaded.length === 0) {
    return html`<section>
      <h3>Loaded now</h3>
      <p class="muted">No model is loaded on this machine, as far as its backends say.</p>
    </section>`;
  }
  return html`<section>
    <h3>Loaded now</h3>
    <table class="small-table">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Backend</th>
          <th class="numeric" scope="col">Context</th>
          <th class="numeric" scope="col">GPU GiB</th>
          <th class="numeric" scope="col">RAM GiB</th>
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
