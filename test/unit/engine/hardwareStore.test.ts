import { describe, expect, it, vi } from 'vitest';
import { HardwareStore, readMachine, type Machine } from '../../../src/engine/hardwareStore';
import { profileFromOverride } from '../../../src/hardware/overrideProfile';
import type { HardwareProfile } from '../../../src/hardware/profile';
import { createLogger, silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { MemoryState, SharedMemory } from '../../support/registryState';

const MACHINE: Machine = { hostName: 'box', cpu: 'Ryzen 9', cores: 32, memoryGib: 62.7 };
const MEASURED = { bandwidthGBps: 61.5, threads: 8, bufferBytes: 2 ** 30, rounds: 40 };

/** With everything that a profile can hold. */
function profileAt(detectedAt: string): HardwareProfile {
  const described = {
    platform: 'nvidia',
    vramGb: 24,
    ramGb: 62.7,
    bandwidthGbps: 1008,
    gpuName: 'NVIDIA GeForce RTX 4090',
    cpuName: 'AMD Ryzen 9 9950X',
  } as const;
  const profile = profileFromOverride('local', described, new FakeClock(detectedAt));
  return {
    ...profile,
    ...{ source: 'nvidia', hostName: 'box', cpu: { name: 'Ryzen', logicalCores: 32, physicalCores: 16 } },
    accelerators: profile.accelerators.map((card) => ({ ...card, freeGib: 23, deviceId: 'rtx-4090' })),
    memory: { ...profile.memory, availableGib: 40, limitGib: 62.7 },
    warnings: [
      { code: 'container_limited', message: 'A limit.', cause: 'memory.max' },
      { code: 'cpu_unmapped_family', message: 'Rough.' },
    ],
  };
}

/** What one window knows; windows with the same memory share a folder. */
function storeOf(
  options: {
    readonly memory?: SharedMemory;
    readonly machine?: Partial<Machine>;
    readonly bootId?: string;
    readonly clock?: FakeClock;
  } = {},
) {
  const clock = options.clock ?? new FakeClock();
  const state = new MemoryState(options.memory);
  const machine = { ...MACHINE, ...options.machine };
  const logger = silentLogger;
  return new HardwareStore({ state, machine, bootId: options.bootId ?? 'boot-1', clock, logger });
}

describe('a detected profile', () => {
  it('is there for the next window as it was, with its age and its boot', async () => {
    const memory = new SharedMemory();
    const profile = profileAt('2026-11-20T10:00:00Z');
    await storeOf({ memory }).saveProfile(profile);
    expect(storeOf({ memory, bootId: 'boot-2' }).profile).toEqual({
      profile,
      detectedAtMs: Date.parse('2026-11-20T10:00:00Z'),
      bootId: 'boot-1',
    });
  });

  it('comes to a window that is open, which hears of it once', async () => {
    const memory = new SharedMemory();
    const other = storeOf({ memory });
    const heard = vi.fn();
    other.onDidChange(heard);
    await storeOf({ memory }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    expect(other.profile?.profile.detectedAt).toBe('2026-11-20T10:00:00.000Z');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['another name', { hostName: 'laptop' }],
    ['another processor', { cpu: 'Ryzen 7' }],
    ['more cores', { cores: 64 }],
    ['more memory', { memoryGib: 94.1 }],
    ['a little less memory', { memoryGib: 60 }],
  ])('is not that of a machine with %s', async (_what, machine) => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    expect(storeOf({ memory, machine }).profile).toBeNull();
    // The amount that the system keeps for itself is not always the same.
    expect(storeOf({ memory, machine: { memoryGib: 62.5 } }).profile).not.toBeNull();
  });

  it('of two machines with one folder is kept for each', async () => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    await storeOf({ memory, machine: { hostName: 'laptop' } }).saveProfile(profileAt('2026-11-21T10:00:00Z'));
    expect(storeOf({ memory }).profile?.profile.detectedAt).toBe('2026-11-20T10:00:00.000Z');
  });

  it('of a machine that was not seen for long makes room', async () => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveProfile(profileAt('2026-10-01T10:00:00Z'));
    for (let n = 0; n < 32; n += 1) {
      const machine = { hostName: `container-${n}` };
      await storeOf({ memory, machine }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    }
    expect(storeOf({ memory }).profile).toBeNull();
    expect(storeOf({ memory, machine: { hostName: 'container-0' } }).profile).not.toBeNull();
  });

  it.each([
    ['no JSON', 'not json'],
    ['another shape', '{"platform":"cpu"}'],
    ['a bandwidth of nothing', JSON.stringify({ ...profileAt('2026-11-20T10:00:00Z'), bandwidthGbps: 0 })],
    ['another host', JSON.stringify({ ...profileAt('2026-11-20T10:00:00Z'), host: 'gpubox' })],
  ])('that is stored as %s is as if there were none', async (_what, text) => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    memory.database.run('UPDATE hardware_profiles SET profile = ?', [text]);
    expect(storeOf({ memory }).profile).toBeNull();
  });

  it('with a warning that only another version knows is read all the same', async () => {
    const memory = new SharedMemory();
    const profile = { ...profileAt('2026-11-20T10:00:00Z'), warnings: [{ code: 'new_code', message: 'x' }] };
    await storeOf({ memory }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    memory.database.run('UPDATE hardware_profiles SET profile = ?', [JSON.stringify(profile)]);
    expect(storeOf({ memory }).profile?.profile.warnings).toEqual([{ code: 'new_code', message: 'x' }]);
  });

  it('that cannot be stored is kept for this window, and the log says so', async () => {
    const lines: string[] = [];
    const state = new MemoryState(new SharedMemory(), false);
    const logger = createLogger((_level, line) => lines.push(line));
    const store = new HardwareStore({
      ...{ state, logger, machine: MACHINE, bootId: 'b', clock: new FakeClock() },
    });
    await store.saveProfile(profileAt('2026-11-20T10:00:00Z'));
    await store.saveMeasurement(MEASURED);
    expect(store.profile?.profile.detectedAt).toBe('2026-11-20T10:00:00.000Z');
    expect(store.measurement?.measured).toEqual(MEASURED);
    expect(lines.filter((line) => line.includes('hardware.not_stored'))).toHaveLength(2);
  });
});

describe('a measurement', () => {
  it('survives a restart, with its time', async () => {
    const memory = new SharedMemory();
    await storeOf({ memory, clock: new FakeClock('2026-11-20T10:00:00Z') }).saveMeasurement(MEASURED);
    expect(storeOf({ memory, bootId: 'boot-2' }).measurement).toEqual({
      measured: MEASURED,
      measuredAtMs: Date.parse('2026-11-20T10:00:00Z'),
    });
  });

  it('is replaced by a newer one', async () => {
    const memory = new SharedMemory();
    const clock = new FakeClock();
    await storeOf({ memory, clock }).saveMeasurement(MEASURED);
    clock.stepWall(1_000);
    await storeOf({ memory, clock }).saveMeasurement({ ...MEASURED, bandwidthGBps: 70 });
    expect(storeOf({ memory }).measurement?.measured.bandwidthGBps).toBe(70);
  });

  it.each([
    ['processor', { cpu: 'Ryzen 7' }],
    ['memory', { memoryGib: 125.4 }],
  ])(
    'is not used with another %s, and is forgotten for good with its first profile',
    async (_what, machine) => {
      const memory = new SharedMemory();
      await storeOf({ memory }).saveMeasurement(MEASURED);
      const changed = storeOf({ memory, machine });
      expect(changed.measurement).toBeNull();
      expect(storeOf({ memory }).measurement).not.toBeNull();
      await changed.saveProfile(profileAt('2026-11-20T10:00:00Z'));
      expect(storeOf({ memory }).measurement).toBeNull();
    },
  );

  it('stays when the same machine is detected anew', async () => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveMeasurement(MEASURED);
    await storeOf({ memory, machine: { memoryGib: 62.6 } }).saveProfile(profileAt('2026-11-20T10:00:00Z'));
    expect(storeOf({ memory }).measurement?.measured).toEqual(MEASURED);
  });

  it('that is no figure is as if there were none', async () => {
    const memory = new SharedMemory();
    await storeOf({ memory }).saveMeasurement({ ...MEASURED, bandwidthGBps: 0 });
    expect(storeOf({ memory }).measurement).toBeNull();
  });
});

describe('waiting for the state', () => {
  it('ends when the state is open', async () => {
    const state = new MemoryState();
    state.status = { state: 'closed' };
    const options = { machine: MACHINE, bootId: 'b', clock: new FakeClock(), logger: silentLogger };
    await new HardwareStore({ ...options, state }).ready();
    expect(state.status).toMatchObject({ state: 'open' });
  });

  it('ends after a second where the state does not open', async () => {
    const state = new MemoryState();
    state.status = { state: 'closed' };
    state.open = () => new Promise<never>(() => undefined);
    const clock = new FakeClock();
    const ready = new HardwareStore({
      ...{ state, machine: MACHINE, bootId: 'b', clock, logger: silentLogger },
    }).ready();
    await clock.advance(999);
    expect(await Promise.race([ready, Promise.resolve('waiting')])).toBe('waiting');
    await clock.advance(1);
    expect(await ready).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

describe('this machine', () => {
  const os = { hostname: () => 'box', cpus: () => [{ model: 'A' }, { model: 'A' }], totalmem: () => 2 ** 35 };

  it.each([
    ['all of it', 0, 32],
    ['what a container may use', 2 ** 33, 8],
    ['all of it where the limit is above', 2 ** 60, 32],
  ])('is known by its name, its processor and its memory: %s', (_what, limit, memoryGib) => {
    expect(readMachine(os, limit)).toEqual({ hostName: 'box', cpu: 'A', cores: 2, memoryGib });
  });

  it('may have no processor that the system names', () => {
    expect(readMachine({ ...os, cpus: () => [] }, 0)).toMatchObject({ cpu: '', cores: 0 });
  });
});
