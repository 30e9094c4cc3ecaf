import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOfArgument, shellQuote } from '../../../src/backends/shellQuote';

const HOSTILE = [
  "it's",
  'a b',
  '$(touch /tmp/owned)',
  '`id`',
  'a;b',
  'a&&b',
  'a|b',
  '"quoted"',
  '\\',
  '*',
  '~root',
  '=ls',
  '!history',
  '${HOME}',
  'ünïcode 模型',
  "'; rm -rf x; '",
];

/** What a real `sh` passes to a program. */
function throughSh(word: string): string {
  return execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
}

describe('shellQuote for POSIX shells', () => {
  it.each(HOSTILE)('carries %j through a real sh unchanged', (argument) => {
    expect(throughSh(shellQuote('posix', argument) ?? 'refused')).toBe(argument);
  });

  it('carries any printable text through a real sh unchanged', () => {
    const words = fc.sample(fc.string({ minLength: 1, unit: 'binary' }), { numRuns: 300, seed: 7 });
    const printable = words.filter((word) => shellQuote('posix', word) !== null);
    const line = printable.map((word) => shellQuote('posix', word)).join(' ');
    const out = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
    expect(out.split('\n').slice(0, -1)).toEqual(printable.map((word) => word.toWellFormed()));
    expect(printable.length).toBeGreaterThan(100);
  });

  it('leaves ordinary model names bare', () => {
    expect(shellQuote('posix', 'unsloth/Qwen3-8B-GGUF:Q4_K_M')).toBe('unsloth/Qwen3-8B-GGUF:Q4_K_M');
    expect(shellQuote('posix', 'https://huggingface.co/a/b@Q4_K_M')).toBe(
      'https://huggingface.co/a/b@Q4_K_M',
    );
  });
});

describe('shellQuote for PowerShell', () => {
  it('doubles single quotes, the typographic ones too', () => {
    expect(shellQuote('powershell', "it's")).toBe("'it''s'");
    expect(shellQuote('powershell', 'it\u2019s')).toBe("'it\u2019\u2019s'");
  });

  it('quotes what PowerShell would expand or split', () => {
    expect(shellQuote('powershell', '$env:PATH')).toBe("'$env:PATH'");
    expect(shellQuote('powershell', '@splat')).toBe("'@splat'");
    expect(shellQuote('powershell', 'a,b')).toBe("'a,b'");
    expect(shellQuote('powershell', 'hf.co/a/b:Q4')).toBe('hf.co/a/b:Q4');
  });

  it('refuses double quotes, which Windows PowerShell loses', () => {
    expect(shellQuote('powershell', 'a"b')).toBeNull();
    expect(shellQuote('powershell', 'a\u201cb')).toBeNull();
  });
});

describe('shellQuote for cmd', () => {
  it('quotes what cmd would split or pipe', () => {
    expect(shellQuote('cmd', 'a&b|c>d')).toBe('"a&b|c>d"');
    expect(shellQuote('cmd', 'a b')).toBe('"a b"');
    expect(shellQuote('cmd', 'a/b:Q4')).toBe('a/b:Q4');
  });

  it('doubles the backslashes in front of the closing quote', () => {
    expect(shellQuote('cmd', 'a b\\')).toBe('"a b\\\\"');
  });

  it.each(['%PATH%', 'a"b', 'wow!'])('refuses %j, which cmd expands even inside quotes', (argument) => {
    expect(shellQuote('cmd', argument)).toBeNull();
  });
});

describe('refusalOfArgument', () => {
  it.each(['', '-rf', '--help', 'a\nb', 'a\u0000b', 'a\u001bb', 'a\u2028b'])('refuses %j', (argument) => {
    expect(refusalOfArgument(argument)).toMatch(/./);
  });

  it('accepts an ordinary name', () => {
    expect(refusalOfArgument('qwen3:8b')).toBeNull();
  });

  it.each(['posix', 'powershell', 'cmd'] as const)('no shell is given a control character: %s', (shell) => {
    expect(shellQuote(shell, 'a\nreboot')).toBeNull();
  });
});
