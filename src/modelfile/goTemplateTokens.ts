import type { TemplateToken } from './goTemplateToken';

/** Go gives up on these before it names a line, so they are a bug here. */
const END: TemplateToken = { kind: 'eof', start: 0, end: 0, value: '' };

/** The tokens of a template, read in order with any look-ahead. */
export class TemplateTokens {
  private index = 0;
  /** How far the parser has looked: Go names the line of this token in its messages. */
  private furthest = 0;

  constructor(private readonly tokens: readonly TemplateToken[]) {}

  /** The next token, spaces too. */
  next(): TemplateToken {
    const token = this.at(this.index);
    this.furthest = Math.max(this.furthest, this.index);
    this.index++;
    return token;
  }

  nextNonSpace(): TemplateToken {
    let token = this.next();
    while (token.kind === 'space') token = this.next();
    return token;
  }

  peek(): TemplateToken {
    const token = this.next();
    this.index--;
    return token;
  }

  peekNonSpace(): TemplateToken {
    const token = this.nextNonSpace();
    this.index--;
    return token;
  }

  /** Steps back over the token just read. */
  backUp(): void {
    this.index--;
  }

  /** The place to `return` to. */
  mark(): number {
    return this.index;
  }

  returnTo(mark: number): void {
    this.index = mark;
  }

  /** The last token that was looked at. */
  lookedAt(): number {
    return this.furthest;
  }

  at(index: number): TemplateToken {
    return this.tokens[index] ?? this.tokens.at(-1) ?? END;
  }

  /** Reads to the end of an action that could not be understood, and says where that is. */
  skipAction(): number {
    for (;;) {
      const token = this.at(this.index);
      if (token.kind === 'eof' || token.kind === 'leftDelimiter' || token.kind === 'text') return token.start;
      this.index++;
      if (token.kind === 'rightDelimiter' || token.kind === 'error') return token.end;
    }
  }
}
