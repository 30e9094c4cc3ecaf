/** A moment as Go prints it: RFC 3339 with nanoseconds and without trailing zeros. */
export function goTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const seconds = new Date(whole).toISOString().slice(0, 19);
  const millis = String(((whole % 1_000) + 1_000) % 1_000).padStart(3, '0');
  // Milliseconds are all that we have; the rest of the digits is made up, so that clients meet nine of them.
  const fraction = `${millis}${String((whole * 7_919) % 1_000_000).padStart(6, '0')}`.replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

/** Milliseconds as whole nanoseconds, at least one. */
export function nanoseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1e6));
}
