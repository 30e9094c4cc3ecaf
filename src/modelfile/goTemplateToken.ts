import { goQuote } from './goTemplateQuote';

/** The keywords of Go's text/template; `.` is one too. */
const TEMPLATE_KEYWORDS = [
  ...['.', 'block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with'],
] as const;

export type TemplateKeyword = (typeof TEMPLATE_KEYWORDS)[number];

export type TemplateTokenKind =
  | TemplateKeyword
  | 'assign'
  | 'bool'
  | 'char'
  | 'character'
  | 'complex'
  | 'declare'
  | 'eof'
  | 'error'
  | 'field'
  | 'identifier'
  | 'leftDelimiter'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelimiter'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable';

/** One token; offsets are UTF-16 code units of the template. */
export interface TemplateToken {
  readonly kind: TemplateTokenKind;
  readonly start: number;
  /** Of an error token: where the lexer gave up reading. */
  readonly end: number;
  /** What it covers; of an error token Go's message. */
  readonly value: string;
}

const KEYWORDS: ReadonlyMap<string, TemplateKeyword> = new Map(TEMPLATE_KEYWORDS.map((word) => [word, word]));

/** The keyword that a word is, if it is one. */
export function keywordOf(word: string): TemplateKeyword | undefined {
  return KEYWORDS.get(word);
}

/** A token as Go names it in `unexpected … in …`. */
export function tokenText(token: TemplateToken): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.value;
  if (KEYWORDS.has(token.kind)) return `<${token.value}>`;
  // Go measures bytes and cuts characters.
  if (Buffer.byteLength(token.value) <= 10) return goQuote(token.value);
  return `${goQuote(/^.{10}/su.exec(token.value)?.[0] ?? token.value)}...`;
}
