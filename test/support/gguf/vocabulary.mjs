import { CHAT_TEMPLATE_MARKS } from './chatTemplate.mjs';

/** Kinds of token, as llama.cpp numbers them. */
const NORMAL = 1;
const CONTROL = 3;
const UNUSED = 5;

/** A few merges, so that prompts do not fall apart into single bytes everywhere. */
const MERGED_WORDS = ' the, and, is, a, of, to, in, you, user, system, what, hello, weather'.split(',');

/** What the scripted models say, piece by piece: every piece is one token and has one successor. */
const SCRIPTS = {
  main: [
    ...['Hello', ' from', ' one', ' tiny', ' model', ' whose', ' weights', ' hold', ' this', ' answer'],
    ...[', word', ' by', ' word.'],
  ],
  loop: ['tick', '-tock', '-tack', '-tuck', '-teck', '-tyck', '-toll', '-tell\n'],
  tool: [
    ...['<tool_call>\n', '{"name": ', '"get_weather', '", "arguments": ', '{"city": ', '"Paris', '"}', '}\n'],
    '</tool_call>',
  ],
  think: [
    '<think>\n',
    ...['First', ' weigh', ' every', ' side', '\n</think>\n\n', 'Forty', '-two', ' words!'],
  ],
};

/**
 * @typedef {object} Vocabulary
 * @property {string[]} tokens
 * @property {number[]} tokenTypes
 * @property {string[]} merges
 * @property {number} beginOfText
 * @property {number} endOfTurn
 * @property {ReadonlyMap<number, number>} successors of the tokens that have one
 * @property {number} first the token that follows every token without a successor of its own
 */

/**
 * A byte-level vocabulary with the tokens that the scripts need, filled up to a size.
 *
 * @param {number} size 0: the next multiple of 32
 * @returns {Vocabulary}
 * @throws {Error} when the scripts need more tokens than `size`
 */
export function buildVocabulary(size) {
  const tokens = /** @type {string[]} */ ([]);
  const tokenTypes = /** @type {number[]} */ ([]);
  const ids = /** @type {Map<string, number>} */ (new Map());
  const merges = /** @type {string[]} */ ([]);
  const add = (/** @type {string} */ token, type = NORMAL) => {
    const known = ids.get(token);
    if (known !== undefined) return known;
    tokens.push(token);
    tokenTypes.push(type);
    ids.set(token, tokens.length - 1);
    return tokens.length - 1;
  };

  for (const symbol of BYTE_SYMBOLS) add(symbol);
  for (const word of MERGED_WORDS) addMerges([...symbolsOf(word)], add, merges);
  const beginOfText = add('<|endoftext|>', CONTROL);
  add(CHAT_TEMPLATE_MARKS.beginTurn, CONTROL);
  const endOfTurn = add(CHAT_TEMPLATE_MARKS.endTurn, CONTROL);
  const loop = add(CHAT_TEMPLATE_MARKS.loop, CONTROL);
  const tool = add(CHAT_TEMPLATE_MARKS.tool, CONTROL);
  const think = add(CHAT_TEMPLATE_MARKS.think, CONTROL);

  const addScript = (/** @type {readonly string[]} */ pieces) =>
    pieces.map((piece) => {
      if (ids.has(symbolsOf(piece))) throw new Error(`The script's piece ${piece} is not unique.`);
      return add(symbolsOf(piece));
    });
  const main = addScript(SCRIPTS.main);
  const ticking = addScript(SCRIPTS.loop);
  const successors = new Map([
    ...chain([...main, endOfTurn]),
    ...chain([loop, ...ticking, ticking[0] ?? 0]),
    ...chain([tool, ...addScript(SCRIPTS.tool), endOfTurn]),
    ...chain([think, ...addScript(SCRIPTS.think), endOfTurn]),
  ]);

  if (size > 0 && tokens.length > size) {
    throw new Error(`The vocabulary has ${size} tokens and the scripts need ${tokens.length}.`);
  }
  const wanted = size || Math.ceil(tokens.length / 32) * 32;
  while (tokens.length < wanted) add(`<unused${tokens.length}>`, UNUSED);
  return { tokens, tokenTypes, merges, beginOfText, endOfTurn, successors, first: main[0] ?? 0 };
}

/**
 * The printable character that stands for each byte in a byte-level vocabulary, as GPT-2 set it: printable Latin-1
 * stands for itself, all else for the characters from U+0100 on.
 */
const BYTE_SYMBOLS = (() => {
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : 256 + others++);
  });
})();

/** @param {string} text */
function symbolsOf(text) {
  return [...Buffer.from(text, 'utf8')].map((byte) => BYTE_SYMBOLS[byte]).join('');
}

/**
 * Merges a word from left to right, one symbol at a time.
 *
 * @param {readonly string[]} symbols
 * @param {(token: string) => number} add
 * @param {string[]} merges
 */
function addMerges(symbols, add, merges) {
  let merged = symbols[0] ?? '';
  for (const symbol of symbols.slice(1)) {
    const merge = `${merged} ${symbol}`;
    if (!merges.includes(merge)) merges.push(merge);
    merged += symbol;
    add(merged);
  }
}

/**
 * @param {readonly number[]} tokens
 * @returns {[number, number][]} each token with the one after it
 */
function chain(tokens) {
  return tokens.slice(0, -1).map((token, index) => [token, tokens[index + 1] ?? token]);
}
