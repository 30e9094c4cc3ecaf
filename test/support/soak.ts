import { appendFileSync } from 'node:fs';
import process from 'node:process';

/** Whether `npm run soak` runs the tests: in full, where `npm test` runs them bounded. */
const soaking = process.env['MODEL_POOL_SOAK'] === '1';

/** How often a test repeats what it does: `bounded` in the test command, `full` in the soak. */
export function rounds(bounded: number, full: number): number {
  return soaking ? full : bounded;
}

/** Hands a figure that a test measured to `npm run soak`, which prints them; nothing else happens with it. */
export function noteFigure(name: string, value: number | string): void {
  const file = process.env['MODEL_POOL_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, value })}\n`);
}
