import { describe, expect, it } from 'vitest';
import { formatModelfile } from '../../../src/modelfile/format';
import { parseModelfile } from '../../../src/modelfile/parse';
import { applyTextEdits } from '../../../src/modelfile/textEdit';

describe('formatting a Modelfile', () => {
  it.each([
    ['writes commands in capitals', 'from a\nSystem b\n', 'FROM a\nSYSTEM b\n'],
    ['leaves one blank before a value', 'FROM \t a\nPARAMETER stop   b\n', 'FROM a\nPARAMETER stop b\n'],
    ['takes away blanks around lines', '  FROM a  \n\t# c \n', 'FROM a\n# c\n'],
    ['keeps the blank of an empty value', 'FROM a\nSYSTEM   \n', 'FROM a\nSYSTEM \n'],
    ['leaves one empty line at most', '\n\nFROM a\n\n \n\nSYSTEM b\n\n', 'FROM a\n\nSYSTEM b\n'],
    ['ends the file with a newline', 'FROM a', 'FROM a\n'],
    ['ends a comment at the end of the file', 'FROM a\n# c', 'FROM a\n# c\n'],
    ['keeps the kind of newline', 'from a\r\n\r\n\r\nsystem b', 'FROM a\r\n\r\nSYSTEM b\r\n'],
    [
      'leaves values as they are',
      'FROM a\nSYSTEM """ a  \n\n\n b """ \n',
      'FROM a\nSYSTEM """ a  \n\n\n b """\n',
    ],
    [
      'leaves names of parameters as they are',
      'FROM a\nparameter Num_Ctx 1\n',
      'FROM a\nPARAMETER Num_Ctx 1\n',
    ],
    [
      'keeps two blanks, which make an empty name',
      'FROM a\nparameter  seed 1\n',
      'FROM a\nPARAMETER  seed 1\n',
    ],
    [
      'leaves alone what does not print',
      'FROM a\n \u200bsystem \u00a0b\u200b \n',
      'FROM a\n \u200bSYSTEM \u00a0b\u200b \n',
    ],
    ['formats without a FROM', 'system a', 'SYSTEM a\n'],
    ['leaves nothing of an empty file', ' \n\n', ''],
    [
      'takes the newline between commands, not that in a value',
      '\r\nSYSTEM """a\nb"""\rfrom x\r',
      'SYSTEM """a\nb"""\rFROM x\r',
    ],
    [
      'is not misled by newlines of two gaps side by side',
      'from\t\u00a0\rsystem  \n',
      'FROM \u00a0\rSYSTEM \r',
    ],
  ])('%s', (_name, text, formatted) => {
    expect(format(text)).toBe(formatted);
    expect(format(formatted)).toBe(formatted);
  });

  it.each(['FRM a\n\n\n\nfrom b\n', 'from a\nSYSTEM "b\n', 'from a\nMESSAGE bot  b\n'])(
    'leaves %j alone',
    (text) => {
      expect(formatModelfile(parseModelfile(text))).toEqual([]);
    },
  );
});

function format(text: string): string {
  return applyTextEdits(text, formatModelfile(parseModelfile(text)));
}
