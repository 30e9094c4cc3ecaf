import * as z from 'zod';
import { bytesToGib } from '../../shared/units';
import { arrayOf } from '../arrayOf';
import type { FoundGpu } from '../describeGpu';
import { jsonAmongText, pciDeviceId, wholeNumber } from '../toolJson';
import type { GpuTool } from './gpuTool';

const ROCM_SMI: GpuTool = {
  file: 'rocm-smi',
  args: ['--showproductname', '--showmeminfo', 'vram', '--json'],
  parse: parseRocmSmi,
};

const AMD_SMI: GpuTool = { file: 'amd-smi', args: ['static', '--json'], parse: parseAmdSmi };

/** AMD's tools, the one that is asked first at the top. */
export const AMD_TOOLS: readonly GpuTool[] = [ROCM_SMI, AMD_SMI];

/** Released versions write the same fields as "Card series" and as "Card Series". */
const rocmFields = z.record(z.string(), z.unknown());
const ROCM_NAMES = ['card series', 'device name', 'card model'];

function parseRocmSmi(stdout: string): readonly FoundGpu[] | null {
  const parsed = rocmFields.safeParse(jsonAmongText(stdout));
  if (!parsed.success) return null;
  const cards = Object.entries(parsed.data)
    .flatMap(([key, value]) => {
      const number = /^card(\d+)$/.exec(key)?.[1];
      const fields = rocmFields.safeParse(value);
      return number === undefined || !fields.success ? [] : [{ number: Number(number), fields: fields.data }];
    })
    .sort((a, b) => a.number - b.number);
  if (cards.length === 0) return Object.keys(parsed.data).length === 0 ? [] : null;
  return cards.map(({ fields }) => rocmCard(fields));
}

function rocmCard(fields: Readonly<Record<string, unknown>>): FoundGpu {
  const byName = new Map(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]));
  const totalBytes = positive(byName.get('vram total memory (b)'));
  const usedBytes = wholeNumber(byName.get('vram total used memory (b)'));
  return {
    vendor: 'amd',
    names: ROCM_NAMES.map((name) => byName.get(name)).filter(isText),
    pciDevice: pciDeviceId(byName.get('device id')) ?? pciDeviceId(byName.get('card model')),
    ...(totalBytes === undefined ? {} : { ownGib: bytesToGib(totalBytes) }),
    ...(totalBytes === undefined || usedBytes === undefined
      ? {}
      : { freeGib: bytesToGib(Math.max(0, totalBytes - usedBytes)) }),
  };
}

const amount = z.union([z.number(), z.string(), z.object({ value: z.unknown(), unit: z.unknown() })]);
const optionalAmount = amount.optional().catch(undefined);
const optionalText = z.string().optional().catch(undefined);

const amdSmiGpu = z.object({
  gpu: z.number(),
  asic: z.object({ market_name: optionalText, device_id: optionalText }).catch({}),
  board: z.object({ product_name: optionalText }).optional().catch(undefined),
  bus: z.object({ bdf: optionalText }).optional().catch(undefined),
  vram: z
    .object({ size: optionalAmount, vram_size_mb: optionalAmount, max_bandwidth: optionalAmount })
    .catch({}),
});

/** The list stands alone up to ROCm 6 and within `gpu_data` since; sizes are MiB, whatever the unit says. */
function parseAmdSmi(stdout: string): readonly FoundGpu[] | null {
  const value = jsonAmongText(stdout);
  const wrapped = z.object({ gpu_data: z.unknown() }).safeParse(value);
  const list = wrapped.success && wrapped.data.gpu_data !== undefined ? wrapped.data.gpu_data : value;
  if (!Array.isArray(list)) return null;
  const gpus = arrayOf(list, amdSmiGpu).map(({ asic, board, bus, vram }): FoundGpu => {
    const sizeMib = number(vram.size) ?? number(vram.vram_size_mb);
    const driverGBps = number(vram.max_bandwidth);
    return {
      vendor: 'amd',
      names: [asic.market_name, board?.product_name].filter(isText),
      pciDevice: pciDeviceId(asic.device_id),
      slot: bus?.bdf?.toLowerCase(),
      ...(sizeMib === undefined ? {} : { ownGib: sizeMib / 1024 }),
      ...(driverGBps === undefined ? {} : { driverGBps }),
    };
  });
  return gpus.length === 0 && list.length > 0 ? null : gpus;
}

/** The number of `{"value": 24560, "unit": "MB"}`, 24560 or "24560 MB"; undefined for 0 and "N/A". */
function number(from: z.infer<typeof optionalAmount>): number | undefined {
  const value = typeof from === 'object' ? from.value : from;
  return positive(typeof value === 'string' ? value.replace(/\s*[a-z/]+$/i, '') : value);
}

function positive(value: unknown): number | undefined {
  const whole = wholeNumber(value);
  return whole === 0 ? undefined : whole;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !/^(?:n\/a|unknown)$/i.test(value.trim());
}
