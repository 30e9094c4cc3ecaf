import type { HostId } from '../shared/modelRef';

export type HardwarePlatform = 'macos' | 'nvidia' | 'amd' | 'intel' | 'cpu';

export type AcceleratorVendor = 'nvidia' | 'apple' | 'amd' | 'intel';

/**
 * Where a bandwidth comes from: the device table, the driver or firmware's own figure, a measurement on this machine,
 * or an assumption by family (then there is a warning).
 */
export type BandwidthBasis = 'table' | 'driver' | 'measured' | 'assumed';

export interface Accelerator {
  readonly index: number;
  readonly vendor: AcceleratorVendor;
  readonly name: string;
  /** GiB that models may use; on Apple the wired limit, not the RAM. */
  readonly totalGib: number;
  readonly freeGib?: number;
  readonly bandwidthGBps: number;
  readonly basis: BandwidthBasis;
  /** True where the accelerator shares the system's memory. */
  readonly unified: boolean;
  /** Id of the row of `data/devices.json`, where the name was found there. */
  readonly deviceId?: string;
}

/** One way to load a model on accelerators: a single card, or all equal cards with the layers split between them. */
export interface AcceleratorGroup {
  readonly indexes: readonly number[];
  readonly totalGib: number;
  /** Of one card: layers are read one card after the other, so equal cards do not add up. */
  readonly bandwidthGBps: number;
}

export interface SystemMemory {
  /** GiB that this process may use: physical RAM, capped by a container's limit. */
  readonly totalGib: number;
  readonly availableGib?: number;
  readonly bandwidthGBps: number;
  readonly basis: BandwidthBasis;
  /** The container's limit, where there is one below the physical RAM. */
  readonly limitGib?: number;
}

export interface Cpu {
  readonly name: string;
  /** Logical processors that this process may use; a container's quota caps it, so it may be fractional. */
  readonly logicalCores: number;
  readonly physicalCores?: number;
}

export type HardwareWarningCode =
  | 'macos_probe_failed'
  | 'nvidia_probe_failed'
  | 'amd_probe_failed'
  | 'intel_probe_failed'
  | 'nvidia_unmapped_gpu'
  | 'amd_unmapped_gpu'
  | 'intel_unmapped_gpu'
  | 'macos_unmapped_chip'
  | 'cpu_unmapped_family'
  | 'remote_host_unknown'
  | 'container_limited'
  | 'gpu_not_visible';

export interface HardwareWarning {
  readonly code: HardwareWarningCode;
  /** For a person: what was found, what it means for the ranking. */
  readonly message: string;
  /** The tool's own words, redacted. */
  readonly cause?: string;
}

type HardwareSource = 'override' | 'cache' | 'macos' | 'nvidia' | 'amd' | 'intel' | 'cpu';

/** What the ranking knows of one machine. */
export interface HardwareProfile {
  readonly platform: HardwarePlatform;
  readonly host: HostId;
  /** The machine's own name, for display. */
  readonly hostName?: string;
  readonly accelerators: readonly Accelerator[];
  readonly groups: readonly AcceleratorGroup[];
  readonly memory: SystemMemory;
  readonly cpu: Cpu;
  /** ISO 8601. */
  readonly detectedAt: string;
  readonly source: HardwareSource;
  readonly warnings: readonly HardwareWarning[];

  /** GiB usable by models on the best accelerator group; unified memory on Apple; 0 on CPU only. */
  readonly vramGb: number;
  /** GiB of system memory. */
  readonly ramGb: number;
  /** GB/s of the memory that weights are read from. */
  readonly bandwidthGbps: number;
  readonly gpuName?: string;
  readonly cpuName: string;
}

/** The flat fields that are enough to describe a machine by hand (`modelPool.hardware.override`). */
export interface HardwareOverride {
  readonly platform: HardwarePlatform;
  /** GiB. */
  readonly vramGb: number;
  /** GiB. */
  readonly ramGb: number;
  /** GB/s. */
  readonly bandwidthGbps: number;
  readonly gpuName?: string | undefined;
  readonly cpuName?: string | undefined;
}
