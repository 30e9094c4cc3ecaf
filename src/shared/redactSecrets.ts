/** A part of a text that must not be shown, from `start` up to `end`, and what stands there instead. */
export interface RedactedSpan {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/**
 * A kind of secret and how it looks. What may be long is one run of characters that nothing follows, so that no run is
 * read more than a few times over; every other repetition is bounded. So the time grows with the text, not faster.
 */
interface SecretPattern {
  readonly label: string;
  /** A text in lower case without which the pattern cannot match; saves most texts most patterns. */
  readonly hint: string;
  /** What stands in front of the secret and is kept. Names of fields are written in any case. */
  readonly before?: string;
  readonly secret: RegExp;
  /** What stands behind the secret and is kept. */
  readonly behind?: RegExp;
  /** Says no to what only looks like a secret, such as a word of the language. */
  readonly isSecret?: (text: string) => boolean;
}

/** No letter in front, but for one of an escape: in JSON or a URL a key may follow on `\n`, `\u003d` or `%3D`. */
const START = /(?:(?<![A-Za-z0-9_])|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))/.source;
/** The same without a dash in front: where a run of dashes may follow, each of its starts would read all of the run. */
const RUN_START = START.replace('A-Za-z0-9_])', 'A-Za-z0-9_-])');
/** Between a field's name and its value: `=` or `:`, with quotes as in JSON, also in JSON inside JSON. */
const ASSIGNED = /\\{0,3}["'`]?\s{0,4}(?:[:=]>?|%3[ad])\s{0,4}\\{0,3}["'`]?/.source;
/** The same where the value stands in quotes and may have blanks. */
const QUOTED = /\\{0,3}["'`]?\s{0,4}[:=]>?\s{0,4}\\{0,3}["'`]/.source;
/** The same or the comma of a list of names and values, as raw headers are. */
const HEADER = `(?:${ASSIGNED}|${/\\{0,3}["']\s{0,4},\s{0,4}\\{0,3}["']/.source})`;
const SCHEMES = /(?:(?:bearer|basic|token|negotiate|apikey|key)(?:\s|%20|\+){1,4})?/.source;

const SECRETS: readonly SecretPattern[] = [
  { label: 'aws_key_id', hint: 'a', secret: /(?:AKIA|ASIA)[A-Z0-9]{16,}/ },
  {
    label: 'aws_secret',
    hint: 'access',
    before: `secret[ _-]?access[ _-]?key${ASSIGNED}`,
    secret: /[A-Za-z0-9/+=]{30,}/,
  },
  {
    label: 'aws_secret',
    hint: 'ia',
    before: /(?:AKIA|ASIA)[A-Z0-9]{16}[\s"',:;|]{1,8}/.source,
    secret: /[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/,
    isSecret: (text) => /[G-Zg-z/+]/.test(text),
  },
  {
    label: 'github',
    hint: 'gh',
    secret: /gh[pousr]_[A-Za-z0-9_]{20,}/,
  },
  { label: 'github', hint: 'github_pat_', secret: /github_pat_[A-Za-z0-9_]{20,}/ },
  { label: 'slack', hint: 'xox', secret: /xox[a-z]-[A-Za-z0-9-]{10,}/ },
  { label: 'slack', hint: 'xapp-', secret: /xapp-[A-Za-z0-9-]{10,}/ },
  {
    label: 'slack_webhook',
    hint: 'hooks.slack',
    before: /hooks\.slack(?:-gov)?\.com(?:\\?\/|%2f)(?:services|workflows|triggers)(?:\\?\/|%2f)/.source,
    secret: /[A-Za-z0-9/\\%]{10,}/,
  },
  { label: 'stripe', hint: 'k_', secret: new RegExp(`${START}[sr]k_(?:live|test)_[A-Za-z0-9_]{10,}`) },
  {
    label: 'api_key',
    hint: 'sk-',
    secret: new RegExp(`${START}sk-(?:proj|ant|svcacct|admin|or)-[A-Za-z0-9_-]{12,}`),
  },
  {
    label: 'api_key',
    hint: 'sk-',
    secret: new RegExp(`${START}sk-[A-Za-z0-9_-]{16,}`),
    isSecret: hasRandomRun,
  },
  { label: 'hugging_face', hint: 'hf_', secret: /hf_[A-Za-z0-9_]{16,}/, isSecret: hasRandomRun },
  // Groq, xAI, NVIDIA, Perplexity, Replicate, GitLab, npm, Cerebras, Together.
  {
    label: 'api_key',
    hint: '',
    secret: new RegExp(`${START}(?:gsk_|xai-|nvapi-|pplx-|r8_|glpat-|npm_|csk-|tgp_v1_)[A-Za-z0-9_-]{20,}`),
    isSecret: hasRandomRun,
  },
  { label: 'google', hint: 'aiza', secret: /AIza[A-Za-z0-9_-]{30,}/ },
  { label: 'google', hint: 'ya29.', secret: /ya29\.[A-Za-z0-9_.-]{20,}/ },
  {
    label: 'jwt',
    hint: 'eyj',
    secret: new RegExp(`${RUN_START}eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){0,3}`),
  },
  // Schemes whose values have blanks, names and quotes: the rest of the line goes.
  {
    label: 'authorization',
    hint: 'authorization',
    before: `authorization${HEADER}(?:digest|aws4-hmac-sha256|hawk|oauth|signature|ntlm)\\s{1,4}`,
    secret: /[^\r\n=]{1,200}=[^\r\n]*/,
  },
  {
    label: 'authorization',
    hint: 'authorization',
    before: `authorization${HEADER}${SCHEMES}`,
    secret: /[^\s"'`\\,]{6,}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'authorization',
    hint: 'b',
    before: /(?:bearer|basic)(?:\s|%20|\+){1,4}/.source,
    secret: /[A-Za-z0-9._~+/=-]{8,}/,
    isSecret: looksRandom,
  },
  {
    label: 'cookie',
    hint: 'cookie',
    before: `cookie2?${HEADER}`,
    secret: /(?:[^\s"'\\=]{1,200}=|[^\s"'\\]{12})[^\r\n"'\\]*/,
  },
  {
    label: 'userinfo',
    hint: '@',
    before: /:\\?\/\\?\//.source,
    secret: /[^\s/?#"'<>]+/,
    behind: /@/,
    // `git@` in front of a host is a role, not a credential.
    isSecret: (text) => /:|%3a/i.test(text) || text.length >= 16,
  },
  {
    label: 'query',
    hint: '=',
    before:
      /(?:[?&#]|&amp;|\\u0026)(?:(?:api|access|auth|subscription|secret|client|session|refresh|id|hf)[_-]?(?:key|token|secret)|key|token|secret|auth|sig|signature|password|passwd|pwd|x-(?:amz|goog)-(?:signature|credential|security-token))=/
        .source,
    secret: /[^\s&"'#<>\\]+/,
  },
  {
    label: 'key',
    hint: 's',
    before: `(?:secret(?:[ _-]?key)?|password|passwd|passphrase)${ASSIGNED}`,
    secret: /[^\s"'`\\,;&]{4,}/,
    isSecret: (text) => text.length >= 6 || /[^A-Za-z.:!?]/.test(text),
  },
  {
    label: 'key',
    hint: 's',
    before: `(?:secret(?:[ _-]?key)?|password|passwd|passphrase)${QUOTED}`,
    secret: /[^"'`\\\r\n]{4,}/,
    isSecret: (text) => text.length >= 6 || /[^A-Za-z.:!?]/.test(text),
  },
  {
    label: 'key',
    hint: 'key',
    before: `api[ _-]?key(?: provided| is)?${HEADER}`,
    secret: /[^\s"'`\\,;&]{6,}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'key',
    hint: 'key',
    before: `(?:account|access|storage|signing|encryption|subscription|master)[ _-]?key${ASSIGNED}`,
    secret: /[^\s"'`\\,;&]{8,}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'key',
    hint: '--',
    before: /(?<!-)--[a-z-]{0,20}(?:key|token|password|secret)[\s=]{1,3}["']?/.source,
    // What begins like a path is one.
    secret: /[^\s"'`\\/.~-][^\s"'`\\]{5,}/,
    isSecret: isNoPlainWord,
  },
  {
    label: 'token',
    hint: 'token',
    before: `token${ASSIGNED}`,
    secret: /[A-Za-z0-9._~+/=-]{12,}/,
    isSecret: (text) => /[a-z]/i.test(text) && looksRandom(text),
  },
];

/** From here on a word without digits and capitals is no word of the language. */
const LONGEST_WORD = 23;

/** What stands in front of a secret is no longer. */
const LONGEST_NAME = 64;

function looksRandom(text: string): boolean {
  return text.length > LONGEST_WORD || /\d|[a-z][A-Z]/.test(text);
}

function hasRandomRun(text: string): boolean {
  return (text.match(/[A-Za-z0-9]{12,}/g) ?? []).some(looksRandom);
}

function isNoPlainWord(text: string): boolean {
  return text.length > LONGEST_WORD || !/^[A-Za-z]+[.:!?]?$/.test(text);
}

const PATTERNS = SECRETS.map(({ label, hint, before, secret, behind, isSecret }) => ({
  hint,
  isSecret,
  replacement: `[REDACTED:${label}]`,
  hasBefore: before !== undefined,
  pattern: new RegExp(
    `(${before ?? ''})${secret.source}(${behind?.source ?? ''})`,
    before === undefined ? 'g' : 'gi',
  ),
}));

const MARKER = /^\[REDACTED:[a-z_]{1,40}\]$/;

/** Every part of a text that is a secret of a known kind, in no order; the parts may overlap. */
export function secretSpans(text: string): readonly RedactedSpan[] {
  const lowerCase = text.toLowerCase();
  const spans: RedactedSpan[] = pemSpans(text);
  for (const { hint, pattern, hasBefore, isSecret, replacement } of PATTERNS) {
    if (!lowerCase.includes(hint)) continue;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      const start = match.index + (match[1]?.length ?? 0);
      const end = match.index + match[0].length - (match[2]?.length ?? 0);
      const secret = text.slice(start, end);
      if (!MARKER.test(secret) && isSecret?.(secret) !== false) spans.push({ start, end, replacement });
      // What was taken for a secret may end with the name in front of the next, or be one.
      if (hasBefore) pattern.lastIndex = Math.max(start, end - LONGEST_NAME);
    }
  }
  return spans;
}

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}-----/g;
const PEM_END = /-----END [A-Z0-9 ]{0,40}-----/y;
/** What a key looks like whose end was cut off, also in JSON. */
const PEM_BODY = /(?:[A-Za-z0-9+/=\s]{1,1000}|\\[nr]){0,1000}/y;

function pemSpans(text: string): RedactedSpan[] {
  const spans: RedactedSpan[] = [];
  for (const { index, 0: begin } of text.matchAll(PEM_BEGIN)) {
    const dashes = text.indexOf('-----', index + begin.length);
    PEM_END.lastIndex = dashes;
    PEM_BODY.lastIndex = index + begin.length;
    const whole = dashes !== -1 && PEM_END.test(text);
    if (!whole) PEM_BODY.test(text);
    spans.push({
      start: index,
      end: whole ? PEM_END.lastIndex : PEM_BODY.lastIndex,
      replacement: '[REDACTED:pem]',
    });
  }
  return spans;
}
