import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/shared/json';
import { defaultWiredLimitGib } from '../../../src/shared/macMemory';
import { shorten } from '../../../src/shared/shorten';

describe('shorten', () => {
  it('leaves what is short enough, and ends the rest with an ellipsis', () => {
    expect(shorten('12345', 5)).toBe('12345');
    expect(shorten('123456', 5)).toBe('1234…');
  });

  it('cuts no character in half', () => {
    expect(shorten('ab\u{1F600}cd', 4)).toBe('ab…');
    expect(shorten('ab\u{1F600}cd', 5)).toBe('ab\u{1F600}…');
  });
});

it('parseJson tells a text that is no JSON from null', () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
  expect(parseJson('null')).toBeNull();
  for (const text of ['', '{', '<html>', 'undefined']) expect(parseJson(text)).toBeUndefined();
});

it('a Mac lets the GPU have two thirds of its memory up to 36 GiB, three quarters above', () => {
  expect(defaultWiredLimitGib(24)).toBe(16);
  expect(defaultWiredLimitGib(36)).toBe(24);
  expect(defaultWiredLimitGib(64)).toBe(48);
});
