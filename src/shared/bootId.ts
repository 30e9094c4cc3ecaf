import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';

/** Where a boot id is asked for; tests put their own answers here. */
export interface BootIdSources {
  readonly platform: NodeJS.Platform;
  readonly readFile: (file: string) => Promise<string>;
  /** What a command prints; rejects when it fails. */
  readonly run: (command: string, commandArguments: readonly string[]) => Promise<string>;
}

const RUN_LIMIT_MS = 2_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const runFile = promisify(execFile);

const systemSources: BootIdSources = {
  platform: process.platform,
  readFile: (file) => readFile(file, 'utf8'),
  run: async (command, commandArguments) =>
    (await runFile(command, [...commandArguments], { timeout: RUN_LIMIT_MS, windowsHide: true })).stdout,
};

/**
 * Names the origin of the monotonic clock: two stamps with one boot id can be compared by it, in whichever processes
 * they were made. The operating system's own id on Linux and macOS, a lower-case UUID; elsewhere, and where it cannot be
 * read, a random one, which is this process's alone: keep it, for the next call makes another. Never rejects.
 */
export async function readBootId(sources: BootIdSources = systemSources): Promise<string> {
  try {
    const id = (await systemBootId(sources)).trim().toLowerCase();
    return UUID.test(id) ? id : randomUUID();
  } catch {
    return randomUUID();
  }
}

async function systemBootId({ platform, readFile, run }: BootIdSources): Promise<string> {
  if (platform === 'linux') return readFile('/proc/sys/kernel/random/boot_id');
  if (platform === 'darwin') return run('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']);
  return '';
}
