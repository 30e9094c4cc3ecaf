import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseModelfile } from '../../../src/modelfile/analysis';
import type { ModelfileFacts } from '../../../src/modelfile/facts';
import { formatModelfile } from '../../../src/modelfile/format';
import { readParameters } from '../../../src/modelfile/parameterValues';
import { parseModelfile } from '../../../src/modelfile/parse';
import type { ParsedModelfile } from '../../../src/modelfile/parse';
import { applyTextEdits } from '../../../src/modelfile/textEdit';
import type { SourceRange } from '../../../src/modelfile/textEdit';
import { sourceOffset } from '../../../src/modelfile/value';
import { rounds } from '../../support/soak';
import { modelfileTexts } from './arbitraries';
import { readCases } from './corpus';
import { readByCharacter } from './stateMachine';

const numRuns = rounds(3_000, 100_000);
const timeout = rounds(60_000, 900_000);
const corpus = [...readCases('cases'), ...readCases('fuzz')].map(({ text }) => text);

const facts: ModelfileFacts = {
  models: [
    {
      ...{ name: 'llama3.2:3b', installed: true, maxContextTokens: 4_096, smallerBuilds: ['base-model'] },
      memory: [
        { contextTokens: 0, bytes: 5e9 },
        { contextTokens: 8_192, bytes: 9e9 },
      ],
    },
    { name: 'base-model', installed: true, memory: [{ contextTokens: 0, bytes: 1e9 }] },
  ],
  ...{
    usableBytes: 6e9,
    defaultContextTokens: 32_768,
    missingPaths: ['./m.gguf'],
    localNames: ['base-model'],
  },
};

/** Checks with any text what holds for all of them. */
function forEveryText(check: (text: string) => void): void {
  for (const text of corpus) check(text);
  fc.assert(
    fc.property(modelfileTexts(), (text) => {
      check(text);
    }),
    { numRuns },
  );
}

describe('the parser on the corpus and on random and mutated files', () => {
  it('gives the verdict of the rules read one character at a time', { timeout }, () => {
    forEveryText((text) => expect(verdictOf(parseModelfile(text))).toEqual(readByCharacter(text)));
  });

  it('keeps every range inside the document and in order', { timeout }, () => {
    forEveryText((text) => {
      const parsed = parseModelfile(text);
      const check = (range: SourceRange) => expectInside(range, parsed.text);
      for (const range of [...parsed.comments, ...parsed.dropped, ...parsed.failures.map((f) => f.range)])
        check(range);
      for (const command of parsed.commands) {
        const { keywordRange, value, parameter, role, range } = command;
        [range, keywordRange, value.range, value.content].forEach(check);
        for (const part of [parameter?.range, role?.range, value.openingQuote, value.closingQuote]) {
          if (part) check(part);
        }
        const places = [
          keywordRange.end,
          (parameter ?? role)?.range.start ?? keywordRange.end,
          value.range.start,
        ];
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(parsed.text.slice(keywordRange.start, keywordRange.end).toLowerCase()).toBe(command.keyword);
      }
    });
  });

  it('maps every place of a value to the same character in the document', { timeout }, () => {
    forEveryText((text) => {
      const parsed = parseModelfile(text);
      for (const { value } of parsed.commands) {
        const places = Math.min(value.text.length, 200);
        for (let index = 0; index < places; index += 1) {
          expect(parsed.text[sourceOffset(value, index)]).toBe(value.text[index]);
        }
      }
    });
  });
});

describe('the analysis on the corpus and on random and mutated files', () => {
  it('never throws, keeps ranges inside the document, and its fixes are edits of it', { timeout }, () => {
    forEveryText((text) => {
      const parsed = parseModelfile(text);
      readParameters(parsed.commands);
      for (const diagnostic of analyseModelfile(parsed, facts)) {
        expectInside(diagnostic.range, parsed.text);
        expect(diagnostic.message).toMatch(/[.?]$/);
        for (const fix of diagnostic.fixes) {
          for (const edit of fix.edits) expectInside(edit.range, parsed.text);
          expect(applyTextEdits(parsed.text, fix.edits)).not.toBe(parsed.text);
        }
      }
    });
  });

  it('has an error of its own for everything that Ollama refuses', { timeout }, () => {
    forEveryText((text) => {
      const parsed = parseModelfile(text);
      const { error, encodeError } = readParameters(parsed.commands);
      const refused = parsed.failures[0]?.ollamaMessage ?? error ?? encodeError;
      if (refused === null) return;
      const errors = analyseModelfile(parsed).filter(({ severity }) => severity === 'error');
      expect(errors.map(({ ollamaMessage }) => ollamaMessage)).toContain(refused);
    });
  });
});

describe('formatting the corpus and random and mutated files', () => {
  it('keeps the verdict and the commands', { timeout }, () => {
    forEveryText((text) => {
      const before = parseModelfile(text);
      const after = parseModelfile(applyTextEdits(before.text, formatModelfile(before)));
      expect(verdictOf(after)).toEqual(verdictOf(before));
      expect(after.commands.map(({ name, args }) => ({ name, args }))).toEqual(
        before.commands.map(({ name, args }) => ({ name, args })),
      );
    });
  });

  it('changes nothing the second time', { timeout }, () => {
    forEveryText((text) => {
      const before = parseModelfile(text);
      const formatted = applyTextEdits(before.text, formatModelfile(before));
      expect(formatModelfile(parseModelfile(formatted))).toEqual([]);
    });
  });
});

function verdictOf({ failures, commands }: ParsedModelfile) {
  const [failure] = failures;
  if (failure) return { error: failure.ollamaMessage };
  return { commands: commands.map(({ name, args }) => ({ name, args })) };
}

function expectInside({ start, end }: SourceRange, text: string): void {
  if (!(start >= 0 && start <= end && end <= text.length)) {
    expect.fail(`${start}..${end} is no range of a text of ${text.length} characters`);
  }
}
