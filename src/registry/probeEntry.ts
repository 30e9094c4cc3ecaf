import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '../backends/contract';
import type { Flight } from './flight';

/** What the prober knows of one backend. */
export interface ProbeEntry {
  backend: Backend;
  /** Monotonic milliseconds; undefined: as the state of all windows says. */
  dueAt: number | undefined;
  /** Failures to count from, where those of the state do not count any more. */
  failures: number | undefined;
  /** Bugs of ours in a row. */
  crashes: number;
  /** When the last probe of this window ended, in monotonic milliseconds. */
  endedAt: number;
  flight: Flight | undefined;
}

/** A backend of which this window has asked nothing yet. */
export function newEntry(backend: Backend): ProbeEntry {
  return {
    ...{ backend, dueAt: undefined, failures: undefined, crashes: 0 },
    ...{ endedAt: Number.NEGATIVE_INFINITY, flight: undefined },
  };
}

/** Whether the same server would be asked, and in the same way. */
export function isAskedAlike(a: Backend, b: Backend): boolean {
  return a.config.url === b.config.url && isDeepStrictEqual(a.config.headers, b.config.headers);
}
