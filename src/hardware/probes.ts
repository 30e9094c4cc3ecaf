import type { Probe } from './probe';
import { appleProbe } from './probes/apple';
import { nvidiaProbe } from './probes/nvidia';

/** Every probe, the one whose accelerators are numbered first at the top. */
export const PROBES: readonly Probe[] = [appleProbe, nvidiaProbe];
