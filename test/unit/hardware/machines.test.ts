import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HardwareDetector } from '../../../src/hardware/detector';
import { DeviceTable } from '../../../src/hardware/deviceTable';
import type { HardwareProfile } from '../../../src/hardware/profile';
import { GPU_MACHINES } from './expectedGpuMachines';
import { MACHINES as OTHER_MACHINES } from './expectedMachines';
import { DEVICES_PATH, FIXTURE_FOLDER, loadMachine, optionsOf } from './machineFixture';

const MACHINES = { ...OTHER_MACHINES, ...GPU_MACHINES };

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

  it('there are at least a hundred of them', () => {
    expect(Object.keys(MACHINES).length).toBeGreaterThanOrEqual(100);
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

  it("a processor's graphics have what is free of their own memory and of the system's", async () => {
    const [gpu] = (await detect('amd-strix-halo-128gb')).accelerators;
    expect(gpu).toMatchObject({ unified: true, name: 'AMD Radeon 8060S' });
    // 312 of 512 MiB, and 118 GiB of the system's.
    expect(gpu?.freeGib).toBeCloseTo(118 + 312 / 1024, 3);
  });

  it("a processor's graphics beside a card are not listed, but those with fast memory of their own are", async () => {
    const names = async (machine: string) => (await detect(machine)).accelerators.map(({ name }) => name);
    expect(await names('amd-egpu-on-a-laptop')).toEqual(['AMD Radeon RX 7900 XTX']);
    expect(await names('windows-laptop-intel-and-nvidia')).toEqual(['NVIDIA GeForce RTX 4060 Laptop GPU']);
    expect(await names('amd-strix-halo-with-egpu')).toEqual(['NVIDIA GeForce RTX 4090', 'AMD Radeon 8060S']);
  });

  it('cards of different makers never make a group', async () => {
    for (const machine of ['mixed-nvidia-and-amd', 'mixed-nvidia-and-arc', 'mixed-amd-and-arc']) {
      const { groups, accelerators } = await detect(machine);
      expect(accelerators.map(({ index }) => index)).toEqual([0, 1]);
      expect(groups.map(({ indexes }) => indexes)).toEqual([[0], [1]]);
    }
  });

  it('memory by the firmware is the memory of the whole machine', async () => {
    const { memory } = await detect('cpu-modules-dual-channel');
    expect(memory).toMatchObject({ bandwidthGBps: 57.6, basis: 'driver' });
    expect((await detect('amd-radeon-780m-known-modules')).memory).toMatchObject({ basis: 'driver' });
    expect((await detect('windows-hyper-v')).memory).toMatchObject({ bandwidthGBps: 48, basis: 'assumed' });
  });

  it('a name that may be several models is shown as the list, and its figure is the slowest', async () => {
    const [gpu] = (await detect('amd-card-by-files-and-lspci')).accelerators;
    expect(gpu?.name).toBe('AMD Radeon RX 7600/7600 XT/7600M XT/7600S/7700S / PRO W7600');
    expect(gpu?.deviceId).toBeUndefined();
  });

  it("no serial number of AMD's tool gets into the profile", async () => {
    expect(JSON.stringify(await detect('amd-mi210'))).not.toContain('0123456789ABCDEF');
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
    const [amd] = (await detect('windows-amd-with-problem')).warnings;
    expect(amd?.message).toMatch(/AMD GPU.*modelPool\.hardware\.override/);
    expect(amd?.cause).toMatch(/^AMD Radeon RX 6800 XT, VEN_1002&DEV_73BF.*, problem 43$/);
    expect((await detect('linux-container-without-gpu')).warnings[0]?.message).toContain(
      'Start the container',
    );
    for (const wsl of ['wsl-without-gpu', 'wsl-with-amd'])
      expect((await detect(wsl)).warnings[0]?.message).toContain('Windows Subsystem for Linux');
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
