import type { Expected } from './expectedMachines';
import { assumed, cpu, nvidia, ryzen } from './expectedMachines';

type More = Partial<Expected>;
const amd = (vramGb: number, bandwidthGbps: number, more: More = {}): Expected => ({
  ...nvidia(vramGb, bandwidthGbps, more),
  platform: 'amd',
});
const intel = (vramGb: number, bandwidthGbps: number, more: More = {}): Expected => ({
  ...nvidia(vramGb, bandwidthGbps, more),
  platform: 'intel',
});
const XTX = { gpuName: 'AMD Radeon RX 7900 XTX', deviceId: 'amd-radeon-rx-7900-xtx' };
const halo = (vramGb: number, more: More = {}): Expected =>
  amd(vramGb, 256, { deviceId: 'amd-radeon-8060s', gpuName: 'AMD Radeon 8060S', groups: [vramGb], ...more });
/** A processor's graphics read the system's memory at the pace of the processor. */
const shared = (basis: Expected['basis'], more: More = {}): More => ({ basis, ...more });
const eight = (gib: number): readonly number[] => Array.from({ length: 8 }, () => gib);

/** AMD and Intel, mixed makers, memory modules, Windows' own tools and Vulkan. */
export const GPU_MACHINES: Readonly<Record<string, Expected>> = {
  'linux-intel-arc': intel(16, 512, { gpuName: 'Intel Arc A770' }),
  'linux-intel-integrated': intel(11.5, 76, shared('assumed', { gpuName: 'Intel integrated graphics' })),
  'windows-amd': amd(24, 960, XTX),
  'windows-intel-arc': intel(16, 512),

  'amd-rx-7900-xtx': amd(24, 960, XTX),
  'amd-rx-7900-xt-new-keys': amd(20, 800, { gpuName: 'AMD Radeon RX 7900 XT' }),
  'amd-two-rx-7900-xtx': amd(48, 960, { ...XTX, groups: [24, 24, 48] }),
  'amd-mi300x': amd(192, 5300, { deviceId: 'amd-radeon-instinct-mi300x', ramGb: 1511 }),
  'amd-eight-mi300x': amd(1535.9, 5300, { groups: [...eight(192), 1535.9] }),
  'amd-mi210': amd(64, 1638, { deviceId: 'amd-radeon-instinct-mi210' }),
  'amd-w7900-list-form': amd(48, 864, { deviceId: 'amd-radeon-pro-w7900' }),
  'amd-eight-of-two-kinds': amd(255.9, 1638, {
    groups: [48, 48, 48, 48, 64, 64, 64, 64, 191.9, 255.9],
    gpuName: 'AMD Instinct MI210',
  }),
  'amd-chip-name-only': amd(24, 960, XTX),
  'amd-card-beside-processor-graphics': amd(16, 512, {
    gpuName: 'AMD Radeon RX 6800/6800 XT / 6900 XT',
    groups: [16],
  }),
  'amd-card-by-files': amd(12, 384, { deviceId: 'amd-radeon-rx-6700-xt' }),
  'amd-card-by-files-and-lspci': amd(8, 256, assumed('amd_unmapped_gpu')),
  'amd-unknown-card': amd(32, 512, assumed('amd_unmapped_gpu')),
  'amd-unknown-card-bandwidth-by-driver': amd(288, 19_600, { basis: 'driver' }),
  'amd-rocm-hangs-files-answer': amd(24, 960, XTX),
  'amd-second-tool-answers': amd(24, 960, XTX),
  'amd-driver-not-loaded': ryzen('amd_probe_failed'),
  'amd-strix-halo-64gb': halo(31.7),
  'amd-strix-halo-96gb': halo(47.4),
  'amd-strix-halo-128gb': halo(120.5),
  'amd-strix-halo-128gb-set-apart': halo(111.4, { ramGb: 30.9 }),
  'amd-strix-halo-with-egpu': amd(63, 256, { groups: [24, 63], gpuName: 'AMD Radeon 8060S' }),
  'amd-radeon-780m': amd(17.6, 90, { deviceId: 'amd-radeon-780m' }),
  'amd-radeon-780m-known-modules': amd(17.6, 89.6, shared('driver', { gpuName: 'AMD Radeon 780M Graphics' })),
  'amd-processor-graphics-without-a-row': amd(
    15.8,
    51,
    shared('assumed', { gpuName: 'AMD Radeon Graphics' }),
  ),
  'amd-egpu-on-a-laptop': amd(24, 960, { ...XTX, groups: [24] }),

  'mixed-nvidia-and-amd': nvidia(24, 936.2, { groups: [24, 16] }),
  'mixed-nvidia-and-arc': intel(12, 456, { groups: [12, 12], gpuName: 'Intel Arc B580' }),
  'mixed-amd-and-arc': amd(24, 960, { ...XTX, groups: [24, 16] }),
  'nvidia-laptop-with-iris-xe': nvidia(8, 256, { groups: [8], deviceId: 'nvidia-geforce-rtx-4060-mobile' }),
  'nvidia-laptop-with-780m': nvidia(8, 256, { groups: [8], deviceId: 'nvidia-geforce-rtx-4070-mobile' }),
  'nvidia-egpu-on-lunar-lake': nvidia(24, 1008, { groups: [24] }),
  'nvidia-max-q-beside-uhd': nvidia(8, 352, { deviceId: 'nvidia-geforce-rtx-2080-super-max-q' }),
  'nvidia-without-tool-beside-uhd': intel(23.25, 45, assumed('gpu_not_visible')),

  'intel-arc-b580': intel(12, 456, { gpuName: 'Intel Arc B580' }),
  'intel-arc-a380': intel(6, 186, { deviceId: 'intel-arc-a380' }),
  'intel-arc-a770-8gb': intel(7.94, 512),
  'intel-two-arc-pro-b60': intel(48, 456, { groups: [24, 24, 48] }),
  'intel-iris-xe': intel(11.5, 76, shared('assumed', { gpuName: 'Intel Iris Xe Graphics', ramGb: 15.3 })),
  'intel-lunar-lake': intel(23.25, 136.5, shared('assumed')),
  'intel-meteor-lake-known-modules': intel(23.25, 119.5, shared('driver')),
  'intel-data-center-card': intel(14.2, 186, assumed('intel_unmapped_gpu')),
  'intel-card-of-unknown-memory': ryzen('intel_probe_failed'),
  'intel-driver-missing-in-xpu-smi': ryzen('intel_probe_failed'),

  'cpu-modules-dual-channel': { ...cpu(57.6), basis: 'driver' },
  'cpu-modules-single-channel': { ...cpu(25.6), basis: 'driver' },
  'cpu-modules-two-sockets': { ...cpu(204.8), basis: 'driver' },
  'cpu-modules-without-channels': cpu(200),
  'cpu-modules-invented-in-a-vm': cpu(48),

  'windows-amd-16gb': amd(16, 624.1, { deviceId: 'amd-radeon-rx-7800-xt', ramGb: 31.1 }),
  'windows-amd-without-registry': amd(16, 624.1, { deviceId: 'amd-radeon-rx-7800-xt' }),
  'windows-laptop-intel-and-nvidia': nvidia(8, 256, { groups: [8] }),
  'windows-laptop-two-amd': amd(8, 288, { groups: [8], gpuName: 'AMD Radeon RX 7600M XT' }),
  'windows-radeon-780m': amd(17.85, 90, { deviceId: 'amd-radeon-780m' }),
  'windows-strix-halo-96gb-set-apart': halo(111.8, { ramGb: 31.6 }),
  'windows-iris-xe': intel(7.85, 76, shared('assumed')),
  'windows-lunar-lake': intel(15.75, 136.5, shared('assumed')),
  'windows-arc-b580-beside-uhd': intel(11.9, 456, { groups: [11.9] }),
  'windows-hyper-v': cpu(48),
  'windows-parallels': cpu(40, 'cpu_unmapped_family'),
  'windows-parsec-beside-amd': amd(15.94, 644.6, { gpuName: 'AMD Radeon RX 9070 XT' }),
  'windows-nvidia-without-driver': cpu(83, 'gpu_not_visible'),
  'windows-amd-with-problem': cpu(83, 'gpu_not_visible'),
  'windows-nvidia-without-tool': intel(15.55, 83, assumed('gpu_not_visible')),
  'windows-powershell-hangs': amd(24, 960, XTX),
  'windows-nothing-listed': cpu(83, 'gpu_not_visible'),
  'windows-unknown-card-larger-than-told': amd(4, 112, assumed('amd_unmapped_gpu')),
  'windows-known-modules': { ...cpu(96), basis: 'driver' },
  'windows-one-module': intel(3.85, 25.6, shared('driver')),

  'vulkan-amd-card': amd(24, 960, { ...XTX, groups: [24] }),
  'vulkan-same-card-twice': amd(24, 960, { ...XTX, groups: [24] }),
  'vulkan-arc': intel(16, 512, { deviceId: 'intel-arc-a770' }),
  'vulkan-nvidia-open-driver': nvidia(24, 1008, { gpuName: 'NVIDIA GeForce RTX 4090' }),
  'vulkan-integrated': intel(11.5, 76, shared('assumed')),
  'vulkan-processor-only': ryzen(),
  'vulkan-unknown-card': ryzen('amd_probe_failed'),
  'wsl-with-amd': cpu(83, 'gpu_not_visible'),
};
