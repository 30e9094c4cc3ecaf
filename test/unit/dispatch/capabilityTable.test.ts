import { describe, expect, it } from 'vitest';
import type { ModelTraits } from '../../../src/dispatch/capabilityTable';
import { capabilitiesOf } from '../../../src/dispatch/capabilityTable';
import type { CapabilityRule } from '../../../src/shared/routeSettings';
import { BACKEND_KINDS } from '../../../src/shared/settings';

const MODEL: ModelTraits = {
  backend: 'ollama_gpubox',
  backendKind: 'ollama',
  provider: 'qwen',
  modelId: 'qwen3:8b',
  family: 'Qwen3',
};

it('says of every kind of backend what it speaks', () => {
  const spoken = BACKEND_KINDS.map((kind) => [
    kind,
    capabilitiesOf({ ...MODEL, backendKind: kind }).wireFormat,
  ]);
  expect(Object.fromEntries(spoken)).toEqual({
    ollama: 'ollama',
    llama_server: 'openai_compat',
    lm_studio: 'openai_compat',
    vllm: 'openai_compat',
    openai_compatible: 'openai_compat',
    openai: 'openai_compat',
    anthropic: 'anthropic_native',
    gemini: 'gemini',
    vscode: 'vscode',
  });
});

it('takes a kind that it does not know for one that speaks as OpenAI does', () => {
  expect(capabilitiesOf({ ...MODEL, backendKind: 'something_new' })).toEqual({
    wireFormat: 'openai_compat',
    wireFormatPinned: false,
  });
});

describe('a rule of the user', () => {
  it.each<readonly [string, Partial<CapabilityRule>, boolean]>([
    ['of its backend', { backend: 'ollama_gpubox' }, true],
    ['of another backend', { backend: 'ollama' }, false],
    ['of its provider', { provider: 'qwen' }, true],
    ['of another provider', { provider: 'google' }, false],
    ['of its family, however it is written', { family: 'qWEN3' }, true],
    ['of another family', { family: 'llama' }, false],
    ['of another model', { model: 'qwen3:4b' }, false],
  ])('%s counts or not', (_what, rule, counts) => {
    expect(capabilitiesOf(MODEL, [{ model: '*', tools: false, ...rule }]).tools).toBe(
      counts ? false : undefined,
    );
  });

  it('of a family does not count for a model whose family nobody knows', () => {
    const rule = { model: '*', family: 'qwen3', tools: false };
    expect(capabilitiesOf({ ...MODEL, family: undefined }, [rule]).tools).toBeUndefined();
  });

  it('counts for what it says, and the next one for the rest', () => {
    const rules: readonly CapabilityRule[] = [
      { model: 'qwen*', tools: false },
      { model: '*', tools: true, thinking: true, wireFormat: 'openai_compat' },
      { model: '*', thinking: false, wireFormat: 'ollama' },
    ];
    expect(capabilitiesOf(MODEL, rules)).toEqual({
      wireFormat: 'openai_compat',
      wireFormatPinned: true,
      tools: false,
      thinking: true,
    });
  });

  it("cannot send other models through the editor, nor the editor's anywhere else", () => {
    expect(capabilitiesOf(MODEL, [{ model: '*', wireFormat: 'vscode' }])).toMatchObject({
      wireFormat: 'ollama',
      wireFormatPinned: false,
    });
    const editors = { ...MODEL, backendKind: 'vscode' };
    expect(capabilitiesOf(editors, [{ model: '*', wireFormat: 'gemini' }])).toMatchObject({
      wireFormat: 'vscode',
      wireFormatPinned: false,
    });
  });

  it.each([
    ['hf.co/*', 'hf.co/unsloth/x:Q4', true],
    ['HF.co/*:q4', 'hf.co/unsloth/x:Q4', true],
    ['*:Q?', 'a:Q4', true],
    ['*:Q?', 'a:Q42', false],
    ['qwen3:8b', 'qwen3:8b', true],
    ['qwen3.8b', 'qwen3:8b', false],
    ['*', '', true],
    ['?', '', false],
    ['*a*b*c*', 'xxaxxbxxc', true],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(5_000), false],
  ])('is for models by a glob: %s on %s', (glob, modelId, matches) => {
    const { wireFormatPinned } = capabilitiesOf({ ...MODEL, modelId }, [
      { model: glob, wireFormat: 'openai_compat' },
    ]);
    expect(wireFormatPinned).toBe(matches);
  });
});
