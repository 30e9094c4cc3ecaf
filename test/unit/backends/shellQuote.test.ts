import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { refusalOfArgument, shellQuote } from '../../../src/backends/shellQuote';
import { installed, openShellHouse } from '../../support/shellPrograms';
import {
  argumentsOfProgram,
  commandLineOfCmd,
  commandLineOfPowerShell,
} from '../../support/windowsArguments';

const SHELLS = ['posix', 'powershell', 'cmd', 'other'] as const;
/** The first two are wherever the tests run. */
const POSIX_SHELLS = ['sh', 'bash', ...installed(['dash', 'zsh'])];
const OTHER_SHELLS = installed(['fish']);

const house = openShellHouse(['show']);
afterAll(() => house.remove());

const HOSTILE = [
  "it's",
  "'; touch owned; '",
  "'$(touch owned)'",
  'a b',
  '$(touch owned)',
  '`touch owned`',
  '${HOME}',
  '$HOME',
  'a;touch owned',
  'a&&touch owned',
  'a||touch owned',
  'a|tee owned',
  'a>owned',
  'a 2>owned',
  '<owned',
  'a&touch owned',
  '"quoted"',
  '"; touch owned; "',
  '\\',
  'trailing\\',
  "\\'; touch owned; '",
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '~',
  '~root',
  '=ls',
  'a=b',
  '#no comment',
  '!!',
  '!touch',
  '%PATH%',
  '%self',
  '^caret',
  '@splat',
  '--%',
  '(a)',
  'ünïcode 模型',
  'Кириллица',
  '\u2018curly\u2019 \u201cquotes\u201d',
  '\uff02full width\uff02',
  '🦙',
];

const UNSEEN = {
  ...{ NUL: 'a\u0000b', newline: 'a\ntouch owned', CR: 'a\rtouch owned', tab: 'a\tb', ESC: 'a\u001b[2Kb' },
  ...{ DEL: 'a\u007fb', NEL: 'a\u0085b', 'line separator': 'a\u2028b', 'paragraph separator': 'a\u2029b' },
  ...{ 'right-to-left override': 'a\u202eb', isolate: 'a\u2066b', 'right-to-left mark': 'a\u200fb' },
  ...{ 'zero-width space': 'a\u200bb', 'zero-width joiner': 'a\u200db', 'byte order mark': '\ufeffa' },
  ...{ 'soft hyphen': '\u00ada', 'hangul filler': 'a\u3164b', 'braille blank': 'a\u2800b' },
  ...{
    'variation selector': 'a\ufe0fb',
    annotation: 'a\ufff9b',
    tag: 'a\u{e0061}b',
    'lone surrogate': 'a\ud800b',
  },
  ...{ 'no-break space': 'a\u00a0b', 'ideographic space': 'a\u3000b' },
};

/** Names full of what shells care about, and any text at all. */
const anyName = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...Array.from('\'"`$(){}[]<>|&;!#*?~=%^@,\\/:. \n-+aZ0é\u2019\u202e')),
    maxLength: 12,
  }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

describe('a word for a POSIX shell', () => {
  it.each(POSIX_SHELLS)(
    'arrives as that one argument through a real %s, and nothing else happens',
    (shell) => {
      const words = HOSTILE.map((name) => shellQuote('posix', name) ?? '');
      expect(house.run(shell, words.map((word) => `show ${word}`).join('\n'))).toEqual(
        HOSTILE.map((name) => [name]),
      );
      expect(house.traces()).toEqual([]);
    },
  );

  it.each(POSIX_SHELLS)('arrives through %s whatever the name is, unless it was refused', (shell) => {
    fc.assert(
      fc.property(fc.array(anyName, { minLength: 50, maxLength: 150 }), (names) => {
        const accepted = names.filter((name) => shellQuote('posix', name) !== null);
        fc.pre(accepted.length >= 5);
        const line = ['show', ...accepted.map((name) => shellQuote('posix', name))].join(' ');
        expect(house.run(shell, line)).toEqual([accepted]);
      }),
      { numRuns: 20 },
    );
    expect(house.traces()).toEqual([]);
  });

  it('is not changed by the history of an interactive bash', () => {
    const words = ["!!'!!", '!touch', "a'!-1"].map((name) => shellQuote('posix', name) ?? '');
    expect(house.runWithHistory(`show first\nshow "!!" ${words.join(' ')}`)).toEqual([
      ['first'],
      // The second line's own `!!`, in double quotes, shows that the history is on.
      ['show first', "!!'!!", '!touch', "a'!-1"],
    ]);
  });

  it('is bare where the name is an ordinary one', () => {
    for (const name of ['unsloth/Qwen3-8B-GGUF:Q4_K_M', 'https://huggingface.co/a/b@Q4_K_M', 'llama3.2:3b']) {
      for (const shell of SHELLS) expect(shellQuote(shell, name)).toBe(name);
    }
  });
});

describe('a word for any shell', () => {
  it.each(Object.entries(UNSEEN))('is refused with a %s', (_what, name) => {
    expect(refusalOfArgument(name)).toMatch(/control or invisible/);
    for (const shell of SHELLS) expect(shellQuote(shell, name)).toBeNull();
  });

  it.each(['', '-rf', '--help', '-'])('is not made of the name %j', (name) => {
    expect(refusalOfArgument(name)).toMatch(/./);
  });

  it('may hold every letter that is seen', () => {
    for (const name of ['qwen3:8b', 'ünïcode 模型', 'Кириллица', 'עברית']) {
      expect(refusalOfArgument(name)).toBeNull();
    }
  });
});

describe('a word for a shell that is not known', () => {
  it('is there only where nothing needs quotes', () => {
    expect(HOSTILE.filter((name) => shellQuote('other', name) !== null)).toEqual([]);
  });

  it.each(['sh', ...OTHER_SHELLS])('arrives as that one argument through a real %s', (shell) => {
    const plain = fc.string({
      unit: fc.constantFrom(...Array.from('azAZ09_@+:./-')),
      minLength: 1,
      maxLength: 12,
    });
    const names = fc.sample(plain, { numRuns: 300, seed: 7 }).filter((name) => shellQuote('other', name));
    expect(names.length).toBeGreaterThan(200);
    expect(house.run(shell, ['show', ...names].join(' '))).toEqual([names]);
  });
});

describe('a word for PowerShell', () => {
  it.each([
    ["it's", "'it''s'"],
    ["'; calc; '", "'''; calc; '''"],
    ['a b', "'a b'"],
    ['$env:PATH', "'$env:PATH'"],
    ['$(calc)', "'$(calc)'"],
    ['a`nb', "'a`nb'"],
    ['a;calc', "'a;calc'"],
    ['@splat', "'@splat'"],
    ['#comment', "'#comment'"],
    ['a,b', "'a,b'"],
    ['{a}', "'{a}'"],
    ['~', "'~'"],
    ['*', "'*'"],
    ['a\\b', "'a\\b'"],
    ['hf.co/a/b:Q4', 'hf.co/a/b:Q4'],
    ['a@b', 'a@b'],
  ])('%j is %s', (name, word) => {
    expect(shellQuote('powershell', name)).toBe(word);
  });

  it.each([
    ['a double quote, which version 5.1 drops', 'a"b'],
    ['a typographic quote, which counts as a quote', 'a\u2019; calc'],
    ['a typographic double quote', 'a\u201cb'],
    ['a full-width quote, which a code page turns into a real one', 'a\uff02b'],
    ['the stop-parsing token', '--%'],
    ['a variable of a batch file', '%PATH%'],
    ['what a batch file would run', 'a&calc'],
    ['a pipe', 'a|calc'],
    ['a redirection', 'a>b'],
    ['a caret', 'a^b'],
    ['a backslash before the quote that version 5.1 adds', 'a b\\'],
  ])('is refused with %s', (_why, name) => {
    expect(shellQuote('powershell', name)).toBeNull();
  });

  it('arrives as that one argument, and means nothing to a batch file', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const word = shellQuote('powershell', name);
        fc.pre(word !== null);
        const line = commandLineOfPowerShell(['show', word, 'next']);
        expect(argumentsOfProgram(line)).toEqual(['show', name, 'next']);
        expect(() => commandLineOfCmd(line.replace(/[!()]/g, ''))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('a word for cmd', () => {
  it.each([
    ['a&b|c>d<e', '"a&b|c>d<e"'],
    ['a^b', '"a^b"'],
    ['(a)', '"(a)"'],
    ['a b', '"a b"'],
    ["it's", '"it\'s"'],
    ['a,b;c=d', '"a,b;c=d"'],
    ['a b\\', '"a b\\\\"'],
    ['a\\b', '"a\\b"'],
    ['a/b:Q4', 'a/b:Q4'],
  ])('%j is %s', (name, word) => {
    expect(shellQuote('cmd', name)).toBe(word);
  });

  it.each([
    ['a variable, which is expanded inside quotes too', '%PATH%'],
    ['one per cent sign', '100%'],
    ['a quote', 'a"&calc"'],
    ['an exclamation mark', 'wow!'],
    ['a full-width quote, which a code page turns into a real one', 'a\uff02&calc'],
  ])('is refused with %s', (_why, name) => {
    expect(shellQuote('cmd', name)).toBeNull();
  });

  it('arrives as that one argument, and cmd reads nothing in it', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const word = shellQuote('cmd', name);
        fc.pre(word !== null);
        expect(argumentsOfProgram(commandLineOfCmd(`show ${word} next`))).toEqual(['show', name, 'next']);
      }),
      { numRuns: 500 },
    );
  });
});
