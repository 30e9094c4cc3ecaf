import { describe, expect, it } from 'vitest';
import { machineSchema } from '../../../src/shared/machineMessage';
import { calibrationSentences, formatPercent, signedError } from '../../../webview-ui/calibrationText';
import { sampleMachine } from '../../fixtures/report/sampleMachine.mjs';

function sentences(changes: Readonly<Record<string, unknown>>): readonly string[] {
  return calibrationSentences(machineSchema.parse(sampleMachine(changes)));
}

const CARD = { placement: 'accelerator', factor: 0.871, measurements: 5 };

describe('what measurements on a machine have come to', () => {
  it('is told with the error before and after', () => {
    expect(sentences({ factors: [CARD], errorBefore: 0.18, errorAfter: 0.06 })).toEqual([
      'Estimates for this machine are multiplied by 0.87 on the accelerator (5 measured models).',
      'Calibrating each of them by the others brings the median error from 18 % to 6.0 %.',
    ]);
  });

  it('is told of both memories', () => {
    const system = { placement: 'system', factor: 1.2, measurements: 1 };
    expect(sentences({ factors: [CARD, system] })[0]).toBe(
      'Estimates for this machine are multiplied by 0.87 on the accelerator (5 measured models) and by 1.20 in system memory (1 measured model).',
    );
  });

  it('does not claim that it helps where it does not', () => {
    expect(sentences({ factors: [CARD], errorBefore: 0.06, errorAfter: 0.08 })[1]).toMatch(
      /does not help here: the median error goes from 6\.0 % to 8\.0 %/,
    );
    expect(sentences({ factors: [CARD], errorBefore: 0.06, errorAfter: 0.0602 })[1]).toBe(
      'The median error is 6.0 % with that and without it.',
    );
  });

  it('says what a second model would tell where there is one', () => {
    expect(sentences({ factors: [CARD], errorBefore: 0.18, errorAfter: null })[1]).toBe(
      'The estimate was 18 % off. Measure a second model to see how well the others are estimated now.',
    );
  });

  it('is nothing where nothing can be compared', () => {
    expect(sentences({ factors: [], errorBefore: null, errorAfter: null })).toEqual([]);
  });
});

describe('errors', () => {
  it('are parts of what was measured, signed', () => {
    expect(signedError(44, 40)).toBeCloseTo(0.1, 9);
    expect(signedError(30, 40)).toBeCloseTo(-0.25, 9);
    expect([0, 0.028, 0.0994, 0.0996, 0.5].map(formatPercent)).toEqual([
      ...['0.0 %', '2.8 %', '9.9 %', '10 %', '50 %'],
    ]);
  });
});
