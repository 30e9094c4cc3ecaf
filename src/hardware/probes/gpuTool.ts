import type { CommandResult } from '../commandRunner';
import { isMissing } from '../commandRunner';
import type { FoundGpu } from '../describeGpu';
import type { ProbeContext } from '../probe';
import { failureText, runTool } from '../probe';

/** One vendor's command and how its output is read. */
export interface GpuTool {
  readonly file: string;
  readonly args: readonly string[];
  /** The GPUs in the output; null where it is not the output that is documented. */
  readonly parse: (stdout: string) => readonly FoundGpu[] | null;
}

export interface ToolAnswer {
  readonly gpus: readonly FoundGpu[];
  /** Why the tool gave none, in its own words; absent where it is not installed or says that there are none. */
  readonly failure?: string;
}

/** Runs a tool; never rejects but for the caller's signal. A tool that failed and still printed GPUs is believed. */
export async function askGpuTool(context: ProbeContext, tool: GpuTool): Promise<ToolAnswer> {
  const result = await runTool(context, tool.file, tool.args, context.deadline);
  const gpus = isMissing(result) ? [] : tool.parse(result.stdout);
  if (gpus !== null && gpus.length > 0) return { gpus };
  return isMissing(result) || (gpus !== null && result.exitCode === 0)
    ? { gpus: [] }
    : { gpus: [], failure: whyNothing(tool, result) };
}

function whyNothing(tool: GpuTool, result: CommandResult): string {
  return result.exitCode === 0 && result.stdout.trim() !== ''
    ? `${tool.file} printed something unexpected: ${result.stdout.trim()}`
    : failureText(tool.file, result);
}
