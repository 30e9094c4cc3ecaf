import { expect, it } from 'vitest';
import { wireFormatOf } from '../../../src/dispatch/capabilityTable';
import { BACKEND_KINDS } from '../../../src/shared/settings';

it('says of every kind of backend what it speaks, and of which none is spoken here yet', () => {
  expect(
    Object.fromEntries(BACKEND_KINDS.map((kind) => [kind, wireFormatOf(kind, 'vendor/model:1')])),
  ).toEqual({
    ollama: 'ollama',
    llama_server: 'openai_compat',
    lm_studio: 'openai_compat',
    vllm: 'openai_compat',
    openai_compatible: 'openai_compat',
    openai: 'openai_compat',
    anthropic: null,
    gemini: null,
    vscode: null,
  });
});

it('lets a rule of the user make a model callable that is not', () => {
  const rules = [{ backendKind: 'anthropic', model: 'claude-*', wireFormat: 'openai_compat' as const }];
  expect(wireFormatOf('anthropic', 'claude-opus-5-5', rules)).toBe('openai_compat');
  expect(wireFormatOf('anthropic', 'other', rules)).toBeNull();
});
