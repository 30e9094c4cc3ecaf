import { html } from 'lit';
import type { TemplateResult } from 'lit';
import type { RankingRow } from '../src/shared/reportMessages';
import { diamondMark } from './icons';

/** How evidence is drawn: a hollow mark is weak evidence. */

type Grade = RankingRow['evidence'];

const GRADE_SHARES: Readonly<Record<Grade, 1 | 0.5 | 0>> = {
  direct: 1,
  variant: 0.5,
  base: 0.5,
  interpolated: 0,
  'self-reported': 0,
};

const GRADE_MEANINGS: Readonly<Record<Grade, string>> = {
  direct: 'Measured on this very model',
  variant: 'Measured on a close variant of this model',
  base: 'Measured on the model that this one is made from',
  interpolated: 'Estimated from related models',
  'self-reported': "The maker's own figure, not checked by others",
};

/** Of a score that rests on no result at all; whoever shows it says what it rests on. */
export function standInMark(label: string): TemplateResult {
  return html`<span class="marked">${diamondMark(0)}${label}</span>`;
}

export function gradeMark(grade: Grade): TemplateResult {
  return html`<span class="marked" title=${GRADE_MEANINGS[grade]}
    >${diamondMark(GRADE_SHARES[grade])}${grade}</span
  >`;
}
