import { goCharacter, goQuote } from './goTemplateQuote';
import { keywordOf } from './goTemplateToken';
import type { TemplateToken, TemplateTokenKind } from './goTemplateToken';

/** A template cut into tokens; comments stand apart, because Go's parser never sees them. */
export interface LexedTemplate {
  /** Ends with an `eof` token. After an error token, at which Go stops, it goes on with the text that follows. */
  readonly tokens: readonly TemplateToken[];
  readonly comments: readonly { readonly start: number; readonly end: number }[];
}

/** Cuts a template into tokens as the lexer of Go 1.26's text/template does, in time linear in its length. */
export function lexTemplate(template: string): LexedTemplate {
  return new TemplateLexer(template).lex();
}

const ALPHANUMERIC = /[\p{L}\p{Nd}_]+/uy;
const SPACES = /[ \t\r\n]+/y;
const LEFT_DELIMITER = /\{\{(?:-[ \t\r\n])?/y;
const RIGHT_DELIMITER = /(?:[ \t\r\n]-)?\}\}/y;
/** What may follow a name. */
const TERMINATOR = /[ \t\r\n.,|:()]|\}\}|$/y;
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F_]*\.?[\da-fA-F_]*(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]*)?)i?/y;
const PRINTABLE_ASCII = /[ -~]/;

class TemplateLexer {
  private readonly tokens: TemplateToken[] = [];
  private readonly comments: { start: number; end: number }[] = [];
  private position = 0;
  private parenDepth = 0;

  constructor(private readonly template: string) {}

  lex(): LexedTemplate {
    while (this.position < this.template.length) {
      this.lexText();
      if (this.position < this.template.length && this.lexLeftDelimiter()) while (this.lexInsideAction());
    }
    this.emit('eof', this.template.length);
    return { tokens: this.tokens, comments: this.comments };
  }

  /** Text up to the next action, less the spaces that the action trims. */
  private lexText(): void {
    const found = this.template.indexOf('{{', this.position);
    const next = found < 0 ? this.template.length : found;
    const marker = found < 0 ? '' : this.match(LEFT_DELIMITER, next);
    let end = next;
    if (marker.length > 2) while (end > this.position && isSpace(this.template.charAt(end - 1))) end--;
    if (end > this.position) this.emit('text', end);
    this.position = next;
  }

  /** Whether an action follows; a comment is read whole. */
  private lexLeftDelimiter(): boolean {
    const start = this.position;
    const delimiter = this.match(LEFT_DELIMITER);
    if (this.template.startsWith('/*', start + delimiter.length)) {
      this.lexComment(start, start + delimiter.length);
      return false;
    }
    this.emit('leftDelimiter', start + 2);
    this.position = start + delimiter.length;
    this.parenDepth = 0;
    return true;
  }

  private lexComment(delimiterStart: number, start: number): void {
    this.position = start;
    const close = this.template.indexOf('*/', start + 2);
    if (close < 0) {
      this.fail('unclosed comment', this.template.length);
      return;
    }
    const right = this.match(RIGHT_DELIMITER, close + 2);
    if (right === '') {
      this.fail('comment ends before closing delimiter', close + 2);
      return;
    }
    this.position = close + 2 + right.length;
    this.comments.push({ start: delimiterStart, end: this.position });
    this.trimAfter(right);
  }

  /** One token of an action; false when the action has ended, soundly or not. */
  private lexInsideAction(): boolean {
    const start = this.position;
    const right = this.match(RIGHT_DELIMITER);
    if (right !== '') {
      if (this.parenDepth > 0) return this.fail('unclosed left paren', start + right.length);
      return this.lexRightDelimiter(right);
    }
    const character = String.fromCodePoint(this.template.codePointAt(start) ?? 0);
    if (start >= this.template.length) return this.fail('unclosed action', start);
    if (isSpace(character)) return this.lexSpace();
    switch (character) {
      case '=':
        return this.emit('assign', start + 1);
      case ':':
        if (this.template.charAt(start + 1) === '=') return this.emit('declare', start + 2);
        return this.fail('expected :=', start + 1);
      case '|':
        return this.emit('pipe', start + 1);
      case '"':
        return this.lexQuoted('string', 'unterminated quoted string');
      case "'":
        return this.lexQuoted('character', 'unterminated character constant');
      case '`':
        return this.lexRawString();
      case '$':
        return this.lexName('variable', start + 1);
      case '(':
        this.parenDepth++;
        return this.emit('leftParen', start + 1);
      case ')':
        this.parenDepth--;
        if (this.parenDepth < 0) return this.fail('unexpected right paren', start + 1);
        return this.emit('rightParen', start + 1);
    }
    if (character === '.' && !/[\d]|^$/.test(this.template.charAt(start + 1)))
      return this.lexName('field', start + 1);
    if (/[.+\-\d]/.test(character)) return this.lexNumber();
    if (this.match(ALPHANUMERIC) !== '') return this.lexName('identifier', start);
    if (PRINTABLE_ASCII.test(character)) return this.emit('char', start + 1);
    return this.fail(`unrecognized character in action: ${goCharacter(character)}`, start + character.length);
  }

  private lexRightDelimiter(delimiter: string): boolean {
    this.position += delimiter.length - 2;
    this.emit('rightDelimiter', this.position + 2);
    this.trimAfter(delimiter);
    return false;
  }

  private trimAfter(rightDelimiter: string): void {
    if (rightDelimiter.length > 2) this.position += this.match(SPACES).length;
  }

  /** Spaces; the last one may belong to a trimming delimiter. */
  private lexSpace(): boolean {
    const end = this.position + this.match(SPACES).length;
    return this.emit('space', this.match(RIGHT_DELIMITER, end - 1).length > 2 ? end - 1 : end);
  }

  /** A literal between the quote here and the next one; a backslash keeps any character but a newline from counting. */
  private lexQuoted(kind: 'string' | 'character', error: string): boolean {
    const quote = this.template.charAt(this.position);
    let end = this.position + 1;
    while (this.template.charAt(end) !== quote) {
      if (this.template.charAt(end) === '\\') end++;
      const character = this.template.charAt(end);
      if (character === '' || character === '\n')
        return this.fail(error, Math.min(end, this.template.length));
      end++;
    }
    return this.emit(kind, end + 1);
  }

  private lexRawString(): boolean {
    const close = this.template.indexOf('`', this.position + 1);
    if (close < 0) return this.fail('unterminated raw quoted string', this.template.length);
    return this.emit('rawString', close + 1);
  }

  /** A field, variable or word whose letters begin at `from`; a lone `.` or `$` where none follow. */
  private lexName(kind: 'field' | 'variable' | 'identifier', from: number): boolean {
    const end = from + this.match(ALPHANUMERIC, from).length;
    if (!this.atTerminator(end)) {
      const bad = String.fromCodePoint(this.template.codePointAt(end) ?? 0);
      return this.fail(`bad character ${goCharacter(bad)}`, end + bad.length);
    }
    const word = this.template.slice(this.position, end);
    if (word === 'true' || word === 'false') return this.emit('bool', end);
    return this.emit(keywordOf(word) ?? kind, end);
  }

  private lexNumber(): boolean {
    const first = this.scanNumber(this.position);
    if (!first.sound) return this.fail(this.badNumber(first.end), first.end);
    if (!/[+-]/.test(this.template.charAt(first.end))) return this.emit('number', first.end);
    const second = this.scanNumber(first.end);
    if (second.sound && this.template.charAt(second.end - 1) === 'i') return this.emit('complex', second.end);
    return this.fail(this.badNumber(second.end), second.end);
  }

  /** Where a number ends; with the first character that must not follow it, where one does. */
  private scanNumber(from: number): { readonly end: number; readonly sound: boolean } {
    const end = from + this.match(NUMBER, from).length;
    if (this.match(ALPHANUMERIC, end) === '') return { end, sound: true };
    return { end: end + String.fromCodePoint(this.template.codePointAt(end) ?? 0).length, sound: false };
  }

  private badNumber(end: number): string {
    return `bad number syntax: ${goQuote(this.template.slice(this.position, end))}`;
  }

  private atTerminator(offset: number): boolean {
    TERMINATOR.lastIndex = offset;
    return TERMINATOR.test(this.template);
  }

  private match(pattern: RegExp, from = this.position): string {
    pattern.lastIndex = from;
    return pattern.exec(this.template)?.[0] ?? '';
  }

  private emit(kind: TemplateTokenKind, end: number): true {
    this.tokens.push({ kind, start: this.position, end, value: this.template.slice(this.position, end) });
    this.position = end;
    return true;
  }

  private fail(message: string, end: number): false {
    this.tokens.push({ kind: 'error', start: this.position, end, value: message });
    this.position = end;
    return false;
  }
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}
