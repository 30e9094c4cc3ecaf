import path from 'node:path';
import { execa } from 'execa';
import { abortReason } from '../shared/abort';

/** Why a command gave no full answer. */
export type CommandFailure = 'missing' | 'timeout' | 'too_large' | 'not_run';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The process's own exit code; 127 where the command was not found, 124 where it ran out of time. */
  readonly exitCode: number;
  readonly failure?: CommandFailure;
}

/** Runs vendor tools. Rejects only when `signal` aborts. */
export interface CommandRunner {
  run(
    file: string,
    args: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<CommandResult>;
}

const TIMEOUT_MS = 5_000;
/** Time between the polite signal and the one that cannot be ignored. */
const KILL_AFTER_MS = 500;
const MAX_OUTPUT_CHARACTERS = 4 * 1024 * 1024;

/** Commands as child processes: no shell, 5 s at most, 4 MiB of output at most, no window on Windows, C locale. */
export class ExecaCommandRunner implements CommandRunner {
  readonly #timeoutMs: number;

  constructor(options: { readonly timeoutMs?: number } = {}) {
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  async run(
    file: string,
    args: readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<CommandResult> {
    const { signal } = options;
    if (signal?.aborted) throw abortReason(signal);
    const result = await execa(file, args, {
      reject: false,
      shell: false,
      stdin: 'ignore',
      timeout: this.#timeoutMs,
      forceKillAfterDelay: KILL_AFTER_MS,
      maxBuffer: MAX_OUTPUT_CHARACTERS,
      windowsHide: true,
      // Windows looks for a bare command in the working directory first, and a workspace is not to be trusted.
      cwd: path.dirname(process.execPath),
      env: { LC_ALL: 'C', LANG: 'C' },
      ...(signal ? { cancelSignal: signal } : {}),
    });
    if (signal?.aborted) throw abortReason(signal);
    const { stdout, stderr } = result;
    if (result.timedOut) return { stdout, stderr, exitCode: 124, failure: 'timeout' };
    if (result.isMaxBuffer) return { stdout, stderr, exitCode: 1, failure: 'too_large' };
    if (result.code === 'ENOENT') return { stdout, stderr, exitCode: 127, failure: 'missing' };
    if (result.exitCode === undefined) {
      return { stdout, stderr: stderr || (result.shortMessage ?? ''), exitCode: 126, failure: 'not_run' };
    }
    return { stdout, stderr, exitCode: result.exitCode };
  }
}

/** Whether the command does not exist here, as this runner or a shell would say it. */
export function isMissing(result: CommandResult): boolean {
  return result.failure === 'missing' || result.exitCode === 127;
}
