import { shorten } from './shorten';

/** A kind of secret and how it looks. Every repetition is bounded, so that no text takes more than milliseconds. */
interface SecretPattern {
  readonly label: string;
  /** What stands in front of the secret and is kept. */
  readonly before?: RegExp;
  readonly secret: RegExp;
  /** What stands behind the secret and is kept. */
  readonly behind?: RegExp;
  /** Says no to what only looks like a secret, such as a word of the language. */
  readonly isSecret?: (text: string) => boolean;
}

/** Between a field's name and its value: `=` or `:`, with quotes as in JSON, also in JSON inside JSON. */
const ASSIGNED = /\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?/.source;
const SCHEMES = /(?:(?:bearer|basic|digest|token|negotiate|apikey)\s{1,4})?/.source;

const SECRETS: readonly SecretPattern[] = [
  // A block without its end was cut somewhere: what looks like base64 behind its head goes as well.
  {
    label: 'pem',
    secret:
      /-----BEGIN [A-Z0-9 ]{0,40}-----(?:(?:(?!-----)[^]){0,20000}-----END [A-Z0-9 ]{0,40}-----|(?:\\[nr]|[A-Za-z0-9+/=\s]){0,20000})/,
  },
  { label: 'aws_key_id', secret: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { label: 'github', secret: /\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/ },
  { label: 'slack', secret: /\bxox[abeprs]-[A-Za-z0-9-]{10,250}/ },
  {
    label: 'slack_webhook',
    before: /\bhooks\.slack\.com\/(?:services|workflows)\//,
    secret: /[A-Za-z0-9/]{10,120}/,
  },
  { label: 'stripe', secret: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,120}/ },
  { label: 'api_key', secret: /\bsk-(?:proj|ant|svcacct|admin|or)-[A-Za-z0-9_-]{12,250}/ },
  { label: 'api_key', secret: /\bsk-[A-Za-z0-9_-]{16,250}/, isSecret: hasRandomRun },
  { label: 'hugging_face', secret: /\bhf_[A-Za-z0-9]{16,120}/, isSecret: hasRandomRun },
  { label: 'google', secret: /\bAIza[A-Za-z0-9_-]{30,60}/ },
  {
    label: 'jwt',
    secret: /(?<![\w-])eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}/,
  },
  {
    label: 'authorization',
    before: new RegExp(`\\bauthorization${ASSIGNED}${SCHEMES}`),
    secret: /[^\s"'\\,]{6,4000}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'authorization',
    before: /\b(?:bearer|basic)\s{1,4}/,
    secret: /[A-Za-z0-9._~+/=-]{8,4000}/,
    isSecret: looksRandom,
  },
  {
    label: 'userinfo',
    before: /\b[a-z][a-z0-9+.-]{0,20}:\/\//,
    secret: /[^\s/?#"'<>]{1,300}/,
    behind: /@/,
    // `git@` in front of a host is a role, not a credential.
    isSecret: (text) => text.includes(':') || text.length >= 16,
  },
  {
    label: 'query',
    before: /[?&](?:api[_-]?key|key|token|access[_-]token|auth|sig|signature|x-amz-signature)=/,
    secret: /[^\s&"'#]{1,4000}/,
  },
  {
    label: 'aws_secret',
    before: new RegExp(`secret_?access_?key${ASSIGNED}`),
    secret: /[A-Za-z0-9/+=]{30,60}/,
  },
  {
    label: 'key',
    before: new RegExp(`(?:\\b|_)(?:client[_-]?secret|secret|password|passwd|passphrase)${ASSIGNED}`),
    secret: /[^\s"'\\,;&]{6,4000}/,
  },
  {
    label: 'key',
    before: new RegExp(`api[ _-]?key${ASSIGNED}`),
    secret: /[^\s"'\\,;&]{6,4000}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'token',
    before: new RegExp(`token${ASSIGNED}`),
    secret: /[A-Za-z0-9._~+/=-]{12,4000}/,
    isSecret: (text) => /[a-z]/i.test(text) && looksRandom(text),
  },
];

/** From here on a word without digits and capitals is no word of the language. */
const LONGEST_WORD = 23;

function looksRandom(text: string): boolean {
  return text.length > LONGEST_WORD || /\d|[a-z][A-Z]/.test(text);
}

function hasRandomRun(text: string): boolean {
  return (text.match(/[A-Za-z0-9]{12,}/g) ?? []).some(looksRandom);
}

function isNoPlainWord(text: string): boolean {
  return text.length > LONGEST_WORD || !/^[A-Za-z]+[.:!?]?$/.test(text);
}

/** Names of fields are written in any case; so are the words in front of a secret, but most secrets are not. */
const PATTERNS = SECRETS.map(({ label, before, secret, behind, isSecret }) => ({
  label,
  isSecret,
  pattern: new RegExp(
    `(${before?.source ?? ''})${secret.source}(${behind?.source ?? ''})`,
    before ? 'gi' : 'g',
  ),
}));

const REDACTED = '[REDACTED:';

const MAX_TEXT_CHARACTERS = 1024 * 1024;
const MAX_DEPTH = 4;
const MAX_ARRAY = 20;
const MAX_FIELDS = 100;
const MAX_STRING_CHARACTERS = 4_000;

/** Field names whose values are never shown. */
const SECRET_FIELDS =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|.*api[-_]?key|.*secret(?:[-_]?access[-_]?key)?|pass(?:word|wd|phrase)|(?:.*[-_])?token|(?:access|refresh|auth|id)token)$/i;
/** Field names that hold what people wrote or models answered. */
const CONTENT_FIELDS = /^(?:prompt|messages|input|content|text|completion|response|system|thinking)$/i;

/**
 * The text with the secret part of every known kind of secret replaced by `[REDACTED:kind]`; what stands around it
 * stays. Texts are cut at 1 MiB. Never throws.
 */
export function redactText(text: string): string {
  try {
    let result = shorten(text, MAX_TEXT_CHARACTERS);
    for (const { label, pattern, isSecret } of PATTERNS) {
      result = result.replace(pattern, (match: string, before: string, behind: string) => {
        const secret = match.slice(before.length, match.length - behind.length);
        if (secret.startsWith(REDACTED) || isSecret?.(secret) === false) return match;
        return `${before}${REDACTED}${label}]${behind}`;
      });
    }
    return result;
  } catch {
    return '[REDACTION FAILED]';
  }
}

/**
 * A copy of a value that may be logged: secrets replaced, fields that hold content or credentials dropped, depth,
 * number of items and string lengths bounded. Never throws.
 */
export function redactValue(value: unknown): unknown {
  try {
    return redactAt(value, 0);
  } catch {
    return '[REDACTION FAILED]';
  }
}

function redactAt(value: unknown, depth: number): unknown {
  // Cut only after the redaction: half a secret is not known for one.
  if (typeof value === 'string') {
    return shorten(redactText(value.slice(0, 2 * MAX_STRING_CHARACTERS)), MAX_STRING_CHARACTERS);
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[DEPTH]';
  if (value instanceof Error) return { name: value.name, message: redactAt(value.message, depth) };
  if (Array.isArray(value)) return value.slice(0, MAX_ARRAY).map((item) => redactAt(item, depth + 1));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, MAX_FIELDS)) {
    if (SECRET_FIELDS.test(key)) result[key] = '[REDACTED:field]';
    else if (CONTENT_FIELDS.test(key)) result[key] = '[CONTENT]';
    else result[key] = redactAt(item, depth + 1);
  }
  return result;
}
