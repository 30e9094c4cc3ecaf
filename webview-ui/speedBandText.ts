import * as l10n from '@vscode/l10n';
import { speedBand } from './scales';

/** The word for a speed: `poor`, `slow`, `usable` or `fast`. */
export function speedBandText(tokPerSec: number): string {
  switch (speedBand(tokPerSec)) {
    case 'poor':
      return l10n.t('poor');
    case 'slow':
      return l10n.t('slow');
    case 'usable':
      return l10n.t('usable');
    case 'fast':
      return l10n.t('fast');
  }
}
