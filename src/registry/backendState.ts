import { isDeepStrictEqual } from 'node:util';
import type { Readiness } from '../backends/contract';
import type { ProbeOutcome } from './probeRun';
import type { Server } from './server';
import type { Stamp } from './stamp';

/** What probes of any window found out about a backend itself. */
export interface BackendFacts {
  /** `unknown` before the first probe ends. */
  readonly readiness: Readiness | 'unknown';
  readonly message?: string;
  readonly nextStep?: string;
  readonly version?: string;
  /** What this version cannot do yet, one sentence each. */
  readonly limits?: readonly string[];
  /** ISO 8601 of the last probe that ended, well or not. */
  readonly lastProbeAt?: string;
  /** ISO 8601 of the last probe that ended well. */
  readonly lastOkAt?: string;
  /** Failed probes since the last good one; sets how long the schedule waits. */
  readonly failures: number;
}

/** The state of a backend as the windows share it. */
export interface StoredBackend {
  readonly server: Server;
  readonly facts: BackendFacts;
  readonly seen: Stamp;
}

export const UNKNOWN_FACTS: BackendFacts = Object.freeze({ readiness: 'unknown', failures: 0 });

/**
 * What is known after a probe that ended at `at` (ISO 8601) as the `failures`-th failure in a row, or 0; a failure keeps
 * what was known before.
 */
export function factsAfterProbe(
  { lastOkAt, version, limits }: BackendFacts,
  outcome: ProbeOutcome,
  at: string,
  failures: number,
): BackendFacts {
  const base = { readiness: outcome.readiness, lastProbeAt: at, failures };
  if (outcome.readiness === 'ok') {
    const { version: seenVersion, limits: seenLimits } = outcome;
    return {
      ...base,
      lastOkAt: at,
      ...(seenVersion === undefined ? {} : { version: seenVersion }),
      ...(seenLimits === undefined || seenLimits.length === 0 ? {} : { limits: seenLimits }),
    };
  }
  return {
    ...base,
    message: outcome.message,
    nextStep: outcome.nextStep,
    ...(lastOkAt === undefined ? {} : { lastOkAt }),
    ...(version === undefined ? {} : { version }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** Whether two states say the same but for the times at which it was seen. */
export function saysTheSame(a: BackendFacts, b: BackendFacts): boolean {
  return (
    a.readiness === b.readiness &&
    a.message === b.message &&
    a.nextStep === b.nextStep &&
    a.version === b.version &&
    isDeepStrictEqual(a.limits, b.limits) &&
    a.failures === b.failures
  );
}
