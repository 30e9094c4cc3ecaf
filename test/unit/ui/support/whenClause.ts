/** What VS Code knows of a place: the values of context keys; one that is not there is as good as unset. */
export type Place = Readonly<Record<string, string | boolean>>;

/** A `when` clause, by VS Code's grammar: https://code.visualstudio.com/api/references/when-clause-contexts. */
type When =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'not'; readonly of: When }
  | { readonly kind: 'and' | 'or'; readonly of: readonly When[] }
  | { readonly kind: 'equals' | 'differs'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'greater' | 'less';
      readonly key: string;
      readonly value: number;
      readonly orEqual: boolean;
    }
  | { readonly kind: 'matches'; readonly key: string; readonly pattern: RegExp }
  | { readonly kind: 'in'; readonly key: string; readonly list: string; readonly negated: boolean };

/** One token: an operator, a pattern, a quoted value, or a word (a key or a bare value). */
const TOKEN =
  /\s*(?:(\|\||&&|==|!=|=~|>=|<=|[()!<>])|(\/(?:\\.|\[(?:\\.|[^\]])*\]|[^/\\[])+\/[a-z]*)|'([^']*)'|([\w\-:./\\*?+[\]^,#@;"%$]+))/y;

type Token =
  | { readonly operator: string }
  | { readonly pattern: string }
  | { readonly word: string; readonly quoted: boolean };

/**
 * Reads a `when` clause.
 *
 * @throws where VS Code's parser would not take it, and says where
 */
export function parseWhen(text: string): When {
  const parser = new Parser(tokensOf(text), text);
  const when = parser.or();
  parser.end();
  return when;
}

/** Whether the clause holds in a place. */
export function holds(when: When, place: Place): boolean {
  switch (when.kind) {
    case 'constant':
      return when.value;
    case 'key':
      return Boolean(place[when.key]);
    case 'not':
      return !holds(when.of, place);
    case 'and':
      return when.of.every((each) => holds(each, place));
    case 'or':
      return when.of.some((each) => holds(each, place));
    case 'equals':
      return String(place[when.key]) === when.value;
    case 'differs':
      return String(place[when.key]) !== when.value;
    case 'greater':
    case 'less': {
      const value = Number(place[when.key]);
      const isBeyond = when.kind === 'greater' ? value > when.value : value < when.value;
      return isBeyond || (when.orEqual && value === when.value);
    }
    case 'matches':
      return when.pattern.test(String(place[when.key]));
    case 'in':
      throw new Error(`${when.key} in ${when.list}: no clause of ours needs lists, so none are known here.`);
  }
}

/** Every key that the clause reads. */
export function keysOf(when: When): readonly string[] {
  switch (when.kind) {
    case 'constant':
      return [];
    case 'not':
      return keysOf(when.of);
    case 'and':
    case 'or':
      return when.of.flatMap(keysOf);
    case 'in':
      return [when.key, when.list];
    default:
      return [when.key];
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`Nothing that is known stands at ${at} of: ${text}`);
    const [, operator, pattern, quoted, word] = match;
    if (operator !== undefined) tokens.push({ operator });
    else if (pattern !== undefined) tokens.push({ pattern });
    else tokens.push({ word: quoted ?? word ?? '', quoted: quoted !== undefined });
  }
  return tokens;
}

class Parser {
  #next = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly text: string,
  ) {}

  or(): When {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#term()));
  }

  end(): void {
    if (this.#next < this.tokens.length) this.#fail('more than a clause');
  }

  #joined(kind: 'and' | 'or', operator: string, part: () => When): When {
    const first = part();
    const others: When[] = [];
    while (this.#take(operator)) others.push(part());
    return others.length === 0 ? first : { kind, of: [first, ...others] };
  }

  #term(): When {
    if (this.#take('!')) return { kind: 'not', of: this.#term() };
    if (this.#take('(')) {
      const inner = this.or();
      if (!this.#take(')')) this.#fail('no closing parenthesis');
      return inner;
    }
    const key = this.#word();
    if (key === 'true' || key === 'false') return { kind: 'constant', value: key === 'true' };
    if (this.#take('==')) return this.#equals(key, false);
    if (this.#take('!=')) return this.#equals(key, true);
    if (this.#take('=~')) return { kind: 'matches', key, pattern: this.#pattern() };
    for (const operator of ['>', '<'] as const) {
      const orEqual = this.#take(`${operator}=`);
      if (orEqual || this.#take(operator))
        return { kind: operator === '>' ? 'greater' : 'less', key, value: Number(this.#word()), orEqual };
    }
    const negated = this.#takeWord('not');
    if (this.#takeWord('in')) return { kind: 'in', key, list: this.#word(), negated };
    if (negated) this.#fail('"not" without "in"');
    return { kind: 'key', key };
  }

  /** VS Code takes `key == true` for the key itself. */
  #equals(key: string, negated: boolean): When {
    const value = this.#word();
    if (value !== 'true' && value !== 'false') return { kind: negated ? 'differs' : 'equals', key, value };
    const isKey = (value === 'true') !== negated;
    return isKey ? { kind: 'key', key } : { kind: 'not', of: { kind: 'key', key } };
  }

  #pattern(): RegExp {
    const token = this.tokens[this.#next];
    if (token === undefined || !('pattern' in token)) return this.#fail('no pattern after =~');
    this.#next += 1;
    const end = token.pattern.lastIndexOf('/');
    return new RegExp(token.pattern.slice(1, end), token.pattern.slice(end + 1));
  }

  #word(): string {
    const token = this.tokens[this.#next];
    if (token === undefined || !('word' in token)) return this.#fail('no key or value');
    this.#next += 1;
    return token.word;
  }

  #take(operator: string): boolean {
    const token = this.tokens[this.#next];
    const isThere = token !== undefined && 'operator' in token && token.operator === operator;
    if (isThere) this.#next += 1;
    return isThere;
  }

  #takeWord(word: string): boolean {
    const token = this.tokens[this.#next];
    const isThere = token !== undefined && 'word' in token && !token.quoted && token.word === word;
    if (isThere) this.#next += 1;
    return isThere;
  }

  #fail(what: string): never {
    throw new Error(`There is ${what} at part ${this.#next + 1} of: ${this.text}`);
  }
}
