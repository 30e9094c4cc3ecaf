import { describe, expect, it } from 'vitest';
import { ImaginedMachines } from '../../../src/engine/imaginedMachine';
import { usableGib } from '../../../src/engine/machineLimits';
import type { HardwareProfile } from '../../../src/hardware/profile';
import { NO_DEVICE } from '../../../src/shared/imaginedMachine';
import path from 'node:path';
import { FakeClock } from '../../fakes/fakeClock';
import { repositoryRoot } from '../../support/repository';

const clock = new FakeClock();
const machines = new ImaginedMachines(path.join(repositoryRoot, 'data', 'devices.json'), clock);

async function profileOf(device: string, count: number, ramGib: number): Promise<HardwareProfile> {
  const profile = await machines.profileOf({ device, count, ramGib });
  if (!profile) throw new Error(`${device} is not known`);
  return profile;
}

describe('a machine that is only imagined', () => {
  it('has so many cards of the table, which hold a model together', async () => {
    const profile = await profileOf('nvidia-geforce-rtx-3090', 2, 64);
    expect(profile).toMatchObject({ platform: 'nvidia', vramGb: 48, ramGb: 64, warnings: [] });
    expect(profile.accelerators).toHaveLength(2);
    expect(profile.accelerators[0]?.bandwidthGBps).toBeGreaterThan(900);
    expect(profile.groups.map(({ indexes }) => indexes.length)).toEqual([1, 1, 2]);
    expect(usableGib(profile)).toMatchObject({ acceleratorGib: 48, totalGib: 48 + 64 - 8 });
  });

  it('gives a chip that shares the memory only what its system lets it have, once', async () => {
    const mac = await profileOf('apple-m4-max-40-core-gpu', 3, 128);
    expect(mac.accelerators).toHaveLength(1);
    expect(mac).toMatchObject({ platform: 'macos', ramGb: 128, bandwidthGbps: 546 });
    expect(usableGib(mac)).toMatchObject({ acceleratorGib: 96, totalGib: 96 });
    const halo = await profileOf('amd-radeon-8060s', 1, 128);
    expect(usableGib(halo)).toMatchObject({ acceleratorGib: 64, totalGib: 120 });
  });

  it('takes the memory that a board is sold with, whatever was asked', async () => {
    const spark = await profileOf('nvidia-gb10', 1, 16);
    expect(spark.ramGb).toBe(128);
    expect(usableGib(spark)).toMatchObject({ acceleratorGib: 120, totalGib: 120 });
  });

  it('may have no accelerator at all, and is nothing where its device is not known', async () => {
    const plain = await profileOf(NO_DEVICE, 1, 32);
    expect(plain).toMatchObject({ platform: 'cpu', accelerators: [], vramGb: 0, ramGb: 32 });
    expect(usableGib(plain)).toMatchObject({ acceleratorGib: 0, totalGib: 28 });
    expect(await machines.profileOf({ device: 'abacus', count: 1, ramGib: 32 })).toBeNull();
  });

  it('is chosen among devices that each have one name', async () => {
    const devices = await machines.devices();
    expect(devices.length).toBeGreaterThan(400);
    expect(new Set(devices.map(({ name }) => name)).size).toBe(devices.length);
    expect(devices).toContainEqual({
      ...{ id: 'nvidia-geforce-rtx-3090', name: 'NVIDIA GeForce RTX 3090', memoryGib: 24 },
      sharesMemory: false,
    });
  });
});
