import * as l10n from '@vscode/l10n';
import type { ProbeContext, ProbeFinding, SeenGpu } from './probe';
import { warning } from './probe';
import { readDrmCards } from './probes/drmCards';
import type { AcceleratorVendor, HardwareWarning, HardwareWarningCode } from './profile';

const PCI_VENDORS: Readonly<Record<string, SeenGpu['vendor']>> = {
  '10de': 'nvidia',
  '1002': 'amd',
  '8086': 'intel',
};
const VENDOR_NAMES: Readonly<Record<SeenGpu['vendor'], string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel',
};
const EXPLAINED_BY: Readonly<Partial<Record<HardwareWarningCode, AcceleratorVendor>>> = {
  nvidia_probe_failed: 'nvidia',
  amd_probe_failed: 'amd',
  intel_probe_failed: 'intel',
  // Only NVIDIA's tool is able to say that its driver shows no GPU.
  gpu_not_visible: 'nvidia',
};
/** Where Intel's processors have their own graphics, which share the processor's memory and bring no speed. */
const INTEGRATED_INTEL_SLOT = '0000:00:02.0';

/**
 * Warnings about GPUs that are there, or may be there, and that no probe could use: one for each maker, with what to do.
 * Makers whose own probe found a GPU or said why not are left out.
 */
export async function findGpuSigns(
  context: ProbeContext,
  probes: readonly ProbeFinding[],
): Promise<readonly HardwareWarning[]> {
  const explained = explainedVendors(probes);
  if (context.platform === 'win32') {
    const seen = probes.flatMap((finding) => finding.seen ?? []);
    return firstOfEach(seen).filter(notIn(explained)).map(onHost);
  }
  if (context.platform !== 'linux') return [];
  const signs = (await linuxSigns(context)).filter(notIn(explained));
  const version = (await context.readText('/proc/version')) ?? '';
  if (/microsoft/i.test(version) && explained.size === 0) return [inWsl(version)];
  const inContainer = await isContainer(context);
  return signs.map((sign) => onLinux(sign, inContainer));
}

function explainedVendors(probes: readonly ProbeFinding[]): ReadonlySet<AcceleratorVendor> {
  return new Set(
    probes.flatMap(({ accelerators, warnings }) => [
      ...accelerators.map(({ vendor }) => vendor),
      ...warnings.map(({ code }) => EXPLAINED_BY[code]).filter((vendor) => vendor !== undefined),
    ]),
  );
}

function notIn(explained: ReadonlySet<AcceleratorVendor>): (sign: SeenGpu) => boolean {
  return (sign) => !explained.has(sign.vendor);
}

async function linuxSigns(context: ProbeContext): Promise<readonly SeenGpu[]> {
  const [cards, pciDevices, driver] = await Promise.all([
    readDrmCards(context),
    context.readText('/proc/bus/pci/devices'),
    context.readText('/proc/driver/nvidia/version'),
  ]);
  const signs = cards.flatMap((card): readonly SeenGpu[] => {
    const vendor = PCI_VENDORS[card.vendor];
    return vendor === undefined || card.slot === INTEGRATED_INTEL_SLOT
      ? []
      : [{ vendor, seen: `PCI ${card.slot}` }];
  });
  // Without a driver there is no card, but the bus lists the device. Intel makes much else, so its devices prove nothing.
  for (const [, id] of (pciDevices ?? '').matchAll(/^[0-9a-f]{4}\t((?:10de|1002)[0-9a-f]{4})\t/gim)) {
    const vendor = PCI_VENDORS[id?.slice(0, 4).toLowerCase() ?? ''];
    if (vendor !== undefined) signs.push({ vendor, seen: `PCI device ${id ?? ''}` });
  }
  if (driver !== null) signs.push({ vendor: 'nvidia', seen: 'the NVIDIA kernel driver is loaded' });
  return firstOfEach(signs);
}

function firstOfEach(signs: readonly SeenGpu[]): readonly SeenGpu[] {
  return signs.filter((sign, index) => signs.findIndex((other) => other.vendor === sign.vendor) === index);
}

async function isContainer(context: ProbeContext): Promise<boolean> {
  const [docker, podman, groups] = await Promise.all(
    ['/.dockerenv', '/run/.containerenv', '/proc/self/cgroup'].map((path) => context.readText(path)),
  );
  return docker !== null || podman !== null || /docker|kubepods|containerd|lxc/.test(groups ?? '');
}

function onLinux(sign: SeenGpu, inContainer: boolean): HardwareWarning {
  if (!inContainer) return onHost(sign);
  return warning(
    'gpu_not_visible',
    l10n.t(
      'The machine has an {0} GPU that this container was not given, so models are ranked without it. Start the container with access to the GPU, or describe the GPU in modelPool.hardware.override.',
      VENDOR_NAMES[sign.vendor],
    ),
    sign.seen,
  );
}

function onHost({ vendor, seen }: SeenGpu): HardwareWarning {
  return warning(
    'gpu_not_visible',
    vendor === 'nvidia'
      ? l10n.t(
          "This machine has an NVIDIA GPU and no nvidia-smi, so models are ranked without it. Install NVIDIA's driver, then detect the hardware again, or describe the GPU in modelPool.hardware.override.",
        )
      : l10n.t(
          "This machine has an {0} GPU whose driver is missing or tells nothing of it, so models are ranked without it. Install {0}'s driver, then detect the hardware again, or describe the GPU in modelPool.hardware.override.",
          VENDOR_NAMES[vendor],
        ),
    seen,
  );
}

function inWsl(version: string): HardwareWarning {
  return warning(
    'gpu_not_visible',
    l10n.t(
      'This is Windows Subsystem for Linux and shows no GPU, so models are ranked for the processor. If Windows has an NVIDIA GPU, update its driver there; with another GPU, run the model server on Windows itself, or describe the GPU in modelPool.hardware.override.',
    ),
    version,
  );
}
