import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { bytesToGib } from '../../shared/units';
import { arrayOf } from '../arrayOf';
import type { FoundGpu } from '../describeGpu';
import { describeGpus } from '../describeGpu';
import type { Probe, ProbeContext, ProbeFinding } from '../probe';
import { NOTHING_FOUND, warning } from '../probe';
import { jsonAmongText, pciDeviceId, wholeNumber } from '../toolJson';
import type { DrmCard } from './drmCards';
import { readCardGib, readDrmCards } from './drmCards';
import type { GpuTool } from './gpuTool';
import { askGpuTool } from './gpuTool';
import { readPciNames } from './lspci';

const INTEL = '8086';
/** Where Intel's processors have their own graphics, and the virtual functions of it. */
const INTEGRATED_SLOT = /^0000:00:02\.\d$/;

/** Cards by PCI device, for systems without the PCI database; the numbers are those of the kernel's i915 and xe. */
const CARD_NAMES: Readonly<Record<string, string>> = {
  '5690': 'Intel Arc A770M',
  '5691': 'Intel Arc A730M',
  '5692': 'Intel Arc A550M',
  '5693': 'Intel Arc A370M',
  '5694': 'Intel Arc A350M',
  '56a0': 'Intel Arc A770',
  '56a1': 'Intel Arc A750',
  '56a2': 'Intel Arc A580',
  '56a5': 'Intel Arc A380',
  '56a6': 'Intel Arc A310',
  e20b: 'Intel Arc B580',
  e20c: 'Intel Arc B570',
  e211: 'Intel Arc Pro B60',
  e212: 'Intel Arc Pro B50',
};

/**
 * Intel GPUs on Linux: the kernel's cards, and what `xpu-smi` tells of them where it is installed. Cards have the memory
 * that the tool, the kernel's xe driver or the table says; graphics of a processor share the system's.
 */
export const intelProbe: Probe = {
  id: 'intel',
  platforms: ['linux'],
  failure: 'intel_probe_failed',
  run: probeIntel,
};

const XPU_SMI: GpuTool = { file: 'xpu-smi', args: ['discovery', '-j'], parse: parseXpuSmi };

const optionalText = z.string().optional().catch(undefined);
const xpuDevice = z.object({
  device_name: z.string(),
  pci_bdf_address: optionalText,
  pci_device_id: optionalText,
  device_function_type: optionalText,
  memory_physical_size_byte: z.union([z.string(), z.number()]).optional().catch(undefined),
});

/** The list stands in `device_list`; only later versions give the memory in it. */
function parseXpuSmi(stdout: string): readonly FoundGpu[] | null {
  const value = jsonAmongText(stdout);
  const wrapped = z.object({ device_list: z.array(z.unknown()) }).safeParse(value);
  const list = wrapped.success ? wrapped.data.device_list : value;
  if (!Array.isArray(list)) return null;
  const devices = arrayOf(list, xpuDevice);
  if (devices.length === 0 && list.length > 0) return null;
  return devices
    .filter((device) => device.device_function_type !== 'virtual')
    .map((device): FoundGpu => {
      const bytes = wholeNumber(device.memory_physical_size_byte) ?? 0;
      const slot = device.pci_bdf_address?.toLowerCase();
      return {
        vendor: 'intel',
        names: [device.device_name],
        pciDevice: pciDeviceId(device.pci_device_id),
        slot,
        ...(slot !== undefined && INTEGRATED_SLOT.test(slot) ? { integrated: true } : {}),
        ...(bytes === 0 ? {} : { ownGib: bytesToGib(bytes) }),
      };
    });
}

async function probeIntel(context: ProbeContext): Promise<ProbeFinding> {
  const [cards, told] = await Promise.all([readCards(context), askGpuTool(context, XPU_SMI)]);
  const slots = new Set(told.gpus.map(({ slot }) => slot));
  const gpus = [
    ...told.gpus.map((gpu) => completed(gpu, cards)),
    ...cards.filter(({ slot }) => !slots.has(slot)),
  ];
  if (gpus.length > 0) return describeGpus(context, gpus);
  if (told.failure === undefined) return NOTHING_FOUND;
  return {
    accelerators: [],
    warnings: [
      warning(
        'intel_probe_failed',
        l10n.t(
          "Intel's xpu-smi is installed and could not describe a GPU, so models are ranked without it. Run it in a terminal to see why, then detect the hardware again.",
        ),
        told.failure,
      ),
    ],
  };
}

function completed(gpu: FoundGpu, cards: readonly FoundGpu[]): FoundGpu {
  const card = cards.find(({ slot }) => slot === gpu.slot);
  if (card === undefined) return gpu;
  return {
    ...gpu,
    names: [...gpu.names, ...card.names],
    pciDevice: gpu.pciDevice ?? card.pciDevice,
    integrated: card.integrated,
    ownGib: gpu.ownGib ?? card.ownGib,
  };
}

async function readCards(context: ProbeContext): Promise<readonly FoundGpu[]> {
  const cards = await readDrmCards(context, INTEL);
  if (cards.length === 0) return [];
  const pciNames = await readPciNames(context);
  return Promise.all(cards.map((card) => readCard(context, card, pciNames)));
}

async function readCard(
  context: ProbeContext,
  card: DrmCard,
  pciNames: ReadonlyMap<string, string>,
): Promise<FoundGpu> {
  const integrated = INTEGRATED_SLOT.test(card.slot);
  const ownGib = integrated ? undefined : await readCardGib(context, card, 'tile0/physical_vram_size_bytes');
  const generic = integrated ? 'Intel integrated graphics' : undefined;
  return {
    vendor: 'intel',
    names: [pciNames.get(card.slot), CARD_NAMES[card.device], generic].filter((name) => name !== undefined),
    pciDevice: card.device,
    slot: card.slot,
    integrated,
    ...(ownGib === undefined ? {} : { ownGib }),
  };
}
