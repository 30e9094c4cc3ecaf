import type { ProbeContext } from './probe';
import { runTool, warning } from './probe';
import type { AcceleratorVendor, HardwareWarning } from './profile';

/** A GPU of which there are signs, though no probe could use it. */
interface Sign {
  readonly vendor: Exclude<AcceleratorVendor, 'apple'>;
  /** How it was noticed: a name, or a PCI address. */
  readonly seen: string;
}

const PCI_VENDORS: Readonly<Record<string, Sign['vendor']>> = {
  '10de': 'nvidia',
  '1002': 'amd',
  '8086': 'intel',
};
const VENDOR_NAMES: Readonly<Record<Sign['vendor'], string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel Arc',
};
/** `/sys/class/drm/card0` to `card7`: more cards than desktop machines hold. */
const DRM_CARDS = 8;
/** Where Intel's processors have their own graphics, which share the processor's memory and bring no speed. */
const INTEGRATED_INTEL_SLOT = '0000:00:02.0';
/** Windows keeps its display adapters under this class. */
const DISPLAY_CLASS_KEY =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';

/**
 * Warnings about GPUs that are there, or may be there, and cannot be used: one for each maker, with what to do.
 * `explained` are makers whose own probe has said why already.
 */
export async function findGpuSigns(
  context: ProbeContext,
  explained: ReadonlySet<AcceleratorVendor>,
): Promise<readonly HardwareWarning[]> {
  if (context.platform === 'win32') return (await windowsSigns(context)).filter(notIn(explained)).map(onHost);
  if (context.platform !== 'linux') return [];
  const signs = (await linuxSigns(context)).filter(notIn(explained));
  const version = (await context.readText('/proc/version')) ?? '';
  if (/microsoft/i.test(version) && explained.size === 0) return [inWsl(version)];
  const inContainer = await isContainer(context);
  return signs.map((sign) => onLinux(sign, inContainer));
}

function notIn(explained: ReadonlySet<AcceleratorVendor>): (sign: Sign) => boolean {
  return (sign) => !explained.has(sign.vendor);
}

async function linuxSigns(context: ProbeContext): Promise<readonly Sign[]> {
  const cards = Array.from({ length: DRM_CARDS }, (_, card) => `/sys/class/drm/card${card}/device/uevent`);
  const [pciDevices, driver, ...uevents] = await Promise.all(
    ['/proc/bus/pci/devices', '/proc/driver/nvidia/version', ...cards].map((path) => context.readText(path)),
  );
  const signs: Sign[] = uevents.flatMap((uevent) => {
    const vendor = PCI_VENDORS[/^PCI_ID=([0-9a-f]{4}):/im.exec(uevent ?? '')?.[1]?.toLowerCase() ?? ''];
    const slot = /^PCI_SLOT_NAME=(\S+)$/m.exec(uevent ?? '')?.[1] ?? '';
    return vendor === undefined || slot === INTEGRATED_INTEL_SLOT ? [] : [{ vendor, seen: `PCI ${slot}` }];
  });
  // Without a driver there is no card, but the bus lists the device. Intel makes much else, so its devices prove nothing.
  for (const [, id] of (pciDevices ?? '').matchAll(/^[0-9a-f]{4}\t((?:10de|1002)[0-9a-f]{4})\t/gim)) {
    const vendor = PCI_VENDORS[id?.slice(0, 4).toLowerCase() ?? ''];
    if (vendor !== undefined) signs.push({ vendor, seen: `PCI device ${id ?? ''}` });
  }
  if (driver !== null) signs.push({ vendor: 'nvidia', seen: 'the NVIDIA kernel driver is loaded' });
  return firstOfEach(signs);
}

async function windowsSigns(context: ProbeContext): Promise<readonly Sign[]> {
  const result = await runTool(context, 'reg', ['query', DISPLAY_CLASS_KEY, '/s', '/v', 'DriverDesc']);
  const names = [...result.stdout.matchAll(/^\s+DriverDesc\s+REG_SZ\s+(.+?)\s*$/gm)].map(
    ([, name]) => name ?? '',
  );
  return firstOfEach(
    names.flatMap((seen): readonly Sign[] => {
      if (/nvidia|geforce|quadro/i.test(seen)) return [{ vendor: 'nvidia', seen }];
      if (/radeon|\bamd\b/i.test(seen)) return [{ vendor: 'amd', seen }];
      return /\barc\b/i.test(seen) ? [{ vendor: 'intel', seen }] : [];
    }),
  );
}

function firstOfEach(signs: readonly Sign[]): readonly Sign[] {
  return signs.filter((sign, index) => signs.findIndex((other) => other.vendor === sign.vendor) === index);
}

async function isContainer(context: ProbeContext): Promise<boolean> {
  const [docker, podman, groups] = await Promise.all(
    ['/.dockerenv', '/run/.containerenv', '/proc/self/cgroup'].map((path) => context.readText(path)),
  );
  return docker !== null || podman !== null || /docker|kubepods|containerd|lxc/.test(groups ?? '');
}

const DESCRIBE_IT = 'or describe the GPU in modelPool.hardware.override';

function onLinux(sign: Sign, inContainer: boolean): HardwareWarning {
  if (!inContainer) return onHost(sign);
  return warning(
    'gpu_not_visible',
    `The machine has an ${VENDOR_NAMES[sign.vendor]} GPU that this container was not given, so models are ranked for ` +
      `the processor. Start the container with access to the GPU, ${DESCRIBE_IT}.`,
    sign.seen,
  );
}

function onHost({ vendor, seen }: Sign): HardwareWarning {
  return warning(
    'gpu_not_visible',
    vendor === 'nvidia'
      ? 'This machine has an NVIDIA GPU and no nvidia-smi, so models are ranked for the processor. Install ' +
          `NVIDIA's driver, then detect the hardware again, ${DESCRIBE_IT}.`
      : `This machine has an ${VENDOR_NAMES[vendor]} GPU, which this version cannot read, so models are ranked for ` +
          'the processor. Describe the GPU in modelPool.hardware.override to rank for it.',
    seen,
  );
}

function inWsl(version: string): HardwareWarning {
  return warning(
    'gpu_not_visible',
    'This is Windows Subsystem for Linux and shows no GPU, so models are ranked for the processor. If Windows has an ' +
      `NVIDIA GPU, update its driver there, ${DESCRIBE_IT}.`,
    version,
  );
}
