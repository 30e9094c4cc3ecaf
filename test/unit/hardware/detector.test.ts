import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandRunner } from '../../../src/hardware/commandRunner';
import { HardwareDetector, type HardwareDetectorOptions } from '../../../src/hardware/detector';
import { DeviceTable } from '../../../src/hardware/deviceTable';
import type { HardwareOverride } from '../../../src/hardware/profile';
import { DEVICES_PATH, loadMachine, optionsOf } from './machineFixture';

const table = await DeviceTable.load(DEVICES_PATH);
const HOUR_MS = 3_600_000;
const OVERRIDE: HardwareOverride = {
  platform: 'amd',
  vramGb: 16,
  ramGb: 32,
  bandwidthGbps: 640,
  gpuName: 'RX',
};

function detectorOn(name: string, more: Partial<HardwareDetectorOptions> = {}) {
  const machine = loadMachine(name);
  let nowMs = Date.parse('2026-11-21T08:00:00Z');
  const detector = new HardwareDetector({ ...optionsOf(machine, table), now: () => nowMs, ...more });
  return { detector, ran: machine.ran, step: (ms: number) => (nowMs += ms) };
}

/** A runner whose commands end when told to. */
function heldRunner() {
  const held: { readonly release: () => void; readonly signal: AbortSignal | undefined }[] = [];
  const runner: CommandRunner = {
    run: (_file, _args, options) =>
      new Promise((resolve, reject) => {
        const { signal } = options ?? {};
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        held.push({
          signal,
          release: () => resolve({ stdout: '', stderr: '', exitCode: 127, failure: 'missing' }),
        });
      }),
  };
  return { runner, held };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition never held');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('override', () => {
  it('comes first, verbatim, runs nothing and is not cached', async () => {
    let override: HardwareOverride | null = OVERRIDE;
    const { detector, ran } = detectorOn('nvidia-rtx-4090', { override: () => override });
    expect(await detector.detect()).toMatchObject({ ...OVERRIDE, source: 'override', host: 'local' });
    expect(ran).toEqual([]);
    override = null;
    expect(await detector.detect()).toMatchObject({ platform: 'nvidia', source: 'nvidia' });
    override = { ...OVERRIDE, vramGb: 20 };
    expect((await detector.detect()).vramGb).toBe(20);
  });
});

describe('cache', () => {
  it('serves a day, says that it did, and keeps the time of the detection', async () => {
    const { detector, ran, step } = detectorOn('nvidia-rtx-4090');
    const first = await detector.detect();
    const commands = ran.length;
    step(23 * HOUR_MS);
    expect(await detector.detect()).toEqual({ ...first, source: 'cache' });
    expect(ran).toHaveLength(commands);
    step(HOUR_MS);
    expect((await detector.detect()).source).toBe('nvidia');
    expect(ran).toHaveLength(2 * commands);
  });

  it('is not trusted after the wall clock was set back', async () => {
    const { detector, step } = detectorOn('nvidia-rtx-4090');
    await detector.detect();
    step(-HOUR_MS);
    expect((await detector.detect()).source).toBe('nvidia');
  });

  it('keeps a profile with a failed probe only minutes', async () => {
    const { detector, step } = detectorOn('nvidia-tool-hangs');
    await detector.detect();
    step(4 * 60_000);
    expect((await detector.detect()).source).toBe('cache');
    step(60_000);
    expect((await detector.detect()).source).toBe('cpu');
  });

  it('has the life that it is given', async () => {
    const { detector, step } = detectorOn('nvidia-rtx-4090', { cacheTtlMs: 1_000 });
    await detector.detect();
    step(1_000);
    expect((await detector.detect()).source).toBe('nvidia');
  });

  it('is forgotten on invalidate, and a detection begun before does not fill it', async () => {
    const { runner, held } = heldRunner();
    const { detector } = detectorOn('nvidia-rtx-4090', { runner });
    const before = detector.detect();
    await until(() => held.length > 0);
    detector.invalidate();
    const pump = setInterval(() => held.splice(0).forEach(({ release }) => release()), 1);
    try {
      expect((await before).source).toBe('cpu');
      expect((await detector.detect()).source).toBe('cpu');
      expect((await detector.detect()).source).toBe('cache');
    } finally {
      clearInterval(pump);
    }
  });
});

describe('calls at the same time', () => {
  it('share one detection', async () => {
    const { detector, ran } = detectorOn('nvidia-rtx-4090');
    const [a, b] = await Promise.all([detector.detect(), detector.detect()]);
    expect(a).toBe(b);
    expect(ran.filter((line) => line.startsWith('nvidia-smi'))).toHaveLength(1);
  });

  it('one that is cancelled leaves the detection to the others', async () => {
    const { runner, held } = heldRunner();
    const { detector } = detectorOn('nvidia-rtx-4090', { runner });
    const controller = new AbortController();
    const cancelled = detector.detect(controller.signal);
    const patient = detector.detect();
    await until(() => held.length > 0);
    const reason = new Error('closed');
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    expect(held.every(({ signal }) => signal?.aborted === false)).toBe(true);
    const pump = setInterval(() => held.splice(0).forEach(({ release }) => release()), 1);
    try {
      expect((await patient).platform).toBe('cpu');
    } finally {
      clearInterval(pump);
    }
  });

  it('when all are cancelled the commands are ended, and the next call starts anew', async () => {
    const { runner, held } = heldRunner();
    const { detector } = detectorOn('nvidia-rtx-4090', { runner });
    const controller = new AbortController();
    const cancelled = detector.detect(controller.signal);
    await until(() => held.length > 0);
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await until(() => held.every(({ signal }) => signal?.aborted === true));
    const count = held.length;
    const again = detector.detect(AbortSignal.timeout(2_000));
    await until(() => held.length > count);
    const pump = setInterval(() => held.splice(0).forEach(({ release }) => release()), 1);
    try {
      expect((await again).source).toBe('cpu');
    } finally {
      clearInterval(pump);
    }
  });

  it('one that was cancelled before it began runs nothing', async () => {
    const { detector, ran } = detectorOn('nvidia-rtx-4090');
    await expect(detector.detect(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(ran).toEqual([]);
  });
});

describe('nothing makes it throw', () => {
  const platforms = fc.constantFrom<NodeJS.Platform>('linux', 'darwin', 'win32', 'freebsd', 'aix');
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      '0, ',
      '0, X, [N/A], [N/A], 1, 1, Enabled',
      '{"lscpu":[{"field":1}]}',
      '{"SPDisplaysDataType":{}}',
      '{"card0": {"Card series": 7, "VRAM Total Memory (B)": "-1"}, "card1": null}',
      '{"gpu_data": [{"gpu": 0, "asic": "N/A", "vram": "N/A"}]}',
      '{"device_list": [{"device_name": ""}, {}]}',
      '{"Name": "AMD Radeon Graphics", "AdapterRAM": -5, "PNPDeviceID": "VEN_1002"}',
      'Devices:\nGPU0:\n\tvendorID = 0x1002\n\tdeviceType = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU\n\tdeviceName = X\n',
      'PCI_ID=1002:1586\nPCI_SLOT_NAME=0000:c4:00.0\n',
      'PCI_ID=8086:56A0\nPCI_SLOT_NAME=0000:03:00.0\n',
      '999999999999999',
    ),
    fc.json({ maxDepth: 2 }),
  );

  it('whatever tools print, a whole profile comes out', async () => {
    await fc.assert(
      fc.asyncProperty(
        platforms,
        text,
        text,
        fc.integer({ min: 0, max: 255 }),
        async (platform, out, file, exitCode) => {
          const { detector } = detectorOn('nvidia-rtx-4090', {
            platform,
            runner: { run: async () => ({ stdout: out, stderr: out, exitCode }) },
            readFile: async () => file,
          });
          const profile = await detector.detect();
          expect(profile.bandwidthGbps).toBeGreaterThan(0);
          expect(profile.ramGb).toBeGreaterThan(0);
          expect(profile.vramGb).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a runner that throws is a tool that failed', async () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const thrown = Object.assign(new Error('EACCES: denied'), { code: 'EACCES' });
      const { detector } = detectorOn('nvidia-rtx-4090', {
        platform,
        runner: { run: () => Promise.reject(thrown) },
      });
      expect((await detector.detect()).platform).toBe('cpu');
    }
  });

  it('a machine that tells nothing about its processors still has a profile', async () => {
    const os = { cpus: () => [], totalmem: () => 8 * 2 ** 30, hostname: () => '' };
    const { detector } = detectorOn('cpu-arm-unknown', { os });
    expect(await detector.detect()).toMatchObject({
      ramGb: 8,
      cpu: { logicalCores: 4, name: 'Neoverse-N1' },
    });
  });
});
