import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 100;

/**
 * Asks again and again until `probe` returns something other than undefined and false, and returns that.
 *
 * @throws when `withinMs` have passed: names `what` was waited for and the last error of the probe, if it threw.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let lastError: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      const seen = lastError instanceof Error ? ` ${lastError.message}` : '';
      throw new Error(`Waited ${withinMs} ms in vain for ${what}.${seen}`, { cause: lastError });
    }
    await delay(PAUSE_MS);
  }
}
