import * as z from 'zod';
import { arrayOf } from './arrayOf';
import { jsonAmongText, wholeNumber } from './toolJson';

/** One memory module, or one soldered chip, as the firmware's table tells of it. */
interface MemoryModule {
  /** Transfers per second that it is set to, millions. */
  readonly speedMts: number;
  readonly widthBits: number;
  /** Names the channel, where the firmware's label does. */
  readonly channel?: string;
}

const USUAL_WIDTH_BITS = 64;
/** Boards with more modules than this whose labels tell no channel are no usual desktop, so nothing is concluded. */
const MAX_UNLABELLED = 4;
const DESKTOP_CHANNELS = 2;
const PLAUSIBLE_GBPS = { least: 5, most: 2_000 };

/**
 * GB/s that the installed memory can deliver: channels x transfers per second x bytes of a channel. Null where the
 * modules or their channels are not known.
 *
 * The modules come from udev's record of the firmware's table on Linux and from Win32_PhysicalMemory on Windows: no
 * root, no shell. `systeminformation` was tried and is not used (5.33.23, November 2026): its `memLayout()` bundles to
 * 312 KiB (93 KiB compressed), runs `dmidecode` through a shell, which needs root, and then, without saying so, answers
 * with one module of the size of the whole RAM and a speed of 0; it gives neither width nor channel on any system.
 */
export function modulesBandwidthGBps(modules: readonly MemoryModule[]): number | null {
  const labelled = modules.every(({ channel }) => channel !== undefined);
  if (modules.length === 0 || (!labelled && modules.length > MAX_UNLABELLED)) return null;
  const channels = new Map<string, MemoryModule>();
  for (const [index, module] of modules.entries()) {
    // Soldered chips are narrow, and each is a channel.
    const guess = module.widthBits < USUAL_WIDTH_BITS ? index : index % DESKTOP_CHANNELS;
    channels.set(labelled ? (module.channel ?? '') : `${guess}`, module);
  }
  const slowestMts = Math.min(...modules.map(({ speedMts }) => speedMts));
  const bytes = [...channels.values()].reduce((sum, { widthBits }) => sum + widthBits / 8, 0);
  const bandwidthGBps = (slowestMts * bytes) / 1_000;
  return bandwidthGBps >= PLAUSIBLE_GBPS.least && bandwidthGBps <= PLAUSIBLE_GBPS.most ? bandwidthGBps : null;
}

/** Where udev keeps what its `dmi_memory_id` read from the firmware; readable for everyone since systemd 248. */
export const UDEV_DMI_PATH = '/run/udev/data/+dmi:id';

/** The modules in udev's record of the DMI device; empty slots and modules without a speed are left out. */
export function parseUdevModules(text: string): readonly MemoryModule[] {
  const slots = new Map<string, Map<string, string>>();
  for (const [, slot = '', field = '', value = ''] of text.matchAll(
    /^E:\s?MEMORY_DEVICE_(\d{1,3})_([A-Z_]+)=(.*)$/gm,
  )) {
    slots.set(slot, (slots.get(slot) ?? new Map<string, string>()).set(field, value));
  }
  return [...slots.values()].flatMap((slot) =>
    moduleOf({
      present: slot.get('PRESENT') !== '0' && wholeNumber(slot.get('SIZE')) !== 0,
      speed: slot.get('CONFIGURED_SPEED_MTS') ?? slot.get('SPEED_MTS'),
      width: slot.get('DATA_WIDTH'),
      labels: [slot.get('BANK_LOCATOR'), slot.get('LOCATOR')],
    }),
  );
}

const field = z.union([z.string(), z.number()]).nullish().catch(undefined);
const windowsModule = z.object({
  ConfiguredClockSpeed: field,
  Speed: field,
  DataWidth: field,
  BankLabel: z.string().nullish().catch(undefined),
  DeviceLocator: z.string().nullish().catch(undefined),
});

/** Asks Windows for its modules; the columns are those of Win32_PhysicalMemory. */
export const WINDOWS_MODULES_COMMAND = [
  'Get-CimInstance Win32_PhysicalMemory',
  'Select-Object ConfiguredClockSpeed,Speed,DataWidth,BankLabel,DeviceLocator',
  'ConvertTo-Json',
].join(' | ');

/** The modules in Windows' answer, one object or an array of them. */
export function parseWindowsModules(stdout: string): readonly MemoryModule[] {
  return arrayOf(jsonAmongText(stdout), windowsModule).flatMap((module) =>
    moduleOf({
      present: true,
      speed: wholeNumber(module.ConfiguredClockSpeed) === 0 ? module.Speed : module.ConfiguredClockSpeed,
      width: module.DataWidth,
      labels: [module.BankLabel, module.DeviceLocator],
    }),
  );
}

function moduleOf(from: {
  readonly present: boolean;
  readonly speed: unknown;
  readonly width: unknown;
  readonly labels: readonly (string | null | undefined)[];
}): readonly MemoryModule[] {
  const speedMts = wholeNumber(from.speed) ?? 0;
  if (!from.present || speedMts < 200 || speedMts > 20_000) return [];
  const width = wholeNumber(from.width) ?? 0;
  const channel = channelOf(from.labels.map((label) => label ?? '').join(' '));
  return [
    {
      speedMts,
      widthBits: width >= 8 && width <= 128 ? width : USUAL_WIDTH_BITS,
      ...(channel === undefined ? {} : { channel }),
    },
  ];
}

/**
 * The channel in a firmware's label, with the socket and the controller where they are named: "P0 CHANNEL A",
 * "Controller1-ChannelB-DIMM0", "ChannelA-DIMM0", "DIMM_A1", "DDR4-B2", "CPU0_C3D0", "P1_DIMMC1". Undefined for labels
 * such as "DIMM 0" or "BANK 2".
 */
function channelOf(label: string): string | undefined {
  const named = /channel[\s_-]*([a-z]|\d{1,2})(?![a-z])/i.exec(label)?.[1];
  const short = /(?:dimm|ddr\d?|so-?dimm)[\s_-]*([a-p])\d?\b/i.exec(label)?.[1];
  const supermicro = /\bcpu\d+_c(\d{1,2})d\d/i.exec(label)?.[1];
  const channel = named ?? short ?? supermicro;
  if (channel === undefined) return undefined;
  const socket = /\b(?:p|cpu|node|proc)[\s_]*(\d{1,2})(?=[\s_-])/i.exec(label)?.[1] ?? '';
  const controller = /\bcontroller[\s_-]*(\d{1,2})/i.exec(label)?.[1] ?? '';
  return [socket, controller, channel.toUpperCase()].join('/');
}
