import type { ProbeOutcome } from './probeRun';
import type { BackendState } from './row';

/** What is known of a backend after a probe that ended at `at` (ISO 8601); a failure keeps what was known before. */
export function stateAfterProbe(state: BackendState, outcome: ProbeOutcome, at: string): BackendState {
  const { id, kind, url, host, probing, lastOkAt, version } = state;
  const base = { id, kind, url, host, probing, readiness: outcome.readiness, lastProbeAt: at };
  if (outcome.readiness === 'ok') {
    return { ...base, lastOkAt: at, ...(outcome.version === undefined ? {} : { version: outcome.version }) };
  }
  const { message, nextStep } = outcome;
  const earlier = {
    ...(lastOkAt === undefined ? {} : { lastOkAt }),
    ...(version === undefined ? {} : { version }),
  };
  return { ...base, message, nextStep, ...earlier };
}
