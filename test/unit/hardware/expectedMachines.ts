import type { BandwidthBasis, HardwareProfile, HardwareWarningCode } from '../../../src/hardware/profile';

/** What detection must say of one machine. */
export interface Expected {
  readonly platform: HardwareProfile['platform'];
  readonly vramGb: number;
  readonly bandwidthGbps: number;
  readonly basis: BandwidthBasis;
  readonly warnings?: readonly HardwareWarningCode[];
  readonly ramGb?: number;
  readonly gpuName?: string;
  /** GiB of every group, in order. */
  readonly groups?: readonly number[];
  readonly deviceId?: string;
}

export const cpu = (bandwidthGbps: number, ...warnings: HardwareWarningCode[]): Expected => ({
  platform: 'cpu',
  vramGb: 0,
  bandwidthGbps,
  basis: 'assumed',
  warnings,
});
export const nvidia = (vramGb: number, bandwidthGbps: number, more: Partial<Expected> = {}): Expected => ({
  platform: 'nvidia',
  vramGb,
  bandwidthGbps,
  basis: 'table',
  ...more,
});
const mac = (
  ramGib: number,
  usableGib: number,
  bandwidthGbps: number,
  more: Partial<Expected> = {},
): Expected => ({
  platform: 'macos',
  vramGb: ramGib,
  ramGb: ramGib,
  bandwidthGbps,
  basis: 'table',
  groups: [usableGib],
  ...more,
});
export const assumed = (...warnings: HardwareWarningCode[]): Partial<Expected> => ({
  basis: 'assumed',
  warnings,
});

/** The Ryzen 9 7950X that most of the fixtures stand on: a family that the table knows. */
export const ryzen = (...warnings: HardwareWarningCode[]): Expected => cpu(83, ...warnings);

/** NVIDIA, Macs, processors, containers, and machines whose GPU cannot be used. */
export const MACHINES: Readonly<Record<string, Expected>> = {
  'nvidia-rtx-4090': nvidia(24, 1008, { ramGb: 62.7, deviceId: 'nvidia-geforce-rtx-4090' }),
  'nvidia-rtx-4090-laptop': nvidia(16, 576, { deviceId: 'nvidia-geforce-rtx-4090-mobile' }),
  'nvidia-rtx-2070-max-q': nvidia(8, 384, { deviceId: 'nvidia-geforce-rtx-2070-max-q' }),
  'nvidia-rtx-3080-12gb': nvidia(12, 912.4),
  'nvidia-rtx-3080-10gb': nvidia(10, 760.3),
  'nvidia-rtx-3060-8gb': nvidia(8, 240),
  'nvidia-rtx-a1000': nvidia(8, 192),
  'nvidia-h200': nvidia(140.4, 4800, { deviceId: 'nvidia-h200-sxm-141-gb' }),
  'nvidia-eight-of-two-kinds': nvidia(320, 2039, {
    gpuName: 'NVIDIA A100-SXM4-80GB',
    groups: [80, 80, 80, 80, 48, 48, 48, 48, 320, 192],
  }),
  'nvidia-two-rtx-3090': nvidia(48, 936.2, { groups: [24, 24, 48] }),
  'nvidia-gb10': nvidia(119.7, 273.2, { ramGb: 119.7, gpuName: 'NVIDIA GB10', groups: [119.7] }),
  'nvidia-jetson-orin': nvidia(61.4, 204.8, { deviceId: 'nvidia-jetson-agx-orin-64-gb' }),
  'nvidia-mig': nvidia(19, 777.5, { groups: [19, 4.75, 4.75], gpuName: 'NVIDIA A100-SXM4-40GB MIG 3g.20gb' }),
  'nvidia-mig-without-instances': ryzen('gpu_not_visible'),
  'nvidia-mig-beside-a-whole-gpu': nvidia(79.6, 3350, { groups: [79.6, 37.8, 37.8] }),
  'nvidia-mig-shared-slice': nvidia(4.75, 777.5),
  'nvidia-trademark-sign': nvidia(12, 504.2),
  'nvidia-driver-warnings-first': nvidia(16, 288),
  'nvidia-half-row': nvidia(24, 936.2, { groups: [24], warnings: ['nvidia_probe_failed'] }),
  'nvidia-only-half-a-row': ryzen('nvidia_probe_failed'),
  'nvidia-localised-comma': nvidia(24, 1008),
  'nvidia-localised-point': nvidia(24, 1008),
  'nvidia-localised-space': nvidia(24, 1008),
  'nvidia-with-units': nvidia(24, 1008),
  'nvidia-crlf': nvidia(24, 1008),
  'nvidia-unknown-gpu': nvidia(48, 300, assumed('nvidia_unmapped_gpu')),
  'nvidia-unknown-small-gpu': nvidia(2, 112, assumed('nvidia_unmapped_gpu')),
  'nvidia-modded-memory': nvidia(22, 616),
  'nvidia-no-devices': ryzen('gpu_not_visible'),
  'nvidia-library-mismatch': ryzen('nvidia_probe_failed'),
  'nvidia-driver-not-running': ryzen('nvidia_probe_failed'),
  'nvidia-empty-output': ryzen('nvidia_probe_failed'),
  'nvidia-tool-hangs': ryzen('nvidia_probe_failed'),
  'nvidia-gpu-lost': nvidia(24, 936.2, { warnings: ['nvidia_probe_failed'] }),
  'nvidia-card-without-memory-figure': nvidia(24, 936.2, { groups: [24] }),
  'nvidia-memory-error-unknown-card': ryzen('nvidia_probe_failed'),
  'nvidia-secret-in-error': ryzen('nvidia_probe_failed'),
  'linux-nvidia-without-tool': ryzen('gpu_not_visible'),
  'linux-amd-card': ryzen('gpu_not_visible'),
  'linux-container-without-gpu': ryzen('gpu_not_visible'),
  'wsl-without-gpu': cpu(76, 'gpu_not_visible'),
  'wsl-tool-outside-path': nvidia(12, 504.2),
  'windows-nvidia': nvidia(15.9, 896, { ramGb: 31.1 }),
  'windows-basic-display': cpu(83),
  'mac-m3-max-30-cores': mac(36, 24, 300),
  'mac-m3-max-40-cores': mac(64, 48, 400),
  'mac-m4-max-32-cores': mac(36, 24, 410),
  'mac-m4-max-40-cores': mac(128, 96, 546),
  'mac-m5-max-32-cores': mac(36, 24, 460),
  'mac-m5-max-40-cores': mac(128, 96, 614),
  'mac-m3-ultra': mac(512, 384, 819),
  'mac-m1-8gb': mac(8, 5.33, 68),
  'mac-m2-pro': mac(32, 21.33, 200),
  'mac-wired-limit-raised': mac(192, 180, 800),
  'mac-unknown-chip': mac(24, 16, 100, assumed('macos_unmapped_chip')),
  'mac-virtual': cpu(40, 'gpu_not_visible', 'cpu_unmapped_family'),
  'mac-profiler-hangs': mac(64, 48, 400, assumed('macos_probe_failed')),
  'mac-profiler-other-keys': mac(24, 16, 120, { warnings: ['macos_probe_failed'] }),
  'mac-profiler-exits-with-text': mac(24, 16, 273, { warnings: ['macos_probe_failed'] }),
  'mac-sysctl-missing': mac(18, 12, 150, { warnings: ['macos_probe_failed'] }),
  'mac-chip-from-display': mac(18, 12, 150, { warnings: ['macos_probe_failed'] }),
  'mac-no-tools': mac(16, 10.67, 100, { warnings: ['macos_probe_failed'] }),
  'mac-nothing-known': cpu(40, 'macos_probe_failed', 'cpu_unmapped_family'),
  'mac-intel-amd': cpu(40, 'gpu_not_visible', 'cpu_unmapped_family'),
  'cpu-epyc-9654': cpu(460),
  'cpu-xeon-in-a-vm': cpu(96),
  'cpu-nested-lscpu': cpu(90),
  'cpu-arm-unknown': cpu(40, 'cpu_unmapped_family'),
  'cpu-without-lscpu': cpu(48),
  'cpu-xen-host': cpu(200),
  'container-v2-limits': { ...ryzen('container_limited', 'container_limited'), ramGb: 8 },
  'container-v2-max': { ...ryzen(), ramGb: 62 },
  'container-v2-parent-limit': { ...ryzen('container_limited', 'container_limited'), ramGb: 16 },
  'container-v1-limits': { ...ryzen('container_limited', 'container_limited'), ramGb: 4 },
  'container-v1-unlimited': { ...ryzen(), ramGb: 62 },
};
