import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoFloat32 } from '../../../src/modelfile/goFloat';
import { parseGoBoolean, parseGoInteger } from '../../../src/modelfile/goNumbers';
import { rounds } from '../../support/soak';

const numRuns = rounds(3_000, 100_000);
const timeout = rounds(60_000, 600_000);

describe('integers as Go reads them', () => {
  it.each([
    ['0', 0],
    ['+5', 5],
    ['-0', 0],
    ['007', 7],
    [`${'0'.repeat(500)}9`, 9],
    ['9223372036854775807', 2 ** 63],
    ['-9223372036854775808', -(2 ** 63)],
  ])('%s is one', (text, value) => {
    expect(parseGoInteger(text)).toBe(value);
  });

  it.each(['', '+', '-', '1e3', '1.0', '0x10', '1_000', ' 5', '5k', '5 6', '٣', '５', '--1', '1\n'])(
    '%j is none',
    (text) => expect(parseGoInteger(text)).toBeNull(),
  );

  it.each(['9223372036854775808', '-9223372036854775809', '1'.repeat(100)])(
    '%s does not fit into 64 bits',
    (text) => {
      expect(parseGoInteger(text)).toBeNull();
    },
  );
});

describe('floats as Go reads them', () => {
  it.each([
    ['.5', 0.5],
    ['5.', 5],
    ['1E-3', 0.001],
    ['-0', 0],
    ['1_0.5', 10.5],
    ['0x1p-2', 0.25],
    ['0x_1p0', 1],
    ['0X1.8P+1', 3],
    ['0x1_0p0', 16],
    ['1e-46', 0],
    ['0.1234567890123456789', 0.12345679],
    ['16777217', 16_777_216],
    ['3.4028235e38', 3.4028235e38],
    ['1e99999999999', null],
    ['0e99999999999', 0],
    ['1e-99999999999', 0],
    ['1e400', null],
    ['3.5e38', null],
    ['340282356779733661637539395458142568447', 3.4028235e38],
    ['340282356779733661637539395458142568448', null],
    [`1${'0'.repeat(900)}e-900`, 1],
    [`0.${'0'.repeat(900)}1e901`, 1],
  ])('%s is read', (text, value) => {
    expect(parseGoFloat32(text)).toBe(value);
  });

  // As Go's own strconv.ParseFloat and encoding/json say.
  it.each([
    ['3177362.25', 3_177_362.2],
    ['2373498.75', 2_373_498.8],
    ['-0x.245p+4', -2.2695312],
    ['0x.ap-8', 0.0024414062],
    ['0x1p+87', 1.5474251e26],
    ['0x1p-149', 1e-45],
  ])('%s is the even one of two decimals as short, and the shortest of all', (text, value) => {
    expect(parseGoFloat32(text)).toBe(value);
  });

  it('rounds once: just above the middle between two floats is up, exactly there to even', () => {
    // As a double, the first is the middle itself, and would be rounded down from there.
    expect(parseGoFloat32('1.000000059604644775390626')).toBe(
      Number(Math.fround(1 + 2 ** -23).toPrecision(8)),
    );
    expect(parseGoFloat32('1.000000059604644775390625')).toBe(1);
    expect(parseGoFloat32('1.000000178813934326171875')).toBe(
      Number(Math.fround(1 + 2 ** -22).toPrecision(8)),
    );
    expect(parseGoFloat32(`1.000000059604644775390625${'0'.repeat(900)}1`)).toBe(1.0000001);
  });

  it.each(['NaN', 'nan'])('%s is not a number', (text) => expect(parseGoFloat32(text)).toBeNaN());

  it.each([
    ['inf', Infinity],
    ['+Infinity', Infinity],
    ['-INF', -Infinity],
  ])('%s is infinite', (text, value) => {
    expect(parseGoFloat32(text)).toBe(value);
  });

  it.each([
    '',
    '.',
    '+',
    'e5',
    '1e',
    '1e+',
    '0x10',
    '0xp1',
    '0x',
    '0,7',
    '50%',
    '-nan',
    '+nan',
    'infin',
    ' 1',
    '1 ',
  ])('%j is none', (text) => expect(parseGoFloat32(text)).toBeNull());

  it.each([
    '_1',
    '1_',
    '1__0',
    '1_.5',
    '1._5',
    '1e_5',
    '1e5_',
    '0x__1p0',
    '0x1_p0',
    '0x1p_0',
    '0_x1p0',
    '1_e5',
  ])('%s has an underscore where none may be', (text) => expect(parseGoFloat32(text)).toBeNull());

  it('reads every float32 back from its decimals', { timeout }, () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (float) => {
        const read = parseGoFloat32(float.toPrecision(12));
        expect(Math.fround(read ?? NaN)).toBe(float === 0 ? 0 : float);
      }),
      { numRuns },
    );
  });

  it(
    'agrees with rounding to the nearest float32 where a double holds the number exactly',
    { timeout },
    () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: -40, max: 40 }), (mantissa, exponent) => {
          const exact = Math.fround(mantissa * 2 ** exponent);
          const hexadecimal = `${mantissa < 0 ? '-' : ''}0x${Math.abs(mantissa).toString(16)}p${exponent}`;
          expect(Math.fround(parseGoFloat32(hexadecimal) ?? NaN)).toBe(exact === 0 ? 0 : exact);
        }),
        { numRuns },
      );
    },
  );
});

describe('booleans as Go reads them', () => {
  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('%s is true', (text) =>
    expect(parseGoBoolean(text)).toBe(true),
  );
  it.each(['0', 'f', 'F', 'false', 'FALSE', 'False'])('%s is false', (text) => {
    expect(parseGoBoolean(text)).toBe(false);
  });
  it.each(['', 'yes', 'tRUE', 'on', ' true', '2'])('%j is neither', (text) => {
    expect(parseGoBoolean(text)).toBeNull();
  });
});
