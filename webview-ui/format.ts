import * as l10n from '@vscode/l10n';
import { formatNumber as formatAnyNumber } from '../src/shared/numberText';
import { formatDuration } from '../src/shared/units';

/** Pure text for the report. Every function takes the present moment as an argument where it needs one. */

/** Stands where a fact is not known. */
export const UNKNOWN = '–';

/** `1,234.5`, see `numberText`; an en dash for null and what is not finite. */
export function formatNumber(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  return formatAnyNumber(value, digits);
}

/** Tokens per second with one decimal under 10, none above: more digits than an estimate can carry mislead. */
export function formatRate(tokPerSec: number | null | undefined): string {
  if (tokPerSec === null || tokPerSec === undefined) return UNKNOWN;
  return formatNumber(tokPerSec, tokPerSec < 10 ? 1 : 0);
}

/** Milliseconds as seconds: two decimals under 10 s, one under 100 s. */
export function formatSeconds(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return UNKNOWN;
  const seconds = milliseconds / 1_000;
  return formatNumber(seconds, seconds < 10 ? 2 : seconds < 100 ? 1 : 0);
}

const billions = (value: number): string => `${Number(value.toFixed(value < 20 ? 1 : 0))}B`;

/** `14B`, `7.6B`, and `30B-A3B` where only a part is active for each token, as such models are named. In billions. */
export function formatParameters(sizeB: number, activeB: number | null): string {
  return activeB === null || activeB >= sizeB ? billions(sizeB) : `${billions(sizeB)}-A${billions(activeB)}`;
}

/** The same in words: `30B, of which 3B are active for each token`. */
export function describeParameters(sizeB: number, activeB: number | null): string {
  if (activeB === null || activeB >= sizeB) return billions(sizeB);
  return l10n.t('{0}, of which {1} are active for each token', billions(sizeB), billions(activeB));
}

/** `797 ms`, `1.55 s`, `12.4 s`, `3 min 20 s`: as exact as a reader of one call wants it. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${formatSeconds(milliseconds)} s` : formatDuration(milliseconds);
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `42 s ago`, `5 min ago`, `3 h ago`, `12 d ago`; the text itself when it is not a date. */
export function formatRelative(iso: string, nowMs: number): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return iso;
  const passed = nowMs - then;
  if (passed < 5 * SECOND) return l10n.t('just now');
  if (passed < MINUTE) return l10n.t('{0} s ago', Math.floor(passed / SECOND));
  if (passed < HOUR) return l10n.t('{0} min ago', Math.floor(passed / MINUTE));
  if (passed < DAY) return l10n.t('{0} h ago', Math.floor(passed / HOUR));
  return l10n.t('{0} d ago', Math.floor(passed / DAY));
}

/** `today`, `1 day old`, `12 days old`, `7 months old` for an ISO date; null when it is not a date. */
export function formatAge(isoDate: string, nowMs: number): string | null {
  const then = Date.parse(isoDate);
  if (Number.isNaN(then)) return null;
  const days = Math.max(0, Math.floor((nowMs - then) / DAY));
  if (days === 0) return l10n.t('today');
  if (days === 1) return l10n.t('1 day old');
  if (days < 60) return l10n.t('{0} days old', days);
  if (days < 730) return l10n.t('{0} months old', Math.floor(days / 30.44));
  return l10n.t('{0} years old', Math.floor(days / 365.25));
}

/** `12 d`, `7 mo`, `2 y`: how old something is, for a narrow column; null when it is not a date. */
export function formatShortAge(isoDate: string, nowMs: number): string | null {
  const then = Date.parse(isoDate);
  if (Number.isNaN(then)) return null;
  const days = Math.max(0, Math.floor((nowMs - then) / DAY));
  if (days < 60) return l10n.t('{0} d', days);
  if (days < 730) return l10n.t('{0} mo', Math.floor(days / 30.44));
  return l10n.t('{0} y', Math.floor(days / 365.25));
}

/** The calendar day of an ISO date or time, as written. */
export function formatDay(iso: string): string {
  return /^\d{4}-\d{2}-\d{2}/.exec(iso)?.[0] ?? iso;
}

/** Words for codes and names of the records' schema, which are the same in every language: `rate_limited` -> `rate limited`. */
export function humanise(code: string): string {
  return code.replaceAll('_', ' ').replaceAll('-', ' ');
}
