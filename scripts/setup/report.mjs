import { adviceFor } from './advice.mjs';

/**
 * Runs one piece of the set-up, printing what it does when it begins to take long, what came of it and how long it
 * took.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<{ value: T, note: string }>} work
 * @returns {Promise<T>}
 * @throws {Error} what went wrong, and what to do about it where that is known
 */
export async function setUp(what, work) {
  const begun = performance.now();
  const patience = setTimeout(() => console.log(`  ${what} ...`), 1_000);
  try {
    const { value, note } = await work();
    console.log(`  ${what}: ${note} (${seconds(performance.now() - begun)})`);
    return value;
  } catch (error) {
    console.error(`  ${what}: FAILED after ${seconds(performance.now() - begun)}`);
    const message = messageOf(error);
    const advice = adviceFor(message);
    throw advice ? new Error(`${message}\n${advice}`, { cause: error }) : error;
  } finally {
    clearTimeout(patience);
  }
}

/**
 * What a failure says, without the stack that only a developer reads.
 *
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A duration for people, such as `3.4 s`.
 *
 * @param {number} durationMs
 */
export function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
