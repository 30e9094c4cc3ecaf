import { commandKeyword, MESSAGE_ROLES } from './commandTable';
import type { CommandKeyword } from './commandTable';
import { lineAfterUnreadable, valueRepair } from './recovery';
import { syntaxFailure } from './syntaxFailure';
import type { SyntaxFailure, SyntaxFailureCode } from './syntaxFailure';
import type { SourceRange } from './textEdit';
import { isPrintable } from './printable';
import { droppedRuns, endOfLine, isBlank, isNewline, quoted, readValue } from './value';
import type { ModelfileValue, Quote, ReadValue } from './value';

/** A name in a document, as written. */
export interface NamedRange {
  readonly name: string;
  readonly range: SourceRange;
}

export interface ModelfileCommand {
  /** The name that Ollama gives it: `model` for FROM, the parameter's name for PARAMETER, else the keyword. */
  readonly name: string;
  /** The argument that Ollama gives it: the value's text, for MESSAGE `role: text`. */
  readonly args: string;
  readonly keyword: CommandKeyword;
  readonly keywordRange: SourceRange;
  /** The name after PARAMETER, else null. Empty where two blanks follow PARAMETER. */
  readonly parameter: NamedRange | null;
  /** The role after MESSAGE, else null. */
  readonly role: NamedRange | null;
  readonly value: ModelfileValue;
  /** From the keyword to the value's end. */
  readonly range: SourceRange;
}

/** A Modelfile as Ollama v0.32.15 reads it, with the place of everything. */
export interface ParsedModelfile {
  /** The text that all ranges refer to. Lone surrogates are U+FFFD in it, as they are in the saved file. */
  readonly text: string;
  /** All commands, with those that were read after an error, which Ollama never sees. */
  readonly commands: readonly ModelfileCommand[];
  /** From the `#` to the end of the line. */
  readonly comments: readonly SourceRange[];
  /** In the order in which they are met: the first is Ollama's own verdict, the others come to light once it is mended. */
  readonly failures: readonly SyntaxFailure[];
  /** Characters outside comments that vanish because they do not print. */
  readonly dropped: readonly SourceRange[];
}

/**
 * Reads a Modelfile as Ollama's parser does, and goes on after an error with the next line. Takes any text, never
 * throws, and takes time in proportion to the text's length. A file was read without an error if `failures` is empty.
 */
export function parseModelfile(source: string): ParsedModelfile {
  return new ModelfileReader(source.toWellFormed()).read();
}

class ModelfileReader {
  readonly #text: string;
  readonly #commands: ModelfileCommand[] = [];
  readonly #comments: SourceRange[] = [];
  readonly #failures: SyntaxFailure[] = [];
  readonly #dropped: SourceRange[] = [];
  readonly #neverClosed = new Set<Quote>();
  /** Newlines were counted up to here; Ollama's lines are only asked for in order. */
  #countedTo = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedModelfile {
    for (let offset = 0; offset < this.#text.length;) offset = this.#readAt(offset);
    if (!this.#commands.some(({ name }) => name === 'model')) {
      this.#failures.push(syntaxFailure('missing-from', { start: 0, end: 0 }));
    }
    return {
      ...{ text: this.#text, commands: this.#commands, comments: this.#comments },
      ...{ failures: this.#failures, dropped: this.#dropped },
    };
  }

  /** Reads what begins at a place between commands; returns where to go on. */
  #readAt(offset: number): number {
    const code = this.#text.charCodeAt(offset);
    if (isBlank(code) || isNewline(code)) return offset + 1;
    if (code !== 0x23) return this.#readCommand(offset);
    const end = endOfLine(this.#text, offset);
    this.#comments.push({ start: offset, end });
    return end;
  }

  #readCommand(start: number): number {
    const text = this.#text;
    const first = text.codePointAt(start) ?? 0;
    const firstEnd = start + (first > 0xffff ? 2 : 1);
    const vanishes = !isPrintable(first);
    if (vanishes) this.#dropped.push({ start, end: firstEnd });
    const range = { start: vanishes ? firstEnd : start, end: endOfName(text, firstEnd, isLetter) };
    const keyword = commandKeyword(text.slice(range.start, range.end));
    if (range.end >= text.length) return this.#fail('unfinished-command', range, text.length);
    if (!isBlank(text.charCodeAt(range.end)) || keyword === null) {
      return this.#failWord(keyword, { start, end: range.end });
    }
    if (keyword === 'parameter') return this.#readParameter(range);
    if (keyword === 'message') return this.#readMessage(range);
    return this.#readValue(keyword, range, range.end + 1, {});
  }

  #failWord(keyword: CommandKeyword | null, range: SourceRange): number {
    const lineEnd = endOfLine(this.#text, range.end);
    const code = keyword === null ? 'unknown-command' : 'blank-missing-after-command';
    const shown = keyword === null ? { start: range.start, end: endOfWord(this.#text, range.end) } : range;
    this.#failures.push(syntaxFailure(code, shown, { line: this.#lineAfter(range.end) }));
    this.#drop(range.end, lineEnd);
    // A keyword with the value on the next line: that value is no row of unknown commands.
    return keyword !== null && lineEnd === range.end ? lineAfterUnreadable(this.#text, lineEnd) : lineEnd;
  }

  #readParameter(keywordRange: SourceRange): number {
    const start = keywordRange.end + 1;
    const range = { start, end: endOfName(this.#text, start, isNameCharacter) };
    const failed = this.#failName(keywordRange, range, 'unfinished-parameter');
    if (failed !== null) return failed;
    const parameter = { name: this.#text.slice(range.start, range.end), range };
    return this.#readValue('parameter', keywordRange, range.end + 1, { parameter });
  }

  #readMessage(keywordRange: SourceRange): number {
    const start = keywordRange.end + 1;
    const range = { start, end: endOfName(this.#text, start, isLetter) };
    const failed = this.#failName(keywordRange, range, 'unfinished-message');
    if (failed !== null) return failed;
    const role = { name: this.#text.slice(range.start, range.end), range };
    if (!MESSAGE_ROLES.some((known) => known === role.name)) {
      const code = role.name === '' ? 'extra-blank-after-message' : 'unknown-role';
      const shown = role.name === '' ? keywordRange : range;
      this.#failures.push(syntaxFailure(code, shown, { line: this.#lineAfter(range.end) }));
    }
    return this.#readValue('message', keywordRange, range.end + 1, { role });
  }

  /** The failure of a name or role that no blank follows, and where to go on; null where one does. */
  #failName(
    keywordRange: SourceRange,
    range: SourceRange,
    code: 'unfinished-parameter' | 'unfinished-message',
  ): number | null {
    const text = this.#text;
    const shown = { start: keywordRange.start, end: range.end };
    if (range.end >= text.length) return this.#fail('unfinished-command', shown, text.length);
    if (isBlank(text.charCodeAt(range.end))) return null;
    const lineEnd = endOfLine(text, range.end);
    this.#drop(range.end, lineEnd);
    const end = endOfWord(text, range.end);
    const name = text.slice(range.start, range.end);
    this.#failures.push(syntaxFailure(code, { start: keywordRange.start, end }, { name }));
    return lineEnd;
  }

  #readValue(
    keyword: CommandKeyword,
    keywordRange: SourceRange,
    start: number,
    names: { readonly parameter?: NamedRange; readonly role?: NamedRange },
  ): number {
    const { value, end } = this.#readOrRepair(start);
    for (const run of value.dropped) this.#dropped.push(run);
    const { parameter = null, role = null } = names;
    const name = parameter?.name ?? (keyword === 'from' ? 'model' : keyword);
    const args = role === null ? value.text : `${role.name}: ${value.text}`;
    const range = { start: keywordRange.start, end: Math.max(value.range.end, start) };
    this.#commands.push({ name, args, keyword, keywordRange, parameter, role, value, range });
    return end;
  }

  #readOrRepair(start: number): ReadValue {
    const read = readValue(this.#text, start, this.#neverClosed);
    if (!('openingQuote' in read)) return read;
    const { quote, openingQuote } = read;
    this.#neverClosed.add(quote);
    this.#failures.push(syntaxFailure('unclosed-quote', openingQuote));
    const { closingQuote, end } = valueRepair(this.#text, openingQuote, quote);
    return quoted(this.#text, start, quote, openingQuote, closingQuote, end);
  }

  #fail(code: SyntaxFailureCode, range: SourceRange, next: number): number {
    this.#failures.push(syntaxFailure(code, range));
    return next;
  }

  #drop(start: number, end: number): void {
    for (const run of droppedRuns(this.#text, start, end)) this.#dropped.push(run);
  }

  /** Ollama's number of the line of a character: each CR and LF counts, and one at the place itself already does. */
  #lineAfter(offset: number): number {
    for (; this.#countedTo <= offset; this.#countedTo += 1) {
      if (isNewline(this.#text.charCodeAt(this.#countedTo))) this.#line += 1;
    }
    return this.#line;
  }
}

function endOfName(text: string, start: number, belongs: (code: number) => boolean): number {
  let end = start;
  while (end < text.length && belongs(text.charCodeAt(end))) end += 1;
  return end;
}

/** The end of what a reader takes for one word: up to a blank or newline. */
function endOfWord(text: string, start: number): number {
  return endOfName(text, start, (code) => !isBlank(code) && !isNewline(code));
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isNameCharacter(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
}
