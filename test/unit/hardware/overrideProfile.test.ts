import { describe, expect, it } from 'vitest';
import {
  isUnknownHardware,
  profileFromOverride,
  unknownProfile,
} from '../../../src/hardware/overrideProfile';
import { FakeClock } from '../../fakes/fakeClock';

const clock = new FakeClock('2026-11-21T08:00:00Z');

describe('a machine that someone described', () => {
  it('keeps the description verbatim and is one group of what was described', () => {
    const described = {
      platform: 'nvidia',
      vramGb: 48,
      ramGb: 128,
      bandwidthGbps: 936,
      gpuName: '2 x RTX 3090',
      cpuName: 'AMD Ryzen 9 9950X',
    } as const;
    const profile = profileFromOverride('gpubox', described, clock);
    expect(profile).toMatchObject({ ...described, host: 'gpubox', source: 'override', warnings: [] });
    expect(profile.detectedAt).toBe('2026-11-21T08:00:00.000Z');
    expect(profile.groups).toEqual([{ indexes: [0], totalGib: 48, bandwidthGBps: 936 }]);
    expect(profile.memory).toEqual({ totalGib: 128, bandwidthGBps: 90, basis: 'assumed' });
  });

  it('a Mac described by its whole RAM may use what macOS allows, else what was said', () => {
    const mac = { platform: 'macos', ramGb: 36, bandwidthGbps: 300 } as const;
    const whole = profileFromOverride('local', { ...mac, vramGb: 36 }, clock);
    expect(whole.vramGb).toBe(36);
    expect(whole.groups[0]?.totalGib).toBe(24);
    expect(whole.memory).toMatchObject({ totalGib: 36, bandwidthGBps: 300 });
    expect(profileFromOverride('local', { ...mac, vramGb: 30 }, clock).groups[0]?.totalGib).toBe(30);
  });

  it('a machine without a GPU has none, even with a figure for it', () => {
    const cpu = profileFromOverride(
      'local',
      { platform: 'cpu', vramGb: 0, ramGb: 64, bandwidthGbps: 80 },
      clock,
    );
    expect(cpu).toMatchObject({ accelerators: [], groups: [], cpuName: 'unknown processor' });
    expect(cpu.memory).toMatchObject({ bandwidthGBps: 80 });
    const none = profileFromOverride(
      'local',
      { platform: 'amd', vramGb: 0, ramGb: 64, bandwidthGbps: 80 },
      clock,
    );
    expect(none.accelerators).toEqual([]);
  });
});

describe('a machine that nobody described', () => {
  it('has no figure at all, and says by which name to describe it', () => {
    const profile = unknownProfile('gpubox', clock);
    expect(profile).toMatchObject({ host: 'gpubox', vramGb: 0, ramGb: 0, bandwidthGbps: 0, groups: [] });
    expect(profile.memory).toMatchObject({ totalGib: 0, bandwidthGBps: 0 });
    expect(profile.warnings.map(({ code }) => code)).toEqual(['remote_host_unknown']);
    expect(profile.warnings[0]?.message).toMatch(/modelPool\.hosts, under the name "gpubox"/);
  });

  it('is told from one that was described', () => {
    const described = { platform: 'cpu', vramGb: 0, ramGb: 64, bandwidthGbps: 80 } as const;
    expect(isUnknownHardware(unknownProfile('gpubox', clock))).toBe(true);
    expect(isUnknownHardware(profileFromOverride('gpubox', described, clock))).toBe(false);
  });
});
