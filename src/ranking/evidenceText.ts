import * as l10n from '@vscode/l10n';
import type { Confidence, EvidenceGrade, RankedModel } from './rankTypes';

const CONFIDENCES: Readonly<Record<Confidence, () => string>> = {
  high: () => l10n.t('high confidence'),
  medium: () => l10n.t('medium confidence'),
  low: () => l10n.t('low confidence'),
};

/** How sure a score or a speed is, in two words: `high confidence`. */
export function confidenceText(confidence: Confidence): string {
  return CONFIDENCES[confidence]();
}

const GRADES: Readonly<Record<EvidenceGrade, () => string>> = {
  direct: () => l10n.t('direct'),
  variant: () => l10n.t('variant'),
  base: () => l10n.t('base'),
  interpolated: () => l10n.t('interpolated'),
  'self-reported': () => l10n.t('self-reported'),
};

/** How directly a result speaks of a model, in a word or two: `direct`. */
export function gradeText(grade: EvidenceGrade): string {
  return GRADES[grade]();
}

/** From what a score without results was guessed: `size`, `size and date`. */
export function guessedText(guessed: NonNullable<RankedModel['benchmarkScore']['guessed']>): string {
  return guessed === 'size' ? l10n.t('size') : l10n.t('size and date');
}
