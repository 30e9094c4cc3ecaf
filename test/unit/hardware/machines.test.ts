import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HardwareDetector } from '../../../src/hardware/detector';
import { DeviceTable } from '../../../src/hardware/deviceTable';
import type { BandwidthBasis, HardwareProfile, HardwareWarningCode } from '../../../src/hardware/profile';
import { DEVICES_PATH, FIXTURE_FOLDER, loadMachine, optionsOf } from './machineFixture';

interface Expected {
  readonly platform: HardwareProfile['platform'];
  readonly vramGb: number;
  readonly bandwidthGbps: number;
  readonly basis: BandwidthBasis;
  readonly warnings?: readonly HardwareWarningCode[];
  readonly ramGb?: number;
  readonly gpuName?: string;
  /** GiB of every group, in order. */
  readonly groups?: readonly number[];
  readonly deviceId?: string;
}

const cpu = (bandwidthGbps: number, ...warnings: HardwareWarningCode[]): Expected => ({
  platform: 'cpu',
  vramGb: 0,
  bandwidthGbps,
  basis: 'assumed',
  warnings,
});
const nvidia = (vramGb: number, bandwidthGbps: number, more: Partial<Expected> = {}): Expected => ({
  platform: 'nvidia',
  vramGb,
  bandwidthGbps,
  basis: 'table',
  ...more,
});
const mac = (
  ramGib: number,
  usableGib: number,
  bandwidthGbps: number,
  more: Partial<Expected> = {},
): Expected => ({
  platform: 'macos',
  vramGb: ramGib,
  ramGb: ramGib,
  bandwidthGbps,
  basis: 'table',
  groups: [usableGib],
  ...more,
});
const assumed = (...warnings: HardwareWarningCode[]): Partial<Expected> => ({ basis: 'assumed', warnings });

/** The Ryzen 9 7950X that most of the fixtures stand on: a family that the table knows. */
const ryzen = (...warnings: HardwareWarningCode[]): Expected => cpu(83, ...warnings);

const MACHINES: Readonly<Record<string, Expected>> = {
  'nvidia-rtx-4090': nvidia(24, 1008, { ramGb: 62.7, deviceId: 'nvidia-geforce-rtx-4090' }),
  'nvidia-rtx-4090-laptop': nvidia(16, 576, { deviceId: 'nvidia-geforce-rtx-4090-mobile' }),
  'nvidia-rtx-2070-max-q': nvidia(8, 384, { deviceId: 'nvidia-geforce-rtx-2070-max-q' }),
  'nvidia-rtx-3080-12gb': nvidia(12, 912.4),
  'nvidia-rtx-3080-10gb': nvidia(10, 760.3),
  'nvidia-rtx-3060-8gb': nvidia(8, 240),
  'nvidia-rtx-a1000': nvidia(8, 192),
  'nvidia-h200': nvidia(140.4, 4800, { deviceId: 'nvidia-h200-sxm-141-gb' }),
  'nvidia-eight-of-two-kinds': nvidia(320, 2039, {
    gpuName: 'NVIDIA A100-SXM4-80GB',
    groups: [80, 80, 80, 80, 48, 48, 48, 48, 320, 192],
  }),
  'nvidia-two-rtx-3090': nvidia(48, 936.2, { groups: [24, 24, 48] }),
  'nvidia-gb10': nvidia(119.7, 273.2, { ramGb: 119.7, gpuName: 'NVIDIA GB10', groups: [119.7] }),
  'nvidia-jetson-orin': nvidia(61.4, 204.8, { deviceId: 'nvidia-jetson-agx-orin-64-gb' }),
  'nvidia-mig': nvidia(19, 777.5, { groups: [19, 4.75, 4.75], gpuName: 'NVIDIA A100-SXM4-40GB MIG 3g.20gb' }),
  'nvidia-mig-without-instances': ryzen('gpu_not_visible'),
  'nvidia-mig-beside-a-whole-gpu': nvidia(79.6, 3350, { groups: [79.6, 37.8, 37.8] }),
  'nvidia-mig-shared-slice': nvidia(4.75, 777.5),
  'nvidia-trademark-sign': nvidia(12, 504.2),
  'nvidia-driver-warnings-first': nvidia(16, 288),
  'nvidia-half-row': nvidia(24, 936.2, { groups: [24], warnings: ['nvidia_probe_failed'] }),
  'nvidia-only-half-a-row': ryzen('nvidia_probe_failed'),
  'nvidia-localised-comma': nvidia(24, 1008),
  'nvidia-localised-point': nvidia(24, 1008),
  'nvidia-localised-space': nvidia(24, 1008),
  'nvidia-with-units': nvidia(24, 1008),
  'nvidia-crlf': nvidia(24, 1008),
  'nvidia-unknown-gpu': nvidia(48, 300, assumed('nvidia_unmapped_gpu')),
  'nvidia-unknown-small-gpu': nvidia(2, 112, assumed('nvidia_unmapped_gpu')),
  'nvidia-modded-memory': nvidia(22, 616),
  'nvidia-no-devices': ryzen('gpu_not_visible'),
  'nvidia-library-mismatch': ryzen('nvidia_probe_failed'),
  'nvidia-driver-not-running': ryzen('nvidia_probe_failed'),
  'nvidia-empty-output': ryzen('nvidia_probe_failed'),
  'nvidia-tool-hangs': ryzen('nvidia_probe_failed'),
  'nvidia-gpu-lost': nvidia(24, 936.2, { warnings: ['nvidia_probe_failed'] }),
  'nvidia-card-without-memory-figure': nvidia(24, 936.2, { groups: [24] }),
  'nvidia-memory-error-unknown-card': ryzen('nvidia_probe_failed'),
  'nvidia-secret-in-error': ryzen('nvidia_probe_failed'),
  'linux-nvidia-without-tool': ryzen('gpu_not_visible'),
  'linux-amd-card': ryzen('gpu_not_visible'),
  'linux-intel-arc': ryzen('gpu_not_visible'),
  'linux-intel-integrated': cpu(76),
  'linux-container-without-gpu': ryzen('gpu_not_visible'),
  'wsl-without-gpu': cpu(76, 'gpu_not_visible'),
  'wsl-tool-outside-path': nvidia(12, 504.2),
  'windows-nvidia': nvidia(15.9, 896, { ramGb: 31.1 }),
  'windows-amd': cpu(83, 'gpu_not_visible'),
  'windows-intel-arc': cpu(83, 'gpu_not_visible'),
  'windows-basic-display': cpu(83),
  'mac-m3-max-30-cores': mac(36, 24, 300),
  'mac-m3-max-40-cores': mac(64, 48, 400),
  'mac-m4-max-32-cores': mac(36, 24, 410),
  'mac-m4-max-40-cores': mac(128, 96, 546),
  'mac-m5-max-32-cores': mac(36, 24, 460),
  'mac-m5-max-40-cores': mac(128, 96, 614),
  'mac-m3-ultra': mac(512, 384, 819),
  'mac-m1-8gb': mac(8, 5.33, 68),
  'mac-m2-pro': mac(32, 21.33, 200),
  'mac-wired-limit-raised': mac(192, 180, 800),
  'mac-unknown-chip': mac(24, 16, 100, assumed('macos_unmapped_chip')),
  'mac-virtual': cpu(40, 'gpu_not_visible', 'cpu_unmapped_family'),
  'mac-profiler-hangs': mac(64, 48, 400, assumed('macos_probe_failed')),
  'mac-profiler-other-keys': mac(24, 16, 120, { warnings: ['macos_probe_failed'] }),
  'mac-profiler-exits-with-text': mac(24, 16, 273, { warnings: ['macos_probe_failed'] }),
  'mac-sysctl-missing': mac(18, 12, 150, { warnings: ['macos_probe_failed'] }),
  'mac-chip-from-display': mac(18, 12, 150, { warnings: ['macos_probe_failed'] }),
  'mac-no-tools': mac(16, 10.67, 100, { warnings: ['macos_probe_failed'] }),
  'mac-nothing-known': cpu(40, 'macos_probe_failed', 'cpu_unmapped_family'),
  'mac-intel-amd': cpu(40, 'gpu_not_visible', 'cpu_unmapped_family'),
  'cpu-epyc-9654': cpu(460),
  'cpu-xeon-in-a-vm': cpu(96),
  'cpu-nested-lscpu': cpu(90),
  'cpu-arm-unknown': cpu(40, 'cpu_unmapped_family'),
  'cpu-without-lscpu': cpu(48),
  'cpu-xen-host': cpu(200),
  'container-v2-limits': { ...ryzen('container_limited', 'container_limited'), ramGb: 8 },
  'container-v2-max': { ...ryzen(), ramGb: 62 },
  'container-v2-parent-limit': { ...ryzen('container_limited', 'container_limited'), ramGb: 16 },
  'container-v1-limits': { ...ryzen('container_limited', 'container_limited'), ramGb: 4 },
  'container-v1-unlimited': { ...ryzen(), ramGb: 62 },
};

const table = DeviceTable.load(DEVICES_PATH);

function detect(name: string): Promise<HardwareProfile> {
  return new HardwareDetector(optionsOf(loadMachine(name), table)).detect();
}

describe('machines', () => {
  it.each(Object.entries(MACHINES))('%s is seen for what it is', async (name, expected) => {
    const profile = await detect(name);
    expect(profile.platform).toBe(expected.platform);
    expect(profile.source).toBe(expected.platform);
    expect(profile.warnings.map(({ code }) => code)).toEqual(expected.warnings ?? []);
    expect(profile.vramGb).toBeCloseTo(expected.vramGb, 1);
    expect(profile.bandwidthGbps).toBeCloseTo(expected.bandwidthGbps, 1);
    expect(profile.accelerators[0]?.basis ?? profile.memory.basis).toBe(expected.basis);
    if (expected.ramGb !== undefined) expect(profile.ramGb).toBeCloseTo(expected.ramGb, 1);
    if (expected.gpuName !== undefined) expect(profile.gpuName).toBe(expected.gpuName);
    if (expected.deviceId !== undefined) expect(profile.accelerators[0]?.deviceId).toBe(expected.deviceId);
    if (expected.groups) {
      expect(profile.groups).toHaveLength(expected.groups.length);
      for (const [index, gib] of expected.groups.entries()) {
        expect(profile.groups[index]?.totalGib).toBeCloseTo(gib, 1);
      }
    }
  });

  it('every fixture is in the table and says whether it was constructed or recorded', () => {
    const files = readdirSync(FIXTURE_FOLDER).map((file) => file.replace(/\.txt$/, ''));
    expect(files.sort()).toEqual(Object.keys(MACHINES).sort());
    for (const file of files)
      expect(loadMachine(file).comment, file).toMatch(/^(?:constructed|recorded): \S/);
  });

  it('every profile is whole: finite figures, groups of its own accelerators, messages that end a sentence', async () => {
    for (const name of Object.keys(MACHINES)) {
      const profile = await detect(name);
      const indexes = profile.accelerators.map(({ index }) => index);
      expect(new Set(indexes).size, name).toBe(indexes.length);
      for (const group of profile.groups) {
        expect(indexes, name).toEqual(expect.arrayContaining([...group.indexes]));
        expect(group.totalGib, name).toBeGreaterThan(0);
      }
      for (const value of [profile.ramGb, profile.bandwidthGbps, profile.cpu.logicalCores]) {
        expect(value, name).toBeGreaterThan(0);
        expect(Number.isFinite(value), name).toBe(true);
      }
      expect(
        profile.warnings.every(({ cause }) => cause !== undefined && cause !== ''),
        name,
      ).toBe(true);
      for (const { message } of profile.warnings) expect(message, name).toMatch(/^[A-Z].{30,}[.}]$/s);
      expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
    }
  });

  it('a GPU that shares the memory has the free memory of the system', async () => {
    const [gpu] = (await detect('nvidia-gb10')).accelerators;
    expect(gpu).toMatchObject({ unified: true, freeGib: 105 });
  });

  it('a card with its own memory keeps what is free of it', async () => {
    const [gpu] = (await detect('nvidia-rtx-4090')).accelerators;
    expect(gpu?.unified).toBe(false);
    expect(gpu?.freeGib).toBeCloseTo(23.4, 1);
  });

  it("a Mac's system memory is as fast as its accelerator's", async () => {
    expect((await detect('mac-m4-max-32-cores')).memory).toMatchObject({
      bandwidthGBps: 410,
      basis: 'table',
    });
  });

  it('a container with a memory limit keeps the limit and what is left of it', async () => {
    const { memory, cpu: processor } = await detect('container-v2-limits');
    expect(memory).toMatchObject({ totalGib: 8, limitGib: 8, availableGib: 6 });
    expect(processor.logicalCores).toBe(1.5);
    const v1 = await detect('container-v1-limits');
    expect(v1.memory).toMatchObject({ totalGib: 4, limitGib: 4, availableGib: 3.5 });
    expect(v1.cpu.logicalCores).toBe(2);
  });

  it('a virtual machine is capped at 12 GB/s for each core', async () => {
    const { cpu: processor, memory } = await detect('cpu-xeon-in-a-vm');
    expect(processor).toEqual({ name: 'Intel(R) Xeon(R) Platinum 8488C', logicalCores: 8, physicalCores: 4 });
    expect(memory.bandwidthGBps).toBe(8 * 12);
  });

  it('the processor has its name from lscpu where Node does not know it', async () => {
    expect((await detect('cpu-arm-unknown')).cpuName).toBe('Neoverse-N1');
    expect((await detect('cpu-without-lscpu')).cpuName).toBe('Intel(R) Xeon(R) CPU @ 2.20GHz');
  });

  it("a failed tool's own words are kept without the secrets in them", async () => {
    const [warned] = (await detect('nvidia-secret-in-error')).warnings;
    expect(warned?.cause).toContain('rejected');
    expect(warned?.cause).not.toMatch(/abcdef0123456789|hunter22/);
  });

  it("no serial number of a Mac's report gets into the profile", async () => {
    expect(JSON.stringify(await detect('mac-m3-max-40-cores'))).not.toContain('C02SECRET123');
  });

  it('a hint names the GPU that was seen and what to do', async () => {
    const [amd] = (await detect('windows-amd')).warnings;
    expect(amd?.message).toMatch(/AMD GPU.*modelPool\.hardware\.override/);
    expect(amd?.cause).toBe('AMD Radeon RX 7900 XTX');
    expect((await detect('linux-container-without-gpu')).warnings[0]?.message).toContain(
      'Start the container',
    );
    expect((await detect('wsl-without-gpu')).warnings[0]?.message).toContain('Windows Subsystem for Linux');
  });

  it('a driver that does not know a column is asked again with fewer', async () => {
    const machine = loadMachine('nvidia-jetson-orin');
    await new HardwareDetector(optionsOf(machine, table)).detect();
    expect(machine.ran.filter((line) => line.startsWith('nvidia-smi'))).toHaveLength(2);
  });
});

it('without a device table the fallback figures hold and nothing breaks', async () => {
  const empty = await DeviceTable.load('/nowhere', () => Promise.reject(new Error('gone')));
  expect(empty.problem).toContain('gone');
  const on = (name: string) => new HardwareDetector(optionsOf(loadMachine(name), empty)).detect();
  expect(await on('nvidia-rtx-4090')).toMatchObject({
    bandwidthGbps: 300,
    warnings: [{ code: 'nvidia_unmapped_gpu' }],
  });
  expect(await on('mac-m3-max-30-cores')).toMatchObject({ bandwidthGbps: 400, warnings: [] });
});
