import * as l10n from '@vscode/l10n';
import type { Clock } from '../shared/clock';
import { defaultWiredLimitGib } from '../shared/macMemory';
import type { HostId } from '../shared/modelRef';
import { familyBandwidth } from './cpuFamily';
import { groupAccelerators } from './groups';
import type { Accelerator, AcceleratorVendor, HardwareOverride, HardwareProfile } from './profile';

const VENDORS: Readonly<Record<Exclude<HardwareOverride['platform'], 'cpu'>, AcceleratorVendor>> = {
  macos: 'apple',
  nvidia: 'nvidia',
  amd: 'amd',
  intel: 'intel',
};

const PLATFORM_NAMES: Readonly<Record<AcceleratorVendor, string>> = {
  apple: 'Apple Silicon',
  nvidia: 'NVIDIA GPU',
  amd: 'AMD GPU',
  intel: 'Intel GPU',
};

/**
 * The profile of a machine that someone described: this one (`modelPool.hardware.override`) or another host
 * (`modelPool.hosts`). The flat fields are the description, verbatim. On macOS models may use `vramGb`, or what the
 * system lets the GPU wire when `vramGb` is the whole RAM. The number of processors is not part of a description and
 * is given as 1.
 */
export function profileFromOverride(
  host: HostId,
  override: HardwareOverride,
  clock: Pick<Clock, 'now'>,
): HardwareProfile {
  const { platform, vramGb, ramGb, bandwidthGbps, gpuName } = override;
  const cpuName = override.cpuName ?? 'unknown processor';
  const accelerators: readonly Accelerator[] =
    platform === 'cpu' || vramGb <= 0
      ? []
      : [
          {
            index: 0,
            vendor: VENDORS[platform],
            name: gpuName ?? PLATFORM_NAMES[VENDORS[platform]],
            totalGib: platform === 'macos' && vramGb >= ramGb ? defaultWiredLimitGib(ramGb) : vramGb,
            bandwidthGBps: bandwidthGbps,
            basis: 'table',
            unified: platform === 'macos',
          },
        ];
  const readsSystemMemory = accelerators.every((accelerator) => accelerator.unified);
  return {
    platform,
    host,
    accelerators,
    groups: groupAccelerators(accelerators, new Set()),
    memory: {
      totalGib: ramGb,
      ...(readsSystemMemory
        ? { bandwidthGBps: bandwidthGbps, basis: 'table' as const }
        : { bandwidthGBps: familyBandwidth(cpuName, null).bandwidthGBps, basis: 'assumed' as const }),
    },
    cpu: { name: cpuName, logicalCores: 1 },
    detectedAt: new Date(clock.now()).toISOString(),
    source: 'override',
    warnings: [],
    vramGb,
    ramGb,
    bandwidthGbps,
    ...(gpuName === undefined ? {} : { gpuName }),
    cpuName,
  };
}

/**
 * What is known of another machine that nobody described: nothing. Every amount is 0, and the warning
 * `remote_host_unknown` says what to do; see `isUnknownHardware`.
 */
export function unknownProfile(host: HostId, clock: Pick<Clock, 'now'>): HardwareProfile {
  const cpuName = 'unknown hardware';
  return {
    platform: 'cpu',
    host,
    hostName: host,
    accelerators: [],
    groups: [],
    memory: { totalGib: 0, bandwidthGBps: 0, basis: 'assumed' },
    cpu: { name: cpuName, logicalCores: 1 },
    detectedAt: new Date(clock.now()).toISOString(),
    source: 'cpu',
    warnings: [
      {
        code: 'remote_host_unknown',
        message: l10n.t(
          'The hardware of {0} is not known here, so its models are listed by score alone, without fit and speed. Describe it in the setting modelPool.hosts, under the name "{0}".',
          host,
        ),
      },
    ],
    vramGb: 0,
    ramGb: 0,
    bandwidthGbps: 0,
    cpuName,
  };
}

/** Whether no figure of a profile means anything. */
export function isUnknownHardware(profile: HardwareProfile): boolean {
  return profile.warnings.some(({ code }) => code === 'remote_host_unknown');
}
