import type { HardwareProfile } from './profile';

/**
 * The profile with a measured bandwidth of its system memory, GB/s, and the flat figure with it where models run on the
 * processor. Memory that an accelerator shares keeps the figure of that: the cores alone cannot read as fast, and models
 * do not run on them. A description by hand stays what it says.
 */
export function withMeasuredBandwidth(profile: HardwareProfile, bandwidthGBps: number): HardwareProfile {
  if (profile.source === 'override' || profile.accelerators.some(({ unified }) => unified)) return profile;
  return {
    ...profile,
    memory: { ...profile.memory, bandwidthGBps, basis: 'measured' },
    ...(profile.platform === 'cpu' ? { bandwidthGbps: bandwidthGBps } : {}),
    // The family does not matter any more.
    warnings: profile.warnings.filter(({ code }) => code !== 'cpu_unmapped_family'),
  };
}
