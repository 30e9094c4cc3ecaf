import type { Probe } from './probe';
import { amdProbe } from './probes/amd';
import { appleProbe } from './probes/apple';
import { intelProbe } from './probes/intel';
import { nvidiaProbe } from './probes/nvidia';
import { vulkanProbe } from './probes/vulkan';
import { windowsProbe } from './probes/windows';

/** Every probe, the one whose accelerators are numbered first at the top. */
export const PROBES: readonly Probe[] = [appleProbe, nvidiaProbe, amdProbe, intelProbe, windowsProbe];

/** For machines where none of those finds an accelerator. */
export const LAST_RESORT: Probe = vulkanProbe;
