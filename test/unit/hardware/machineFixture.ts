import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandResult, CommandRunner } from '../../../src/hardware/commandRunner';
import type { DeviceTable } from '../../../src/hardware/deviceTable';
import type { HardwareDetectorOptions } from '../../../src/hardware/detector';

/** A machine read from test/fixtures/hardware/machines; README.md there explains the form. */
interface Machine {
  readonly comment: string;
  readonly options: Pick<HardwareDetectorOptions, 'platform' | 'os' | 'runner' | 'readFile' | 'now'>;
  /** Command lines that were run, in order. */
  readonly ran: string[];
}

export const FIXTURE_FOLDER = new URL('../../fixtures/hardware/machines/', import.meta.url);
export const DEVICES_PATH = fileURLToPath(new URL('../../../data/devices.json', import.meta.url));
const NOW_MS = Date.parse('2026-11-21T08:00:00Z');

const MISSING: CommandResult = { stdout: '', stderr: '', exitCode: 127, failure: 'missing' };
const HANGS: CommandResult = { stdout: '', stderr: '', exitCode: 124, failure: 'timeout' };

export function loadMachine(name: string): Machine {
  return parseMachine(readFileSync(new URL(`${name}.txt`, FIXTURE_FOLDER), 'utf8'));
}

function parseMachine(text: string): Machine {
  const commands = new Map<string, CommandResult>();
  const files = new Map<string, string>();
  const facts = { platform: 'linux', cpu: '1 x unknown', ram: '1' };
  let comment = '';
  let add: (line: string) => void = (line) => {
    const [, key, value] = /^(platform|cpu|ram) (.+)$/.exec(line) ?? [];
    if (key === 'platform' || key === 'cpu' || key === 'ram') facts[key] = value ?? '';
    else if (line.startsWith('# ')) comment = line.slice(2);
  };
  for (const line of text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined)) {
    if (line.startsWith('$ ')) {
      const command = line.slice(2);
      const result = { stdout: '', stderr: '', exitCode: 0 };
      commands.set(command, result);
      add = (next) => {
        if (next === '$? timeout') commands.set(command, HANGS);
        else if (next.startsWith('$? ')) result.exitCode = Number(next.slice(3));
        else if (next.startsWith('2> ')) result.stderr += `${next.slice(3)}\n`;
        else result.stdout += `${next}\n`;
      };
    } else if (line.startsWith('@ ')) {
      const path = line.slice(2);
      files.set(path, '');
      add = (next) => files.set(path, `${files.get(path) ?? ''}${next}\n`);
    } else add(line);
  }
  const [, count = '1', model = ''] = /^(\d+) x (.*)$/.exec(facts.cpu) ?? [];
  const ran: string[] = [];
  const runner: CommandRunner = {
    run: async (file, args) => {
      const line = [file, ...args].join(' ');
      ran.push(line);
      return commands.get(line) ?? MISSING;
    },
  };
  return {
    comment,
    ran,
    options: {
      runner,
      platform: facts.platform as NodeJS.Platform,
      now: () => NOW_MS,
      os: {
        cpus: () => Array.from({ length: Number(count) }, () => ({ model })),
        totalmem: () => Number(facts.ram) * 2 ** 30,
        hostname: () => 'fixture',
      },
      readFile: async (path) => {
        const content = files.get(path);
        if (content === undefined)
          throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
        return content;
      },
    },
  };
}

export function optionsOf(
  machine: Machine,
  deviceTable: DeviceTable | Promise<DeviceTable>,
): HardwareDetectorOptions {
  return { ...machine.options, deviceTable };
}
