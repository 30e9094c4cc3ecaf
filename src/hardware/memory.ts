import * as l10n from '@vscode/l10n';
import { formatGib, bytesToGib } from '../shared/units';
import type { CgroupLimits } from './cgroup';
import type { OsFacts } from './probe';
import { warning } from './probe';
import type { HardwareWarning, SystemMemory } from './profile';

export interface MemoryAmounts {
  readonly amounts: Pick<SystemMemory, 'totalGib' | 'availableGib' | 'limitGib'>;
  readonly warnings: readonly HardwareWarning[];
}

/**
 * How much memory this process may use, GiB: physical RAM, capped by a container's limit below it. `meminfo` is the
 * text of `/proc/meminfo`, null elsewhere than on Linux; then the available memory is not known.
 */
export function readMemory(os: OsFacts, meminfo: string | null, limits: CgroupLimits): MemoryAmounts {
  const physicalGib = kibField(meminfo, 'MemTotal') ?? bytesToGib(os.totalmem());
  const availableGib = kibField(meminfo, 'MemAvailable');
  const limitGib = limits.memoryLimitBytes === undefined ? Infinity : bytesToGib(limits.memoryLimitBytes);
  if (limitGib >= physicalGib) {
    return {
      amounts: { totalGib: physicalGib, ...(availableGib === null ? {} : { availableGib }) },
      warnings: [],
    };
  }
  const left = limits.memoryUsedBytes === undefined ? null : limitGib - bytesToGib(limits.memoryUsedBytes);
  const available = [availableGib, left].filter((value) => value !== null);
  return {
    amounts: {
      totalGib: limitGib,
      limitGib,
      ...(available.length === 0 ? {} : { availableGib: Math.max(0, Math.min(...available)) }),
    },
    warnings: [
      warning(
        'container_limited',
        l10n.t(
          "A container's limit leaves {0} of this machine's {1} of memory. Models are ranked for what is left; raise the limit to use more.",
          formatGib(limitGib),
          formatGib(physicalGib),
        ),
        `memory limit ${limits.memoryLimitBytes ?? 0} bytes`,
      ),
    ],
  };
}

function kibField(meminfo: string | null, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo ?? '');
  return match ? bytesToGib(Number(match[1]) * 1024) : null;
}
