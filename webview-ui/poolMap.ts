import * as l10n from '@vscode/l10n';
import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { PoolDiskReport } from '../src/shared/poolMessage';
import { formatNumber } from './format';
import { blobOwners, gib, shortDigest } from './poolText';
import { treemap, type TreemapCell } from './poolTreemap';
import { shareOf } from './scales';
import { formatBytes } from '../src/shared/units';

/** The layers on a disk as a picture, and the same as a table. */

type Blob = PoolDiskReport['blobs'][number];
type BlobClass = 'pool' | 'shared' | 'outside' | 'partial';

/** Width over height of the map, about as the page shows it. */
const ASPECT = 4;

/** Shares of the map below which a cell has no room for its words; pointing at it tells them. */
const LEAST_TEXT_WIDTH = 0.05;
const LEAST_TEXT_HEIGHT = 0.17;

const CLASSES: readonly BlobClass[] = ['pool', 'shared', 'outside', 'partial'];

function className(kind: BlobClass): string {
  switch (kind) {
    case 'pool':
      return l10n.t('of one model of the pool');
    case 'shared':
      return l10n.t('shared by several models');
    case 'outside':
      return l10n.t('outside the pool');
    case 'partial':
      return l10n.t('unfinished download');
  }
}

/** What is used and on its way, on the budget; with a mark where the budget ends if it is overrun. */
export function budgetBar({ budgetBytes, usedBytes, comingBytes }: PoolDiskReport): TemplateResult {
  const held = usedBytes + comingBytes;
  const scale = Math.max(budgetBytes, held);
  const [used, both, end] = [usedBytes, held, budgetBytes].map((bytes) => shareOf(bytes, scale) * 100);
  return html`<svg
    class="value-bar budget-bar"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="bar-ground" y="2" width="100" height="6"></rect>
    ${svg`<rect class="bar-value faint" y="2" width=${both ?? 0} height="6"></rect>
      <rect class="bar-value" y="2" width=${used ?? 0} height="6"></rect>
      <line class="bar-edge" x1=${end ?? 100} x2=${end ?? 100} y1="0" y2="10"></line>`}
  </svg>`;
}

/** `id` names this map in the page. */
export function diskMap(disk: PoolDiskReport, id: string): TemplateResult | typeof nothing {
  const { blobs } = disk;
  if (blobs.length === 0) return nothing;
  const cells = treemap(blobs, ({ bytes }) => bytes, ASPECT);
  const classes = CLASSES.filter((name) => blobs.some((blob) => classOf(blob) === name));
  const hatch = `${id}-hatch`;
  return html`<figure class="disk-map">
    <svg class="treemap" role="img" aria-label=${mapText(blobs.length, disk.host)}>
      <defs>
        <pattern id=${hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" x2="0" y1="0" y2="7"></line>
        </pattern>
      </defs>
      ${cells.map((cell) => mapCell(cell, hatch))}
    </svg>
    <figcaption class="muted">
      ${classes.map(
        (name) =>
          html`<span class="marked"
            ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
              <rect class="map-cell ${name}" x="2.5" y="2.5" width="11" height="11"></rect>
              ${name === 'shared' ? svg`<rect fill="url(#${hatch})" x="2.5" y="2.5" width="11" height="11"></rect>` : nothing}
            </svg>
            ${className(name)}</span
          >`,
      )}
      ${disk.smaller.count > 0 ? html`<span>${smallerText(disk)}</span>` : nothing}
    </figcaption>
  </figure>`;
}

/** A cell cuts off what does not fit into it: a nested picture clips, and its text keeps its shape. */
function mapCell({ item, x, y, width, height }: TreemapCell<Blob>, hatch: string): TemplateResult {
  const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
  const owners = blobOwners(item);
  const kind = classOf(item);
  const bytes = formatBytes(item.bytes);
  const hover = [owners, bytes, className(kind), shortDigest(item.digest)];
  const size = kind === 'shared' ? l10n.t('{0} · shared by {1}', bytes, item.models.length) : bytes;
  return svg`<svg x=${percent(x)} y=${percent(y)} width=${percent(width)} height=${percent(height)}>
    <title>${hover.join(' · ')}</title>
    <rect class="map-cell ${kind}" width="100%" height="100%"></rect>
    ${kind === 'shared' ? svg`<rect fill="url(#${hatch})" width="100%" height="100%"></rect>` : nothing}
    ${
      width < LEAST_TEXT_WIDTH || height < LEAST_TEXT_HEIGHT
        ? nothing
        : svg`<text class="map-name" x="8" y="18">${owners}</text>
            <text class="map-size" x="8" y="34">${size}</text>`
    }
  </svg>`;
}

/** The same as the map in words, for those who cannot see it or want the digests. */
export function layersTable(
  disk: PoolDiskReport,
  isOpen: boolean,
  changed: (isOpen: boolean) => void,
): TemplateResult | typeof nothing {
  const { blobs } = disk;
  if (blobs.length === 0) return nothing;
  const toggled = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof HTMLDetailsElement && currentTarget.open !== isOpen) {
      changed(currentTarget.open);
    }
  };
  return html`<details class="layers" ?open=${isOpen} @toggle=${toggled}>
    <summary>
      ${
        blobs.length === 1
          ? l10n.t('1 layer as a table')
          : l10n.t('{0} layers as a table', formatNumber(blobs.length))
      }
    </summary>
    <div
      class="wide-table"
      tabindex="0"
      role="region"
      aria-label=${l10n.t('Layers on the disk of {0}', disk.host)}
    >
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">${l10n.t('Models')}</th>
            <th class="numeric" scope="col">GiB</th>
            <th scope="col">${l10n.t('What it is')}</th>
            <th scope="col">${l10n.t('Digest')}</th>
          </tr>
        </thead>
        <tbody>
          ${blobs.map(
            (blob) =>
              html`<tr>
                <th scope="row">${blobOwners(blob)}</th>
                <td class="numeric">${gib(blob.bytes)}</td>
                <td>${className(classOf(blob))}</td>
                <td><code>${shortDigest(blob.digest)}</code></td>
              </tr>`,
          )}
        </tbody>
        ${
          disk.smaller.count > 0
            ? html`<tfoot>
                <tr>
                  <td class="muted" colspan="4">${smallerText(disk)}</td>
                </tr>
              </tfoot>`
            : nothing
        }
      </table>
    </div>
  </details>`;
}

function smallerText({ smaller }: PoolDiskReport): string {
  return smaller.count === 1
    ? l10n.t('and 1 layer under 1 MiB (template, licence or settings), {0}', formatBytes(smaller.bytes))
    : l10n.t(
        'and {0} layers under 1 MiB (templates, licences, settings), {1} together',
        formatNumber(smaller.count),
        formatBytes(smaller.bytes),
      );
}

function mapText(layers: number, host: string): string {
  return layers === 1
    ? l10n.t('Map of 1 layer on the disk of {0}; the table below says the same', host)
    : l10n.t(
        'Map of {0} layers on the disk of {1}; the table below says the same',
        formatNumber(layers),
        host,
      );
}

function classOf({ kind, models }: Blob): BlobClass {
  return models.length > 1 ? 'shared' : kind;
}
