import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  codeActionsOf,
  codeLensesOf,
  completionOf,
  diagnosticsOf,
  foldsOf,
  formattingOf,
  hoverOf,
  inlayHintsOf,
  symbolsOf,
} from '../../../src/modelfile/answers';
import { links } from '../../../src/modelfile/links';
import { NOT_LOOKED_AT, openModelfile } from '../../../src/modelfile/openModelfile';
import { semanticTokens } from '../../../src/modelfile/semanticTokens';
import { sourceOffset, valueIndex } from '../../../src/modelfile/value';
import { rounds } from '../../support/soak';
import { modelfileTexts } from './arbitraries';
import { readCases } from './corpus';
import { MACHINE } from './machine';

const numRuns = rounds(2_000, 100_000);
const timeout = rounds(60_000, 900_000);
const ON_DISK = { missingPaths: ['./m.gguf'], localNames: ['llama3.2:3b'] };
const corpus = [...readCases('cases'), ...readCases('fuzz')].map(({ text }) => text);

/** Checks with any text, and some place in it, what holds for all of them. */
function forEveryPlace(check: (text: string, offset: number) => void): void {
  for (const text of corpus) check(text, Math.floor(text.length / 2));
  fc.assert(
    fc.property(modelfileTexts(), fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
      check(text, Math.round(text.length * part));
    }),
    { numRuns },
  );
}

function expectInside(document: TextDocument, { start, end }: Range): void {
  expect(document.offsetAt(start)).toBeLessThanOrEqual(document.offsetAt(end));
  expect(document.positionAt(document.offsetAt(start))).toEqual(start);
  expect(document.positionAt(document.offsetAt(end))).toEqual(end);
}

describe('the answers on the corpus and on random and mutated files', () => {
  it('never fail, and lie inside of the file', { timeout }, () => {
    forEveryPlace((text, offset) => {
      const document = TextDocument.create('file:///a/Modelfile', 'modelfile', 1, text);
      const file = openModelfile(document, MACHINE, ON_DISK);
      const cursor = document.positionAt(offset);
      const whole = { start: 0, end: text.length };
      const ranges = [
        ...diagnosticsOf(file).map(({ range }) => range),
        ...codeLensesOf(file).map(({ range }) => range),
        ...symbolsOf(file).flatMap(({ range, selectionRange }) => [range, selectionRange]),
        ...formattingOf(file).map(({ range }) => range),
        ...codeActionsOf(file, whole).flatMap(({ edit }) =>
          Object.values(edit?.changes ?? {}).flatMap((edits) => edits.map(({ range }) => range)),
        ),
      ];
      const hover = hoverOf(file, document.offsetAt(cursor));
      if (hover?.range) ranges.push(hover.range);
      for (const range of ranges) expectInside(document, range);
      for (const { position } of inlayHintsOf(file))
        expectInside(document, { start: position, end: position });
      for (const { startLine, endLine } of foldsOf(file)) expect(startLine).toBeLessThan(endLine);
      for (const { textEdit } of completionOf(file, document.offsetAt(cursor), []).items) {
        if (!textEdit || !('range' in textEdit)) throw new Error('an offer without its place');
        // VS Code leaves out what goes over lines or does not hold the cursor.
        expect([textEdit.range.start.line, textEdit.range.end.line]).toEqual([cursor.line, cursor.line]);
        expect(textEdit.range.start.character).toBeLessThanOrEqual(cursor.character);
        expect(textEdit.range.end.character).toBeGreaterThanOrEqual(cursor.character);
      }
      for (const { range } of links(file.parsed, ON_DISK.localNames))
        expect(range.end).toBeLessThanOrEqual(text.length);
    });
  });

  it('colour in order, without overlaps, and never over the end of a line', { timeout }, () => {
    forEveryPlace((text) => {
      const document = TextDocument.create('file:///a/Modelfile', 'modelfile', 1, text);
      let done = 0;
      for (const { range } of semanticTokens(openModelfile(document, undefined, NOT_LOOKED_AT).parsed)) {
        expect(range.start).toBeGreaterThanOrEqual(done);
        expect(range.end).toBeGreaterThan(range.start);
        expect(document.positionAt(range.end).line).toBe(document.positionAt(range.start).line);
        done = range.end;
      }
    });
  });

  it('find each place of a value again', { timeout }, () => {
    forEveryPlace((text) => {
      const document = TextDocument.create('file:///a/Modelfile', 'modelfile', 1, text);
      for (const { value } of openModelfile(document, undefined, NOT_LOOKED_AT).parsed.commands) {
        for (let index = 0; index < Math.min(value.text.length, 50); index += 1) {
          expect(valueIndex(value, sourceOffset(value, index))).toBe(index);
        }
        expect(valueIndex(value, value.content.end)).toBe(value.text.length);
        expect(valueIndex(value, 0)).toBe(0);
      }
    });
  });
});
