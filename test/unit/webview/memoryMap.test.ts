import { describe, expect, it } from 'vitest';
import { memorySegments } from '../../../webview-ui/memoryMap';

const LOADED = [
  { model: 'small', backend: 'ollama', acceleratorGib: 3.5, systemGib: 3.1, contextTokens: 8_192 },
  { model: 'large', backend: 'ollama', acceleratorGib: 11.2, systemGib: 0, contextTokens: 32_768 },
  { model: 'silent', backend: 'llama', acceleratorGib: null, systemGib: null, contextTokens: 4_096 },
];

describe('what lies in a memory', () => {
  it('is the part of each model that its server says, the largest first', () => {
    expect(memorySegments({ kind: 'accelerator' }, LOADED, false)).toEqual([
      { model: 'large', gib: 11.2 },
      { model: 'small', gib: 3.5 },
    ]);
    expect(memorySegments({ kind: 'system' }, LOADED, false)).toEqual([{ model: 'small', gib: 3.1 }]);
  });

  it('is all of each model where the machine has one memory only', () => {
    for (const kind of ['shared', 'system'] as const) {
      expect(memorySegments({ kind }, LOADED, true)).toEqual([
        { model: 'large', gib: 11.2 },
        { model: 'small', gib: 6.6 },
      ]);
    }
  });
});
