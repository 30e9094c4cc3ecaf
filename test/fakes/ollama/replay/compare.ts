import type { Captured } from './capture';
import type { Observed } from './play';

const STREAMS = new Set(['application/x-ndjson', 'text/event-stream']);

/** Headers that a client can depend on. */
const COMPARED_HEADERS = [
  'content-type',
  'allow',
  'location',
  'vary',
  'access-control-allow-origin',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-max-age',
];

/** How the two differ where a client could notice; empty where they do not. */
export function differences(captured: Captured, observed: Observed): string[] {
  const found: string[] = [];
  const expect = (what: string, wanted: unknown, got: unknown): void => {
    if (wanted !== got) found.push(`${what}: captured ${String(wanted)}, got ${String(got)}`);
  };
  expect('status', captured.status, observed.status);
  expect('end', captured.end, observed.end);
  if (captured.status === null) return found;
  const headers = lowerCase(captured.headers);
  for (const name of COMPARED_HEADERS) expect(name, headers[name], observed.headers[name]);
  if (observed.status !== 204) {
    expect('framing', framing(headers), framing(observed.headers));
  }
  if (STREAMS.has(headers['content-type'] ?? '')) {
    found.push(...compareLines(captured, observed));
  } else {
    expect('body', bodyShape(captured, captured.body ?? ''), bodyShape(captured, observed.text));
    expect('values', fixedValues(captured, captured.body ?? ''), fixedValues(captured, observed.text));
  }
  return found;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function framing(headers: Readonly<Record<string, string>>): string {
  if (headers['transfer-encoding'] === 'chunked') return 'chunked';
  return headers['content-length'] === undefined ? 'none' : 'content-length';
}

/** JSON by its shape; errors and everything else word by word. */
function bodyShape(captured: Captured, text: string): string {
  const value = parseJson(text);
  if (value === undefined || captured.status !== 200) return sameWords(text);
  return shapeOf(value);
}

/**
 * What must be equal in value too, as text: which models are listed and loaded and with what facts, all of show but
 * its time, why an answer ended.
 */
function fixedValues(captured: Captured, text: string): string {
  const value = parseJson(text);
  return captured.status === 200 && value !== undefined ? canonical(value, captured.path) : '';
}

function canonical(value: unknown, path: string): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, path));
    // The real order of models and tensors is arbitrary.
    return `[${(value.every((item) => typeof item === 'object') ? items.sort() : items).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).flatMap(([key, inner]) => {
    if (MADE_UP_KEYS.has(key) || isMadeUpId(key, inner) || (path === '/api/ps' && key === 'size')) return [];
    if (key === 'expires_at') return [`${key}: ${String(inner) > '2300' ? 'for ever' : 'in a while'}`];
    return [`${key}: ${canonical(inner, path)}`];
  });
  return `{${fields.sort().join(', ')}}`;
}

/** Identifiers of answers and calls; those of models are not made up. */
function isMadeUpId(key: string, value: unknown): boolean {
  return key === 'id' && typeof value === 'string' && /^(chatcmpl|cmpl|msg|resp|rs|call)[-_]/.test(value);
}

/** Times, manifest digests, whatever a model says or counts, made-up lists, and the vocabulary. */
const MADE_UP_KEYS = new Set([
  'modified_at',
  'created_at',
  'digest',
  'message',
  'response',
  'thinking',
  'context',
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
  'created',
  'completed_at',
  'content',
  'output',
  'reasoning',
  'text',
  'arguments',
  'usage',
  'logprobs',
  'embedding',
  'embeddings',
  'recommendations',
  'tokenizer.ggml.scores',
  'tokenizer.ggml.token_type',
  'tokenizer.ggml.tokens',
]);

/** Keys and types all the way down; an array is the set of its elements' shapes, an object's keys are sorted. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join(' | ')}]`;
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const keys = Object.entries(value).map(([key, inner]) => `${key}: ${shapeOf(inner)}`);
  return `{${keys.sort().join(', ')}}`;
}

/** Takes out of a text what differs from one real server to another: paths, times, counts, made-up digests. */
function sameWords(text: string): string {
  return text
    .replace(/ (\/[\w.-]+)+/g, ' <path>')
    .replace(/ts=\d+/, 'ts=<time>')
    .replace(/got sha256:[0-9a-f]{64}/, 'got sha256:<digest>')
    .replace(/req_[0-9a-f]{24}/, 'req_<id>')
    .replace(/request \(\d+ tokens\)/, 'request (<n> tokens)')
    .replace(/n_prompt_tokens\\":\d+/, 'n_prompt_tokens\\":<n>');
}

/** A captured line that was too long and ends early; only its first keys are known. */
const CUT_LINE = '...cut';

/** What kind a line is: its words, the layer that it speaks of, and its shape. */
function lineKind(line: string): string {
  if (line.endsWith(CUT_LINE)) return `cut ${keysOf(line).join(' ')}`;
  const event = /^event: (.*)\n/.exec(line)?.[1] ?? '';
  const text = line.replace(/^event: .*\n/, '').replace(/^data: /, '');
  if (text === '[DONE]') return text;
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return `not JSON: ${line}`;
  const known = new Map<string, unknown>(Object.entries(value));
  const words = ['status', 'error', 'done_reason'].flatMap((key) => {
    const word = known.get(key);
    return typeof word === 'string' ? [sameWords(word)] : [];
  });
  // A cached layer is complete in its one line, a moving one never quite.
  const amount = known.has('total')
    ? [known.get('total') === known.get('completed') ? 'all of' : 'some of']
    : [];
  const figures = ['total', 'digest'].flatMap((key) => (known.has(key) ? [String(known.get(key))] : []));
  return [event, ...words, ...amount, ...figures, ...endings(value), shapeOf(value)].join(' ');
}

/** Why answers ended, however deep in a line it stands. */
function endings(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'finish_reason' || key === 'stop_reason' ? [String(inner)] : endings(inner),
  );
}

function keysOf(line: string): string[] {
  return [...line.matchAll(/"(\w+)":/g)].map((match) => match[1] ?? '');
}

/**
 * Both streams as runs of equal lines. Where the capture left lines out, what is known are the runs before and
 * after; between them only lines of those kinds may stand.
 */
function compareLines(captured: Captured, observed: Observed): string[] {
  const got = linesOf(observed.text);
  if (observed.text !== '' && !observed.text.endsWith('\n')) return ['the last line is broken'];
  const parts = knownParts(captured);
  const first = runs(parts[0] ?? []);
  const last = runs(parts.at(-1) ?? []);
  const kinds = runs(got.map((line, index) => kindLike(line, index === got.length - 1, last.at(-1) ?? '')));
  const describe = (): string[] => [
    `lines: captured\n    ${[...first, ...(parts.length > 1 ? ['...', ...last] : [])].join('\n    ')}\n  got\n    ${kinds.join('\n    ')}`,
  ];
  if (captured.end !== 'complete') {
    // How far it came depends on when it was broken off: one must be the beginning of the other.
    const shorter = Math.min(first.length, kinds.length);
    const same = kinds.length > 0 && first.slice(0, shorter).every((kind, index) => kind === kinds[index]);
    return same && (parts.length > 1 || kinds.length <= first.length) ? [] : describe();
  }
  if (parts.length === 1) return first.join('\n') === kinds.join('\n') ? [] : describe();
  const starts = first.every((kind, index) => kind === kinds[index]);
  const ends = last.every((kind, index) => kind === kinds[kinds.length - last.length + index]);
  const allowed = new Set([...first, ...last]);
  return starts && ends && kinds.every((kind) => allowed.has(kind)) ? [] : describe();
}

/** The kind of an observed line; the last one is compared by its first keys where the capture has no more. */
function kindLike(line: string, isLast: boolean, capturedLast: string): string {
  if (isLast && capturedLast.startsWith('cut ')) {
    const wanted = capturedLast.slice('cut '.length).split(' ');
    return `cut ${keysOf(line).slice(0, wanted.length).join(' ')}`;
  }
  return lineKind(line);
}

function knownParts(captured: Captured): string[][] {
  const chunks = captured.chunks ?? [[0, captured.body ?? '']];
  const parts: string[][] = [[]];
  for (const [at, text] of chunks) {
    if (at === null) parts.push([]);
    else parts.at(-1)?.push(...linesOf(text).map(lineKind));
  }
  return parts;
}

function linesOf(text: string): string[] {
  // An event of a server is a line or two, and an empty one after them.
  const between = /^(event|data): /.test(text) ? '\n\n' : '\n';
  return text.split(between).filter((line) => line !== '');
}

function runs(kinds: readonly string[]): string[] {
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
