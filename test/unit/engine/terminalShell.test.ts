import { describe, expect, it } from 'vitest';
import { shellOfProgram } from '../../../src/engine/terminalShell';

describe('the quoting rules of a terminal', () => {
  it.each([
    ['/bin/bash', 'posix'],
    ['/usr/bin/zsh', 'posix'],
    ['/bin/sh', 'posix'],
    ['C:\\Program Files\\Git\\bin\\bash.exe', 'posix'],
    ['C:\\WINDOWS\\System32\\WindowsPowerShell\\v1.0\\powershell.exe', 'powershell'],
    ['C:\\Program Files\\PowerShell\\7\\pwsh.exe', 'powershell'],
    ['/usr/local/bin/pwsh', 'powershell'],
    ['C:\\WINDOWS\\System32\\CMD.EXE', 'cmd'],
    ['/usr/bin/fish', 'other'],
    ['C:\\Users\\me\\nu.exe', 'other'],
    ['/bin/tcsh', 'other'],
    ['C:\\WINDOWS\\System32\\wsl.exe', 'other'],
    ['/opt/notcmd', 'other'],
    ['/opt/fakebash', 'other'],
    ['constructor', 'other'],
    ['', 'other'],
  ] as const)('for %j are those of %s', (program, shell) => {
    expect(shellOfProgram(program)).toBe(shell);
  });
});
