import { describe, expect, it } from 'vitest';
import { readBootId, type BootIdSources } from '../../../src/shared/bootId';

const ID = '0b2f9a3e-1c4d-4e5f-8a6b-7c8d9e0f1a2b';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function sources(answers: Partial<BootIdSources>): BootIdSources {
  const refuse = (): Promise<string> => Promise.reject(new Error('not asked for here'));
  return { platform: 'linux', readFile: refuse, run: refuse, ...answers };
}

describe('readBootId', () => {
  it('is the kernel’s own id on Linux', async () => {
    const readFile = (file: string): Promise<string> =>
      Promise.resolve(file === '/proc/sys/kernel/random/boot_id' ? `${ID}\n` : '');
    expect(await readBootId(sources({ readFile }))).toBe(ID);
  });

  it('is the boot session on macOS, in lower case', async () => {
    const run = (command: string, commandArguments: readonly string[]): Promise<string> =>
      Promise.resolve(
        `${command} ${commandArguments.join(' ')}`.endsWith('sysctl -n kern.bootsessionuuid')
          ? `${ID.toUpperCase()}\n`
          : '',
      );
    expect(await readBootId(sources({ platform: 'darwin', run }))).toBe(ID);
  });

  it.each<[string, Partial<BootIdSources>]>([
    ['on Windows', { platform: 'win32' }],
    ['where the file is missing', {}],
    ['where the command fails', { platform: 'darwin' }],
    ['where the file says something else', { readFile: () => Promise.resolve('') }],
  ])('is another random one each time %s', async (_where, answers) => {
    const first = await readBootId(sources(answers));
    const second = await readBootId(sources(answers));
    expect(first).toMatch(UUID);
    expect(second).toMatch(UUID);
    expect(first).not.toBe(second);
  });

  it('is one UUID for this boot when the system is really asked', async () => {
    const first = await readBootId();
    expect(first).toMatch(UUID);
    if (process.platform === 'linux') expect(await readBootId()).toBe(first);
  });
});
