import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveNamedPath } from '../../../src/modelfile/namedPath';

const posix = { folder: '/work/repo', homeFolder: '/home/ann', path: path.posix };
const windows = { folder: 'C:\\repo', homeFolder: 'C:\\Users\\ann', path: path.win32 };

describe('a path in a Modelfile', () => {
  it.each([
    ['./model.gguf', '/work/repo/model.gguf'],
    ['../model.gguf', '/work/model.gguf'],
    ['/models/a.gguf', '/models/a.gguf'],
    ['~/a.gguf', '/home/ann/a.gguf'],
    ['//host/share/a.gguf', '/host/share/a.gguf'],
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
    const share = { ...windows, folder: '\\\\nas\\models\\repo' };
    expect(resolveNamedPath('a.gguf', share)).toBe('\\\\nas\\models\\repo\\a.gguf');
    expect(resolveNamedPath('\\\\NAS\\models\\b.gguf', share)).toBe('\\\\NAS\\models\\b.gguf');
    expect(resolveNamedPath('\\\\evil\\models\\b.gguf', share)).toBeUndefined();
  });
});
