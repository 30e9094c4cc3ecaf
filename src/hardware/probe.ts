import { messageOf } from '../shared/errors';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import type { CommandFailure, CommandResult, CommandRunner } from './commandRunner';
import type { DeviceTable } from './deviceTable';
import type {
  Accelerator,
  AcceleratorVendor,
  HardwarePlatform,
  HardwareWarning,
  HardwareWarningCode,
  SystemMemory,
} from './profile';

/** The part of `node:os` that detection reads. */
export interface OsFacts {
  cpus(): readonly { readonly model: string }[];
  totalmem(): number;
  hostname(): string;
  availableParallelism?(): number;
}

/** What every probe may use. */
export interface ProbeContext {
  readonly platform: NodeJS.Platform;
  readonly runner: CommandRunner;
  readonly os: OsFacts;
  readonly devices: DeviceTable;
  /** The text of a file, or null where it cannot be read. */
  readonly readText: (path: string) => Promise<string | null>;
  /** The system's memory, for accelerators that share it. */
  readonly memory: Pick<SystemMemory, 'totalGib' | 'availableGib'>;
  /** How fast that memory is; the processor's part of the detection finds it out meanwhile. */
  readonly systemBandwidth: () => Promise<Pick<SystemMemory, 'bandwidthGBps' | 'basis'>>;
  readonly signal?: AbortSignal;
  /** Aborts when tools that something else can stand in for are given up, so that the whole detection stays short. */
  readonly deadline?: AbortSignal;
}

/** What a probe needs that does not ask for the system's bandwidth, which is found out beside it. */
export type BaseContext = Omit<ProbeContext, 'systemBandwidth'>;

/** A GPU that is there and cannot be used by the probe that saw it. */
export interface SeenGpu {
  readonly vendor: Exclude<AcceleratorVendor, 'apple'>;
  /** How it was noticed: a name, or a PCI address. */
  readonly seen: string;
}

export interface ProbeFinding {
  /** Empty where there is none, or none that can be used. */
  readonly accelerators: readonly Accelerator[];
  /** Indexes of accelerators that cannot share a model with others. */
  readonly alone?: readonly number[];
  readonly warnings: readonly HardwareWarning[];
  /** Warnings that hold only where no probe finds an accelerator. */
  readonly otherwise?: readonly HardwareWarning[];
  /** GPUs that another probe may know better; there is a hint for those that none can use. */
  readonly seen?: readonly SeenGpu[];
  /** What the vendor's tools know better than the operating system's interface. */
  readonly ramGib?: number;
  readonly cpuName?: string;
}

/** One vendor's way to find its accelerators: one file in `probes/` and one row of `PROBES`. */
export interface Probe {
  readonly id: Exclude<HardwarePlatform, 'cpu'> | 'windows' | 'vulkan';
  readonly platforms: readonly NodeJS.Platform[];
  /** The code of the warning when the probe itself breaks. */
  readonly failure: HardwareWarningCode;
  run(context: ProbeContext): Promise<ProbeFinding>;
}

export const NOTHING_FOUND: ProbeFinding = { accelerators: [], warnings: [] };

const MAX_CAUSE_CHARACTERS = 300;
/** Much more than is shown: a secret that is cut in two is not known for one. */
const MAX_REDACTED_CHARACTERS = 64 * 1024;

/** A warning with what a tool said, redacted, on one line, at most 300 characters. */
export function warning(code: HardwareWarningCode, message: string, cause: string): HardwareWarning {
  const text = redactText(cause.slice(0, MAX_REDACTED_CHARACTERS)).replace(/\s+/g, ' ').trim();
  return { code, message, cause: shorten(text, MAX_CAUSE_CHARACTERS) };
}

/**
 * Runs a tool; a runner that throws counts as a tool that could not be run, unless the caller cancelled. `until` ends the
 * tool sooner than the runner does.
 */
export async function runTool(
  context: Pick<ProbeContext, 'runner' | 'signal'>,
  file: string,
  args: readonly string[],
  until?: AbortSignal,
): Promise<CommandResult> {
  const { runner, signal } = context;
  const either = [signal, until].filter((one) => one !== undefined);
  try {
    return await runner.run(file, args, either.length > 0 ? { signal: AbortSignal.any(either) } : {});
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    if (until?.aborted) return { stdout: '', stderr: '', exitCode: 124, failure: 'timeout' };
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    return missing
      ? { stdout: '', stderr: '', exitCode: 127, failure: 'missing' }
      : { stdout: '', stderr: messageOf(thrown), exitCode: 126, failure: 'not_run' };
  }
}

const FAILURE_TEXTS: Readonly<Record<Exclude<CommandFailure, 'not_run'>, string>> = {
  missing: 'was not found',
  timeout: 'did not answer in time',
  too_large: 'printed too much',
};

/** Why a tool gave nothing, in its own words where it had any. */
export function failureText(file: string, result: CommandResult): string {
  if (result.failure !== undefined && result.failure !== 'not_run')
    return `${file} ${FAILURE_TEXTS[result.failure]}`;
  const said = result.stderr.trim() || result.stdout.trim();
  return said || `${file} ended with code ${result.exitCode} and printed nothing`;
}
