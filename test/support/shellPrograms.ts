import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** One start of a stand-in program: its arguments, as the system handed them over. */
type Call = readonly string[];

export interface ShellHouse {
  /** The arguments of each start of a stand-in, in order, when the shell runs these lines from `-c`. */
  run(shell: string, lines: string): readonly Call[];
  /** The same with the lines on standard input of a bash that keeps and expands its history. */
  runWithHistory(lines: string): readonly Call[];
  /** Files that the lines made in the folder where they ran: none, if nothing broke out. */
  traces(): readonly string[];
  remove(): void;
}

/** Prints how many arguments it got and then each of them, all ended by NUL, which no argument can hold. */
const STAND_IN = '#!/bin/sh\nprintf \'%s\\0\' "$#" "$@"\n';

/** Only so that a shell that waits for something fails the test instead of hanging it. */
const LIMIT_MS = 60_000;

/** A folder to run command lines in, with stand-ins of these names in front of everything else on PATH. */
export function openShellHouse(programs: readonly string[]): ShellHouse {
  const root = mkdtempSync(path.join(tmpdir(), 'mpsh-'));
  const [bin, home] = [path.join(root, 'bin'), path.join(root, 'home')];
  mkdirSync(bin);
  mkdirSync(home);
  for (const program of programs) {
    writeFileSync(path.join(bin, program), STAND_IN);
    chmodSync(path.join(bin, program), 0o755);
  }
  const env = { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, HOME: home, LC_ALL: 'C.UTF-8' };
  const start = (program: string, args: readonly string[], input = '') => {
    const options = { cwd: home, env, input, encoding: 'utf8', timeout: LIMIT_MS } as const;
    const { stdout, stderr, error } = spawnSync(program, args, options);
    if (error) throw error;
    return { calls: callsIn(stdout), stderr };
  };
  return {
    run: (shell, lines) => {
      const { calls, stderr } = start(shell, [...(FLAGS[shell] ?? []), '-c', lines]);
      if (stderr !== '') throw new Error(`${shell} complained: ${stderr}`);
      return calls;
    },
    runWithHistory: (lines) => {
      const flags = ['--norc', '--noprofile', '-o', 'history', '-o', 'histexpand'];
      // It says on standard error what it made of each line.
      return start('bash', flags, `unset HISTFILE\n${lines}\n`).calls;
    },
    traces: () => readdirSync(home),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Without the start-up files of the person who runs the tests. */
const FLAGS: Readonly<Record<string, readonly string[]>> = { zsh: ['-f'], fish: ['--no-config'] };

function callsIn(output: string): readonly Call[] {
  const fields = output.split('\0');
  const calls: Call[] = [];
  for (let at = 0; at < fields.length - 1;) {
    const count = Number(fields[at]);
    if (!Number.isInteger(count)) throw new Error(`not from a stand-in: ${JSON.stringify(fields[at])}`);
    calls.push(fields.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return calls;
}

/** Those of the programs that this machine has. */
export function installed<Name extends string>(programs: readonly Name[]): readonly Name[] {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const isThere = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return programs.filter((program) => folders.some((folder) => isThere(path.join(folder, program))));
}
