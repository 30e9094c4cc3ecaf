import { familyBandwidth } from '../hardware/cpuFamily';
import { DeviceTable, type DeviceRow } from '../hardware/deviceTable';
import { bestGroup, groupAccelerators } from '../hardware/groups';
import { defaultSharedGib } from '../hardware/integratedGraphics';
import type { Accelerator, HardwareProfile } from '../hardware/profile';
import { usableSystemGib } from '../ranking/fit';
import { isoNow, type Clock } from '../shared/clock';
import { defaultWiredLimitGib } from '../shared/macMemory';
import { NO_DEVICE, type ImaginableDevice, type ImaginedMachine } from '../shared/imaginedMachine';

/** Under which an imagined machine goes where a machine needs a name; nothing is measured or installed on it. */
const IMAGINED_HOST = 'imagined';

const PLATFORMS = { apple: 'macos', nvidia: 'nvidia', amd: 'amd', intel: 'intel' } as const;

/** Machines that nobody has here, of the devices that are known. */
export class ImaginedMachines {
  #table: Promise<DeviceTable> | undefined;

  /** `devicesFile`: the device table that ships with the extension, read at the first question. */
  constructor(
    private readonly devicesFile: string,
    private readonly clock: Clock,
  ) {}

  /** What a machine can be imagined with, in the order of the table. */
  async devices(): Promise<readonly ImaginableDevice[]> {
    const { rows } = await this.#load();
    return rows.map((row) => ({
      ...{ id: row.id, name: nameOf(row), memoryGib: row.memoryGib ?? null },
      sharesMemory: sharesMemory(row),
    }));
  }

  /** Null where its device is not known. */
  async profileOf(machine: ImaginedMachine): Promise<HardwareProfile | null> {
    return imaginedProfile(await this.#load(), machine, this.clock);
  }

  #load(): Promise<DeviceTable> {
    return (this.#table ??= DeviceTable.load(this.devicesFile));
  }
}

/**
 * The profile of a machine with so many of a device of the table and so much memory, as the detector would describe one:
 * equal cards can hold a model together, and a chip that shares the system's memory is there once and gets of it what
 * its driver gives it by default. Null where the table has no such device.
 */
function imaginedProfile(
  { rows }: Pick<DeviceTable, 'rows'>,
  { device, count, ramGib: askedGib }: ImaginedMachine,
  clock: Clock,
): HardwareProfile | null {
  const row = rows.find(({ id }) => id === device);
  if (!row && device !== NO_DEVICE) return null;
  // A board with a chip and its memory is sold with just that memory.
  const ramGib = row && sharesMemory(row) ? (row.memoryGib ?? askedGib) : askedGib;
  const accelerators = row ? acceleratorsOf(row, count, ramGib) : [];
  const groups = groupAccelerators(accelerators, new Set());
  const best = bestGroup(groups);
  const cpuName = row && sharesMemory(row) ? nameOf(row) : row ? 'unknown processor' : 'Processor alone';
  const memoryGBps =
    row && sharesMemory(row) ? row.bandwidthGBps : familyBandwidth(cpuName, null).bandwidthGBps;
  const platform = row ? PLATFORMS[row.kind] : 'cpu';
  return {
    ...{ platform, host: IMAGINED_HOST, hostName: IMAGINED_HOST, accelerators, groups },
    memory: {
      totalGib: ramGib,
      bandwidthGBps: memoryGBps,
      basis: row && sharesMemory(row) ? 'table' : 'assumed',
    },
    cpu: { name: cpuName, logicalCores: 8 },
    ...{ detectedAt: isoNow(clock), source: 'override', warnings: [] },
    vramGb: platform === 'macos' ? ramGib : (best?.totalGib ?? 0),
    ramGb: ramGib,
    bandwidthGbps: best?.bandwidthGBps ?? memoryGBps,
    ...(row ? { gpuName: nameOf(row) } : {}),
    cpuName,
  };
}

function acceleratorsOf(row: DeviceRow, count: number, ramGib: number): readonly Accelerator[] {
  const unified = sharesMemory(row);
  const totalGib = unified ? sharedGib(row, ramGib) : (row.memoryGib ?? 0);
  return Array.from({ length: unified ? 1 : count }, (_, index) => ({
    ...{ index, vendor: row.kind, name: nameOf(row), totalGib, bandwidthGBps: row.bandwidthGBps },
    ...{ basis: 'table', unified, deviceId: row.id },
  }));
}

/** GiB of its memory that a chip gives to models. NVIDIA's boards have no limit but what the system needs. */
function sharedGib({ kind }: DeviceRow, ramGib: number): number {
  if (kind === 'apple') return defaultWiredLimitGib(ramGib);
  return kind === 'nvidia' ? usableSystemGib(ramGib) : defaultSharedGib(kind, 'linux', ramGib);
}

function sharesMemory(row: DeviceRow): boolean {
  return row.class === 'igpu' || row.class === 'soc';
}

function nameOf({ names, id }: DeviceRow): string {
  return names[0] ?? id;
}
