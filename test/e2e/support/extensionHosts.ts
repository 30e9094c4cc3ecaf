import { readdirSync, readFileSync } from 'node:fs';

/** The process ids of a server's extension hosts, the oldest first. Reads `/proc`: the server host runs on Linux. */
export function extensionHostsOf(serverPid: number): readonly number[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === serverPid || isOurs(parent));
  };
  return processes
    .filter(({ pid, isHost }) => isHost && isOurs(pid))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly isHost: boolean;
}

function readProcess(pid: number): readonly Process[] {
  try {
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const isHost = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=extensionHost');
    return [{ pid, parent: Number(parent), isHost }];
  } catch {
    // It ended while its files were read.
    return [];
  }
}
