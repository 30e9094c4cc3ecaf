import { describe, expect, it } from 'vitest';
import { parseModelfile } from '../../../src/modelfile/parse';
import type { ModelfileCommand } from '../../../src/modelfile/parse';
import type { SourceRange } from '../../../src/modelfile/textEdit';

describe('the ranges of a command', () => {
  it('are those of keyword, value, content and quotes', () => {
    const text = '\tSystem  "be kind"  \nFROM a';
    const [command] = parseModelfile(text).commands;
    expect(shown(text, command)).toEqual({
      ...{ range: 'System  "be kind"', keyword: 'System', name: undefined },
      ...{ value: '"be kind"', content: 'be kind', openingQuote: '"', closingQuote: '"' },
    });
  });

  it('are those of a parameter and its value without quotes', () => {
    const text = 'FROM a\r\nPARAMETER num_ctx \t 8192 \r\n';
    const [, command] = parseModelfile(text).commands;
    expect(shown(text, command)).toEqual({
      ...{ range: 'PARAMETER num_ctx \t 8192', keyword: 'PARAMETER', name: 'num_ctx' },
      ...{ value: '8192', content: '8192', openingQuote: undefined, closingQuote: undefined },
    });
  });

  it('are those of a message over several lines', () => {
    const text = 'MESSAGE user """\nhi\n"""\nFROM a';
    const [command] = parseModelfile(text).commands;
    expect(command?.args).toBe('user: \nhi\n');
    expect(shown(text, command)).toEqual({
      ...{ range: 'MESSAGE user """\nhi\n"""', keyword: 'MESSAGE', name: 'user' },
      ...{ value: '"""\nhi\n"""', content: '\nhi\n', openingQuote: '"""', closingQuote: '"""' },
    });
  });

  it('hold the characters that vanish inside, not those around', () => {
    const text = '\u200bFROM\u0020\u00a0"\u200b""a\u200bb"""\u200b \n';
    const { commands, dropped } = parseModelfile(text);
    const [command] = commands;
    expect(command?.args).toBe('ab');
    expect(shown(text, command)).toMatchObject({
      keyword: 'FROM',
      value: '"\u200b""a\u200bb"""',
      content: 'a\u200bb',
    });
    expect(dropped.map(({ start }) => start)).toEqual([0, 6, 8, 12, 17]);
  });

  it('end where a missing value would stand', () => {
    const [command] = parseModelfile('FROM   \n').commands;
    expect(command).toMatchObject({
      args: '',
      range: { start: 0, end: 5 },
      value: { range: { start: 5, end: 5 } },
    });
  });

  it('count in UTF-16 code units', () => {
    const text = 'SYSTEM \u{1f389}"\u{1f389}\nFROM \u{1f389}';
    expect(parseModelfile(text).commands.map((command) => shown(text, command).value)).toEqual([
      '\u{1f389}"\u{1f389}',
      '\u{1f389}',
    ]);
  });

  it('are those of comments, to the end of their lines', () => {
    const text = '# a\r\n  #b \nFROM c # no comment';
    expect(parseModelfile(text).comments.map((range) => slice(text, range))).toEqual(['# a', '#b ']);
  });
});

describe('a file that Ollama refuses', () => {
  it('has its errors in the order in which mending them brings them to light, with the lines of Ollama', () => {
    const text = 'A b\r\nFROM a\r\nMESSAGE bot hi\r\nPARAMETER x=1\nSYSTEM\n"""later"""\nSYSTEM "open\n';
    const { failures, commands } = parseModelfile(text);
    expect(failures.map(({ code, ollamaLine }) => [code, ollamaLine])).toEqual([
      ['unknown-command', 1],
      ['unknown-role', 5],
      ['unfinished-parameter', null],
      ['blank-missing-after-command', 9],
      ['unclosed-quote', null],
    ]);
    expect(commands.map(({ name, args }) => [name, args])).toEqual([
      ['model', 'a'],
      ['message', 'bot: hi'],
      ['system', 'open\n'],
    ]);
  });

  it('points at the opening quote that is never closed', () => {
    const text = 'FROM a\nSYSTEM  """never\nclosed\n';
    const [failure] = parseModelfile(text).failures;
    expect(failure).toMatchObject({
      code: 'unclosed-quote',
      ollamaMessage: 'unexpected EOF',
      ollamaLine: null,
    });
    expect(failure?.range).toEqual({ start: 15, end: 18 });
  });

  it('goes on after an unclosed quote at the next line that looks like a command', () => {
    const text = 'SYSTEM """a\nfrom here on\nFROM b\nPARAMETER seed 1\n';
    expect(parseModelfile(text).commands.map(({ name, args }) => [name, args])).toEqual([
      ['system', 'a\nfrom here on'],
      ['model', 'b'],
      ['seed', '1'],
    ]);
  });

  it('goes on after a value that text after its quote keeps open', () => {
    const text = 'FROM a\nSYSTEM "hi" # tail\nPARAMETER seed 1\n';
    expect(parseModelfile(text).commands.map(({ name, args }) => [name, args])).toEqual([
      ['model', 'a'],
      ['system', 'hi'],
      ['seed', '1'],
    ]);
  });

  it('reads a lone surrogate as the character that a saved file has there', () => {
    const { text, commands } = parseModelfile('FROM a\ud800b');
    expect(commands[0]?.args).toBe('a\ufffdb');
    expect(text).toBe('FROM a\ufffdb');
  });
});

function shown(text: string, command: ModelfileCommand | undefined) {
  if (!command) expect.fail('there is no command');
  const { range, keywordRange, parameter, role, value } = command;
  return {
    ...{ range: slice(text, range), keyword: slice(text, keywordRange) },
    ...{ name: slice(text, (parameter ?? role)?.range ?? null) },
    ...{ value: slice(text, value.range), content: slice(text, value.content) },
    ...{ openingQuote: slice(text, value.openingQuote), closingQuote: slice(text, value.closingQuote) },
  };
}

function slice(text: string, range: SourceRange | null): string | undefined {
  return range === null ? undefined : text.slice(range.start, range.end);
}
