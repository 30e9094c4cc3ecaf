import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { COMMANDS, MESSAGE_ROLES } from '../../../src/modelfile/commandTable';
import { PARAMETERS } from '../../../src/modelfile/parameterTable';
import { parseModelfile } from '../../../src/modelfile/parse';
import type { ModelfileCommand } from '../../../src/modelfile/parse';
import { TEMPLATE_FUNCTIONS } from '../../../src/modelfile/templateFunctions';
import type { SourceRange } from '../../../src/modelfile/textEdit';
import { rounds } from '../../support/soak';
import { readCases } from './corpus';
import { loadGrammar, rangesOf, tokensOf } from './grammarTokens';

let grammar: IGrammar;

beforeAll(async () => {
  grammar = await loadGrammar();
});

/** What a grammar, which sees one line at a time and no tables, colours otherwise than Ollama reads it. */
const UNSEEN: readonly { readonly text: string; readonly reason: string }[] = [
  {
    text: 'FROM a\nSYSTEM \u{1fae8} b \u{1fae8}',
    reason:
      "characters new in Unicode 15.0, which Ollama keeps, are none to the editor's engine at a value's ends",
  },
  {
    text: 'FROM a\nnonsense\nSYSTEM b',
    reason: 'Ollama stops at the first error; the editor goes on with the next line, like our own parser',
  },
  {
    text: 'PARAMETER model a',
    reason:
      'Ollama takes a parameter named like a command for that command; it is coloured as the name it stands as',
  },
  {
    text: 'FROM a\nPARAMETER num_ctx "4096"',
    reason: 'Ollama reads a number in quotes as well; the editor colours quotes as text, whatever they hold',
  },
];

const KEYWORD = 'keyword.other.command';
const COMMENT = 'comment.line';
const VALUE_SCOPES = [
  ...['string.', 'constant.numeric.integer.modelfile', 'constant.numeric.float.modelfile'],
  'constant.language.boolean.modelfile',
];

describe.each(['cases', 'fuzz'] as const)('the grammar on what Ollama reads in %s.jsonl', (file) => {
  const cases = readCases(file).filter(({ ok }) => ok);

  it('colours the keyword of each command, and nothing else, as one', () => {
    expect(cases.length).toBeGreaterThan(200);
    for (const { id, text } of cases) {
      const keywords = parseModelfile(text).commands.map(({ keywordRange }) => keywordRange);
      expect({ id, at: rangesOf(tokensOf(grammar, text), KEYWORD) }).toEqual({ id, at: keywords });
    }
  });

  it('colours exactly the comments as comments', () => {
    for (const { id, text } of cases) {
      const { comments } = parseModelfile(text);
      expect({ id, at: rangesOf(tokensOf(grammar, text), COMMENT) }).toEqual({ id, at: comments });
    }
  });

  it('colours each value, and nothing else, as a text, a number or a boolean', () => {
    for (const { id, text } of cases) expect({ id, at: wronglyColouredValues(text) }).toEqual({ id, at: [] });
  });

  it('colours names after PARAMETER and roles after MESSAGE where the parser finds them', () => {
    for (const { id, text } of cases) {
      const tokens = tokensOf(grammar, text);
      const { commands } = parseModelfile(text);
      expect({ id, at: rangesOf(tokens, 'variable.parameter') }).toEqual({
        id,
        at: named(commands, 'parameter'),
      });
      expect({ id, at: rangesOf(tokens, 'constant.language.role') }).toEqual({
        id,
        at: named(commands, 'role'),
      });
    }
  });
});

describe('the grammar', () => {
  const bits = [
    ...[
      'FROM a',
      'from b ',
      'SYSTEM ',
      'TEMPLATE ',
      'PARAMETER ',
      'stop ',
      'temperature 0.5',
      'num_ctx 1',
      'MESSAGE ',
    ],
    ...['user ', 'hi', '"', '"""', '""""', '\n', '\n', '\n', '\r\n', '\r', ' ', '\t', '#', '# c', '  FROM x'],
    ...[
      '{{',
      '}}',
      '{{ .A }}',
      '{{/*',
      '*/}}',
      '{{ "',
      '{{ printf "%s" .X }}',
      '`',
      "'",
      '\\',
      '-',
      'LICENSE """',
    ],
    ...['\u200b', '\u00a0', '\u0000', '\u2028', '\u0085', '\f', '\v', 'é', '😀'],
  ];

  it('agrees with the parser on any text that Ollama reads', () => {
    const text = fc
      .array(fc.constantFrom(...bits), { maxLength: 14 })
      .map((parts) => `FROM z\n${parts.join('')}`);
    const readable = text.filter((source) => parseModelfile(source).failures.length === 0);
    fc.assert(
      fc.property(readable, (source) => {
        const { commands, comments } = parseModelfile(source);
        const tokens = tokensOf(grammar, source);
        expect(rangesOf(tokens, KEYWORD)).toEqual(commands.map(({ keywordRange }) => keywordRange));
        expect(rangesOf(tokens, COMMENT)).toEqual(comments);
        expect(wronglyColouredValues(source)).toEqual([]);
      }),
      { numRuns: rounds(1_000, 30_000) },
    );
  });

  it.each(UNSEEN)('differs where it must: $reason', ({ text }) => {
    expect(lined(text)).toMatchSnapshot();
  });

  it('knows every command, role, parameter and template function of our tables', () => {
    for (const keyword of Object.keys(COMMANDS))
      expect(scopesAt(`${keyword.toUpperCase()} x`, 0)).toContain(`${KEYWORD}.modelfile`);
    for (const role of MESSAGE_ROLES)
      expect(scopesAt(`MESSAGE ${role} x`, 8)).toContain('constant.language.role.modelfile');
    for (const name of PARAMETERS.keys())
      expect(scopesAt(`PARAMETER ${name} x`, 10)).toContain('variable.parameter.modelfile');
    expect(scopesAt('PARAMETER nope x', 10)).toContain('variable.parameter.other.modelfile');
    for (const name of TEMPLATE_FUNCTIONS.keys())
      expect(scopesAt(`TEMPLATE {{ ${name} .A }}`, 12)).toContain('support.function.gotemplate.modelfile');
  });

  it('colours values of parameters by their type, and only those that Go reads', () => {
    const scopeOf = (line: string): string | undefined => scopesAt(line, line.lastIndexOf(' ') + 1).at(-1);
    for (const value of ['1', '-1', '+5', '007'])
      expect(scopeOf(`PARAMETER num_ctx ${value}`)).toBe('constant.numeric.integer.modelfile');
    for (const value of ['1e3', '1.0', '0x10', '5k'])
      expect(scopeOf(`PARAMETER num_ctx ${value}`)).toBe('string.unquoted.modelfile');
    for (const value of ['0.7', '.5', '5.', '1E-3', '1_0.5', '0x1p-2', 'nan'])
      expect(scopeOf(`PARAMETER top_p ${value}`)).toBe('constant.numeric.float.modelfile');
    for (const value of ['0,7', '50%', '0x10', '-nan'])
      expect(scopeOf(`PARAMETER top_p ${value}`)).toBe('string.unquoted.modelfile');
    for (const value of ['true', 'T', '0'])
      expect(scopeOf(`PARAMETER use_mmap ${value}`)).toBe('constant.language.boolean.modelfile');
    expect(scopeOf('PARAMETER use_mmap yes')).toBe('string.unquoted.modelfile');
    expect(scopeOf('PARAMETER stop 1')).toBe('string.unquoted.modelfile');
  });

  it('colours the actions of a template, and no braces anywhere else', () => {
    expect(lined(TEMPLATE_SAMPLE)).toMatchSnapshot();
  });

  it('ends a template with its quotes, whatever its actions leave open', () => {
    for (const open of ['{{ .A', '{{ "a', '{{ `a', "{{ 'a", '{{/* a', '{{ "a\\'])
      for (const [before, after] of [
        ['"""', '"""'],
        ['"', '"'],
        ['', ''],
      ]) {
        const text = `TEMPLATE ${before ?? ''}${open}${after ?? ''}\nFROM a`;
        expect(rangesOf(tokensOf(grammar, text), KEYWORD)).toHaveLength(2);
      }
  });
});

const TEMPLATE_SAMPLE = `# a {{ .comment }}
FROM a {{ .B }} # no comment
TEMPLATE """{{- if .System -}}
<|system|>{{ printf "%s\\n" .System }}
{{ end }}{{/* note
still */}}{{ range $i, $m := .Messages }}{{ $m.Role | json }}{{ (index $.Messages 0).Content }}{{ "}}" }}
{{ . }}{{ 0x1f }}{{ true }}{{ end }}"""
MESSAGE user hi {{ .B }}
  # indented
  parameter temperature 0.7
oops`;

/** Each coloured stretch with its innermost scopes: what a person checks when the grammar changes. */
function lined(text: string): readonly string[] {
  return tokensOf(grammar, text).flatMap(({ start, end, scopes }) => {
    const inner = scopes.slice(1).map((scope) => scope.replace(/\.modelfile\b/g, ''));
    return inner.length === 0 ? [] : [`${JSON.stringify(text.slice(start, end))} ${inner.join(' > ')}`];
  });
}

function scopesAt(text: string, offset: number): readonly string[] {
  return tokensOf(grammar, text).find(({ start, end }) => start <= offset && offset < end)?.scopes ?? [];
}

/** Offsets of visible characters that are coloured as a value and are none, or the other way round. */
function wronglyColouredValues(text: string): readonly number[] {
  const tokens = tokensOf(grammar, text);
  const coloured = new Set(VALUE_SCOPES.flatMap((scope) => rangesOf(tokens, scope)).flatMap(offsetsOf));
  const values = new Set(parseModelfile(text).commands.flatMap(({ value }) => offsetsOf(value.range)));
  const missing = [...values].filter((offset) => !coloured.has(offset));
  const wrong = [...missing, ...[...coloured].filter((offset) => !values.has(offset))];
  return wrong.filter((offset) => !isInvisible(text, offset)).sort((a, b) => a - b);
}

function named(commands: readonly ModelfileCommand[], part: 'parameter' | 'role'): readonly SourceRange[] {
  const ranges = commands.flatMap((command) => command[part]?.range ?? []);
  return ranges.filter(({ start, end }) => end > start);
}

function offsetsOf({ start, end }: SourceRange): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Blanks, newlines and what does not print have no colour that could be seen. */
function isInvisible(text: string, offset: number): boolean {
  return !/[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cs}]/u.test(text.charAt(offset));
}
