import { readFile as readFileFromDisk } from 'node:fs/promises';
import * as z from 'zod';
import { messageOf } from '../shared/errors';
import type { DeviceName } from './deviceName';
import { parseDeviceName, sharedTraits, traitCount, withoutBrackets } from './deviceName';
import type { AcceleratorVendor } from './profile';

const deviceRow = z.object({
  id: z.string().min(1),
  /** The vendor's name first, then names by which drivers call it where those follow no rule. */
  names: z.array(z.string().min(1)).min(1),
  kind: z.enum(['nvidia', 'apple', 'amd', 'intel']),
  /** `igpu` and `soc` share the system's memory. */
  class: z.enum(['desktop', 'laptop', 'workstation', 'datacenter', 'igpu', 'soc']),
  memoryGib: z.number().positive().optional(),
  /** The vendor's figure, 10^9 bytes per second. */
  bandwidthGBps: z.number().positive(),
  gpuCores: z.number().int().positive().optional(),
  /** Key of the file's `sources`. */
  source: z.string(),
});

/** One device of `data/devices.json`. */
export type DeviceRow = z.infer<typeof deviceRow>;

const deviceFile = z.object({ format: z.literal(1), devices: z.array(z.unknown()) });

interface Entry {
  readonly row: DeviceRow;
  readonly name: DeviceName;
  readonly order: number;
}

/** The devices that are known, found by the names that drivers and people use. */
export class DeviceTable {
  readonly rows: readonly DeviceRow[];
  /** Why the table is empty or lost rows, for the log; absent when all is well. */
  readonly problem?: string;
  readonly #byKey = new Map<string, Entry[]>();

  constructor(rows: readonly DeviceRow[], problem?: string) {
    this.rows = rows;
    if (problem !== undefined) this.problem = problem;
    for (const [order, row] of rows.entries()) {
      for (const text of row.names) {
        const name = parseDeviceName(text);
        const key = entryKey(row.kind, name.key);
        const entries = this.#byKey.get(key) ?? [];
        entries.push({ row, name, order });
        this.#byKey.set(key, entries);
      }
    }
  }

  /**
   * Reads `data/devices.json` at `path`. Never rejects: a missing or damaged file gives an empty table, a bad row is
   * left out, and `problem` says so.
   */
  static async load(
    path: string,
    readFile: (path: string) => Promise<string> = (file) => readFileFromDisk(file, 'utf8'),
  ): Promise<DeviceTable> {
    try {
      const { devices } = deviceFile.parse(JSON.parse(await readFile(path)));
      const rows = devices
        .map((row) => deviceRow.safeParse(row))
        .flatMap((row) => (row.success ? [row.data] : []));
      const lost = devices.length - rows.length;
      return new DeviceTable(
        rows,
        lost === 0 ? undefined : `${lost} of ${devices.length} devices are not valid`,
      );
    } catch (thrown) {
      return new DeviceTable([], `the device table cannot be read: ${messageOf(thrown)}`);
    }
  }

  /**
   * The row of the device called `name`, or null when no row is that device. All words of the model must be equal, so
   * a laptop part never takes a desktop row and "A1000" never "A100"; of the rows left, the one that shares most with
   * the name wins, then the one whose memory is nearest to `memoryGib`, then the plainest. Text in brackets is
   * left out where no device is called so with it.
   */
  find(kind: AcceleratorVendor, name: string, memoryGib?: number): DeviceRow | null {
    const known = this.#entries(kind, parseDeviceName(name).key).length > 0;
    return this.#best(kind, known ? name : withoutBrackets(name), memoryGib);
  }

  /** All rows of the model called `name`, whatever their memory or number of GPU cores. */
  variants(kind: AcceleratorVendor, name: string): readonly DeviceRow[] {
    const { key } = parseDeviceName(name);
    return [...new Set(this.#entries(kind, key).map((entry) => entry.row))];
  }

  #entries(kind: AcceleratorVendor, key: string): readonly Entry[] {
    return key === '' ? [] : (this.#byKey.get(entryKey(kind, key)) ?? []);
  }

  #best(kind: AcceleratorVendor, text: string, memoryGib: number | undefined): DeviceRow | null {
    const asked = parseDeviceName(text);
    const ranked = this.#entries(kind, asked.key)
      .flatMap((entry) => {
        const shared = sharedTraits(asked.traits, entry.name.traits);
        if (shared === null || contradictsMemory(asked, entry)) return [];
        const { row, name, order } = entry;
        const distance =
          memoryGib === undefined || row.memoryGib === undefined ? 0 : Math.abs(row.memoryGib - memoryGib);
        return [{ row, order, shared, distance, unsaid: traitCount(name.traits) - shared }];
      })
      .sort(
        (a, b) => b.shared - a.shared || a.distance - b.distance || a.unsaid - b.unsaid || a.order - b.order,
      );
    return ranked[0]?.row ?? null;
  }
}

function entryKey(kind: AcceleratorVendor, key: string): string {
  return `${kind} ${key}`;
}

/** A name with a memory size does not mean a row without one in its name whose card has another size. */
function contradictsMemory(asked: DeviceName, { row, name }: Entry): boolean {
  const { memoryGb } = asked.traits;
  if (memoryGb === undefined || name.traits.memoryGb !== undefined || row.memoryGib === undefined)
    return false;
  return Math.abs(memoryGb - row.memoryGib) >= 1;
}
