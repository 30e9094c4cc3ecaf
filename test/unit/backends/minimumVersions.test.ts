import { describe, expect, it } from 'vitest';
import { limitsOf, tooOld } from '../../../src/backends/minimumVersions';
import { BACKEND_KINDS } from '../../../src/shared/settings';

describe('tooOld', () => {
  it.each(['0.1.13', '0.1.0', 'v0.1.2', '0.0.9', '0.1'])(
    'refuses Ollama %s, with which nothing works',
    (version) => {
      expect(tooOld('ollama', version)).toEqual({
        readiness: 'too_old',
        message: `Ollama ${version} cannot chat over its API.`,
        nextStep: 'Update Ollama to 0.1.14 or newer.',
      });
    },
  );

  it.each(['0.1.14', '0.1.100', '0.2.0', '0.32.15', '1.0', 'v12.3.4-rc1'])('accepts Ollama %s', (version) => {
    expect(tooOld('ollama', version)).toBeNull();
  });

  it.each([
    ...['0.0.0', '0.0.0-dev', 'v0.0.0', '0.1.dev1+g0123abc', '0.1.13.dev7', '0.0.0+unknown'],
    ...['f3fc692', 'e172f095ba4af2c98d7744ce4ffcf4cd3a8e123c', 'main', '', 'b11669-Debian', '١.٢.٣'],
  ])('never calls %j too old: nobody knows how old it is', (version) => {
    for (const kind of BACKEND_KINDS) {
      expect(tooOld(kind, version)).toBeNull();
      expect(limitsOf(kind, version)).toEqual({});
    }
  });

  it('accepts what tells no version, and kinds that have none', () => {
    for (const kind of BACKEND_KINDS) {
      expect(tooOld(kind, undefined)).toBeNull();
      if (kind !== 'ollama' && kind !== 'vllm') expect(limitsOf(kind, '0.0.1')).toEqual({});
    }
    expect(tooOld('vllm', '0.1.0')).toBeNull();
  });
});

describe('limitsOf', () => {
  it.each([
    ['ollama', '0.6.3', ['0.6.4', '0.8.0', '0.9.0']],
    ['ollama', '0.6.4', ['0.8.0', '0.9.0']],
    ['ollama', '0.7.12', ['0.8.0', '0.9.0']],
    ['ollama', '0.8.0', ['0.9.0']],
    ['ollama', '0.9.0-rc0', []],
    ['ollama', '0.10.0', []],
    ['vllm', '0.5.5', ['0.6.0']],
    ['vllm', '0.6.0.post1', []],
  ] as const)('%s %s lacks what came with %j, each in one sentence', (kind, version, minimums) => {
    const { limits = [] } = limitsOf(kind, version);
    expect(limits.map((limit) => / to (\S+) or newer\.$/.exec(limit)?.[1])).toEqual(minimums);
    expect(new Set(limits).size).toBe(minimums.length);
    for (const limit of limits) expect(limit).toContain(` ${version} `);
  });
});
