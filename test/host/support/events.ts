import { appendFileSync } from 'node:fs';

/** What happens inside the extension host, as `scripts/hostTests.mjs` reads it: one JSON object a line. */
type HostEvent =
  | { readonly event: 'start'; readonly pid: number }
  | { readonly event: 'pass'; readonly title: string; readonly durationMs: number }
  | { readonly event: 'fail'; readonly title: string; readonly message: string }
  | { readonly event: 'activation'; readonly loadMs: number; readonly activateMs: number }
  | { readonly event: 'end'; readonly tests: number; readonly failures: number };

/** Appends an event to the file that the runner named; throws when the runner named none. */
export function writeEvent(event: HostEvent): void {
  const file = process.env['MODEL_POOL_HOST_EVENTS'];
  if (!file)
    throw new Error('MODEL_POOL_HOST_EVENTS is not set: run the host tests with `npm test -- host`.');
  appendFileSync(file, `${JSON.stringify(event)}\n`);
}
