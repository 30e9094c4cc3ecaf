/** The columns asked of `nvidia-smi`, in this order. */
export const FULL_QUERY = 'index,name,memory.total,memory.free,driver_version,compute_cap,mig.mode.current';
/** For drivers that do not know the later columns. */
export const SHORT_QUERY = 'index,name,memory.total,memory.free';

/** MiB, `shared` where the GPU has no memory of its own, or null where the driver could not say. */
type MemoryMib = number | 'shared' | null;

export interface NvidiaRow {
  readonly index: number;
  readonly name: string;
  readonly totalMib: MemoryMib;
  readonly freeMib: MemoryMib;
  readonly migEnabled: boolean;
}

export interface NvidiaCsv {
  readonly rows: readonly NvidiaRow[];
  /** Lines that begin like a row and are not a whole one. */
  readonly broken: readonly string[];
}

/** More than any GPU has, so that a garbled number is not believed. */
const MAX_MIB = 4 * 1024 * 1024;

/**
 * Reads `nvidia-smi --query-gpu=<query> --format=csv,noheader,nounits`. Lines that are no rows, such as driver
 * warnings, are skipped; rows that were cut are returned apart.
 */
export function parseNvidiaCsv(stdout: string, query: string): NvidiaCsv {
  const columns = query.split(',').length;
  const rows: NvidiaRow[] = [];
  const broken: string[] = [];
  for (const line of stdout.split(/\r?\n/)) {
    if (!/^\s*\d+\s*,/.test(line)) continue;
    const [index = '', name = '', total = '', free = '', , , mig = ''] = cells(line, columns);
    const row = {
      index: Number.parseInt(index, 10),
      name: name.trim(),
      totalMib: parseMib(total),
      freeMib: parseMib(free),
      migEnabled: /^enabled$/i.test(mig.trim()),
    };
    if (cells(line, columns).length === columns && row.name !== '') rows.push(row);
    else broken.push(line.trim());
  }
  return { rows, broken };
}

/** Cells are parted by comma and space, so that a comma within a number does not part them. */
function cells(line: string, columns: number): readonly string[] {
  const spaced = line.trim().split(/,\s+/);
  return spaced.length === columns ? spaced : line.trim().split(',');
}

/** MiB from "24564", "24,564", "24.564", "24 564", "8192.00", "24564 MiB", "24 GiB"; `shared` from "[N/A]". */
function parseMib(text: string): MemoryMib {
  const compact = text.replace(/[\s'’]/g, '').toLowerCase();
  if (/^\[?(?:n\/a|notsupported)\]?$/.test(compact)) return 'shared';
  const match = /^(\d[\d.,]*)(mib|gib)?$/.exec(compact);
  if (!match) return null;
  const [, digits = '', unit] = match;
  const number = /^\d{1,3}(?:[.,]\d{3})+$/.test(digits)
    ? Number(digits.replace(/[.,]/g, ''))
    : Number(digits.replace(',', '.'));
  const mib = unit === 'gib' ? number * 1024 : number;
  return Number.isFinite(mib) && mib >= 0 && mib <= MAX_MIB ? mib : null;
}
