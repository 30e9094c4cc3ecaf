import { bytesToGib } from '../../shared/units';
import type { ProbeContext } from '../probe';
import { wholeNumber } from '../toolJson';

/** One graphics card as the Linux kernel lists it, without any tool. */
export interface DrmCard {
  /** "/sys/class/drm/card0/device". */
  readonly folder: string;
  /** Four hexadecimal digits in lower case. */
  readonly vendor: string;
  readonly device: string;
  /** "0000:03:00.0". */
  readonly slot: string;
}

/** More cards than desktop machines and servers of eight GPUs hold. */
const MAX_CARDS = 20;

/** All cards, or those of one maker (PCI vendor, four hexadecimal digits in lower case); none elsewhere than on Linux. */
export async function readDrmCards(
  context: Pick<ProbeContext, 'readText'>,
  vendor?: string,
): Promise<readonly DrmCard[]> {
  const folders = Array.from({ length: MAX_CARDS }, (_, card) => `/sys/class/drm/card${card}/device`);
  const uevents = await Promise.all(folders.map((folder) => context.readText(`${folder}/uevent`)));
  return folders
    .flatMap((folder, index) => {
      const uevent = uevents[index] ?? '';
      const [, maker, device] = /^PCI_ID=([0-9a-f]{4}):([0-9a-f]{4})$/im.exec(uevent) ?? [];
      const slot = /^PCI_SLOT_NAME=(\S+)$/m.exec(uevent)?.[1] ?? '';
      return maker === undefined || device === undefined
        ? []
        : [{ folder, vendor: maker.toLowerCase(), device: device.toLowerCase(), slot: slot.toLowerCase() }];
    })
    .filter((card) => vendor === undefined || card.vendor === vendor);
}

/** A file of a card's folder that holds a number of bytes, GiB; undefined where it does not. */
export async function readCardGib(
  context: Pick<ProbeContext, 'readText'>,
  card: DrmCard,
  file: string,
): Promise<number | undefined> {
  const bytes = wholeNumber((await context.readText(`${card.folder}/${file}`)) ?? undefined);
  return bytes === undefined ? undefined : bytesToGib(bytes);
}
