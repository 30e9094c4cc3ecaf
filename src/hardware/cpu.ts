import type { CgroupLimits } from './cgroup';
import { familyBandwidth } from './cpuFamily';
import type { LscpuFacts } from './lscpu';
import { parseLscpu } from './lscpu';
import type { ProbeContext } from './probe';
import { runTool, warning } from './probe';
import type { Cpu, HardwareWarning } from './profile';

export interface CpuFinding {
  readonly cpu: Cpu;
  /** Of the system memory, GB/s; by the processor's family, so always an assumption. */
  readonly bandwidthGBps: number;
  readonly warnings: readonly HardwareWarning[];
}

/**
 * The processor: name, cores that this process may use, and what its memory usually delivers. On Linux `lscpu` tells
 * physical cores and whether this is a virtual machine; without it `/proc/cpuinfo` does as far as it can.
 */
export async function readCpu(context: ProbeContext, limits: CgroupLimits): Promise<CpuFinding> {
  const facts = context.platform === 'linux' ? await linuxFacts(context) : {};
  const cpus = context.os.cpus();
  const name = [cpus[0]?.model, facts.modelName]
    .map((text) => text?.replace(/\s+/g, ' ').trim())
    .find(isName);
  const present = cpus.length || (facts.logicalCores ?? 1);
  const warnings: HardwareWarning[] = [];
  let logicalCores = Math.min(present, context.os.availableParallelism?.() ?? present);
  if (limits.cpuQuota !== undefined && limits.cpuQuota < present) {
    logicalCores = limits.cpuQuota;
    warnings.push(
      warning(
        'container_limited',
        `A container's quota leaves ${Number(limits.cpuQuota.toFixed(2))} of this machine's ${present} processors. ` +
          'Models on the processor run as slowly as that; raise the quota to use more.',
        `processor quota ${limits.cpuQuota}`,
      ),
    );
  }
  const family = familyBandwidth(name ?? '', facts.hypervisor === undefined ? null : logicalCores);
  if (!family.mapped) {
    warnings.push(
      warning(
        'cpu_unmapped_family',
        `The memory bandwidth of this processor is not known; ${family.bandwidthGBps} GB/s is assumed, so speeds on ` +
          'the processor are rough. Set the measured value in modelPool.hardware.override.',
        name ?? 'the system gives no name',
      ),
    );
  }
  return {
    cpu: {
      name: name ?? 'unknown processor',
      logicalCores,
      ...(facts.physicalCores === undefined ? {} : { physicalCores: facts.physicalCores }),
    },
    bandwidthGBps: family.bandwidthGBps,
    warnings,
  };
}

async function linuxFacts(context: ProbeContext): Promise<LscpuFacts> {
  const result = await runTool(context, 'lscpu', ['-J']);
  const facts = result.exitCode === 0 ? parseLscpu(result.stdout) : null;
  if (facts) return facts;
  const cpuinfo = (await context.readText('/proc/cpuinfo')) ?? '';
  const modelName = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1];
  const guest = /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo);
  return { ...(modelName === undefined ? {} : { modelName }), ...(guest ? { hypervisor: 'unknown' } : {}) };
}

/** Node says "unknown" on Arm Linux. */
function isName(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text.toLowerCase() !== 'unknown';
}
