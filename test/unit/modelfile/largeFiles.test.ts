import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { analyseModelfile } from '../../../src/modelfile/analysis';
import { formatModelfile } from '../../../src/modelfile/format';
import { parseModelfile } from '../../../src/modelfile/parse';
import { noteFigure } from '../../support/soak';

const MEGABYTE = 1_000_000;
/** What takes linear time is read in tens of milliseconds; what takes quadratic time needs minutes. */
const GENEROUS_MILLISECONDS = 20_000;

/** Shapes of a megabyte that would take quadratic time if anything were searched again and again. */
const SHAPES: Readonly<Record<string, string>> = {
  'an ordinary file': filled(
    'FROM llama3.2\nPARAMETER num_ctx 8192\nSYSTEM """You are kind.\nBe short."""\n# c\n',
  ),
  'one long line': `SYSTEM ${filled('word ')}`,
  'one long quoted text': `FROM a\nSYSTEM """${filled('A line of text.\n')}"""\n`,
  'a short line after a short line in quotes': `FROM a\nSYSTEM "${filled('"a\n')}"\n`,
  'newlines alone': filled('\n'),
  'blanks alone': filled(' '),
  'blanks inside a value': `FROM a${filled(' ')}b\n`,
  'a quote opened in every line': filled('SYSTEM "a\n'),
  'three quotes opened in every line': filled('SYSTEM """a\nFROM b\n'),
  'quotes alone': `SYSTEM ${filled('"')}`,
  'an apostrophe after an apostrophe': `SYSTEM ${filled("'")} `,
  'characters that vanish': `FROM a\nSYSTEM ${filled('\u200b')}`,
  'every other character vanishes': `FROM a\nSYSTEM ${filled('a\u200b')}`,
  'every other character of the lines vanishes': filled('\u200bF\u200b\n'),
  'one long unknown word': filled('x'),
  'unknown commands': filled('FRM x\n'),
  'commands without a value': filled('SYSTEM\n'),
  'commands without a value with text below': filled('SYSTEM\r\ntext\r\n'),
  'parameters with two blanks': filled('PARAMETER  temperature 1\n'),
  'messages with two blanks': filled('MESSAGE  user x\n'),
  'an integer of a million digits': `PARAMETER seed ${filled('1')}`,
  'a number of a million digits': `PARAMETER temperature 0.${filled('1')}e5`,
  'a number of a million underscores': `PARAMETER temperature ${filled('1_')}1`,
  'a version of a million digits': `REQUIRES ${filled('1.')}`,
  'a model name of a million parts': `FROM ${filled('a/')}b:c`,
  hashes: `FROM a${filled(' #')}`,
  backslashes: `SYSTEM ${filled('\\')}`,
  'characters beyond the first plane': `SYSTEM ${filled('\u{1f389}')}`,
};

describe('a file of a megabyte', () => {
  it.each(Object.entries(SHAPES))(
    'of %s is read, analysed and formatted in time',
    { timeout: 120_000 },
    (shape, text) => {
      const parse = bestOf(3, () => parseModelfile(text));
      const parsed = parseModelfile(text);
      const rest = bestOf(1, () => [analyseModelfile(parsed), formatModelfile(parsed)]);
      noteFigure(
        `Modelfile of a megabyte, ${shape}: ms to parse, ms to analyse and format`,
        `${parse.toFixed(0)}, ${rest.toFixed(0)}`,
      );
      expect(parse + rest).toBeLessThan(GENEROUS_MILLISECONDS);
    },
  );
});

function filled(piece: string): string {
  return piece.repeat(MEGABYTE / piece.length);
}

function bestOf(times: number, work: () => unknown): number {
  let best = Infinity;
  for (let turn = 0; turn < times; turn += 1) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
