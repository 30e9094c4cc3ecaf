import * as l10n from '@vscode/l10n';
import type { Machine } from '../src/shared/machineMessage';
import { formatNumber } from './format';

/** What measurements on a machine have come to, in sentences. Pure. */

type Factor = Machine['factors'][number];

/** `18 %` for 0.18; one decimal under ten. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100, share < 0.0995 ? 1 : 0)} %`;
}

/** By how much of the measured rate an estimate is off, signed: 0.1 is 10 % too fast. */
export function signedError(estimated: number, measured: number): number {
  return estimated / measured - 1;
}

/**
 * What is done to estimates, and whether that makes them better: for example `Estimates for this machine are multiplied
 * by 0.87 on the accelerator (3 measured models). Calibrating each of them by the others brings the median error from
 * 18 % to 6 %.` Nothing where nothing is calibrated.
 */
export function calibrationSentences({ factors, errorBefore, errorAfter }: Machine): readonly string[] {
  if (factors.length === 0) return [];
  const [first = '', second] = factors.map(changeText);
  const told =
    second === undefined
      ? l10n.t('Estimates for this machine are multiplied {0}.', first)
      : l10n.t('Estimates for this machine are multiplied {0} and {1}.', first, second);
  return [told, ...errorSentence(errorBefore, errorAfter)];
}

function changeText({ factor, placement, measurements }: Factor): string {
  const times = formatNumber(factor, 2);
  const models =
    measurements === 1
      ? l10n.t('1 measured model')
      : l10n.t('{0} measured models', formatNumber(measurements));
  return placement === 'accelerator'
    ? l10n.t('by {0} on the accelerator ({1})', times, models)
    : l10n.t('by {0} in system memory ({1})', times, models);
}

function errorSentence(before: number | null, after: number | null): readonly string[] {
  if (before === null) return [];
  if (after === null) {
    return [
      l10n.t(
        'The estimate was {0} off. Measure a second model to see how well the others are estimated now.',
        formatPercent(before),
      ),
    ];
  }
  const [from, to] = [formatPercent(before), formatPercent(after)];
  if (from === to) return [l10n.t('The median error is {0} with that and without it.', to)];
  return after < before
    ? [l10n.t('Calibrating each of them by the others brings the median error from {0} to {1}.', from, to)]
    : [
        l10n.t(
          'Calibrating each of them by the others does not help here: the median error goes from {0} to {1}. More measured models make it steadier.',
          from,
          to,
        ),
      ];
}
