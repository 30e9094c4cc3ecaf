import * as l10n from '@vscode/l10n';
import { assumedAmdGBps, assumedIntelGBps, assumedNvidiaGBps } from './assumedBandwidth';
import type { DeviceRow } from './deviceTable';
import type { NamedGpu } from './gpuNames';
import { nameGpu } from './gpuNames';
import {
  amdProcessorGraphicsName,
  defaultSharedGib,
  isAmdProcessorGraphics,
  isIntegratedName,
} from './integratedGraphics';
import type { ProbeContext, ProbeFinding } from './probe';
import { warning } from './probe';
import type { Accelerator, HardwareWarning, HardwareWarningCode } from './profile';

/** A GPU as a tool or the system tells of it, before the table is asked. */
export interface FoundGpu {
  readonly vendor: 'nvidia' | 'amd' | 'intel';
  /** What it is called, the most exact name first; may be empty. */
  readonly names: readonly string[];
  /** PCI device, four hexadecimal digits in lower case. */
  readonly pciDevice?: string | undefined;
  /** PCI slot with its domain, "0000:03:00.0". */
  readonly slot?: string | undefined;
  /** Whether it is part of the processor, where the tool says so. */
  readonly integrated?: boolean | undefined;
  /** Memory of its own, GiB; of integrated graphics what the firmware set apart. */
  readonly ownGib?: number | undefined;
  /** Its own memory is not less than this, GiB; for tools whose figures end at 4 GiB. */
  readonly atLeastGib?: number | undefined;
  readonly freeGib?: number | undefined;
  /** System memory that integrated graphics may use beside its own, GiB. */
  readonly sharedGib?: number | undefined;
  /** By the driver, GB/s. */
  readonly driverGBps?: number | undefined;
}

/** Unified memory from here on is built for models and no mere processor's, GB/s; no two channels of DDR5 get there. */
export const FAST_UNIFIED_GBPS = 200;

const FAILED: Readonly<Record<FoundGpu['vendor'], HardwareWarningCode>> = {
  nvidia: 'nvidia_probe_failed',
  amd: 'amd_probe_failed',
  intel: 'intel_probe_failed',
};
const UNMAPPED: Readonly<Record<FoundGpu['vendor'], HardwareWarningCode>> = {
  nvidia: 'nvidia_unmapped_gpu',
  amd: 'amd_unmapped_gpu',
  intel: 'intel_unmapped_gpu',
};
const ASSUMED: Readonly<Record<FoundGpu['vendor'], (memoryGib: number) => number>> = {
  nvidia: assumedNvidiaGBps,
  amd: assumedAmdGBps,
  intel: assumedIntelGBps,
};

/** Accelerators for GPUs that were found, in their order, with a warning for each that stays unknown or is assumed. */
export async function describeGpus(
  context: ProbeContext,
  gpus: readonly FoundGpu[],
): Promise<Pick<ProbeFinding, 'accelerators' | 'warnings'>> {
  const accelerators: Accelerator[] = [];
  const warnings: HardwareWarning[] = [];
  for (const gpu of gpus) {
    const named = nameGpu(context.devices, gpu.vendor, namesOf(context, gpu), gpu.ownGib);
    const { name, row } = named;
    const described = isIntegrated(gpu, named)
      ? await integrated(context, gpu, row)
      : dedicated(gpu, named, warnings);
    if (described === null) continue;
    accelerators.push({
      index: accelerators.length,
      vendor: gpu.vendor,
      name,
      ...described,
      ...(row && described.basis === 'table' ? { deviceId: row.id } : {}),
    });
  }
  return { accelerators, warnings: oncePerText(warnings) };
}

type Described = Pick<Accelerator, 'totalGib' | 'freeGib' | 'bandwidthGBps' | 'basis' | 'unified'>;

/** A processor of AMD's has the name of its graphics in its own, which is more than most tools know of them. */
function namesOf(context: ProbeContext, { vendor, names, pciDevice }: FoundGpu): readonly string[] {
  if (vendor !== 'amd' || !isAmdProcessorGraphics(pciDevice)) return names;
  const byProcessor = /\bw\/\s*(Radeon\s.+?)\s*$/i.exec(context.os.cpus()[0]?.model ?? '')?.[1];
  const candidates = [byProcessor, ...names, amdProcessorGraphicsName(pciDevice), 'AMD Radeon Graphics'];
  return candidates.filter((name) => name !== undefined);
}

function isIntegrated(gpu: FoundGpu, { name, row }: NamedGpu): boolean {
  if (gpu.integrated !== undefined) return gpu.integrated;
  if (gpu.vendor === 'nvidia') return row?.class === 'soc';
  if (row) return row.class === 'igpu' || row.class === 'soc';
  if (gpu.vendor === 'amd' && isAmdProcessorGraphics(gpu.pciDevice)) return true;
  return isIntegratedName(gpu.vendor, name);
}

async function integrated(context: ProbeContext, gpu: FoundGpu, row: DeviceRow | null): Promise<Described> {
  const { totalGib: ramGib, availableGib } = context.memory;
  const ownGib = gpu.vendor === 'amd' ? (gpu.ownGib ?? 0) : 0;
  const sharedGib = Math.min(ramGib, gpu.sharedGib ?? defaultSharedGib(gpu.vendor, context.platform, ramGib));
  const totalGib = ownGib + sharedGib;
  const system = await context.systemBandwidth();
  // The memory's own figure says more than the usual one of such graphics, but memory beside the chip is always the same.
  const byTable = row !== null && (row.bandwidthGBps >= FAST_UNIFIED_GBPS || system.basis !== 'driver');
  return {
    totalGib,
    ...(availableGib === undefined
      ? {}
      : { freeGib: Math.min(totalGib, (gpu.freeGib ?? ownGib) + availableGib) }),
    bandwidthGBps: byTable ? row.bandwidthGBps : system.bandwidthGBps,
    basis: byTable ? 'table' : system.basis,
    unified: true,
  };
}

function dedicated(
  gpu: FoundGpu,
  { name, row, exact }: NamedGpu,
  warnings: HardwareWarning[],
): Described | null {
  const totalGib = gpu.ownGib ?? row?.memoryGib ?? gpu.atLeastGib;
  if (totalGib === undefined || totalGib <= 0) {
    warnings.push(
      warning(
        FAILED[gpu.vendor],
        l10n.t(
          'The memory of {0} could not be read, so it is left out. Describe it in modelPool.hardware.override.',
          name,
        ),
        `${name} ${gpu.slot ?? gpu.pciDevice ?? ''}`,
      ),
    );
    return null;
  }
  const memory = { totalGib, ...(gpu.freeGib === undefined ? {} : { freeGib: gpu.freeGib }), unified: false };
  if (row && exact) return { ...memory, bandwidthGBps: row.bandwidthGBps, basis: 'table' };
  if (gpu.driverGBps !== undefined) return { ...memory, bandwidthGBps: gpu.driverGBps, basis: 'driver' };
  const bandwidthGBps = row?.bandwidthGBps ?? ASSUMED[gpu.vendor](totalGib);
  warnings.push(
    warning(
      UNMAPPED[gpu.vendor],
      l10n.t(
        "The memory bandwidth of {0} is not known; {1} GB/s is assumed, so speeds are rough. Set the maker's value in modelPool.hardware.override.",
        name,
        bandwidthGBps,
      ),
      `${name} ${gpu.pciDevice ?? ''}`,
    ),
  );
  return { ...memory, bandwidthGBps, basis: 'assumed' };
}

/** Eight equal cards need one warning. */
function oncePerText(warnings: readonly HardwareWarning[]): readonly HardwareWarning[] {
  return warnings.filter(
    ({ code, message }, index) =>
      warnings.findIndex((other) => other.code === code && other.message === message) === index,
  );
}
