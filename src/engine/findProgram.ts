import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** What is asked of the machine; injected, so that every kind of machine can be tested on one. */
export interface ProgramSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Whether a file is there and may be run. */
  readonly isProgram: (file: string) => Promise<boolean>;
}

/** Folders that are looked at; nobody's PATH has more that count. */
const MAX_FOLDERS = 256;
/** A folder of a PATH may lie on a network that is away. */
const WITHIN_MS = 1_000;
/** What Windows runs where PATHEXT does not say. */
const USUAL_EXTENSIONS = '.COM;.EXE;.BAT;.CMD';

/** The real machine. */
export function programsOf(env: ProgramSources['env'], platform = process.platform): ProgramSources {
  return {
    env,
    platform,
    isProgram: async (file) => {
      try {
        await access(file, constants.X_OK);
        return (await stat(file)).isFile();
      } catch {
        return false;
      }
    },
  };
}

/**
 * Whether a program is on the PATH; `unknown` where looking takes longer than a second. Nothing is run. Only the absolute
 * folders of the PATH count, 256 at most: what lies in a workspace is never found.
 */
export async function findProgram(
  name: string,
  { env, platform, isProgram }: ProgramSources,
  withinMs = WITHIN_MS,
): Promise<'there' | 'missing' | 'unknown'> {
  const windows = platform === 'win32';
  const paths = windows ? path.win32 : path.posix;
  const folders = (valueOf(env, 'PATH', windows) ?? '')
    .split(paths.delimiter)
    // Windows takes an entry with quotes around it too.
    .map((folder) => (windows ? folder.replaceAll('"', '') : folder))
    .filter((folder) => paths.isAbsolute(folder))
    .slice(0, MAX_FOLDERS);
  const endings = windows ? (valueOf(env, 'PATHEXT', windows) ?? USUAL_EXTENSIONS).split(';') : [''];
  const files = folders.flatMap((folder) => endings.map((ending) => paths.join(folder, `${name}${ending}`)));
  const looked = Promise.any(
    files.map(async (file) => {
      if (await isProgram(file)) return 'there' as const;
      throw new Error('not there');
    }),
  ).catch(() => 'missing' as const);
  return Promise.race([looked, delay(withinMs, 'unknown' as const, { ref: false })]);
}

/** Windows does not mind the case of a variable's name, and writes `Path`. */
function valueOf(env: ProgramSources['env'], name: string, windows: boolean): string | undefined {
  if (!windows) return env[name];
  return Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];
}
