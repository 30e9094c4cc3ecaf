import { contentSpans, isContentField } from './redactContent';
import { secretSpans, type RedactedSpan } from './redactSecrets';
import { shorten } from './shorten';

const FAILED = '[REDACTION FAILED]';
const CUT = '[CUT]';

const MAX_TEXT_CHARACTERS = 1024 * 1024;
const MAX_DEPTH = 4;
const MAX_ARRAY = 20;
const MAX_FIELDS = 100;
const MAX_STRING_CHARACTERS = 4_000;
/** Of a string in a value this much is looked at, of all of them `MAX_TEXT_CHARACTERS`. */
const MAX_STRING_INPUT_CHARACTERS = 16_000;
/** Of all lists and objects in a value together. */
const MAX_ITEMS = 10_000;
/** How far back a cut looks for a blank. */
const MAX_CUT_WORD = 4_096;

/** Headers that are never shown at all. */
const DROPPED_FIELDS = /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?|(?:.*-)?api-key)$/i;
/** Field names whose values are never shown. */
const SECRET_FIELDS =
  /^(?:.*api_?key|.*secret(?:[-_]?(?:access)?[-_]?key)?|(?:access|account|private|signing)[-_]?key|.*pass(?:word|wd|phrase)|(?:.*[-_])?token|(?:access|refresh|auth|id|session)token|credentials?)$/i;

/**
 * The text with the secret part of every known kind of secret replaced by `[REDACTED:kind]`, and the values of content
 * fields of JSON in it by `[CONTENT]`; what stands around them stays, and what overlaps is replaced once. Texts are cut
 * at 1 MiB. Takes time in proportion to the text, tens of milliseconds at most. Never throws.
 */
export function redactText(text: string): string {
  try {
    const bounded = cutText(text, MAX_TEXT_CHARACTERS);
    return replaced(bounded, [...contentSpans(bounded), ...secretSpans(bounded)]);
  } catch {
    return FAILED;
  }
}

/** The spans sorted and those that overlap made one, with the replacement of the first found. */
function replaced(text: string, spans: readonly RedactedSpan[]): string {
  if (spans.length === 0) return text;
  const order = spans.map((span, priority) => ({ ...span, priority })).sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let done = 0;
  let open: (RedactedSpan & { readonly priority: number }) | undefined;
  const close = (): void => {
    if (!open) return;
    parts.push(text.slice(done, open.start), open.replacement);
    done = open.end;
  };
  for (const span of order) {
    if (open && span.start < open.end) {
      const first = span.priority < open.priority ? span : open;
      open = { ...first, start: open.start, end: Math.max(open.end, span.end) };
    } else {
      close();
      open = span;
    }
  }
  close();
  return parts.join('') + text.slice(done);
}

/** At most `maxCharacters`, without the word that the cut goes through: half a secret is not known for one. */
function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  let end = maxCharacters - 1;
  const earliest = Math.max(0, end - MAX_CUT_WORD);
  while (end > earliest && !/\s/.test(text.charAt(end - 1))) end -= 1;
  return `${text.slice(0, end)}…`;
}

interface Budget {
  characters: number;
  items: number;
}

/**
 * A copy of a value that may be logged: secrets replaced, headers that hold credentials left out, values of fields that
 * hold credentials or content replaced; depth, number of items and lengths bounded. `[REDACTION FAILED]` where the value
 * cannot be read. Never throws.
 */
export function redactValue(value: unknown): unknown {
  try {
    return redactAt(value, 0, { characters: MAX_TEXT_CHARACTERS, items: MAX_ITEMS });
  } catch {
    return FAILED;
  }
}

function redactAt(value: unknown, depth: number, budget: Budget): unknown {
  if (typeof value === 'string') return redactString(value, budget);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[DEPTH]';
  if (value instanceof Error) {
    return { name: redactString(value.name, budget), message: redactString(value.message, budget) };
  }
  if (value instanceof URL) return redactString(value.href, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return '[BYTES]';
  return Array.isArray(value) ? redactList(value, depth, budget) : redactFields(value, depth, budget);
}

function redactList(list: readonly unknown[], depth: number, budget: Budget): unknown {
  const items = list.slice(0, MAX_ARRAY);
  budget.items -= items.length;
  if (budget.items < 0) return CUT;
  return items.map((item, index) =>
    // Raw headers are lists of names and values in turn.
    namesSecret(items[index - 1]) ? '[REDACTED:field]' : redactAt(item, depth + 1, budget),
  );
}

function redactFields(value: object, depth: number, budget: Budget): unknown {
  const fields = Object.entries(value).slice(0, MAX_FIELDS);
  budget.items -= fields.length;
  if (budget.items < 0) return CUT;
  // `{name: 'Authorization', value: '…'}` is how some tools write a header.
  const isNamed = fields.some(([key, item]) => /^(?:name|key|header)$/i.test(key) && namesSecret(item));
  return Object.fromEntries(
    fields.flatMap(([key, item]) => {
      if (DROPPED_FIELDS.test(key)) return [];
      return [[redactString(key, budget), redactField(key, item)]];
    }),
  );

  function redactField(key: string, item: unknown): unknown {
    if (SECRET_FIELDS.test(key) || (isNamed && /^value$/i.test(key))) return '[REDACTED:field]';
    const mayBeContent = typeof item === 'string' || (typeof item === 'object' && item !== null);
    return mayBeContent && isContentField(key) ? '[CONTENT]' : redactAt(item, depth + 1, budget);
  }
}

function namesSecret(value: unknown): boolean {
  return typeof value === 'string' && (DROPPED_FIELDS.test(value) || SECRET_FIELDS.test(value));
}

function redactString(text: string, budget: Budget): string {
  const bounded = cutText(text, MAX_STRING_INPUT_CHARACTERS);
  budget.characters -= bounded.length;
  if (budget.characters < 0) return CUT;
  // Cut only after the redaction: half a secret is not known for one.
  return shorten(redactText(bounded), MAX_STRING_CHARACTERS);
}
