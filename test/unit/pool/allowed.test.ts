import { describe, expect, it } from 'vitest';
import { isAllowed } from '../../../src/pool/allowed';

describe('what policy may install', () => {
  it.each([
    ['nothing while no organisation is allowed', [], [], 'Qwen/Qwen3-8B', 'qwen3', false],
    ['an allowed organisation', ['Qwen'], [], 'Qwen/Qwen3-8B', undefined, true],
    ['no organisation of another case', ['qwen'], [], 'Qwen/Qwen3-8B', undefined, false],
    ['no other organisation', ['Qwen'], [], 'QwenFake/Qwen3-8B', undefined, false],
    ['an allowed family in any case', ['Qwen'], ['QWEN3'], 'Qwen/Qwen3-8B', 'qwen3', true],
    ['no other family', ['Qwen'], ['qwen3'], 'Qwen/Qwen2', 'qwen2', false],
    ['no unknown family where families are listed', ['Qwen'], ['qwen3'], 'Qwen/Qwen3-8B', undefined, false],
    ['no id without an organisation', ['Qwen'], [], 'Qwen', undefined, false],
    ['no id with an empty organisation', [''], [], '/Qwen3-8B', undefined, false],
    ['the part before the first slash alone', ['Qwen'], [], 'Qwen/a/b', undefined, true],
  ] as const)('%s', (_what, allowedOrgs, allowedFamilies, hfRepoId, family, expected) => {
    const target = family === undefined ? { hfRepoId } : { hfRepoId, family };
    expect(isAllowed({ allowedOrgs, allowedFamilies }, target)).toBe(expected);
  });
});
