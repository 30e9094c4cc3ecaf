import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../../src/hardware/commandRunner';
import { HardwareDetector } from '../../../src/hardware/detector';
import { DeviceTable } from '../../../src/hardware/deviceTable';
import type { HardwareProfile, HardwareWarningCode } from '../../../src/hardware/profile';
import { DEVICES_PATH } from './machineFixture';

const table = DeviceTable.load(DEVICES_PATH);

interface Gpu {
  readonly name: string;
  /** As the tool would print it: a number, a text, or null where it does not know. */
  readonly mib: number | string | null;
  /** What the table has for it. */
  readonly tableGib: number;
}

/** One vendor's tool: what it prints for these GPUs, and what the detection says when it fails. */
interface Tool {
  readonly command: string;
  readonly platform: NodeJS.Platform;
  readonly kinds: readonly [Gpu, Gpu];
  readonly vendor: 'amd' | 'intel';
  readonly print: (gpus: readonly Gpu[]) => string;
  readonly localised?: (gpu: Gpu) => Gpu;
  /** The warning when nothing can be made of it; none for a last resort. */
  readonly failed: HardwareWarningCode | null;
  /** Also where the tool is missing or lists nothing, for a tool that belongs to the system. */
  readonly failsWithout?: true;
}

const BYTES = 2 ** 20;
const bytes = ({ mib }: Gpu): Gpu['mib'] => (typeof mib === 'number' ? mib * BYTES : mib);
const thousands = (value: number, separator: string): string =>
  value.toString().replace(/\B(?=(\d{3})+$)/g, separator);
const XTX: Gpu = { name: 'AMD Radeon RX 7900 XTX', mib: 24_560, tableGib: 24 };
const W7900: Gpu = { name: 'AMD Radeon PRO W7900', mib: 49_136, tableGib: 48 };
const A770: Gpu = { name: 'Intel(R) Arc(TM) A770 Graphics', mib: 16_288, tableGib: 16 };
const B580: Gpu = { name: 'Intel(R) Arc(TM) B580 Graphics', mib: 12_216, tableGib: 12 };

const TOOLS: readonly Tool[] = [
  {
    command: 'rocm-smi --showproductname --showmeminfo vram --json',
    platform: 'linux',
    vendor: 'amd',
    kinds: [XTX, W7900],
    failed: 'amd_probe_failed',
    localised: (gpu) => ({ ...gpu, mib: thousands(Number(bytes(gpu)), ',') }),
    print: (gpus) =>
      JSON.stringify(
        Object.fromEntries(
          gpus.map((gpu, index) => [
            `card${index}`,
            { 'Card series': gpu.name, 'VRAM Total Memory (B)': String(bytes(gpu) ?? 'N/A') },
          ]),
        ),
        null,
        1,
      ),
  },
  {
    command: 'amd-smi static --json',
    platform: 'linux',
    vendor: 'amd',
    kinds: [XTX, W7900],
    failed: 'amd_probe_failed',
    localised: (gpu) => ({ ...gpu, mib: `${thousands(Number(gpu.mib), '.')} MB` }),
    print: (gpus) =>
      JSON.stringify(
        {
          gpu_data: gpus.map(({ name, mib }, gpu) => ({
            gpu,
            asic: { market_name: name },
            vram: { size: typeof mib === 'string' ? mib : { value: mib ?? 'N/A', unit: 'MB' } },
          })),
        },
        null,
        1,
      ),
  },
  {
    command: 'xpu-smi discovery -j',
    platform: 'linux',
    vendor: 'intel',
    kinds: [A770, B580],
    failed: 'intel_probe_failed',
    localised: (gpu) => ({ ...gpu, mib: thousands(Number(bytes(gpu)), ' ') }),
    print: (gpus) =>
      JSON.stringify(
        {
          device_list: gpus.map((gpu, device_id) => ({
            device_id,
            device_name: gpu.name,
            memory_physical_size_byte: bytes(gpu) ?? 'N/A',
          })),
        },
        null,
        1,
      ),
  },
  {
    command: 'powershell -NoProfile -NonInteractive -Command Get-CimInstance Win32_VideoController',
    platform: 'win32',
    vendor: 'amd',
    kinds: [
      { name: 'AMD Radeon RX 6400', mib: 4_080, tableGib: 4 },
      { name: 'AMD Radeon PRO W6300', mib: 2_032, tableGib: 2 },
    ],
    failed: 'gpu_not_visible',
    failsWithout: true,
    localised: (gpu) => ({ ...gpu, mib: thousands(Number(bytes(gpu)), '.') }),
    print: (gpus) => {
      const list = gpus.map((gpu) => ({
        Name: gpu.name,
        AdapterRAM: bytes(gpu),
        PNPDeviceID: 'PCI\\VEN_1002&DEV_743F',
      }));
      return list.length === 0 ? '' : JSON.stringify(list.length === 1 ? list[0] : list, null, 4);
    },
  },
  {
    command: 'vulkaninfo --summary',
    platform: 'linux',
    vendor: 'intel',
    kinds: [
      { ...A770, mib: null },
      { ...B580, mib: null },
    ],
    failed: null,
    print: (gpus) =>
      [
        'Devices:',
        '========',
        ...gpus.flatMap(({ name }, index) => [
          `GPU${index}:`,
          '\tvendorID           = 0x8086',
          `\tdeviceName         = ${name}`,
          '\tdeviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU',
        ]),
        '',
      ].join('\n'),
  },
];

const MISSING: CommandResult = { stdout: '', stderr: '', exitCode: 127, failure: 'missing' };

/** A machine with that tool alone, which gives that answer. */
function detect(tool: Tool, answer: Partial<CommandResult>): Promise<HardwareProfile> {
  return new HardwareDetector({
    deviceTable: table,
    platform: tool.platform,
    os: {
      cpus: () => Array.from({ length: 32 }, () => ({ model: 'AMD Ryzen 9 7950X 16-Core Processor' })),
      totalmem: () => 64 * 2 ** 30,
      hostname: () => 'bad',
    },
    readFile: () => Promise.reject(new Error('no such file')),
    runner: {
      run: (file, args) =>
        Promise.resolve(
          [file, ...args].join(' ').startsWith(tool.command)
            ? { stdout: '', stderr: '', exitCode: 0, ...answer }
            : MISSING,
        ),
    },
  }).detect();
}

const codes = (profile: HardwareProfile): readonly string[] => profile.warnings.map(({ code }) => code);

describe.each(TOOLS.map((tool) => [tool.command.split(' ')[0], tool] as const))('%s', (_name, tool) => {
  const [first, second] = tool.kinds;
  const failed = tool.failed === null ? [] : [tool.failed];
  const whole = tool.print([first]);
  const expectFirst = (profile: HardwareProfile, gib = Number(first.mib ?? first.tableGib * 1024) / 1024) => {
    expect(codes(profile)).toEqual([]);
    expect(profile.platform).toBe(tool.vendor);
    expect(profile.vramGb).toBeCloseTo(gib, 2);
    expect(profile.accelerators).toMatchObject([{ basis: 'table', unified: false }]);
  };

  it('is read when all is well', async () => expectFirst(await detect(tool, { stdout: whole })));

  it('is missing', async () => {
    const profile = await detect(tool, MISSING);
    expect(profile.platform).toBe('cpu');
    expect(codes(profile)).toEqual(tool.failsWithout ? failed : []);
  });

  it.each<[string, Partial<CommandResult>]>([
    ['hangs', { exitCode: 124, failure: 'timeout' }],
    ['exits 1 with text', { exitCode: 1, stdout: 'Unable to open device', stderr: 'permission denied' }],
    ['prints nothing and ends well', {}],
    ['prints half of its output', { stdout: whole.slice(0, whole.length / 2) }],
    ['prints JSON with other keys', { stdout: '{"gpus": [{"title": "X", "size": 3}]}' }],
    ['prints a list of other things', { stdout: '[1, null, "x", {"gpu": "zero"}]' }],
    ['prints too much', { exitCode: 1, failure: 'too_large', stdout: '[' }],
  ])('%s', async (_case, answer) => {
    const profile = await detect(tool, answer);
    expect(profile.platform).toBe('cpu');
    expect(codes(profile)).toEqual(failed);
    expect(profile.bandwidthGbps).toBe(83);
  });

  it('knows of no GPU', async () => {
    const profile = await detect(tool, { stdout: tool.print([]) });
    expect(profile.platform).toBe('cpu');
    expect(codes(profile)).toEqual(tool.failsWithout ? failed : []);
  });

  it('knows eight GPUs of two kinds', async () => {
    const profile = await detect(tool, {
      stdout: tool.print([first, first, first, first, second, second, second, second]),
    });
    expect(profile.accelerators.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(profile.groups.slice(8).map(({ indexes }) => indexes)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  it("does not know the memory, so the table's holds", async () => {
    const profile = await detect(tool, { stdout: tool.print([{ ...first, mib: null }]) });
    expectFirst(profile, first.tableGib);
  });

  it('prints trademark signs', async () => {
    const name = first.name
      .replace(/\((?:R|TM)\)/g, '')
      .replace(/Radeon|Arc/, '$&™')
      .replace(/AMD|Intel/, '$&®');
    expectFirst(await detect(tool, { stdout: tool.print([{ ...first, name }]) }));
  });

  it('prints 3 KB of warnings first', async () => {
    const warnings = 'WARNING: [drm] GPU is in a low-power state {see the log}\n[warn] again\n'.repeat(80);
    expect(warnings.length).toBeGreaterThan(3_000);
    expectFirst(await detect(tool, { stdout: `${warnings}\n${whole}\nWARNING: done` }));
  });

  const { localised } = tool;
  if (localised) {
    it('writes numbers as its language does', async () =>
      expectFirst(await detect(tool, { stdout: tool.print([localised(first)]) })));
  }

  it('is believed with its GPUs even when it ends with an error', async () => {
    expectFirst(await detect(tool, { stdout: whole, exitCode: 2 }));
  });
});

describe('tools that only add to what the system says', () => {
  const FILES: Readonly<Record<string, string>> = {
    '/sys/class/drm/card0/device/uevent': 'DRIVER=i915\nPCI_ID=8086:56A0\nPCI_SLOT_NAME=0000:03:00.0\n',
  };
  const UDEV = '/run/udev/data/+dmi:id';
  const detectWith = (answer: Partial<CommandResult>, udev: string, platform: NodeJS.Platform = 'linux') =>
    new HardwareDetector({
      deviceTable: table,
      platform,
      os: {
        cpus: () => Array.from({ length: 32 }, () => ({ model: 'AMD Ryzen 9 7950X 16-Core Processor' })),
        totalmem: () => 64 * 2 ** 30,
        hostname: () => 'bad',
      },
      readFile: (path) => {
        const text = path === UDEV ? udev : FILES[path];
        return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text);
      },
      runner: {
        run: (file) =>
          Promise.resolve(
            /^(?:lspci|reg|powershell)$/.test(file)
              ? { stdout: '', stderr: '', exitCode: 0, ...answer }
              : MISSING,
          ),
      },
    }).detect();

  it.each<[string, Partial<CommandResult>]>([
    ['is missing', MISSING],
    ['hangs', { exitCode: 124, failure: 'timeout' }],
    ['exits 1 with text', { exitCode: 1, stderr: 'lspci: Cannot open /proc/bus/pci' }],
    ['prints nothing', {}],
    ['prints half a line', { stdout: '0000:03:00.0 "VGA compatible controller" "Intel Corp' }],
    ['prints something else', { stdout: '{"device": "03:00.0"}' }],
    ['knows no name', { stdout: '0000:03:00.0 "VGA compatible controller" "Intel" "Device 56a0" "" ""' }],
    ['knows other devices only', { stdout: '0000:00:1f.3 "Audio device" "Intel" "Alder Lake" -r01 "" ""' }],
    [
      'has 3 KB of warnings first and a trademark sign',
      {
        stdout:
          'pcilib: Error reading /sys/bus/pci\n'.repeat(90) +
          '03:00.0 "VGA compatible controller" "Intel Corporation" "DG2 [Arc™ A770]" -r08 "" ""',
      },
    ],
  ])("lspci %s, and the card's own number tells its name", async (_case, answer) => {
    const profile = await detectWith(answer, '');
    expect(profile).toMatchObject({ platform: 'intel', vramGb: 16, bandwidthGbps: 512, warnings: [] });
  });

  it.each([
    ['is empty', ''],
    ['is cut', 'E:MEMORY_DEVICE_0_SPE'],
    ['has other keys', 'E:DIMM_0_SPEED=3200\n'],
    ['knows no speed', 'E:MEMORY_DEVICE_0_SPEED_MTS=[N/A]\n'],
    ['knows no modules', 'E:MEMORY_ARRAY_NUM_DEVICES=0\n'],
    ['has a garbled speed', 'E:MEMORY_DEVICE_0_SPEED_MTS=99999999\n'],
  ])("the firmware's record of the memory %s, so the family's figure holds", async (_case, udev) => {
    expect((await detectWith(MISSING, udev)).memory).toMatchObject({ bandwidthGBps: 83, basis: 'assumed' });
  });

  it.each<[string, Partial<CommandResult>]>([
    ['exit 1 with text', { exitCode: 1, stdout: 'ERROR: Access is denied.' }],
    ['hang', { exitCode: 124, failure: 'timeout' }],
    ['print half a line', { stdout: '    DriverDesc    REG_S' }],
    ['print JSON with other keys', { stdout: '[{"Caption": 5}]' }],
  ])('reg and PowerShell %s, and Windows is a processor with a warning', async (_case, answer) => {
    const profile = await detectWith(answer, '', 'win32');
    expect(profile).toMatchObject({ platform: 'cpu', bandwidthGbps: 83 });
    expect(codes(profile)).toEqual(['gpu_not_visible']);
  });
});
