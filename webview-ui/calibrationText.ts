import type { Machine } from '../src/shared/machineMessage';
import { count, formatNumber } from './format';

/** What measurements on a machine have come to, in sentences. Pure. */

type Factor = Machine['factors'][number];

const OF_PLACEMENT: Readonly<Record<Factor['placement'], string>> = {
  accelerator: 'on the accelerator',
  system: 'in system memory',
};

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
  const changes = factors.map(
    ({ factor, placement, measurements }) =>
      `by ${formatNumber(factor, 2)} ${OF_PLACEMENT[placement]} (${count(measurements, 'measured model')})`,
  );
  const told = `Estimates for this machine are multiplied ${changes.join(' and ')}.`;
  return [told, ...errorSentence(errorBefore, errorAfter)];
}

function errorSentence(before: number | null, after: number | null): readonly string[] {
  if (before === null) return [];
  if (after === null) {
    return [
      `The estimate was ${formatPercent(before)} off. Measure a second model to see how well the others are estimated now.`,
    ];
  }
  const [from, to] = [formatPercent(before), formatPercent(after)];
  if (from === to) return [`The median error is ${to} with that and without it.`];
  return after < before
    ? [`Calibrating each of them by the others brings the median error from ${from} to ${to}.`]
    : [
        `Calibrating each of them by the others does not help here: the median error goes from ${from} to ${to}. More measured models make it steadier.`,
      ];
}
