import * as l10n from '@vscode/l10n';
import { formatFigure } from '../shared/numberText';
import type { CgroupLimits } from './cgroup';
import { familyBandwidth } from './cpuFamily';
import type { LscpuFacts } from './lscpu';
import { parseLscpu } from './lscpu';
import {
  modulesBandwidthGBps,
  parseUdevModules,
  parseWindowsModules,
  UDEV_DMI_PATH,
  WINDOWS_MODULES_COMMAND,
} from './memoryModules';
import type { BaseContext } from './probe';
import { runTool, warning } from './probe';
import type { Cpu, HardwareWarning, SystemMemory } from './profile';

export interface CpuFinding extends Pick<SystemMemory, 'bandwidthGBps' | 'basis'> {
  readonly cpu: Cpu;
  readonly warnings: readonly HardwareWarning[];
}

/** What is known of the machine around the processor. */
interface SystemFacts extends LscpuFacts {
  /** By the memory modules, for one socket, GB/s. */
  readonly modulesGBps?: number;
}

/**
 * The processor: name, cores that this process may use, and how fast its memory is: by the modules that the firmware
 * tells of (`driver`), else what the family usually has (`assumed`). On Linux `lscpu` tells physical cores and whether
 * this is a virtual machine; without it `/proc/cpuinfo` does as far as it can. A virtual machine's modules are invented,
 * so there the family's figure holds, capped by the cores.
 */
export async function readCpu(context: BaseContext, limits: CgroupLimits): Promise<CpuFinding> {
  const facts = await systemFacts(context);
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
        l10n.t(
          "A container's quota leaves {0} of this machine's {1} processors. Models on the processor run as slowly as that; raise the quota to use more.",
          formatFigure(limits.cpuQuota, 2),
          present,
        ),
        `processor quota ${limits.cpuQuota}`,
      ),
    );
  }
  const cpu: Cpu = {
    name: name ?? 'unknown processor',
    logicalCores,
    ...(facts.physicalCores === undefined ? {} : { physicalCores: facts.physicalCores }),
  };
  if (facts.modulesGBps !== undefined && facts.hypervisor === undefined) {
    return { cpu, bandwidthGBps: facts.modulesGBps, basis: 'driver', warnings };
  }
  const family = familyBandwidth(name ?? '', facts.hypervisor === undefined ? null : logicalCores);
  if (!family.mapped) {
    warnings.push(
      warning(
        'cpu_unmapped_family',
        l10n.t(
          'The memory bandwidth of this processor is not known; {0} GB/s is assumed, so speeds on the processor are rough. Measure it with the command "Model Pool: Measure Memory Bandwidth".',
          family.bandwidthGBps,
        ),
        name ?? 'the system gives no name',
      ),
    );
  }
  return { cpu, bandwidthGBps: family.bandwidthGBps, basis: 'assumed', warnings };
}

function systemFacts(context: BaseContext): Promise<SystemFacts> {
  if (context.platform === 'linux') return linuxFacts(context);
  return context.platform === 'win32' ? windowsFacts(context) : Promise.resolve({});
}

async function linuxFacts(context: BaseContext): Promise<SystemFacts> {
  const [result, udev] = await Promise.all([
    runTool(context, 'lscpu', ['-J'], context.deadline),
    context.readText(UDEV_DMI_PATH),
  ]);
  const facts = result.exitCode === 0 ? parseLscpu(result.stdout) : null;
  const allGBps = modulesBandwidthGBps(parseUdevModules(udev ?? ''));
  // A process reads at the pace of one socket's memory: the link between sockets is no faster.
  const modules = allGBps === null ? {} : { modulesGBps: allGBps / (facts?.sockets ?? 1) };
  if (facts) return { ...facts, ...modules };
  const cpuinfo = (await context.readText('/proc/cpuinfo')) ?? '';
  const modelName = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1];
  const guest = /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo);
  return {
    ...(modelName === undefined ? {} : { modelName }),
    ...(guest ? { hypervisor: 'unknown' } : {}),
    ...modules,
  };
}

/** Windows runs on a hypervisor of its own with some settings, so only the firmware's names tell a virtual machine. */
const BIOS_KEY = 'HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS';
const VIRTUAL_SYSTEM =
  /virtual|vmware|qemu|\bkvm\b|\bxen\b|hvm domu|bochs|parallels|standard pc|google compute|amazon ec2|openstack/i;

async function windowsFacts(context: BaseContext): Promise<SystemFacts> {
  const [modules, bios] = await Promise.all([
    runTool(
      context,
      'powershell',
      ['-NoProfile', '-NonInteractive', '-Command', WINDOWS_MODULES_COMMAND],
      context.deadline,
    ),
    runTool(context, 'reg', ['query', BIOS_KEY], context.deadline),
  ]);
  const system = [...bios.stdout.matchAll(/^\s+System(?:Manufacturer|ProductName)\s+REG_SZ\s+(.+?)\s*$/gm)]
    .map(([, text]) => text ?? '')
    .join(' ');
  const modulesGBps = modulesBandwidthGBps(parseWindowsModules(modules.stdout));
  return {
    ...(VIRTUAL_SYSTEM.test(system) ? { hypervisor: system } : {}),
    ...(modulesGBps === null ? {} : { modulesGBps }),
  };
}

/** Node says "unknown" on Arm Linux. */
function isName(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text.toLowerCase() !== 'unknown';
}
