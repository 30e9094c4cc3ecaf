import type { RateLimit } from '../shared/dispatchRecord';
import type { HttpHeaders } from '../shared/http';

/** What each header tells, and of which bucket. A header without a bucket counts requests. */
const HEADERS: readonly RegExp[] = [
  // OpenAI, and those who speak like it: `x-ratelimit-remaining-tokens`.
  /^x-ratelimit-(?<part>limit|remaining|reset)(?:-(?<scope>[a-z0-9_-]{1,60}))?$/,
  // Anthropic: `anthropic-ratelimit-input-tokens-remaining`.
  /^anthropic-ratelimit-(?<scope>[a-z0-9_-]{1,60})-(?<part>limit|remaining|reset)$/,
  // The IETF's draft of before 2024: `ratelimit-remaining`.
  /^ratelimit-(?<part>limit|remaining|reset)$/,
];

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
/** Numbers from here on are seconds since 1970 and not seconds from now; from a thousand times that, milliseconds. */
const FIRST_EPOCH_SECONDS = 1e9;
const FIRST_EPOCH_MS = 1e12;
/** A century; a bucket that is full later is a misread header. */
const MAX_AHEAD_MS = 100 * 365 * 86_400_000;

type Part = 'limit' | 'remaining' | 'reset';

/**
 * The rate limit that a server tells of in its headers: the bucket that is used up, else the first one; undefined where
 * it tells of none. What cannot be read is null. `nowMs` is what relative times are counted from.
 */
export function rateLimitOf(headers: HttpHeaders, nowMs: number): RateLimit | undefined {
  const buckets = new Map<string, Partial<Record<Part, string>>>();
  for (const name of Object.keys(headers)) {
    const value = firstHeader(headers, name);
    const known = headerOf(name.toLowerCase());
    if (known === undefined || value === undefined) continue;
    buckets.set(known.scope, { ...buckets.get(known.scope), [known.part]: value });
  }
  const limits = [...buckets].flatMap(([scope, parts]) => bucketOf(scope, parts, nowMs) ?? []);
  return limits.find(({ remaining }) => remaining === 0) ?? limits[0];
}

/** The value of a header, without the spaces around it; the first where it was sent more than once. */
export function firstHeader(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return (typeof value === 'string' ? value : value?.[0])?.trim();
}

function headerOf(name: string): { readonly scope: string; readonly part: Part } | undefined {
  for (const pattern of HEADERS) {
    const { part, scope = 'requests' } = pattern.exec(name)?.groups ?? {};
    if (part === 'limit' || part === 'remaining' || part === 'reset') {
      return { scope: scope.replaceAll('-', '_'), part };
    }
  }
  return undefined;
}

function bucketOf(scope: string, parts: Partial<Record<Part, string>>, nowMs: number): RateLimit | undefined {
  const limit = countOf(parts.limit);
  const remaining = countOf(parts.remaining);
  const resetAt = resetOf(parts.reset, nowMs);
  return limit === null && remaining === null && resetAt === null
    ? undefined
    : { scope, limit, remaining, resetAt };
}

function countOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** ISO 8601 of `6m0s`, `1.2s`, `20ms`, seconds from now, seconds or milliseconds since 1970, or a date of RFC 3339. */
function resetOf(text: string | undefined, nowMs: number): string | null {
  if (text === undefined) return null;
  const at = instantOf(text, nowMs);
  return Number.isFinite(at) && Math.abs(at - nowMs) <= MAX_AHEAD_MS ? new Date(at).toISOString() : null;
}

function instantOf(text: string, nowMs: number): number {
  if (/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) {
    const value = Number(text);
    if (value >= FIRST_EPOCH_MS) return value;
    return value >= FIRST_EPOCH_SECONDS ? value * 1_000 : nowMs + value * 1_000;
  }
  if (/^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:\d\d)$/i.test(text)) return Date.parse(text);
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[dhms]))+$/.test(text)) return NaN;
  const pieces = [...text.matchAll(/(?<count>[\d.]+)(?<unit>ms|[dhms])/g)];
  return pieces.reduce((sum, { groups = {} }) => {
    return sum + Number(groups['count']) * (DURATION_UNITS_MS[groups['unit'] ?? ''] ?? NaN);
  }, nowMs);
}
