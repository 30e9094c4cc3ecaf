import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram, programsOf, type ProgramSources } from '../../../src/engine/findProgram';

function sources(
  files: readonly string[],
  PATH: string | undefined,
  more: Partial<ProgramSources> = {},
): ProgramSources & { readonly asked: string[] } {
  const asked: string[] = [];
  const isProgram = (file: string): Promise<boolean> => {
    asked.push(file);
    return Promise.resolve(files.includes(file));
  };
  return { env: { PATH }, platform: 'linux', isProgram, ...more, asked };
}

describe('a program on the PATH', () => {
  it('is found in any of its folders', async () => {
    const there = sources(['/opt/bin/ollama'], '/usr/bin:/opt/bin');
    expect(await findProgram('ollama', there)).toBe('there');
    expect(await findProgram('vllm', there)).toBe('missing');
  });

  it('is missing where there is no PATH', async () => {
    expect(await findProgram('ollama', sources(['ollama', '/ollama'], undefined))).toBe('missing');
  });

  it('is never looked for in the working directory', async () => {
    const here = sources(['./ollama', 'bin/ollama', 'ollama'], '.:bin::');
    expect(await findProgram('ollama', here)).toBe('missing');
    expect(here.asked).toEqual([]);
  });

  it('is looked for in 256 folders at most', async () => {
    const many = Array.from({ length: 1_000 }, (_each, index) => `/bin${index}`).join(':');
    const crowded = sources(['/bin900/lms'], many);
    expect(await findProgram('lms', crowded)).toBe('missing');
    expect(crowded.asked).toHaveLength(256);
  });

  it('has the endings of PATHEXT on Windows, and a Path in whatever case, with or without quotes', async () => {
    const windows = (file: string): ProgramSources =>
      sources([file], undefined, {
        platform: 'win32',
        env: { Path: 'C:\\Windows;"C:\\Program Files\\Ollama"', PATHEXT: '.EXE;.CMD' },
      });
    expect(await findProgram('ollama', windows('C:\\Program Files\\Ollama\\ollama.EXE'))).toBe('there');
    expect(await findProgram('lms', windows('C:\\Windows\\lms.CMD'))).toBe('there');
    expect(await findProgram('lms', windows('C:\\Windows\\lms.PS1'))).toBe('missing');
  });

  it('is not known where a folder does not answer', async () => {
    const stuck: ProgramSources = { ...sources([], '/net'), isProgram: () => new Promise(() => undefined) };
    expect(await findProgram('ollama', stuck, 1)).toBe('unknown');
  });

  it('is a file of the real machine that may be run', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mpfp-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(path.join(folder, 'plain'), '');
    await writeFile(path.join(folder, 'runs'), '');
    await chmod(path.join(folder, 'runs'), 0o755);
    await mkdir(path.join(folder, 'folder'));
    const real = programsOf({ PATH: folder }, 'linux');
    // A folder on a busy machine gets all the time it needs.
    const looked = (name: string): Promise<string> => findProgram(name, real, 30_000);
    expect(await Promise.all(['runs', 'folder', 'none'].map(looked))).toEqual([
      'there',
      'missing',
      'missing',
    ]);
    // Whoever is root may do anything but run what is no program.
    expect(await looked('plain')).toBe('missing');
  });
});
