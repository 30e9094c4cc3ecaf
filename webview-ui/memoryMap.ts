import * as l10n from '@vscode/l10n';
import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { Machine } from '../src/shared/machineMessage';
import { formatNumber } from './format';
import { shareOf } from './scales';

/** What lies where in a memory: its loaded models one by one, what is left for models, and what is not for them. */

type MemoryRow = Machine['memory'][number];
type LoadedRow = Machine['loaded'][number];

interface Segment {
  readonly model: string;
  readonly gib: number;
}

/** A narrower part of the bar has no room for a name; pointing at it tells it. */
const LEAST_TEXT_SHARE = 0.07;

/**
 * What each loaded model takes of a memory, the largest first, as far as its server says it. A memory that is the only
 * one of its machine (`alone`) holds all of a model.
 */
export function memorySegments(
  { kind }: Pick<MemoryRow, 'kind'>,
  loaded: readonly LoadedRow[],
  alone: boolean,
): readonly Segment[] {
  return loaded
    .map(({ model, acceleratorGib, systemGib }) => {
      const [onCards, inSystem] = [acceleratorGib ?? 0, systemGib ?? 0];
      return { model, gib: alone ? onCards + inSystem : kind === 'system' ? inSystem : onCards };
    })
    .filter(({ gib }) => gib > 0)
    .sort((a, b) => b.gib - a.gib);
}

/** The figures stand beside it in a table, so screen readers skip it. `id` names this bar in the page. */
export function memoryBar(row: MemoryRow, segments: readonly Segment[], id: string): TemplateResult {
  const scale = Math.max(
    row.totalGib,
    segments.reduce((sum, { gib }) => sum + gib, 0),
  );
  const usable = shareOf(row.usableGib, scale);
  let end = 0;
  const parts = segments.map((segment) => {
    const start = end;
    end += shareOf(segment.gib, scale);
    return segmentCell(segment, start, end - start);
  });
  return html`<svg class="memory-map" aria-hidden="true" focusable="false">
    <defs>${hatchPattern(id)}</defs>
    <rect class="map-cell outside" width="100%" height="100%"></rect>
    ${
      usable < 1
        ? svg`<rect fill="url(#${id})" x=${percent(usable)} width=${percent(1 - usable)} height="100%"></rect>`
        : nothing
    }
    ${parts}
    ${
      usable < 1
        ? svg`<line class="bar-edge" x1=${percent(usable)} x2=${percent(usable)} y1="0" y2="100%"></line>`
        : nothing
    }
  </svg>`;
}

/** What models cannot have. */
function hatchPattern(id: string): TemplateResult {
  return svg`<pattern id=${id} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <line class="hatch" x1="0" x2="0" y1="0" y2="7"></line>
  </pattern>`;
}

/** A nested picture clips its text, which keeps its shape. */
function segmentCell({ model, gib }: Segment, start: number, share: number): TemplateResult {
  return svg`<svg x=${percent(start)} width=${percent(share)} height="100%">
    <title>${model} · ${formatNumber(gib, 1)} GiB</title>
    <rect class="map-cell pool" width="100%" height="100%"></rect>
    ${share < LEAST_TEXT_SHARE ? nothing : svg`<text class="map-name" x="6" y="15">${model}</text>`}
  </svg>`;
}

/** What the parts of the bars are, and which models are in none of them. */
export function memoryLegend(loaded: readonly LoadedRow[]): TemplateResult {
  const silent = loaded.filter((row) => row.acceleratorGib === null && row.systemGib === null);
  const entry = (mark: TemplateResult, text: string): TemplateResult =>
    html`<span class="marked"
      ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${mark}</svg>${text}</span
    >`;
  const square = (name: string): TemplateResult =>
    svg`<rect class="map-cell ${name}" x="2.5" y="2.5" width="11" height="11"></rect>`;
  const hatch = 'memory-legend-hatch';
  const hatched = svg`<defs>${hatchPattern(hatch)}</defs>${square('outside')}
    <rect fill="url(#${hatch})" x="2.5" y="2.5" width="11" height="11"></rect>`;
  return html`<p class="memory-legend muted">
    ${entry(square('pool'), l10n.t('loaded models'))} ${entry(square('outside'), l10n.t('left for models'))}
    ${entry(hatched, l10n.t('kept for the system and other programs'))}
    ${silent.length === 0 ? nothing : html`<span>${silentText(silent)}</span>`}
  </p>`;
}

function silentText(silent: readonly LoadedRow[]): string {
  const models = silent.map(({ model }) => model).join(', ');
  return l10n.t('Not shown, because its server does not say what it takes: {0}', models);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
