import type { FoundGpu } from '../describeGpu';
import { describeGpus } from '../describeGpu';
import type { Probe, ProbeContext, ProbeFinding } from '../probe';
import { NOTHING_FOUND } from '../probe';
import { pciDeviceId } from '../toolJson';
import type { GpuTool } from './gpuTool';
import { askGpuTool } from './gpuTool';

/**
 * GPUs by their Vulkan drivers, for machines where no vendor's tool and no file tells of one. Vulkan's summary has the
 * name only: a card's memory is the table's, and a card that is not in the table is left out with a warning.
 */
export const vulkanProbe: Probe = {
  id: 'vulkan',
  platforms: ['linux', 'win32', 'freebsd'],
  failure: 'gpu_not_visible',
  run: probeVulkan,
};

const VULKANINFO: GpuTool = { file: 'vulkaninfo', args: ['--summary'], parse: parseSummary };

async function probeVulkan(context: ProbeContext): Promise<ProbeFinding> {
  const { gpus } = await askGpuTool(context, VULKANINFO);
  return gpus.length === 0 ? NOTHING_FOUND : describeGpus(context, gpus);
}

const VENDORS: Readonly<Record<string, FoundGpu['vendor']>> = {
  '10de': 'nvidia',
  '1002': 'amd',
  '8086': 'intel',
};

/**
 * The real GPUs of the summary, each once: drivers for the processor, virtual GPUs and Microsoft's driver over Direct3D
 * are left out, because model servers do not use them. Null for another text.
 */
function parseSummary(stdout: string): readonly FoundGpu[] | null {
  const [, ...sections] = stdout.split(/^GPU\d+:\s*$/m);
  if (sections.length === 0) return /^Devices:/m.test(stdout) ? [] : null;
  const seen = new Set<string>();
  return sections.flatMap((section): readonly FoundGpu[] => {
    const fields = new Map(
      [...section.matchAll(/^\s+(\w+)\s+=\s+(.+?)\s*$/gm)].map(([, key = '', value = '']) => [key, value]),
    );
    const name = fields.get('deviceName') ?? '';
    const kind = /^PHYSICAL_DEVICE_TYPE_(DISCRETE|INTEGRATED)_GPU$/.exec(fields.get('deviceType') ?? '')?.[1];
    const vendor = VENDORS[pciDeviceId(fields.get('vendorID')) ?? ''];
    if (kind === undefined || vendor === undefined || name === '' || /direct3d/i.test(name)) return [];
    const uuid = fields.get('deviceUUID');
    if (uuid !== undefined && seen.has(uuid)) return [];
    if (uuid !== undefined) seen.add(uuid);
    return [
      {
        vendor,
        // Mesa adds the chip's name in brackets.
        names: [name.replace(/\s+\([^()]*\)$/, '')],
        pciDevice: pciDeviceId(fields.get('deviceID')),
        integrated: kind === 'INTEGRATED',
      },
    ];
  });
}
