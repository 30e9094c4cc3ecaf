import { describe, expect, it } from 'vitest';
import { jsonAmongText, pciDeviceId, wholeNumber } from '../../../src/hardware/toolJson';

describe('what tools print', () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    ['WARNING: low power\n{"a": 1}\n', { a: 1 }],
    ['[warn] first\n[1234.5] second\n[\n {"a": 1}\n]\ndone', [{ a: 1 }]],
    ['{"a": ', undefined],
    ['no JSON', undefined],
    ['', undefined],
  ])('%j holds the value %j', (stdout, value) => {
    expect(jsonAmongText(stdout)).toEqual(value);
  });

  it.each([
    [17, 17],
    ['25753026560', 25_753_026_560],
    ['25,753,026,560', 25_753_026_560],
    ['25.753.026.560', 25_753_026_560],
    ['25 753 026 560', 25_753_026_560],
    [' 0\n', 0],
    ['N/A', undefined],
    ['1.5', undefined],
    [1.5, undefined],
    [-1, undefined],
    ['', undefined],
    [null, undefined],
    ['99999999999999999999', undefined],
  ])('%j is the number %j', (value, number) => {
    expect(wholeNumber(value)).toBe(number);
  });

  it.each([
    ['0x744C', '744c'],
    ['744c', '744c'],
    ['Navi 31', undefined],
    [29_772, undefined],
  ])('%j is the PCI device %j', (value, id) => {
    expect(pciDeviceId(value)).toBe(id);
  });
});
