import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../src/modelfile/goTemplateParser';
import { analyseTemplate } from '../../../src/modelfile/templateAnalysis';
import { variablesAt } from '../../../src/modelfile/templateCompletion';
import { templateFolds } from '../../../src/modelfile/templateFolds';
import type { SourceRange } from '../../../src/modelfile/textEdit';
import { rounds } from '../../support/soak';

const BITS = [
  ...[
    '{{',
    '}}',
    '{{- ',
    ' -}}',
    '{{ end }}',
    '{{ else }}',
    '{{ else if .A }}',
    '{{ else with .A }}',
    '{{ break }}',
  ],
  ...['{{ range .Messages }}', '{{ range $i, $m := .Tools }}', '{{ if .System }}', '{{ with .Messages }}'],
  ...[
    '{{ define "a" }}',
    '{{ block "a" . }}',
    '{{ template "a" . }}',
    '{{ template "a" }}',
    '{{/* c */}}',
    '/*',
    '*/',
  ],
  ...[
    '.',
    '..',
    '.Role',
    '$',
    '$m',
    '$m.Content',
    ':=',
    '=',
    '|',
    '(',
    ')',
    ',',
    '"',
    '`',
    "'",
    '\\',
    ' ',
    '\n',
    '\r',
  ],
  ...[
    'len',
    'json',
    'nope',
    'nil',
    'true',
    '1',
    '-1',
    '0x1p4',
    '1e999',
    '1+2i',
    '"a"',
    'é',
    '😀',
    '\ud83d',
    '\u200b',
  ],
];

const template = fc.oneof(
  fc.array(fc.constantFrom(...BITS), { maxLength: 40 }).map((bits) => bits.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `{{ ${text}`),
);

function isIn(text: string, { start, end }: SourceRange): boolean {
  return Number.isInteger(start) && start >= 0 && start <= end && end <= text.length;
}

describe('any text as a template', () => {
  it('is analysed without a throw, with every range in the text and at most one error, which Ollama words', () => {
    fc.assert(
      fc.property(template, (text) => {
        const { diagnostics, ollamaMessage, parsed } = analyseTemplate(text);
        const edits = diagnostics.flatMap(({ fixes }) => fixes.flatMap((fix) => fix.edits));
        const ranges = [
          ...[...diagnostics.map(({ range }) => range), ...edits.map(({ range }) => range)],
          ...[...parsed.actions, ...parsed.comments, ...templateFolds(parsed)],
        ];
        expect(ranges.filter((range) => !isIn(text, range))).toEqual([]);
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        expect(errors.map((error) => error.ollamaMessage)).toEqual(
          ollamaMessage === undefined ? [] : [ollamaMessage],
        );
      }),
      { numRuns: rounds(3_000, 100_000) },
    );
  });

  it('is completed anywhere without a throw, and replaces only the name before the place', () => {
    fc.assert(
      fc.property(template, fc.nat(), (text, place) => {
        const offset = place % (text.length + 1);
        const range = variablesAt(text, parseTemplate(text), offset)?.range;
        if (range !== undefined) expect(isIn(text, range) && range.end === offset).toBe(true);
      }),
      { numRuns: rounds(2_000, 50_000) },
    );
  });

  it('has actions that follow one another and cover exactly the text that they hold', () => {
    fc.assert(
      fc.property(template, (text) => {
        let end = 0;
        for (const action of parseTemplate(text).actions) {
          expect(action.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(action.start, action.start + 2)).toBe('{{');
          ({ end } = action);
        }
      }),
      { numRuns: rounds(2_000, 50_000) },
    );
  });
});

/** Texts of which each part could make a parser look at all that follows, or nest. */
const HARD: readonly (readonly [string, string])[] = [
  ['open quotes', '{{ "a\\"'],
  ['escaped quotes of an action', '{{\\"'],
  ['open comments', '{{/* a '],
  ['comments without braces behind', '{{/* a */'],
  ['open blocks', '{{ if .A }}'],
  ['else ifs', '{{ else if .A }}'],
  ['ends', '{{ end }}'],
  ['declarations of one variable', '{{ $x := 1 }}{{ $x }}'],
  ['undefined variables', '{{ $x }}'],
  ['parentheses', '{{ ((((((((((('],
  ['fields', '.A'],
  ['pipes', '{{ .A | .B | '],
  ['digits', '{{ 1'],
  ['spaces', '{{ \n \t '],
  ['braces', '{'],
];

/** Work that grew with the square of the length would take minutes for these: the time limit is the assertion. */
const LONG_CHARACTERS = 500_000;
const LIMIT_MS = 60_000;

describe('a long template', () => {
  it.each(HARD)(
    'of %s is analysed to its end without a throw',
    (_, part) => {
      const text = `{{ if .A }}${part.repeat(Math.ceil(LONG_CHARACTERS / part.length))}`;
      expect(analyseTemplate(text).ollamaMessage).toBeDefined();
    },
    LIMIT_MS,
  );

  it('of one word of a million letters, or of as many digits or quoted letters, is analysed without a throw', () => {
    for (const text of [
      `{{ ${'a'.repeat(1e6)} }}`,
      `{{ ${'1'.repeat(1e6)} }}`,
      `{{ "${'é'.repeat(1e6)}" }}`,
      `{{ .${'é'.repeat(1e6)} }}`,
    ])
      expect(() => analyseTemplate(text)).not.toThrow();
  });
});
