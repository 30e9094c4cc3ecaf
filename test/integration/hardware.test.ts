import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HardwareDetector } from '../../src/hardware/detector';
import { DeviceTable } from '../../src/hardware/deviceTable';
import { AwakeTime } from '../support/awakeTime';
import { noteFigure } from '../support/soak';

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
    const awake = new AwakeTime();
    const profile = await new HardwareDetector({ deviceTable: DeviceTable.load(DEVICES_PATH) }).detect();
    const tookMs = awake.stop();
    noteFigure('hardware detection, ms', Math.round(tookMs));
    expect(tookMs).toBeLessThan(2_000);
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
    // A virtual machine's memory is shared with others, so no more is assumed than its cores can usually read.
    if (lscpuField('Hypervisor vendor') !== undefined && profile.platform === 'cpu') {
      expect(profile.memory.basis).toBe('assumed');
      expect(profile.bandwidthGbps).toBeLessThanOrEqual(12 * profile.cpu.logicalCores);
    }
    const limited = profile.warnings.filter(({ code }) => code === 'container_limited');
    if (!limited.some(({ message }) => message.includes('processors'))) {
      expect(profile.cpu.logicalCores).toBe(Number(lscpuField('CPU(s)')));
    }
    const [, totalKib = ''] = /^Mem:\s+(\d+)/m.exec(execFileSync(FREE, { encoding: 'utf8' })) ?? [];
    const totalGib = Number(totalKib) / 1024 ** 2;
    expect(profile.memory.limitGib ?? profile.ramGb).toBeLessThanOrEqual(totalGib + 0.001);
    if (profile.memory.limitGib === undefined) expect(profile.ramGb).toBeCloseTo(totalGib, 3);
  });

  it.runIf(process.platform === 'linux')(
    'is detected in time although every GPU tool hangs, and the tools are ended',
    async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'hardware-'));
      const pathBefore = process.env['PATH'];
      const tools = ['rocm-smi', 'amd-smi', 'xpu-smi', 'vulkaninfo'];
      const pids = async () =>
        (await readdir(folder)).flatMap((file) => /^pid\.(\d+)$/.exec(file)?.[1] ?? []).map(Number);
      try {
        const script = `#!/bin/sh\n: > "${folder}/pid.$$"\nexec sleep 60\n`;
        for (const tool of tools) await writeFile(path.join(folder, tool), script, { mode: 0o755 });
        process.env['PATH'] = `${folder}${path.delimiter}${pathBefore ?? ''}`;
        const awake = new AwakeTime();
        const profile = await new HardwareDetector({ deviceTable: DeviceTable.load(DEVICES_PATH) }).detect();
        const tookMs = awake.stop();
        noteFigure('hardware detection with hanging tools, ms', Math.round(tookMs));
        expect(tookMs).toBeLessThan(2_000);
        const codes = profile.warnings.map(({ code }) => code);
        expect(codes).toEqual(expect.arrayContaining(['amd_probe_failed', 'intel_probe_failed']));
        const begun = await pids();
        expect(begun.length).toBeGreaterThanOrEqual(3);
        expect(begun.filter(isAlive)).toEqual([]);
      } finally {
        if (pathBefore === undefined) delete process.env['PATH'];
        else process.env['PATH'] = pathBefore;
        for (const pid of (await pids()).filter(isAlive)) process.kill(pid, 'SIGKILL');
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
