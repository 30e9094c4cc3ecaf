import fc from 'fast-check';
import { readCases } from './corpus';

/** What Modelfiles are made of, and what breaks them. */
const PIECES = [
  ...['FROM ', 'from\t', 'FROM', 'SYSTEM ', 'TEMPLATE ', 'PARAMETER ', 'parameter  ', 'MESSAGE ', 'LICENSE '],
  ...['REQUIRES ', 'ADAPTER ', 'DRAFT ', 'RENDERER ', 'PARSER ', 'FRM ', 'num_ctx ', 'stop ', 'temperature '],
  ...[
    'tfs_z ',
    'mirostat ',
    'user ',
    'assistant ',
    'USER ',
    'llama3.2:3b',
    './m.gguf',
    '8192',
    '0.7',
    '1e3',
    'nan',
  ],
  ...['"', '""', '"""', "'", '#', ' # c', '\\n', '{{ .Prompt }}', 'text', '=', ':', '0.14.0', '-1'],
  ...['\n', '\n', '\n', '\r\n', '\r', ' ', '  ', '\t', '\n\n\n'],
  ...[
    '\u200b',
    '\u00a0',
    '\u3000',
    '\ufeff',
    '\0',
    '\u00ad',
    '\u{1f389}',
    '\ud800',
    'é',
    '世',
    '\ufffd',
    '\u2028',
  ],
] as const;

/** Whole lines that parse, as most lines of real files do. */
const LINES = [
  ...[
    'FROM a',
    'from\ta  ',
    'FROM ./m.gguf',
    'FROM "a b"',
    '  FROM a # b',
    'parameter num_ctx   4096',
    'PARAMETER stop "x"',
  ],
  ...[
    'PARAMETER temperature 0.7',
    'PARAMETER  temperature 1',
    'PARAMETER top_p 7',
    'PARAMETER tfs_z 1',
    'PARAMETER model b',
  ],
  ...[
    'SYSTEM """a',
    'b"""',
    '"""',
    'SYSTEM "a',
    'SYSTEM a\u00a0',
    'SYSTEM \u200b "a" ',
    '\u200bFROM b',
    'FROM \u00a0',
  ],
  ...[
    'MESSAGE user hi',
    'message assistant  "b" ',
    '# c  ',
    '  #\u00a0',
    '',
    ' ',
    'TEMPLATE ',
    'LICENSE  ',
    'REQUIRES 0.14',
  ],
] as const;

const newline = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n \n\n');

const piece = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3, unit: 'binary' }) },
);

const mutation = fc.record({
  /** Where, as a share of the text's length. */
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 6 }),
  inserted: fc.oneof(fc.constant(''), piece),
});

/** Texts made of pieces or of lines, and cases of the corpus with places changed. */
export function modelfileTexts(): fc.Arbitrary<string> {
  const corpus = [...readCases('cases'), ...readCases('fuzz')].map(({ text }) => text);
  const made = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  const mutated = fc
    .tuple(fc.constantFrom(...corpus), fc.array(mutation, { maxLength: 5 }))
    .map(([text, mutations]) =>
      mutations.reduce((changed, { place, removed, inserted }) => {
        const start = Math.floor(place * changed.length);
        return changed.slice(0, start) + inserted + changed.slice(start + removed);
      }, text),
    );
  const written = fc
    .array(fc.tuple(fc.constantFrom(...LINES), newline), { maxLength: 12 })
    .map((lines) => lines.flat().join(''));
  return fc.oneof(made, mutated, written);
}
