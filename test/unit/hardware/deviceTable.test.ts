import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceTable } from '../../../src/hardware/deviceTable';
import { DEVICES_PATH } from './machineFixture';

const table = await DeviceTable.load(DEVICES_PATH);
const bandwidthOf = (id: string): number | undefined =>
  table.rows.find((row) => row.id === id)?.bandwidthGBps;

/** Names as drivers and tools print them, the memory reported with them in MiB, and the row they mean. */
const DRIVER_NAMES: readonly (readonly [string, number | undefined, string | null])[] = [
  ['NVIDIA GeForce RTX 4090', 24564, 'nvidia-geforce-rtx-4090'],
  ['GeForce RTX 4090', 24564, 'nvidia-geforce-rtx-4090'],
  ['NVIDIA GeForce RTX 4090 D', 24564, 'nvidia-geforce-rtx-4090-d'],
  ['NVIDIA GeForce RTX 4090 Laptop GPU', 16376, 'nvidia-geforce-rtx-4090-mobile'],
  ['NVIDIA® GeForce RTX™ 4070 Ti SUPER', 16376, 'nvidia-geforce-rtx-4070-ti-super'],
  ['NVIDIA(R) GeForce(R) RTX(TM) 4060 Laptop GPU', 8188, 'nvidia-geforce-rtx-4060-mobile'],
  ['NVIDIA GeForce RTX 5090', 32607, 'nvidia-geforce-rtx-5090'],
  ['NVIDIA GeForce RTX 5090 Laptop GPU', 24463, 'nvidia-geforce-rtx-5090-mobile'],
  ['NVIDIA GeForce RTX 5070 Ti', 16303, 'nvidia-geforce-rtx-5070-ti'],
  ['NVIDIA GeForce RTX 5060 Ti', 16311, 'nvidia-geforce-rtx-5060-ti-16-gb'],
  ['NVIDIA GeForce RTX 5060 Ti', 8151, 'nvidia-geforce-rtx-5060-ti-8-gb'],
  ['NVIDIA GeForce RTX 5060', 8151, 'nvidia-geforce-rtx-5060'],
  ['NVIDIA GeForce RTX 3060', 12288, 'nvidia-geforce-rtx-3060-12-gb'],
  ['NVIDIA GeForce RTX 3060', 8192, 'nvidia-geforce-rtx-3060-8-gb'],
  ['NVIDIA GeForce RTX 3060', undefined, 'nvidia-geforce-rtx-3060-12-gb'],
  ['NVIDIA GeForce RTX 3060 Ti', 8192, 'nvidia-geforce-rtx-3060-ti'],
  ['NVIDIA GeForce RTX 3060 Ti GDDR6X', 8192, 'nvidia-geforce-rtx-3060-ti-gddr6x'],
  ['NVIDIA GeForce RTX 3060 Laptop GPU', 6144, 'nvidia-geforce-rtx-3060-mobile'],
  ['NVIDIA GeForce RTX 3060 Lite Hash Rate', 12288, 'nvidia-geforce-rtx-3060-12-gb'],
  ['NVIDIA GeForce RTX 3080', 10240, 'nvidia-geforce-rtx-3080'],
  ['NVIDIA GeForce RTX 3080', 12288, 'nvidia-geforce-rtx-3080-12-gb'],
  ['NVIDIA GeForce RTX 3080 12GB', undefined, 'nvidia-geforce-rtx-3080-12-gb'],
  ['NVIDIA GeForce RTX 3080 Laptop GPU', 16384, 'nvidia-geforce-rtx-3080-mobile'],
  ['NVIDIA GeForce RTX 3050', 8192, 'nvidia-geforce-rtx-3050-8-gb'],
  ['NVIDIA GeForce RTX 3050', 6144, 'nvidia-geforce-rtx-3050-6-gb'],
  ['NVIDIA GeForce RTX 3050 Laptop GPU', 4096, 'nvidia-geforce-rtx-3050-mobile'],
  ['NVIDIA GeForce RTX 3050 6GB Laptop GPU', 6144, 'nvidia-geforce-rtx-3050-mobile-refresh-6-gb'],
  ['NVIDIA GeForce RTX 2080 SUPER with Max-Q Design', 8192, 'nvidia-geforce-rtx-2080-super-max-q'],
  ['NVIDIA GeForce RTX 2070 with Max-Q Design', 8192, 'nvidia-geforce-rtx-2070-max-q'],
  ['NVIDIA GeForce GTX 1660 SUPER', 6144, 'nvidia-geforce-gtx-1660-super'],
  ['NVIDIA GeForce GTX 1650', 4096, 'nvidia-geforce-gtx-1650'],
  ['NVIDIA GeForce GTX 1650 with Max-Q Design', 4096, 'nvidia-geforce-gtx-1650-max-q'],
  ['NVIDIA GeForce GTX 1060 6GB', 6144, 'nvidia-geforce-gtx-1060-6-gb'],
  ['NVIDIA GeForce GTX 1060 3GB', 3072, 'nvidia-geforce-gtx-1060-3-gb'],
  ['GeForce GTX 1080 Ti', 11264, 'nvidia-geforce-gtx-1080-ti'],
  ['NVIDIA TITAN X (Pascal)', 12288, 'nvidia-titan-x-pascal'],
  ['NVIDIA TITAN Xp COLLECTORS EDITION', 12288, 'nvidia-titan-xp'],
  ['NVIDIA TITAN RTX', 24576, 'nvidia-titan-rtx'],
  ['Quadro RTX 6000', 24576, 'nvidia-quadro-rtx-6000'],
  ['Quadro RTX 5000 with Max-Q Design', 16384, 'nvidia-quadro-rtx-5000-max-q'],
  ['NVIDIA RTX 6000 Ada Generation', 49140, 'nvidia-rtx-6000-ada-generation'],
  ['NVIDIA RTX 2000 Ada Generation Laptop GPU', 8188, 'nvidia-rtx-2000-mobile-ada-generation'],
  ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition', 97887, 'nvidia-rtx-pro-6000-blackwell'],
  ['NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition', 97887, 'nvidia-rtx-pro-6000-blackwell-max-q'],
  ['NVIDIA RTX PRO 6000 Blackwell Server Edition', 97887, 'nvidia-rtx-pro-6000-blackwell-server'],
  ['NVIDIA RTX A1000', 8188, 'nvidia-rtx-a1000'],
  ['NVIDIA RTX A1000 6GB Laptop GPU', 6144, 'nvidia-rtx-a1000-mobile-6-gb'],
  ['NVIDIA RTX A2000 12GB', 12282, 'nvidia-rtx-a2000-12-gb'],
  ['NVIDIA RTX A6000', 49140, 'nvidia-rtx-a6000'],
  ['Tesla T4', 15360, 'nvidia-tesla-t4'],
  ['Tesla P100-PCIE-16GB', 16280, 'nvidia-tesla-p100-pcie-16-gb'],
  ['Tesla V100-SXM2-16GB', 16160, 'nvidia-tesla-v100-sxm2-16-gb'],
  ['Tesla V100-PCIE-32GB', 32510, 'nvidia-tesla-v100-pcie-32-gb'],
  ['NVIDIA A100-SXM4-40GB', 40960, 'nvidia-a100-sxm4-40-gb'],
  ['A100-SXM-80GB', 81920, 'nvidia-a100-sxm4-80-gb'],
  ['NVIDIA A100 80GB PCIe', 81920, 'nvidia-a100-pcie-80-gb'],
  ['NVIDIA A10G', 23028, 'nvidia-a10g'],
  ['NVIDIA A10', 23028, 'nvidia-a10-pcie'],
  ['NVIDIA L40S', 46068, 'nvidia-l40s'],
  ['NVIDIA L4', 23034, 'nvidia-l4'],
  ['NVIDIA H100 80GB HBM3', 81559, 'nvidia-h100-sxm5-80-gb'],
  ['NVIDIA H100 PCIe', 81559, 'nvidia-h100-pcie-80-gb'],
  ['NVIDIA H100 NVL', 95830, 'nvidia-h100-nvl-94-gb'],
  ['NVIDIA H200', 143771, 'nvidia-h200-sxm-141-gb'],
  ['NVIDIA H200 NVL', 143771, 'nvidia-h200-nvl'],
  ['NVIDIA GH200 480GB', 97871, 'nvidia-gh200-96-gb'],
  ['NVIDIA B200', 183359, 'nvidia-b200'],
  ['NVIDIA GB10', undefined, 'nvidia-gb10'],
  ['NVIDIA Thor', undefined, 'nvidia-jetson-agx-thor'],
  // What is not in the table must not be taken for its neighbour.
  ['NVIDIA GeForce RTX 6090', 49152, null],
  ['NVIDIA GeForce RTX 4090 Ti', 49152, null],
  ['NVIDIA GeForce RTX 3080 20GB', 20480, null],
  ['NVIDIA RTX 6000', 24576, null],
  ['NVIDIA A1000', 8192, null],
  ['NVIDIA A100X-40C', 40960, null],
  ['NVIDIA Graphics Device', 24576, null],
  ['', 24576, null],
];

const OTHER_NAMES: readonly (readonly [
  'amd' | 'intel' | 'apple',
  string,
  number | undefined,
  string | null,
])[] = [
  ['amd', 'AMD Radeon RX 7900 XTX', 24560, 'amd-radeon-rx-7900-xtx'],
  ['amd', 'Radeon RX 7900 XT', 20464, 'amd-radeon-rx-7900-xt'],
  ['amd', 'AMD Radeon RX 7900 XTX (RADV NAVI31)', 24560, 'amd-radeon-rx-7900-xtx'],
  ['amd', 'AMD Radeon(TM) RX 6800M', 12272, 'amd-radeon-rx-6800m'],
  ['amd', 'AMD Instinct MI300X', 196592, 'amd-radeon-instinct-mi300x'],
  ['amd', 'AMD Radeon RX 9060 XT', 16304, 'amd-radeon-rx-9060-xt-16-gb'],
  ['amd', 'AMD Radeon(TM) 780M', undefined, 'amd-radeon-780m'],
  ['amd', 'AMD Radeon 780M Graphics', 4096, 'amd-radeon-780m'],
  ['amd', 'AMD Radeon(TM) 8060S Graphics', 98304, 'amd-radeon-8060s'],
  ['amd', 'AMD Radeon 890M Graphics', undefined, 'amd-radeon-890m'],
  ['amd', 'AMD Instinct MI210', 65520, 'amd-radeon-instinct-mi210'],
  ['amd', 'AMD Radeon PRO W7900', 49136, 'amd-radeon-pro-w7900'],
  ['amd', 'AMD Radeon RX 7600M XT', 8176, 'amd-radeon-rx-7600m-xt'],
  ['amd', 'AMD Radeon RX 7600 XT', 16368, 'amd-radeon-rx-7600-xt'],
  ['amd', 'AMD Radeon™ RX 9070 XT', 16320, 'amd-radeon-rx-9070-xt'],
  ['amd', 'AMD Radeon AI PRO R9700', 32624, 'amd-radeon-ai-pro-r9700'],
  ['amd', 'Radeon RX 580 Series', 8192, 'amd-radeon-rx-580'],
  ['amd', 'AMD Radeon RX 7900 Series', 24560, null],
  ['amd', 'AMD Radeon Graphics', 512, null],
  ['intel', 'Intel(R) Arc(TM) A770 Graphics', 16288, 'intel-arc-a770'],
  ['intel', 'Intel(R) Arc(TM) B580 Graphics', 12216, 'intel-arc-b580'],
  ['intel', 'Intel(R) Arc(TM) A380 Graphics', 6112, 'intel-arc-a380'],
  ['intel', 'Intel(R) Arc(TM) A770M Graphics', 16288, 'intel-arc-a770m'],
  ['intel', 'Intel® Arc™ B570 Graphics', 10126, 'intel-arc-b570'],
  ['intel', 'Intel(R) Arc(TM) Pro B60 Graphics', 24480, 'intel-arc-pro-b60'],
  ['intel', 'Intel(R) Arc(TM) Graphics', undefined, null],
  ['intel', 'Intel(R) Arc(TM) 140V GPU (16GB)', undefined, null],
  ['intel', 'Intel(R) UHD Graphics 770', undefined, null],
  ['intel', 'Intel(R) Iris(R) Xe Graphics', undefined, null],
  ['apple', 'Apple M4 Max (32-core GPU)', undefined, 'apple-m4-max-32-core-gpu'],
  ['apple', 'Apple M1', undefined, 'apple-m1'],
  ['apple', 'Apple M4 Max (36-core GPU)', undefined, null],
];

describe('device table', () => {
  it('holds the devices of the source, without loss', () => {
    expect(table.problem).toBeUndefined();
    expect(table.rows.length).toBeGreaterThanOrEqual(450);
    expect(new Set(table.rows.map((row) => row.id)).size).toBe(table.rows.length);
  });

  it('is byte for byte what its source builds', () => {
    const script = fileURLToPath(new URL('../../../scripts/devices/build.mjs', import.meta.url));
    expect(() => execFileSync(process.execPath, [script, '--check'])).not.toThrow();
  });

  it('every name of the table finds its own row, however it is written', () => {
    const spellings = fc.constantFrom<(name: string) => string>(
      (name) => name,
      (name) => name.toUpperCase(),
      (name) => name.replace(/^(NVIDIA|AMD|Intel|Apple) /, ''),
      (name) => name.replace(/\b(GeForce|Radeon|Arc|NVIDIA)\b/g, '$1(TM)'),
      (name) => name.replace(/\b(GeForce|RTX|Radeon|Quadro)\b/g, '$1®'),
      (name) => name.replace(/ (\d+) GB\b/, ' $1GB').replace(/ Mobile\b/, ' Laptop GPU'),
      (name) => `  ${name.replaceAll(' ', '  ')} `,
    );
    for (const row of table.rows) {
      for (const name of row.names) {
        expect(table.find(row.kind, name, row.memoryGib)?.id, name).toBe(row.id);
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...table.rows), spellings, (row, spell) => {
        const name = row.names[0] ?? '';
        expect(table.find(row.kind, spell(name))?.id, spell(name)).toBe(row.id);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no name of the table finds another device, whatever the memory', () => {
    const sizes = [undefined, ...new Set(table.rows.map(({ memoryGib }) => memoryGib))];
    const wrong: string[] = [];
    for (const row of table.rows) {
      if (table.find(row.kind, row.names[0] ?? '') !== row) wrong.push(`${row.id} without its memory`);
      for (const name of row.names) {
        // A name without a size stands for all sizes of that model, and a driver's name may be shared by its variants.
        const sameModel = table.variants(row.kind, name);
        for (const size of sizes) {
          const found = table.find(row.kind, name, size);
          if (found && found !== row && !sameModel.includes(found))
            wrong.push(`${name} with ${size ?? 0} GiB`);
        }
        for (const other of ['nvidia', 'amd', 'intel', 'apple'] as const) {
          if (other !== row.kind && table.find(other, name)) wrong.push(`${name} of ${other}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('at least 40 names as drivers print them are known', () => {
    const known = [
      ...DRIVER_NAMES.filter(([, , id]) => id !== null),
      ...OTHER_NAMES.filter(([, , , id]) => id !== null),
    ];
    expect(known.length).toBeGreaterThanOrEqual(40);
  });

  it('no name of a laptop part finds a desktop row, nor the other way', () => {
    const portable = /\b(?:mobile|laptop)\b|max-q/i;
    for (const row of table.rows.filter(({ kind }) => kind === 'nvidia')) {
      const name = row.names[0] ?? '';
      if (portable.test(name)) continue;
      for (const suffix of [' Laptop GPU', ' with Max-Q Design']) {
        const found = table.find('nvidia', name + suffix, row.memoryGib);
        expect(portable.test(found?.names[0] ?? 'laptop'), `${name}${suffix}`).toBe(true);
      }
    }
  });

  it.each(DRIVER_NAMES)('the driver name "%s" with %s MiB is %s', (name, mib, id) => {
    expect(table.find('nvidia', name, mib === undefined ? undefined : mib / 1024)?.id ?? null).toBe(id);
  });

  it.each(OTHER_NAMES)('the %s name "%s" with %s MiB is %s', (kind, name, mib, id) => {
    expect(table.find(kind, name, mib === undefined ? undefined : mib / 1024)?.id ?? null).toBe(id);
  });

  it('a maker has no device of another', () => {
    expect(table.find('amd', 'NVIDIA GeForce RTX 4090')).toBeNull();
    expect(table.find('apple', 'M4')?.id).toBe('apple-m4');
    expect(table.find('nvidia', 'M4')).toBeNull();
  });

  it('has the figures that other tables get wrong', () => {
    expect(Object.fromEntries(Object.keys(CORRECTED).map((id) => [id, bandwidthOf(id)]))).toEqual(CORRECTED);
    expect(table.find('nvidia', 'NVIDIA B200')?.memoryGib).toBe(180);
    expect(table.find('amd', 'AMD Instinct MI300A')?.memoryGib).toBe(128);
  });

  it('takes any text for a name', () => {
    const names = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('('.repeat(10_000), '9'.repeat(10_000), '()[]'),
    );
    fc.assert(
      fc.property(names, fc.option(fc.double()), (name, memoryGib) => {
        expect(table.find('nvidia', name, memoryGib ?? undefined)?.id ?? '').toMatch(/^(?:nvidia-.*)?$/);
        expect(Array.isArray(table.variants('apple', name))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

const CORRECTED = {
  'nvidia-geforce-rtx-5060': 448,
  'nvidia-geforce-rtx-3060-8-gb': 240,
  'nvidia-geforce-rtx-3060-12-gb': 360,
  'nvidia-geforce-rtx-3080-12-gb': 912.4,
  'nvidia-geforce-rtx-3080': 760.3,
  'nvidia-geforce-gtx-1650-gddr6': 192,
  'nvidia-geforce-gtx-1650': 128.1,
  'nvidia-geforce-rtx-3060-ti-gddr6x': 608.3,
  'nvidia-geforce-rtx-3060-ti': 448,
  'nvidia-rtx-a1000': 192,
  'nvidia-b200': 8000,
  'apple-m3-max-30-core-gpu': 300,
  'apple-m3-max-40-core-gpu': 400,
  'apple-m4-max-32-core-gpu': 410,
  'apple-m4-max-40-core-gpu': 546,
  'apple-m5-max-32-core-gpu': 460,
  'apple-m5-max-40-core-gpu': 614,
  'apple-m3-ultra': 819,
  'amd-radeon-instinct-mi300x': 5300,
  'amd-radeon-instinct-mi300a': 5300,
  'amd-radeon-instinct-mi325x': 6000,
};

describe('loading the device table', () => {
  const text = readFileSync(DEVICES_PATH, 'utf8');
  const load = (content: string) => DeviceTable.load('devices.json', () => Promise.resolve(content));

  it('a damaged row is left out and counted', async () => {
    const damaged = await load(text.replace('"bandwidthGBps":1008', '"bandwidthGBps":"fast"'));
    expect(damaged.rows).toHaveLength(table.rows.length - 1);
    expect(damaged.problem).toMatch(/^1 of \d+ devices/);
  });

  it.each([['not JSON'], ['[]'], ['{"format":2,"devices":[]}'], ['']])(
    'a file that is %j gives an empty table with the reason',
    async (content) => {
      const empty = await load(content);
      expect(empty.rows).toHaveLength(0);
      expect(empty.problem).toMatch(/cannot be read/);
      expect(empty.find('nvidia', 'NVIDIA GeForce RTX 4090')).toBeNull();
    },
  );
});
