import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HardwareDetector } from '../../src/hardware/detector';
import { DeviceTable } from '../../src/hardware/deviceTable';

const DEVICES_PATH = fileURLToPath(new URL('../../data/devices.json', import.meta.url));

const LSCPU = '/usr/bin/lscpu';
const FREE = '/usr/bin/free';

/** A field of plain `lscpu`, which the detector does not read itself. */
function lscpuField(name: string): string | undefined {
  const text = execFileSync(LSCPU, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return new RegExp(`^\\s*${name.replace(/[()]/g, '\\$&')}:\\s+(.+)$`, 'm').exec(text)?.[1];
}

const hasTools = process.platform === 'linux' && [LSCPU, FREE].every((path) => existsSync(path));

describe('this machine', () => {
  it('is detected in under two seconds, by the real tools', async () => {
    const started = performance.now();
    const profile = await new HardwareDetector({ deviceTable: DeviceTable.load(DEVICES_PATH) }).detect();
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(profile.hostName).toBe(os.hostname());
    expect(profile.ramGb).toBeGreaterThan(0);
    expect(profile.ramGb).toBeLessThanOrEqual(os.totalmem() / 2 ** 30 + 0.01);
    expect(profile.warnings.filter(({ code }) => code.endsWith('_probe_failed'))).toEqual([]);
  });

  it.runIf(hasTools)('agrees with lscpu and free', async () => {
    const profile = await new HardwareDetector({ deviceTable: DeviceTable.load(DEVICES_PATH) }).detect();
    expect(profile.cpuName).toBe(lscpuField('Model name'));
    const sockets = Number(lscpuField('Socket(s)'));
    expect(profile.cpu.physicalCores).toBe(sockets * Number(lscpuField('Core(s) per socket')));
    const limited = profile.warnings.filter(({ code }) => code === 'container_limited');
    if (!limited.some(({ message }) => message.includes('processors'))) {
      expect(profile.cpu.logicalCores).toBe(Number(lscpuField('CPU(s)')));
    }
    const [, totalKib = ''] = /^Mem:\s+(\d+)/m.exec(execFileSync(FREE, { encoding: 'utf8' })) ?? [];
    const totalGib = Number(totalKib) / 1024 ** 2;
    expect(profile.memory.limitGib ?? profile.ramGb).toBeLessThanOrEqual(totalGib + 0.001);
    if (profile.memory.limitGib === undefined) expect(profile.ramGb).toBeCloseTo(totalGib, 3);
  });
});
