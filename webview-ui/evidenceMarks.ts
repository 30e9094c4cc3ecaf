import * as l10n from '@vscode/l10n';
import { html } from 'lit';
import type { TemplateResult } from 'lit';
import type { EvidenceGrade } from '../src/shared/reportMessages';
import { diamondMark } from './icons';
import { gradeLabel } from './rankingText';

/** How evidence is drawn: a hollow mark is weak evidence. */

const GRADE_SHARES: Readonly<Record<EvidenceGrade, 1 | 0.5 | 0>> = {
  direct: 1,
  variant: 0.5,
  base: 0.5,
  interpolated: 0,
  'self-reported': 0,
};

function gradeMeaning(grade: EvidenceGrade): string {
  switch (grade) {
    case 'direct':
      return l10n.t('Measured on this very model');
    case 'variant':
      return l10n.t('Measured on a close variant of this model');
    case 'base':
      return l10n.t('Measured on the model that this one is made from');
    case 'interpolated':
      return l10n.t('Estimated from related models');
    case 'self-reported':
      return l10n.t("The maker's own figure, not checked by others");
  }
}

/** Of a score that rests on no result at all; whoever shows it says what it rests on. */
export function standInMark(label: string): TemplateResult {
  return html`<span class="marked">${diamondMark(0)}${label}</span>`;
}

export function gradeMark(grade: EvidenceGrade): TemplateResult {
  return html`<span class="marked" title=${gradeMeaning(grade)}
    >${diamondMark(GRADE_SHARES[grade])}<span class="clip">${gradeLabel(grade)}</span></span
  >`;
}
