import * as l10n from '@vscode/l10n';
import { assumedNvidiaGBps } from '../assumedBandwidth';
import type { CommandResult } from '../commandRunner';
import { isMissing } from '../commandRunner';
import type { DeviceRow } from '../deviceTable';
import type { Probe, ProbeContext, ProbeFinding } from '../probe';
import { failureText, NOTHING_FOUND, runTool, warning } from '../probe';
import type { Accelerator, HardwareWarning } from '../profile';
import type { NvidiaCsv, NvidiaRow } from './nvidiaCsv';
import { FULL_QUERY, parseNvidiaCsv, SHORT_QUERY } from './nvidiaCsv';
import type { MigInstance } from './nvidiaMig';
import { migShare, parseMigList } from './nvidiaMig';

/** Where the tool lies when it is not on the PATH: in WSL, and with older drivers on Windows. */
const TOOLS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'],
  win32: ['nvidia-smi', 'C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe'],
};

/** NVIDIA GPUs by `nvidia-smi`, every one of them; instances in multi-instance mode; parts that share the memory. */
export const nvidiaProbe: Probe = {
  id: 'nvidia',
  platforms: ['linux', 'win32'],
  failure: 'nvidia_probe_failed',
  run: probeNvidia,
};

async function probeNvidia(context: ProbeContext): Promise<ProbeFinding> {
  const answer = await askTool(context);
  if (answer === null) return NOTHING_FOUND;
  const { tool, result, csv } = answer;
  const warnings: HardwareWarning[] = [];
  if (csv.rows.length === 0) return { accelerators: [], warnings: [nothingUsable(tool, result, csv)] };
  if (csv.broken.length > 0 || result.exitCode !== 0) {
    warnings.push(
      warning(
        'nvidia_probe_failed',
        l10n.t(
          "Only {0} of this machine's NVIDIA GPUs could be read; models are ranked for that part alone.",
          csv.rows.length,
        ),
        csv.broken[0] ?? failureText(tool, result),
      ),
    );
  }
  const found = csv.rows.flatMap((row) => describe(context, row, warnings));
  if (!found.some(({ row }) => row.migEnabled)) {
    return { accelerators: found.map(({ accelerator }) => accelerator), warnings };
  }
  const list = await runTool(context, tool, ['-L']);
  return splitInstances(found, parseMigList(list.stdout), warnings);
}

interface Answer {
  readonly tool: string;
  readonly result: CommandResult;
  readonly csv: NvidiaCsv;
}

async function askTool(context: ProbeContext): Promise<Answer | null> {
  for (const tool of TOOLS[context.platform] ?? []) {
    let query = FULL_QUERY;
    let result = await runTool(context, tool, queryArgs(query));
    if (isMissing(result)) continue;
    if (/not a valid field/i.test(result.stdout + result.stderr)) {
      query = SHORT_QUERY;
      result = await runTool(context, tool, queryArgs(query));
    }
    return { tool, result, csv: parseNvidiaCsv(result.stdout, query) };
  }
  return null;
}

function queryArgs(query: string): readonly string[] {
  return [`--query-gpu=${query}`, '--format=csv,noheader,nounits'];
}

function nothingUsable(tool: string, result: CommandResult, csv: NvidiaCsv): HardwareWarning {
  if (/no devices were found/i.test(result.stdout + result.stderr)) {
    return warning(
      'gpu_not_visible',
      l10n.t(
        "NVIDIA's driver is installed and shows no GPU to this process. Models are ranked for the processor; if there is a GPU, give this machine or container access to it.",
      ),
      failureText(tool, result),
    );
  }
  return warning(
    'nvidia_probe_failed',
    l10n.t(
      "NVIDIA's nvidia-smi is installed and could not describe a GPU. Models are ranked for the processor; run it in a terminal to see why, then detect the hardware again.",
    ),
    csv.broken[0] ?? failureText(tool, result),
  );
}

interface Found {
  readonly row: NvidiaRow;
  readonly accelerator: Accelerator;
}

/** An accelerator for a row, or none with a warning where its memory stays unknown. */
function describe(context: ProbeContext, row: NvidiaRow, warnings: HardwareWarning[]): readonly Found[] {
  const shared = row.totalMib === 'shared';
  const reportedGib = typeof row.totalMib === 'number' ? row.totalMib / 1024 : undefined;
  const device = context.devices.find('nvidia', row.name, shared ? context.memory.totalGib : reportedGib);
  // "[N/A]" of a card that has its own memory is a driver's lapse, not a shared memory.
  const unified = shared && (device === null || device.class === 'soc');
  const totalGib = unified ? context.memory.totalGib : (reportedGib ?? device?.memoryGib);
  if (totalGib === undefined || totalGib <= 0) {
    warnings.push(
      warning(
        'nvidia_probe_failed',
        l10n.t('The memory of {0} could not be read, so it is left out.', row.name),
        row.name,
      ),
    );
    return [];
  }
  if (device === null) warnings.push(unmapped(row.name, assumedNvidiaGBps(totalGib)));
  const freeGib = unified ? context.memory.availableGib : freeOf(row);
  const accelerator: Accelerator = {
    index: row.index,
    vendor: 'nvidia',
    name: row.name,
    totalGib,
    ...(freeGib === undefined ? {} : { freeGib }),
    ...bandwidthOf(device, totalGib),
    unified,
  };
  return [{ row, accelerator }];
}

function freeOf(row: NvidiaRow): number | undefined {
  return typeof row.freeMib === 'number' ? row.freeMib / 1024 : undefined;
}

function bandwidthOf(
  device: DeviceRow | null,
  totalGib: number,
): Pick<Accelerator, 'bandwidthGBps' | 'basis'> & { readonly deviceId?: string } {
  return device === null
    ? { bandwidthGBps: assumedNvidiaGBps(totalGib), basis: 'assumed' }
    : { bandwidthGBps: device.bandwidthGBps, basis: 'table', deviceId: device.id };
}

function unmapped(name: string, bandwidthGBps: number): HardwareWarning {
  return warning(
    'nvidia_unmapped_gpu',
    l10n.t(
      "The memory bandwidth of {0} is not known; {1} GB/s is assumed, so speeds are rough. Set the maker's value in modelPool.hardware.override.",
      name,
      bandwidthGBps,
    ),
    name,
  );
}

/** Puts the instances in the place of the GPUs that are divided; each can only be used by itself. */
function splitInstances(
  found: readonly Found[],
  instances: readonly MigInstance[],
  warnings: HardwareWarning[],
): ProbeFinding {
  const accelerators: Accelerator[] = [];
  const alone: number[] = [];
  for (const { row, accelerator } of found) {
    if (!row.migEnabled) {
      accelerators.push({ ...accelerator, index: accelerators.length });
      continue;
    }
    const own = instances.filter((instance) => instance.gpuIndex === row.index);
    if (own.length === 0) {
      warnings.push(
        warning(
          'gpu_not_visible',
          l10n.t(
            '{0} is in multi-instance (MIG) mode and shows no instance to this process, so it cannot run models. Create an instance, or switch MIG off.',
            row.name,
          ),
          `nvidia-smi -L lists no instance of GPU ${row.index}`,
        ),
      );
    }
    for (const instance of own) {
      const { totalGib, bandwidthShare } = migShare(instance, accelerator.totalGib);
      const index = accelerators.length;
      alone.push(index);
      accelerators.push({
        index,
        vendor: 'nvidia',
        name: `${accelerator.name} MIG ${instance.profile}`,
        totalGib,
        bandwidthGBps: accelerator.bandwidthGBps * bandwidthShare,
        basis: accelerator.basis,
        unified: false,
        ...(accelerator.deviceId === undefined ? {} : { deviceId: accelerator.deviceId }),
      });
    }
  }
  return { accelerators, alone, warnings };
}
