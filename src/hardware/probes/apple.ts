import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { parseJson } from '../../shared/json';
import { defaultWiredLimitGib } from '../../shared/macMemory';
import { bytesToGib } from '../../shared/units';
import { assumedAppleGBps, UNKNOWN_APPLE_GBPS } from '../assumedBandwidth';
import type { CommandResult } from '../commandRunner';
import type { DeviceTable } from '../deviceTable';
import type { Probe, ProbeContext, ProbeFinding } from '../probe';
import { failureText, runTool, warning } from '../probe';
import type { Accelerator, HardwareWarning } from '../profile';

/** Apple Silicon by `system_profiler` and `sysctl`. */
export const appleProbe: Probe = {
  id: 'macos',
  platforms: ['darwin'],
  failure: 'macos_probe_failed',
  run: probeApple,
};

const optionalText = z.string().optional().catch(undefined);

/** Only what is read; the same output holds serial numbers, which are dropped here. */
const profilerSchema = z.object({
  SPHardwareDataType: z.array(z.object({ chip_type: optionalText, physical_memory: optionalText })).catch([]),
  SPDisplaysDataType: z
    .array(z.object({ _name: optionalText, sppci_model: optionalText, sppci_cores: optionalText }))
    .catch([]),
});
type Profiler = z.infer<typeof profilerSchema>;

const EMPTY_PROFILER: Profiler = { SPHardwareDataType: [], SPDisplaysDataType: [] };

async function probeApple(context: ProbeContext): Promise<ProbeFinding> {
  const [profilerResult, sysctlResult, wiredResult] = await Promise.all([
    runTool(context, 'system_profiler', ['SPDisplaysDataType', 'SPHardwareDataType', '-json']),
    runTool(context, 'sysctl', ['-n', 'hw.memsize', 'hw.model', 'machdep.cpu.brand_string']),
    runTool(context, 'sysctl', ['-n', 'iogpu.wired_limit_mb']),
  ]);
  const profiler = parseProfiler(profilerResult);
  const sysctl = parseSysctl(sysctlResult.stdout);
  const chip = [
    profiler?.SPHardwareDataType[0]?.chip_type,
    profiler?.SPDisplaysDataType[0]?.sppci_model,
    sysctl.brand,
    context.os.cpus()[0]?.model,
  ].find(isAppleChip);
  if (chip === undefined) {
    const found = otherGraphics(profiler ?? EMPTY_PROFILER);
    if (found !== undefined) return { accelerators: [], warnings: [otherGraphicsWarning(found)] };
    const failed = profiler === null && sysctl.brand === undefined;
    return { accelerators: [], warnings: failed ? [noChip(profilerResult)] : [] };
  }
  if (/virtual/i.test(chip)) return { accelerators: [], warnings: [virtualWarning(chip)] };

  const warnings: HardwareWarning[] = [];
  if (profiler === null || sysctl.memoryBytes === null) {
    const [tool, result] =
      profiler === null
        ? (['system_profiler', profilerResult] as const)
        : (['sysctl', sysctlResult] as const);
    warnings.push(
      warning(
        'macos_probe_failed',
        l10n.t(
          'Some facts about this Mac are taken from elsewhere or assumed, because {0} could not be read.',
          tool,
        ),
        result.exitCode === 0 ? `${tool} printed something unexpected` : failureText(tool, result),
      ),
    );
  }
  const ramGib = ramOf(sysctl.memoryBytes, profiler ?? EMPTY_PROFILER) ?? context.memory.totalGib;
  const bandwidth = bandwidthOf(context.devices, chip, gpuCores(profiler ?? EMPTY_PROFILER));
  if (bandwidth.unmapped) warnings.push(unmapped(chip));
  const accelerator: Accelerator = {
    index: 0,
    vendor: 'apple',
    name: chip,
    totalGib: usableGib(ramGib, wiredLimitMib(wiredResult)),
    bandwidthGBps: bandwidth.bandwidthGBps,
    basis: bandwidth.basis,
    unified: true,
    ...(bandwidth.deviceId === undefined ? {} : { deviceId: bandwidth.deviceId }),
  };
  return { accelerators: [accelerator], warnings, ramGib, cpuName: chip };
}

/** GiB that the GPU may wire: the limit that was set by hand, else what macOS allows by default. */
function usableGib(ramGib: number, wiredLimitMib: number | null): number {
  return wiredLimitMib === null ? defaultWiredLimitGib(ramGib) : Math.min(ramGib, wiredLimitMib / 1024);
}

function parseProfiler(result: CommandResult): Profiler | null {
  const parsed = profilerSchema.safeParse(parseJson(result.stdout));
  if (!parsed.success) return null;
  const { SPHardwareDataType: hardware, SPDisplaysDataType: displays } = parsed.data;
  return hardware.length + displays.length === 0 ? null : parsed.data;
}

/** The values come in the order asked for, but a key that the system does not know is left out. */
function parseSysctl(stdout: string): {
  readonly memoryBytes: number | null;
  readonly brand: string | undefined;
} {
  const lines = stdout.split(/\r?\n/).map((line) => line.trim());
  const memory = lines.find((line) => /^\d{9,15}$/.test(line));
  return {
    memoryBytes: memory === undefined ? null : Number(memory),
    brand: lines.find((line) => /^(?:Apple|Intel|VirtualApple)\b/.test(line)),
  };
}

/** 0 stands for the system's own limit. */
function wiredLimitMib(result: CommandResult): number | null {
  const text = result.stdout.trim();
  return result.exitCode === 0 && /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}

function ramOf(memoryBytes: number | null, profiler: Profiler): number | null {
  if (memoryBytes !== null) return bytesToGib(memoryBytes);
  const gib = /^(\d{1,5}) GB$/.exec(profiler.SPHardwareDataType[0]?.physical_memory ?? '')?.[1];
  return gib === undefined ? null : Number(gib);
}

function isAppleChip(text: string | undefined): text is string {
  return text !== undefined && /^Apple [A-Z]\d+/.test(text);
}

function gpuCores(profiler: Profiler): number | null {
  const cores = profiler.SPDisplaysDataType.find((display) => display.sppci_cores !== undefined)?.sppci_cores;
  return cores !== undefined && /^\d{1,3}$/.test(cores) ? Number(cores) : null;
}

function bandwidthOf(
  devices: DeviceTable,
  chip: string,
  cores: number | null,
): Pick<Accelerator, 'bandwidthGBps' | 'basis'> & { readonly deviceId?: string; readonly unmapped: boolean } {
  const variants = devices.variants('apple', chip);
  const exact =
    cores === null
      ? variants.length === 1
        ? (variants[0] ?? null)
        : null
      : devices.find('apple', `${chip} (${cores}-core GPU)`);
  if (exact)
    return { bandwidthGBps: exact.bandwidthGBps, basis: 'table', deviceId: exact.id, unmapped: false };
  const known = assumedAppleGBps(chip) ?? slowest(variants);
  return { bandwidthGBps: known ?? UNKNOWN_APPLE_GBPS, basis: 'assumed', unmapped: known === null };
}

function slowest(variants: readonly { readonly bandwidthGBps: number }[]): number | null {
  return variants.length === 0 ? null : Math.min(...variants.map((row) => row.bandwidthGBps));
}

/** The name of a GPU by another maker, as Intel Macs have. */
function otherGraphics(profiler: Profiler): string | undefined {
  return profiler.SPDisplaysDataType.map((display) => display.sppci_model ?? display._name).find(
    (name) => name !== undefined && /\b(?:amd|radeon|nvidia|geforce)\b/i.test(name),
  );
}

function otherGraphicsWarning(name: string): HardwareWarning {
  return warning(
    'gpu_not_visible',
    l10n.t(
      'This Mac has {0}, which model servers on macOS do not use well, so models are ranked for the processor. Describe the GPU in modelPool.hardware.override if yours does.',
      name,
    ),
    name,
  );
}

function virtualWarning(chip: string): HardwareWarning {
  return warning(
    'gpu_not_visible',
    l10n.t('This is a virtual Mac whose GPU is not the real one, so models are ranked for the processor.'),
    chip,
  );
}

function noChip(result: CommandResult): HardwareWarning {
  return warning(
    'macos_probe_failed',
    l10n.t(
      "This Mac's chip could not be read, so models are ranked for the processor alone. Describe the machine in modelPool.hardware.override, or detect the hardware again.",
    ),
    failureText('system_profiler', result),
  );
}

function unmapped(chip: string): HardwareWarning {
  return warning(
    'macos_unmapped_chip',
    l10n.t(
      "The memory bandwidth of {0} is not known; {1} GB/s is assumed, so speeds are rough. Set Apple's value in modelPool.hardware.override.",
      chip,
      UNKNOWN_APPLE_GBPS,
    ),
    chip,
  );
}
