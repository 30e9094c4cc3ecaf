import { LOCAL_HOST } from '../shared/modelRef';
import type { CpuFinding } from './cpu';
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
      : { bandwidthGBps: findings.cpu.bandwidthGBps, basis: 'assumed' as const }),
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
      // The accelerator's table row gives the bandwidth of a memory that both share.
      ...findings.cpu.warnings.filter(({ code }) => !(sharing && code === 'cpu_unmapped_family')),
    ],
    // By the field's old meaning a Mac's is its whole RAM; what models may use of it stands in `groups`.
    vramGb: platform === 'macos' ? memory.totalGib : (best?.totalGib ?? 0),
    ramGb: memory.totalGib,
    bandwidthGbps: best?.bandwidthGBps ?? memory.bandwidthGBps,
    ...(card ? { gpuName: card.name } : {}),
    cpuName,
  };
}

/** Accelerators of the first probe that has any keep their indexes; those of later ones follow after them. */
function renumber(probes: readonly ProbeFinding[]): {
  readonly accelerators: readonly Accelerator[];
  readonly alone: ReadonlySet<number>;
} {
  const accelerators: Accelerator[] = [];
  const alone = new Set<number>();
  for (const finding of probes) {
    const offset = accelerators.reduce((next, { index }) => Math.max(next, index + 1), 0);
    for (const found of finding.accelerators) accelerators.push({ ...found, index: found.index + offset });
    for (const index of finding.alone ?? []) alone.add(index + offset);
  }
  return { accelerators, alone };
}
