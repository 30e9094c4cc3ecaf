import { describe, expect, it } from 'vitest';
import { withMeasuredBandwidth } from '../../../src/hardware/measureBandwidthApplied';
import { profileFromOverride } from '../../../src/hardware/overrideProfile';
import type { HardwareProfile, HardwareWarning } from '../../../src/hardware/profile';
import { FakeClock } from '../../fakes/fakeClock';

const amounts = { vramGb: 24, ramGb: 64, bandwidthGbps: 80 };
const unmapped: HardwareWarning = { code: 'cpu_unmapped_family', message: 'x' };
const limited: HardwareWarning = { code: 'container_limited', message: 'y' };

/** As if it had been detected. */
function detected(platform: 'cpu' | 'nvidia' | 'macos'): HardwareProfile {
  const profile = profileFromOverride('local', { platform, ...amounts }, new FakeClock());
  return { ...profile, source: platform, warnings: [unmapped, limited] };
}

describe('a measured bandwidth', () => {
  it('takes the place of the assumed one, where models run on the processor in both figures', () => {
    const profile = withMeasuredBandwidth(detected('cpu'), 42.5);
    expect(profile.memory).toMatchObject({ totalGib: 64, bandwidthGBps: 42.5, basis: 'measured' });
    expect(profile.bandwidthGbps).toBe(42.5);
    expect(profile.warnings).toEqual([limited]);
  });

  it('is of the system memory alone where there is a graphics card', () => {
    const before = detected('nvidia');
    const profile = withMeasuredBandwidth(before, 42.5);
    expect(profile.memory).toMatchObject({ bandwidthGBps: 42.5, basis: 'measured' });
    expect(profile.bandwidthGbps).toBe(80);
    expect(profile.accelerators).toEqual(before.accelerators);
    expect(profile.groups).toEqual(before.groups);
  });

  it('changes nothing where the GPU reads the same memory, nor in a description by hand', () => {
    const mac = detected('macos');
    expect(withMeasuredBandwidth(mac, 42.5)).toBe(mac);
    const described = { ...detected('cpu'), source: 'override' } as const;
    expect(withMeasuredBandwidth(described, 42.5)).toBe(described);
  });
});
