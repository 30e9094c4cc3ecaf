import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { redactText, redactValue } from '../../../src/shared/redact';
import { noteFigure } from '../../support/soak';

const MEBIBYTE = 2 ** 20;

/** Pieces that, repeated, are the worst for one or more of the patterns. */
const PIECES: readonly (readonly [what: string, piece: string])[] = [
  ['begins of blocks', '-----BEGIN A-----'],
  ['halves of begins of blocks', '-----BEGIN '],
  ['begins of addresses', 'a://'],
  ['addresses without a host', 'http://aaaaaaaaaaaa'],
  ['addresses with users', 'http://aaaaaaaaaa:aaa@'],
  ['names of fields', 'api_key="'],
  ['names of fields without quotes', 'token:'],
  ['passwords of passwords', 'password'],
  ['parameters', '?key='],
  ['options', '--a'],
  ['begins of keys', 'sk-'],
  ['begins of tokens', '-eyJ'],
  ['parts of tokens', '.eyJaaaaaaaa'],
  ['cookies that are none', 'cookie: '],
  ['authorizations without a value', 'authorization  '],
  ['authorizations of a kind with values', 'authorization: digest '],
  ['authorizations of authorizations', 'authorization: authorization:'],
  ['bearers', 'bearer '],
  ['key ids', 'AKI~AAAAAAAAAAAAAAAAA '.replace('~', '')],
  ['content fields', '"content":'],
  ['nested content', '{"text":["'],
  ['quotes', '"'],
  ['escaped quotes', '\\"'],
  ['apostrophes', "'"],
  ['dots and dashes', 'a.-'],
  ['one letter', 'a'],
  ['backslashes', '\\'],
  ['line breaks', '\n'],
];

/** The least processor time of five runs, in milliseconds: what other processes take does not count. */
function cpuMs(run: () => void): number {
  const runs = [0, 1, 2, 3, 4].map(() => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...runs);
}

/**
 * How much longer a busy or slower machine may take than the bounds say, which hold on a quiet one (30 to 70 ms for the
 * first, see the soak's figures). What must not happen, time that grows faster than the text, takes seconds.
 */
const SLOWER = 4;

describe('the time of redaction', { retry: 3 }, () => {
  it.each(PIECES)(
    'is of the order of 100 ms at most for a mebibyte of %s, and grows no faster than the text',
    (what, piece) => {
      const half = piece.repeat(Math.ceil(MEBIBYTE / 2 / piece.length)).slice(0, MEBIBYTE / 2);
      const whole = half + half;
      const halfMs = cpuMs(() => redactText(half));
      const wholeMs = cpuMs(() => redactText(whole));
      noteFigure(`redaction of 1 MiB of ${what}, ms`, Math.round(wholeMs));
      expect(wholeMs).toBeLessThan(100 * SLOWER);
      // Below some milliseconds the measurement itself is what differs.
      expect(wholeMs).toBeLessThan(2.5 * halfMs + 20);
    },
  );

  it('is bounded for texts of any length', () => {
    const text = 'api_key="'.repeat(2_000_000);
    expect(cpuMs(() => redactText(text))).toBeLessThan(150 * SLOWER);
  });

  it('is bounded for values of any size', () => {
    const long = 'password'.repeat(1_000_000);
    const wide: unknown = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`f${n}`, Array.from({ length: 50 }, () => [long])]),
    );
    expect(cpuMs(() => redactValue(wide))).toBeLessThan(250 * SLOWER);
  });
});
