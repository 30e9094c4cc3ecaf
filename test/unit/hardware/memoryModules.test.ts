import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  modulesBandwidthGBps,
  parseUdevModules,
  parseWindowsModules,
} from '../../../src/hardware/memoryModules';

interface Slot {
  readonly speed?: number | string;
  readonly width?: number;
  readonly bank?: string;
  readonly locator: string;
}

/** udev's record of these slots; one without a speed is empty. */
function udev(slots: readonly Slot[]): string {
  return slots
    .flatMap(({ speed, width, bank, locator }, slot) => [
      `E:MEMORY_DEVICE_${slot}_LOCATOR=${locator}`,
      ...(bank === undefined ? [] : [`E:MEMORY_DEVICE_${slot}_BANK_LOCATOR=${bank}`]),
      ...(width === undefined ? [] : [`E:MEMORY_DEVICE_${slot}_DATA_WIDTH=${width}`]),
      ...(speed === undefined
        ? [`E:MEMORY_DEVICE_${slot}_PRESENT=0`]
        : [
            `E:MEMORY_DEVICE_${slot}_SIZE=17179869184`,
            `E:MEMORY_DEVICE_${slot}_CONFIGURED_SPEED_MTS=${speed}`,
          ]),
    ])
    .join('\n');
}

const bandwidthOf = (slots: readonly Slot[]) => modulesBandwidthGBps(parseUdevModules(udev(slots)));
const each = (labels: readonly string[], speed: number, more: Partial<Slot> = {}): readonly Slot[] =>
  labels.map((locator) => ({ locator, speed, ...more }));

/** Labels as boards have them, and the GB/s that follow from channels x speed x 8 bytes. */
const BOARDS: readonly (readonly [string, readonly Slot[], number | null])[] = [
  ['two modules in two channels', each(['ChannelA-DIMM0', 'ChannelB-DIMM0'], 3200), 51.2],
  ['two modules in one channel', each(['ChannelA-DIMM0', 'ChannelA-DIMM1'], 3200), 25.6],
  ['four modules in two channels', each(['DIMM_A1', 'DIMM_A2', 'DIMM_B1', 'DIMM_B2'], 3600), 57.6],
  ['an empty second slot', [{ locator: 'DIMM_A2', speed: 4800 }, { locator: 'DIMM_B2' }], 38.4],
  ['two modules whose labels tell nothing', each(['DIMM 0', 'DIMM 1'], 2666), 42.656],
  ['four modules whose labels tell nothing', each(['DIMM 0', 'DIMM 1', 'DIMM 2', 'DIMM 3'], 2666), 42.656],
  [
    'eight modules whose labels tell nothing',
    each(['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8'], 3200),
    null,
  ],
  [
    'a controller for each pair of narrow channels',
    each(
      ['Controller0-ChannelA', 'Controller0-ChannelB', 'Controller1-ChannelA', 'Controller1-ChannelB'],
      6400,
      { width: 32 },
    ),
    102.4,
  ],
  [
    'soldered chips of 32 bits, eight channels',
    'ABCDEFGH'.split('').map((c) => ({ locator: 'DIMM 0', bank: `P0 CHANNEL ${c}`, speed: 8000, width: 32 })),
    256,
  ],
  [
    'soldered chips without labels',
    each(['Onboard 0', 'Onboard 1', 'Onboard 2', 'Onboard 3'], 6400, { width: 32 }),
    102.4,
  ],
  [
    'modules of two speeds, all as slow as the slowest',
    [
      { locator: 'DIMM_A1', speed: 3200 },
      { locator: 'DIMM_B1', speed: 2400 },
    ],
    38.4,
  ],
  ['a speed that no memory has', each(['DIMM_A1', 'DIMM_B1'], 65_535), null],
  ['a speed that is a word', [{ locator: 'DIMM_A1', speed: 'Unknown' }], null],
  ['no modules', [], null],
];

describe('bandwidth of the memory modules', () => {
  it.each(BOARDS)('%s', (_board, slots, expected) => {
    const found = bandwidthOf(slots);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(expected, 3);
  });

  it('what udevadm prints is read like the record itself', () => {
    const record = udev(each(['ChannelA-DIMM0', 'ChannelB-DIMM0'], 3200)).replaceAll('E:', 'E: ');
    expect(modulesBandwidthGBps(parseUdevModules(`P: /devices/virtual/dmi/id\n${record}`))).toBe(51.2);
  });

  it.each([
    ['an array', [{ BankLabel: 'P0 CHANNEL A' }, { BankLabel: 'P0 CHANNEL B' }], 96],
    ['one object', { BankLabel: 'BANK 0', DeviceLocator: 'ChannelA-DIMM0' }, 48],
  ])('Windows tells of its modules as %s', (_form, value, expected) => {
    const facts = { ConfiguredClockSpeed: 6000, Speed: 6400, DataWidth: 64 };
    const full = Array.isArray(value) ? value.map((one) => ({ ...facts, ...one })) : { ...facts, ...value };
    expect(modulesBandwidthGBps(parseWindowsModules(JSON.stringify(full)))).toBe(expected);
  });

  it("a module's own speed holds where Windows does not know what it is set to", () => {
    const unset = [{ ConfiguredClockSpeed: 0, Speed: 2400, DataWidth: 64, BankLabel: null }];
    expect(modulesBandwidthGBps(parseWindowsModules(JSON.stringify(unset)))).toBe(19.2);
  });

  it('any text gives a plausible figure or none', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant('E:MEMORY_DEVICE_0_SPEED_MTS=\n'));
    fc.assert(
      fc.property(text, (stdout) => {
        for (const modules of [parseUdevModules(stdout), parseWindowsModules(stdout)]) {
          expect(modulesBandwidthGBps(modules) ?? 5).toBeGreaterThanOrEqual(5);
        }
      }),
      { numRuns: 300 },
    );
  });
});
