import { expect, it } from 'vitest';
import { TokenCalibration } from '../../../src/engine/tokenCalibration';

it('counts four characters a token before anything is learnt', () => {
  expect(new TokenCalibration().tokensOf('a', 400)).toBe(100);
  expect(new TokenCalibration().tokensOf('a', 401)).toBe(101);
  expect(new TokenCalibration().tokensOf('a', 0)).toBe(0);
});

it('learns each model by itself from what its server counted', () => {
  const calibration = new TokenCalibration();
  expect(calibration.note('code', 3_000, 1_000)).toBe(true);
  expect(calibration.tokensOf('code', 300)).toBe(100);
  expect(calibration.tokensOf('other', 400)).toBe(100);
});

it('follows a change, the more so the longer the prompt', () => {
  const calibration = new TokenCalibration();
  calibration.note('a', 3_000, 1_000);
  calibration.note('a', 400, 200);
  const afterShort = calibration.tokensOf('a', 6_000);
  calibration.note('a', 40_000, 20_000);
  const afterLong = calibration.tokensOf('a', 6_000);
  expect(afterShort).toBeGreaterThan(2_000);
  expect(afterShort).toBeLessThan(2_400);
  expect(afterLong).toBeGreaterThan(2_800);
  expect(afterLong).toBeLessThanOrEqual(3_000);
});

it.each([
  ['a cached prompt, of which the server counted the rest', 40_000, 20],
  ['a short text, where the template weighs most', 20, 15],
  ['a text shorter than its template', 400, 900],
  ['nothing counted', 4_000, null],
  ['none counted', 4_000, 0],
])('learns nothing from %s', (_what, characters, tokens) => {
  const calibration = new TokenCalibration();
  expect(calibration.note('a', characters, tokens)).toBe(false);
  expect(calibration.tokensOf('a', 400)).toBe(100);
});

it('is kept as JSON, and anything else counts as nothing', () => {
  const calibration = new TokenCalibration();
  calibration.note('a', 3_000, 1_000);
  const again = new TokenCalibration(JSON.parse(JSON.stringify(calibration)));
  expect(again.tokensOf('a', 300)).toBe(100);
  for (const garbage of [undefined, null, 7, [], { a: 3 }, { a: { characters: -1, tokens: 0 } }]) {
    expect(new TokenCalibration(garbage).tokensOf('a', 400)).toBe(100);
  }
});

it('keeps what it learnt last of 200 models', () => {
  const calibration = new TokenCalibration();
  for (let n = 0; n < 300; n++) calibration.note(`model-${n}`, 3_000, 1_000);
  expect(Object.keys(calibration.toJSON())).toHaveLength(200);
  expect(calibration.tokensOf('model-299', 300)).toBe(100);
  expect(calibration.tokensOf('model-0', 400)).toBe(100);
});
