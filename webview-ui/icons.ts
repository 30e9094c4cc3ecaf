import { svg } from 'lit';
import { html } from 'lit';
import type { TemplateResult } from 'lit';

/** Marks drawn in the colour of the text around them. All are decoration: the text beside them says the same. */

function icon(shape: TemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shape}</svg>`;
}

function stroked(path: string): TemplateResult {
  return icon(
    svg`<path d=${path} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"></path>`,
  );
}

export const checkIcon = stroked('M3.5 8.5 6.5 11.5 12.5 4.5');
export const crossIcon = stroked('M4 4 12 12 M12 4 4 12');
export const chevronRightIcon = stroked('M6 4 10 8 6 12');
export const chevronDownIcon = stroked('M4 6 8 10 12 6');
export const arrowUpIcon = stroked('M8 12.5 V3.5 M4.5 7 8 3.5 11.5 7');
export const arrowDownIcon = stroked('M8 3.5 V12.5 M4.5 9 8 12.5 11.5 9');
export const warningIcon = stroked('M8 2.5 14.2 13.5 H1.8 Z M8 6.5 V9.5 M8 11.6 V11.7');
export const infoIcon = stroked('M8 2 A6 6 0 1 1 7.99 2 M8 7.5 V11 M8 5 V5.1');
export const refusedIcon = stroked('M8 2 A6 6 0 1 1 7.99 2 M3.8 3.8 12.2 12.2');
export const cancelledIcon = stroked('M8 2 A6 6 0 1 1 7.99 2 M5 8 H11');
export const emptyIcon = stroked('M8 2.5 A5.5 5.5 0 1 1 7.99 2.5');
export const limitIcon = stroked('M8 2 A6 6 0 1 1 7.99 2 M8 4.8 V8 L10.2 9.8');
export const retryIcon = stroked('M12.8 8 A4.8 4.8 0 1 1 11 4.2 M11.4 1.8 V4.6 H8.6');
export const exportIcon = stroked('M8 2.5 V10 M5 7.2 8 10.2 11 7.2 M3 10.5 V13.5 H13 V10.5');
export const runningIcon = icon(svg`<circle cx="8" cy="8" r="4" fill="currentColor"></circle>`);
/** Sliders: an estimate that measurements have corrected. */
export const calibratedIcon = stroked('M2.5 5 H13.5 M2.5 11 H13.5 M6 3 V7 M10 9 V13');
export const linkIcon = stroked('M9.5 2.5 H13.5 V6.5 M13.5 2.5 7.5 8.5 M6.5 3.5 H3 V13 H12.5 V9.5');

/** A square that is filled by `share`: 1 all, 0.5 the left half, 0 only its outline; null a cross instead. */
export function squareMark(share: 1 | 0.5 | 0 | null): TemplateResult {
  if (share === null) return crossIcon;
  return icon(svg`
    <rect x="3.5" y="3.5" width="9" height="9" rx="1" fill="none" stroke="currentColor"></rect>
    <rect x="3.5" y="3.5" width=${9 * share} height="9" fill="currentColor"></rect>`);
}

/** A diamond, filled for strong evidence, half filled for middling, hollow for weak. */
export function diamondMark(share: 1 | 0.5 | 0): TemplateResult {
  const filled = { 1: 'M8 3 13 8 8 13 3 8 Z', 0.5: 'M8 3 V13 L3 8 Z', 0: '' }[share];
  return icon(svg`
    <path d="M8 3 13 8 8 13 3 8 Z" fill="none" stroke="currentColor"></path>
    <path d=${filled} fill="currentColor"></path>`);
}

/** Three dots, `level` of them filled. */
export function levelMark(level: 1 | 2 | 3): TemplateResult {
  return html`<svg class="level" viewBox="0 0 22 8" aria-hidden="true" focusable="false">
    ${[0, 1, 2].map(
      (index) =>
        svg`<circle cx=${4 + index * 7} cy="4" r="2.4" stroke="currentColor" fill=${index < level ? 'currentColor' : 'none'}></circle>`,
    )}
  </svg>`;
}
