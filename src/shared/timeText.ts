/** Swedish writes dates and times as ISO 8601 does: the same for every reader, and in an order that sorts. */
const LOCALE = 'sv-SE';

/** A time, as ISO 8601 text or in milliseconds since the epoch. */
type Moment = string | number;

/** `2026-02-14 13:05:22`, in the reader's time zone or the one given; a text that is no date as it is. */
export function formatMoment(moment: Moment, timeZone?: string): string {
  return shown(moment, { dateStyle: 'short', timeStyle: 'medium' }, timeZone);
}

/** `2026-02-14`. */
export function formatDate(moment: Moment, timeZone?: string): string {
  return shown(moment, { dateStyle: 'short' }, timeZone);
}

/** `13:05`. */
export function formatTimeOfDay(moment: Moment, timeZone?: string): string {
  return shown(moment, { timeStyle: 'short' }, timeZone);
}

function shown(moment: Moment, style: Intl.DateTimeFormatOptions, timeZone: string | undefined): string {
  const epochMs = new Date(moment).getTime();
  if (Number.isNaN(epochMs)) return String(moment);
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(LOCALE, { ...style, ...zone }).format(epochMs);
}
