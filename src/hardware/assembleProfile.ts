import { LOCAL_HOST } from '../shared/modelRef';
import type { CpuFinding } from './cpu';
import { FAST_UNIFIED_GBPS } from './describeGpu';
import { bestGroup, groupAccelerators } from './groups';
import type { MemoryAmounts } from './memory';
import type { ProbeFinding } from './probe';
import type {
  Accelerator,
  AcceleratorVendor,
  HardwarePlatform,
  HardwareProfile,
  SystemMemory,
} from './profile';

const PLATFORMS: Readonly<Record<AcceleratorVendor, Exclude<HardwarePlatform, 'cpu'>>> = {
  apple: 'macos',
  nvidia: 'nvidia',
  amd: 'amd',
  intel: 'intel',
};

export interface Findings {
  readonly hostName: string;
  /** ISO 8601. */
  readonly detectedAt: string;
  readonly memory: MemoryAmounts;
  readonly cpu: CpuFinding;
  readonly probes: readonly ProbeFinding[];
}

/** Puts what was found together: the best group decides the platform and the flat fields; without one it is the CPU. */
export function assembleProfile(findings: Findings): HardwareProfile {
  const { accelerators, alone } = renumber(findings.probes);
  const groups = groupAccelerators(accelerators, alone);
  const best = bestGroup(groups);
  const card = accelerators.find((accelerator) => accelerator.index === best?.indexes[0]);
  const sharing = accelerators.find((accelerator) => accelerator.unified);
  const ramGib = findings.probes.find((finding) => finding.ramGib !== undefined)?.ramGib;
  const memory: SystemMemory = {
    ...findings.memory.amounts,
    ...(ramGib === undefined ? {} : { totalGib: ramGib }),
    ...(sharing
      ? { bandwidthGBps: sharing.bandwidthGBps, basis: sharing.basis }
      : { bandwidthGBps: findings.cpu.bandwidthGBps, basis: findings.cpu.basis }),
  };
  const cpuName =
    findings.probes.find((finding) => finding.cpuName !== undefined)?.cpuName ?? findings.cpu.cpu.name;
  const platform = card ? PLATFORMS[card.vendor] : 'cpu';
  return {
    platform,
    host: LOCAL_HOST,
    hostName: findings.hostName,
    accelerators,
    groups,
    memory,
    cpu: { ...findings.cpu.cpu, name: cpuName },
    detectedAt: findings.detectedAt,
    source: platform,
    warnings: [
      ...findings.probes.flatMap((finding) => finding.warnings),
      ...findings.memory.warnings,
      // Where the accelerator's figure holds for a memory that both share, that of the processor is not used.
      ...findings.cpu.warnings.filter(
        ({ code }) => code !== 'cpu_unmapped_family' || memory.bandwidthGBps === findings.cpu.bandwidthGBps,
      ),
    ],
    // By the field's old meaning a Mac's is its whole RAM; what models may use of it stands in `groups`.
    vramGb: platform === 'macos' ? memory.totalGib : (best?.totalGib ?? 0),
    ramGb: memory.totalGib,
    bandwidthGbps: best?.bandwidthGBps ?? memory.bandwidthGBps,
    ...(card ? { gpuName: card.name } : {}),
    cpuName,
  };
}

/**
 * Accelerators of the first probe that has any keep their indexes; those of later ones follow after them. Beside a card
 * a processor's graphics are left out: model servers do not use them then, and they read no faster than the processor.
 */
function renumber(probes: readonly ProbeFinding[]): {
  readonly accelerators: readonly Accelerator[];
  readonly alone: ReadonlySet<number>;
} {
  const hasCard = probes.some((finding) => finding.accelerators.some(({ unified }) => !unified));
  const accelerators: Accelerator[] = [];
  const alone = new Set<number>();
  for (const finding of probes) {
    const offset = accelerators.reduce((next, { index }) => Math.max(next, index + 1), 0);
    const kept = finding.accelerators.filter(
      ({ unified, bandwidthGBps }) => !hasCard || !unified || bandwidthGBps >= FAST_UNIFIED_GBPS,
    );
    // Indexes of a vendor's tool may have holes; those that are left out here leave none.
    const own = kept.length === finding.accelerators.length ? null : kept;
    for (const [place, found] of kept.entries()) {
      accelerators.push({ ...found, index: (own ? place : found.index) + offset });
    }
    for (const index of finding.alone ?? []) alone.add(index + offset);
  }
  return { accelerators, alone };
}
