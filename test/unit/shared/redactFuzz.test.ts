import { describe, expect, it } from 'vitest';
import { redactText, redactValue } from '../../../src/shared/redact';
import { noteFigure, rounds } from '../../support/soak';

const INPUTS = 100_000;
const SEED = 20_261_121;

/** Marsaglia's xorshift: the same inputs on each run. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 up to `limit`, that one left out. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  text(characters: string, length: number): string {
    let text = '';
    for (let n = 0; n < length; n++) text += characters.charAt(this.below(characters.length));
    return text;
  }
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const ALPHANUMERIC = UPPER + LOWER + DIGITS;
const BASE64 = `${ALPHANUMERIC}+/`;
const URL_SAFE = `${ALPHANUMERIC}_-`;

interface Planted {
  readonly text: string;
  /** What must not be seen, in whole or in parts. */
  readonly secret: string;
}

type Kind = (random: Random) => Planted;

/** Begins with a digit, a capital and a small letter, so that none is a word of the language by accident. */
function core(random: Random, characters: string, length: number): string {
  return `7Qx${random.text(characters, length - 3)}`;
}

function bare(begin: string, characters: string, least: number, most: number): Kind {
  return (random) => {
    const secret = core(random, characters, least + random.below(most - least));
    return { text: `${begin.replace('~', '')}${secret}`, secret };
  };
}

function within(begin: string, characters: string, least: number, most: number, end = ''): Kind {
  return (random) => {
    const secret = core(random, characters, least + random.below(most - least));
    return { text: `${begin}${secret}${end}`, secret };
  };
}

function pem(name: string): Kind {
  return (random) => {
    const lines = Array.from({ length: 1 + random.below(20) }, () => core(random, BASE64, 64));
    const newline = random.of(['\n', '\r\n', '\\n']);
    const block = [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`].join(newline);
    return { text: block, secret: lines.at(-1) ?? '' };
  };
}

/** Every kind that the specification names, with room for its random part. */
const KINDS: readonly Kind[] = [
  (random) => {
    const secret = random.text(UPPER + DIGITS, 16);
    return { text: `${random.of(['AK~IA', 'AS~IA']).replace('~', '')}${secret}`, secret };
  },
  within('aws_secret_access_key=', BASE64, 40, 41),
  within('"SecretAccessKey": "', BASE64, 40, 41, '"'),
  ...['gh~p_', 'gh~o_', 'gh~u_', 'gh~s_', 'gh~r_'].map((begin) => bare(begin, ALPHANUMERIC, 36, 251)),
  bare('github_pa~t_', `${ALPHANUMERIC}_`, 40, 90),
  ...['xox~a-', 'xox~b-', 'xox~p-', 'xox~s-'].map((begin) => bare(begin, `${ALPHANUMERIC}-`, 24, 80)),
  bare('sk_liv~e_', ALPHANUMERIC, 24, 100),
  bare('sk_tes~t_', ALPHANUMERIC, 24, 100),
  ...['sk~-proj-', 'sk~-ant-api03-', 'sk~-svcacct-', 'sk~-or-v1-'].map((begin) =>
    bare(begin, URL_SAFE, 20, 160),
  ),
  bare('sk~-', ALPHANUMERIC, 20, 60),
  bare('hf~_', UPPER + LOWER, 34, 35),
  bare('AI~za', URL_SAFE, 35, 36),
  ...['RSA PRIVATE KEY', 'PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'EC PRIVATE KEY', 'CERTIFICATE'].map(pem),
  within('api_key=', ALPHANUMERIC, 8, 80),
  within('api-key: ', ALPHANUMERIC, 8, 80),
  within('apikey="', URL_SAFE, 8, 5_000, '"'),
  within('Bearer ', `${URL_SAFE}.~+/`, 12, 5_000),
  within('Authorization: Basic ', BASE64, 8, 80),
  within('"authorization":"Token ', ALPHANUMERIC, 12, 80, '"'),
  within(String.raw`{\"authorization\":\"Bearer `, ALPHANUMERIC, 12, 80, String.raw`\"}`),
  within('https://someone:', `${ALPHANUMERIC}!$*`, 4, 500, '@db.example/x'),
  within('?key=', URL_SAFE, 4, 300, '&x=1'),
  within('https://a.example/b?alt=sse&token=', URL_SAFE, 4, 300),
  within('&access_token=', URL_SAFE, 4, 3_000),
  within('https://hooks.sla~ck.com/services/'.replace('~', ''), `${ALPHANUMERIC}/`, 24, 60),
  within('{"content":"a private question about ', ALPHANUMERIC, 8, 80, '","role":"user"}'),
  within('"messages":[{"role":"user","text":["', ALPHANUMERIC, 8, 80, '"]}]'),
];

const WORDS: readonly string[] = [
  ...['the', 'model', 'failed', 'with', 'status', '401', 'qwen3:8b', 'at', 'line', '12', 'token', 'key'],
  ...[
    '"error":',
    '{"a":1}',
    '[1,2]',
    '{',
    '}',
    "'",
    '"',
    '\\"',
    '\\',
    '(',
    ')',
    '<b>',
    '--',
    '-----',
    '=',
    '::',
  ],
  ...[
    'http://127.0.0.1:11434/v1',
    'mailto:x@y.example',
    'größer',
    '模型',
    '🔑',
    '\ud83d',
    'e\u0301',
    '\u0000',
  ],
  ...['sha256:9f438cb9cd581fc0', 'password', 'bearer', 'basic', 'authorization', 'sk-', 'hf_', 'eyJ', 'AKIA'],
  ...['content', '%20', '[REDACTED:key]', '[CONTENT]', 'secret', 'cookie', '?', '&', '@'],
];

/** What may stand right in front of a secret that has no name before it. */
const BEFORE: readonly string[] = [
  ...[
    ' ',
    '\n',
    '\t',
    '"',
    "'",
    '(',
    '[',
    '<',
    '=',
    ': ',
    ',',
    '/',
    '|',
    '`',
    '\\n',
    '\\u0022',
    '%3D',
    '>',
    '…',
  ],
];
/** And behind it. */
const BEHIND: readonly string[] = [' ', '\n', '"', "'", ')', ']', '<', ',', ';', '\\n', '\\"', '`', '…', ''];

function surroundings(random: Random, most: number): string {
  let text = '';
  for (let n = random.below(most); n > 0; n--) {
    text += random.below(12) === 0 ? random.text(BASE64, random.below(200)) : random.of(WORDS);
    // Two in three times parted: what runs together with the name of a field is another name.
    if (random.below(3) > 0) text += random.of([' ', '\n', ', ']);
  }
  return text;
}

interface Input {
  readonly value: unknown;
  readonly text: string;
  readonly secrets: readonly string[];
}

function input(random: Random): Input {
  const secrets: string[] = [];
  let text = surroundings(random, 12);
  for (let n = 1 + random.below(3); n > 0; n--) {
    const { text: planted, secret } = random.of(KINDS)(random);
    const times = random.below(8) === 0 ? 3 : 1;
    for (let time = 0; time < times; time++) text += `${random.of(BEFORE)}${planted}${random.of(BEHIND)}`;
    secrets.push(secret);
    text += surroundings(random, 6);
  }
  return { value: nested(random, text), text, secrets };
}

function nested(random: Random, text: string): unknown {
  let value: unknown = random.below(4) === 0 ? new Error(text) : text;
  for (let depth = random.below(6); depth > 0; depth--) {
    value = random.of<() => unknown>([
      () => [1, value, null],
      () => ({ status: 401, detail: value }),
      () => ({ error: { message: value }, [text]: true }),
      () => ({ content: value }),
      () => new Map([[text, value]]),
    ])();
  }
  return value;
}

/** Milliseconds to redact a text. */
function timeOf(text: string): number {
  const begunMs = performance.now();
  redactText(text);
  return performance.now() - begunMs;
}

/** The pieces of a secret by which one would know it. */
function pieces(secret: string): readonly string[] {
  if (secret.length <= 12) return [secret];
  const middle = Math.floor(secret.length / 2);
  return [secret.slice(0, 12), secret.slice(middle - 6, middle + 6), secret.slice(-12)];
}

describe('redaction of random inputs', () => {
  it(`leaks none of the secrets in ${INPUTS} of them, and never throws`, { timeout: 120_000 }, () => {
    const random = new Random(SEED);
    const leaks: string[] = [];
    let slowestMs = 0;
    for (let n = 0; n < INPUTS; n++) {
      const { text, value, secrets } = input(random);
      const begunMs = performance.now();
      const redacted = redactText(text);
      const tookMs = performance.now() - begunMs;
      // What is slow by itself is slow again; a machine that did something else meanwhile is not.
      if (tookMs > slowestMs) slowestMs = Math.max(slowestMs, Math.min(tookMs, timeOf(text)));
      const logged = JSON.stringify(redactValue(value));
      for (const piece of secrets.flatMap(pieces)) {
        if (redacted.includes(piece) || logged.includes(piece))
          leaks.push(`${piece} of ${JSON.stringify(redacted)}`);
      }
      if (leaks.length > 5) break;
    }
    expect(leaks).toEqual([]);
    noteFigure('redaction, slowest of 100,000 random inputs, ms', slowestMs.toFixed(1));
    // These are some thousand characters long at most; what takes a mebibyte is measured elsewhere.
    expect(slowestMs).toBeLessThan(1_000);
  });

  it('leaks none where a text of any length is cut', { timeout: 120_000 }, () => {
    const random = new Random(SEED);
    for (let n = 0; n < rounds(60, 1_000); n++) {
      const { text, secrets } = input(random);
      const limit = random.of([2 ** 20, 16_000, 4_000]);
      const filler = 'x '.repeat(Math.max(0, Math.floor((limit - random.below(text.length)) / 2)));
      const all = `${filler}${text}${' y'.repeat(random.below(20_000))}`;
      const shown = redactText(all) + String(redactValue(all)) + JSON.stringify(redactValue({ all }));
      for (const piece of secrets.flatMap(pieces))
        expect(shown.includes(piece), `${n}: ${piece}`).toBe(false);
    }
  });

  it('redacts what was redacted no further', () => {
    const random = new Random(SEED);
    for (let n = 0; n < 5_000; n++) {
      const redacted = redactText(input(random).text);
      for (const mark of redacted.match(/\[REDACTED:[a-z_]+\]/g) ?? []) expect(redactText(mark)).toBe(mark);
      expect(redactText(redacted)).not.toContain('[REDACTION FAILED]');
    }
  });
});
