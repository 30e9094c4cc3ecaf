/** A kind of secret and how it looks. Patterns are linear: no nested or overlapping quantifiers. */
interface SecretPattern {
  readonly label: string;
  /** Global; the first group is what is kept in front of the secret, where there is one. */
  readonly pattern: RegExp;
}

const SECRET_PATTERNS: readonly SecretPattern[] = [
  { label: 'pem', pattern: /-----BEGIN [A-Z ]{0,40}-----[^-]{0,20000}-----END [A-Z ]{0,40}-----/g },
  { label: 'aws_key_id', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { label: 'github', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g },
  { label: 'slack', pattern: /\bxox[abpsr]-[A-Za-z0-9-]{10,250}/g },
  { label: 'slack_webhook', pattern: /hooks\.slack\.com\/services\/[A-Za-z0-9/]{10,120}/g },
  { label: 'stripe', pattern: /\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,120}/g },
  { label: 'api_key', pattern: /\bsk-[A-Za-z0-9_-]{16,250}/g },
  { label: 'hugging_face', pattern: /\bhf_[A-Za-z0-9]{16,120}/g },
  { label: 'google', pattern: /\bAIza[A-Za-z0-9_-]{30,60}/g },
  { label: 'authorization', pattern: /(\b(?:bearer|basic)\s{1,4})[A-Za-z0-9._~+/=-]{8,4000}/gi },
  {
    label: 'authorization',
    pattern: /(\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?)(?!bearer|basic)[^\s"',]{6,4000}/gi,
  },
  { label: 'userinfo', pattern: /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']{1,300}@/gi },
  {
    label: 'query',
    pattern: /([?&](?:api[_-]?key|key|token|access_token|sig|signature)=)[^\s&"']{1,4000}/gi,
  },
  {
    label: 'aws_secret',
    pattern: /(aws_secret_access_key["']?\s{0,4}[:=]\s{0,4}["']?)[A-Za-z0-9/+=]{30,60}/gi,
  },
  {
    label: 'key',
    pattern: /(\b(?:api[_-]?key|secret|password|passwd)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&]{6,4000}/gi,
  },
];

const MAX_TEXT_CHARACTERS = 1024 * 1024;
const MAX_DEPTH = 4;
const MAX_ARRAY = 20;
const MAX_STRING_CHARACTERS = 4_000;

/** Field names whose values are never shown. */
const SECRET_FIELDS =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|.*api-?key|password|secret|token)$/i;
/** Field names that hold what people wrote or models answered. */
const CONTENT_FIELDS = /^(?:prompt|messages|input|content|text|completion|response|system|thinking)$/i;

/** The text with the secret part of every known kind of secret replaced by `[REDACTED:kind]`. Never throws. */
export function redactText(text: string): string {
  try {
    let result = text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
    for (const { label, pattern } of SECRET_PATTERNS) {
      result = result.replace(pattern, (_match, kept: unknown) => {
        const prefix = typeof kept === 'string' ? kept : '';
        return `${prefix}[REDACTED:${label}]${label === 'userinfo' ? '@' : ''}`;
      });
    }
    return result;
  } catch {
    return '[REDACTION FAILED]';
  }
}

/**
 * A copy of a value that may be logged: secrets replaced, fields that hold content or credentials dropped, depth,
 * array and string lengths bounded. Never throws.
 */
export function redactValue(value: unknown): unknown {
  try {
    return redactAt(value, 0);
  } catch {
    return '[REDACTION FAILED]';
  }
}

function redactAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value.slice(0, MAX_STRING_CHARACTERS));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[DEPTH]';
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (Array.isArray(value)) return value.slice(0, MAX_ARRAY).map((item) => redactAt(item, depth + 1));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (SECRET_FIELDS.test(key)) result[key] = '[REDACTED:field]';
    else if (CONTENT_FIELDS.test(key)) result[key] = '[CONTENT]';
    else result[key] = redactAt(item, depth + 1);
  }
  return result;
}
