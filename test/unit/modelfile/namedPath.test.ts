import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesFile, namesWhere, resolveNamedPath } from '../../../src/modelfile/namedPath';

const posix = { folder: '/work/repo', homeFolder: '/home/ann', path: path.posix };
const windows = { folder: 'C:\\repo', homeFolder: 'C:\\Users\\ann', path: path.win32 };

describe('a path in a Modelfile', () => {
  it.each([
    ['./model.gguf', '/work/repo/model.gguf'],
    ['../model.gguf', '/work/model.gguf'],
    ['/models/a.gguf', '/models/a.gguf'],
    ['~/a.gguf', '/home/ann/a.gguf'],
    ['//host/share/a.gguf', '/host/share/a.gguf'],
    ['llama3.2:3b', '/work/repo/llama3.2:3b'],
    ['hf.co/a/b', '/work/repo/hf.co/a/b'],
    ['~bob/a.gguf', undefined],
    ['a\0b', undefined],
  ])('%s is found from its folder', (named, expected) => {
    expect(resolveNamedPath(named, posix)).toBe(expected);
  });

  it.each(['\\\\evil\\share\\a.gguf', '//evil/share/a.gguf', '\\\\?\\UNC\\evil\\share\\a', '\\\\.\\pipe\\x'])(
    '%s is not looked at on Windows: it would call another machine',
    (named) => {
      expect(resolveNamedPath(named, windows)).toBeUndefined();
    },
  );

  it('may be on a drive, and on the share on which its folder is', () => {
    expect(resolveNamedPath('D:\\a.gguf', windows)).toBe('D:\\a.gguf');
    expect(resolveNamedPath('\\a.gguf', windows)).toBe('C:\\a.gguf');
    // A model of one letter with its tag, which is no file of the drive Q.
    expect(resolveNamedPath('q:8b', windows)).toBe('C:\\repo\\q:8b');
    const share = { ...windows, folder: '\\\\nas\\models\\repo' };
    expect(resolveNamedPath('a.gguf', share)).toBe('\\\\nas\\models\\repo\\a.gguf');
    expect(resolveNamedPath('\\\\NAS\\models\\b.gguf', share)).toBe('\\\\NAS\\models\\b.gguf');
    expect(resolveNamedPath('\\\\evil\\models\\b.gguf', share)).toBeUndefined();
  });
});

describe('what FROM, ADAPTER and DRAFT name', () => {
  it.each([
    ['model', './a', true],
    ['model', 'a', false],
    ['model', 'beside', true],
    ['model', 'beside:latest', false],
    ['draft', 'a', true],
    ['adapter', 'a', true],
    ['system', './a', false],
  ] as const)('is a file after %s %s: %s', (name, args, expected) => {
    expect(namesFile({ name, args }, ['beside'])).toBe(expected);
  });

  it('is looked for only where it may be, each where it leads', async () => {
    const looked: string[] = [];
    const found = await namesWhere(['a', '\\\\evil\\share\\b', 'c', 'd\0'], windows, (file) => {
      looked.push(file);
      return Promise.resolve(file.endsWith('c'));
    });
    expect(found).toEqual(['c']);
    expect(looked).toEqual(['C:\\repo\\a', 'C:\\repo\\c']);
  });
});
