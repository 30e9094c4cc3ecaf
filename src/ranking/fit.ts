import * as l10n from '@vscode/l10n';
import { defaultWiredLimitGib } from '../shared/macMemory';
import { formatNumber } from '../shared/numberText';
import { formatContext } from '../shared/units';
import type { FitKind, RankHardware } from './rankTypes';

/** One way to hold a model on accelerators. */
export interface AcceleratorPool {
  /** GiB. */
  readonly totalGib: number;
  readonly bandwidthGBps: number;
  readonly cards: number;
}

/** The memory of a machine as models see it. */
export interface UsableMemory {
  /** Fewest cards first; empty on a machine without an accelerator. */
  readonly pools: readonly AcceleratorPool[];
  /** GiB of the largest pool; 0 without accelerators. */
  readonly acceleratorGib: number;
  /** GiB of system memory that a model may take besides: of a shared one what the graphics cannot take. */
  readonly systemGib: number;
  /** Undefined where nobody knows it. */
  readonly systemBandwidthGBps: number | undefined;
  readonly unified: boolean;
}

/** System memory that is left to the rest of the machine: an eighth, from 2 to 8 GiB. */
const RESERVE_SHARE = 1 / 8;
const RESERVE_MIN_GIB = 2;
const RESERVE_MAX_GIB = 8;

/** GiB and GB/s beyond this are errors. */
const LARGEST_PLAUSIBLE = 1e9;

/** GiB of system memory that models may take of `ramGib`; at least 0. */
export function usableSystemGib(ramGib: number): number {
  const ram = finite(ramGib);
  return Math.max(0, ram - Math.min(RESERVE_MAX_GIB, Math.max(RESERVE_MIN_GIB, ram * RESERVE_SHARE)));
}

/**
 * What models may use on a machine. Accelerators count with what the profile says is theirs (on Apple the wired limit;
 * `wholeRamOnMac` takes the RAM instead, as the peers do); where they share the system's memory, only the rest of it is
 * a second pool. Everything that is not a plausible positive number counts as zero.
 */
export function usableMemory(
  hardware: RankHardware,
  options: { readonly wholeRamOnMac?: boolean } = {},
): UsableMemory {
  const ramGib = finite(hardware.memory?.totalGib ?? hardware.ramGb);
  const pools = acceleratorPools(hardware, options.wholeRamOnMac === true);
  const acceleratorGib = pools.reduce((most, pool) => Math.max(most, pool.totalGib), 0);
  const isMac = hardware.platform === 'macos';
  const sharing = hardware.accelerators?.filter((device) => device.unified) ?? [];
  // Processor graphics beside a card that holds more leave the system's memory a pool of its own.
  const unified =
    pools.length > 0 && (isMac || sharing.some((device) => finite(device.totalGib) >= acceleratorGib));
  return {
    pools,
    acceleratorGib,
    systemGib: unified ? besideShared(isMac, ramGib, acceleratorGib) : usableSystemGib(ramGib),
    systemBandwidthGBps:
      finite(hardware.memory?.bandwidthGBps) ||
      (pools.length === 0 ? finite(hardware.bandwidthGbps) : 0) ||
      undefined,
    unified,
  };
}

/**
 * GiB that are left of a memory that is shared: on a Mac nothing, for the graphics may take all that models may; on a PC
 * what the driver does not let the graphics take, which the processor reads at the same speed.
 */
function besideShared(isMac: boolean, ramGib: number, acceleratorGib: number): number {
  return isMac ? 0 : Math.max(0, usableSystemGib(ramGib) - acceleratorGib);
}

function acceleratorPools(hardware: RankHardware, wholeRamOnMac: boolean): AcceleratorPool[] {
  if (hardware.platform === 'cpu') return [];
  const groups = (hardware.groups ?? [])
    .map((group) => ({
      totalGib: finite(group.totalGib),
      bandwidthGBps: finite(group.bandwidthGBps),
      cards: group.indexes.length,
    }))
    .filter((pool) => pool.totalGib > 0);
  if (groups.length === 0 || (hardware.platform === 'macos' && wholeRamOnMac)) {
    const totalGib = flatGib(hardware, wholeRamOnMac);
    return totalGib > 0 ? [{ totalGib, bandwidthGBps: finite(hardware.bandwidthGbps), cards: 1 }] : [];
  }
  return groups.sort(
    (a, b) => a.cards - b.cards || b.bandwidthGBps - a.bandwidthGBps || a.totalGib - b.totalGib,
  );
}

/** By the flat fields alone. `vramGb` of a Mac is usually its whole RAM, of which models may not use all. */
function flatGib({ platform, vramGb, ramGb }: RankHardware, wholeRamOnMac: boolean): number {
  const [vramGib, ramGib] = [finite(vramGb), finite(ramGb)];
  if (platform !== 'macos') return vramGib;
  if (wholeRamOnMac) return Math.max(vramGib, ramGib);
  return vramGib < ramGib ? vramGib : defaultWiredLimitGib(vramGib);
}

/** The pool that a model of `totalGb` is loaded on: the first that holds it, else the largest. */
export function poolFor(memory: UsableMemory, totalGb: number): AcceleratorPool | undefined {
  return (
    memory.pools.find((pool) => totalGb <= pool.totalGib) ??
    memory.pools.find((pool) => pool.totalGib === memory.acceleratorGib)
  );
}

/** GiB that one model may take in all. */
export function usableTotalGib(memory: UsableMemory): number {
  return memory.acceleratorGib + memory.systemGib;
}

/** Where a model that needs `totalGb` GiB would lie; `none` also for a need that is not a number. */
export function fitKind(totalGb: number, memory: UsableMemory): FitKind {
  if (!Number.isFinite(totalGb)) return 'none';
  if (memory.pools.length === 0) return totalGb <= memory.systemGib ? 'cpu' : 'none';
  if (totalGb <= memory.acceleratorGib) return 'gpu';
  return totalGb <= usableTotalGib(memory) && memory.systemGib > 0 ? 'offload' : 'none';
}

/** For example `needs 41.2 GiB at 32k, 22.5 usable`. */
export function unfitSentence(totalGb: number, contextTokens: number, usableGib: number): string {
  return l10n.t(
    'needs {0} GiB at {1}, {2} usable',
    formatNumber(totalGb, 1),
    formatContext(contextTokens),
    formatNumber(usableGib, 1),
  );
}

function finite(value: number | undefined): number {
  return value !== undefined && value > 0 && value <= LARGEST_PLAUSIBLE ? value : 0;
}
