import type { DeviceRow, DeviceTable } from './deviceTable';
import type { AcceleratorVendor } from './profile';

/** A GPU's name for people, and its row where the table has it. */
export interface NamedGpu {
  readonly name: string;
  readonly row: DeviceRow | null;
  /** False where the row is the slowest of several models that the name may mean. */
  readonly exact: boolean;
}

const VENDOR_NAMES: Readonly<Record<AcceleratorVendor, string>> = {
  amd: 'AMD',
  intel: 'Intel',
  nvidia: 'NVIDIA',
  apple: 'Apple',
};
/** A card of this many GiB less or more is another one; drivers keep up to 1.5 GiB of the largest for themselves. */
const SAME_MEMORY_GIB = 2;

/**
 * The name and the row of a GPU by the names that tools give it, the best first. A list of models that share a chip, as
 * the PCI database writes it ("Navi 31 [Radeon RX 7900 XT/7900 XTX]"), is narrowed by the memory; of models
 * that are left the slowest gives the row, and the name stays the list.
 */
export function nameGpu(
  devices: DeviceTable,
  vendor: AcceleratorVendor,
  names: readonly string[],
  memoryGib: number | undefined,
): NamedGpu {
  for (const text of names) {
    const direct = devices.find(vendor, text, memoryGib);
    if (direct) return { name: branded(vendor, text), row: direct, exact: true };
    const rows = models(text)
      .map((model) => devices.find(vendor, model, memoryGib))
      .filter((row) => row !== null)
      .filter((row) => distance(row, memoryGib) < SAME_MEMORY_GIB)
      .sort((a, b) => a.bandwidthGBps - b.bandwidthGBps);
    const [row] = rows;
    if (row) {
      const single = rows.every(({ id }) => id === row.id);
      const name = single ? (row.names[0] ?? text) : withoutChip(text);
      const exact = rows.every(({ bandwidthGBps }) => bandwidthGBps === row.bandwidthGBps);
      return { name: branded(vendor, name), row, exact };
    }
  }
  const spoken = names.map(withoutChip).find((text) => /[a-z]{3}/i.test(text) && !/^0x|^n\/a$/i.test(text));
  const name = spoken === undefined ? `${VENDOR_NAMES[vendor]} GPU` : branded(vendor, spoken);
  return { name, row: null, exact: false };
}

/** The models in the brackets of a PCI database name; a model without its brand has that of the first. */
function models(text: string): readonly string[] {
  const [first, ...others] = (/\[([^\]]+)\]/.exec(text)?.[1] ?? '').split('/').map((part) => part.trim());
  if (first === undefined || first === '') return [];
  const brand = /^(\D*?)\s*\S*\d/.exec(first)?.[1]?.trim() ?? '';
  return [first, ...others.map((model) => (/^\d/.test(model) ? `${brand} ${model}` : model))];
}

function distance(row: DeviceRow, memoryGib: number | undefined): number {
  return memoryGib === undefined || row.memoryGib === undefined ? 0 : Math.abs(row.memoryGib - memoryGib);
}

function withoutChip(text: string): string {
  return (/\[([^\]]+)\]/.exec(text)?.[1] ?? text).trim();
}

function branded(vendor: AcceleratorVendor, text: string): string {
  const name = text.replace(/\s+/g, ' ').trim();
  return name.toLowerCase().includes(VENDOR_NAMES[vendor].toLowerCase())
    ? name
    : `${VENDOR_NAMES[vendor]} ${name}`;
}
