import * as l10n from '@vscode/l10n';
import type { FoundGpu } from '../describeGpu';
import { describeGpus } from '../describeGpu';
import { isAmdProcessorGraphics } from '../integratedGraphics';
import type { Probe, ProbeContext, ProbeFinding } from '../probe';
import { NOTHING_FOUND, warning } from '../probe';
import { AMD_TOOLS } from './amdTools';
import type { DrmCard } from './drmCards';
import { readCardGib, readDrmCards } from './drmCards';
import { askGpuTool } from './gpuTool';
import { readPciNames } from './lspci';

const AMD = '1002';
/** libdrm's list of names by PCI device and revision, installed with the graphics drivers. */
const NAME_LISTS = ['/usr/share/libdrm/amdgpu.ids', '/opt/amdgpu/share/libdrm/amdgpu.ids'];

/**
 * AMD GPUs on Linux by `rocm-smi`, else `amd-smi`, else the kernel's own files. All are asked at once, so that one that
 * is slow or broken costs no time; the first in this order that knows a GPU is believed.
 */
export const amdProbe: Probe = {
  id: 'amd',
  platforms: ['linux'],
  failure: 'amd_probe_failed',
  run: probeAmd,
};

async function probeAmd(context: ProbeContext): Promise<ProbeFinding> {
  const [cards, ...answers] = await Promise.all([
    readCards(context),
    ...AMD_TOOLS.map((tool) => askGpuTool(context, tool)),
  ]);
  const told = answers.map(({ gpus }) => gpus).find((gpus) => gpus.length > 0);
  const gpus = told?.map((gpu) => completed(gpu, cards)) ?? cards.filter(hasMemory);
  if (gpus.length > 0) return describeGpus(context, gpus);
  const failure = answers.map((answer) => answer.failure).find((text) => text !== undefined);
  if (failure === undefined) return NOTHING_FOUND;
  return {
    accelerators: [],
    warnings: [
      warning(
        'amd_probe_failed',
        l10n.t(
          "AMD's tools are installed and could not describe a GPU, so models are ranked without it. Run rocm-smi in a terminal to see why, then detect the hardware again.",
        ),
        failure,
      ),
    ],
  };
}

/** The tools do not tell how much of the system's memory a processor's graphics may use; the kernel does. */
function completed(gpu: FoundGpu, cards: readonly FoundGpu[]): FoundGpu {
  const same = cards.filter((card) =>
    gpu.slot === undefined ? card.pciDevice === gpu.pciDevice : card.slot === gpu.slot,
  );
  const [card] = same;
  if (card === undefined) return gpu;
  return {
    ...gpu,
    names: [...gpu.names, ...card.names],
    pciDevice: gpu.pciDevice ?? card.pciDevice,
    ownGib: gpu.ownGib ?? (same.length === 1 ? card.ownGib : undefined),
    freeGib: gpu.freeGib ?? (same.length === 1 ? card.freeGib : undefined),
    sharedGib: card.sharedGib,
  };
}

function hasMemory({ ownGib }: FoundGpu): boolean {
  return ownGib !== undefined && ownGib > 0;
}

/** The kernel's cards with libdrm's names, else those of the PCI database. */
async function readCards(context: ProbeContext): Promise<readonly FoundGpu[]> {
  const cards = await readDrmCards(context, AMD);
  if (cards.length === 0) return [];
  const [pciNames, ...lists] = await Promise.all([
    readPciNames(context),
    ...NAME_LISTS.map((path) => context.readText(path)),
  ]);
  return Promise.all(cards.map((card) => readCard(context, card, lists.join('\n'), pciNames)));
}

async function readCard(
  context: ProbeContext,
  card: DrmCard,
  list: string,
  pciNames: ReadonlyMap<string, string>,
): Promise<FoundGpu> {
  const [revision, ownGib, usedGib, sharedGib] = await Promise.all([
    context.readText(`${card.folder}/revision`),
    readCardGib(context, card, 'mem_info_vram_total'),
    readCardGib(context, card, 'mem_info_vram_used'),
    readCardGib(context, card, 'mem_info_gtt_total'),
  ]);
  const names = [listedName(list, card.device, revision), pciNames.get(card.slot)];
  return {
    vendor: 'amd',
    names: names.filter((name) => name !== undefined),
    pciDevice: card.device,
    slot: card.slot,
    ...(isAmdProcessorGraphics(card.device) ? { integrated: true } : {}),
    ...(ownGib === undefined ? {} : { ownGib }),
    ...(ownGib === undefined || usedGib === undefined ? {} : { freeGib: Math.max(0, ownGib - usedGib) }),
    ...(sharedGib === undefined ? {} : { sharedGib }),
  };
}

/** The name in `amdgpu.ids`, lines of `744C,<tab>C8,<tab>AMD Radeon RX 7900 XTX`. */
function listedName(list: string, device: string, revision: string | null): string | undefined {
  const digits = /^(?:0x)?([0-9a-f]{2})$/i.exec(revision?.trim() ?? '')?.[1];
  return digits === undefined
    ? undefined
    : new RegExp(`^${device},\\s*${digits},\\s*(.+?)\\s*$`, 'im').exec(list)?.[1];
}
