import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendKind } from '../../../src/backends/contract';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { ModelIdentity } from '../../../src/engine/modelIdentity';
import { BACKEND_KINDS, idPattern } from '../../../src/shared/settings';

const identity = new ModelIdentity(() =>
  loadFrozenSnapshot({ path: path.join(import.meta.dirname, '../../../data/snapshot.json') }),
);
beforeAll(() => identity.load());

function providerOf(kind: string, modelId: string, provider?: string): string {
  const model = { modelId, displayName: modelId, capabilities: {} };
  return identity.providerOf(provider === undefined ? model : { ...model, provider }, kind);
}

describe('the provider of a model', () => {
  it.each<readonly [BackendKind, string, string | undefined, string]>([
    // Ollama: the maker by the catalogue, else the series, else the namespace.
    ['ollama', 'qwen3:8b', undefined, 'qwen'],
    ['ollama', 'hf.co/unsloth/Qwen3.5-9B-GGUF:Q4_K_M', undefined, 'qwen'],
    ['ollama', 'someone/thing:1b', undefined, 'someone'],
    ['ollama', 'tiny:latest', undefined, 'local'],
    ['ollama', 'gpt-oss:120b-cloud', undefined, 'ollama_cloud'],
    // Servers of repositories: the organisation of the id, else the one that the server tells, else local.
    ['vllm', 'Qwen/Qwen3-8B', undefined, 'qwen'],
    ['vllm', 'meta-llama/Llama-3.1-8B-Instruct', undefined, 'meta'],
    ['vllm', 'Some-Org/some.model_1', undefined, 'some_org'],
    ['vllm', 'chat', 'Qwen', 'qwen'],
    ['vllm', 'chat', undefined, 'local'],
    ['vllm', '/data/models/Qwen3-8B', undefined, 'local'],
    ['vllm', '/data/models/Qwen3-8B', 'Qwen', 'local'],
    ['vllm', './models/Qwen3-8B', undefined, 'local'],
    ['vllm', 'a/b/c', undefined, 'local'],
    ['lm_studio', 'qwen/qwen3-8b', 'qwen', 'qwen'],
    ['lm_studio', 'openai/gpt-oss-20b', 'openai', 'openai'],
    ['lm_studio', 'meta-llama-3.1-8b-instruct', 'lmstudio-community', 'meta'],
    ['lm_studio', 'unheard-of-7b', 'lmstudio-community', 'lmstudio_community'],
    ['lm_studio', 'text-embedding-nomic-embed-text-v1.5', 'nomic-ai', 'nomic_ai'],
    ['lm_studio', 'whatever', undefined, 'local'],
    ['llama_server', 'Qwen/Qwen3-8B-GGUF:Q4_K_M', undefined, 'qwen'],
    ['llama_server', 'unsloth/Qwen3-8B-GGUF:Q4_K_M', undefined, 'qwen'],
    ['llama_server', 'hf.co/ggml-org/unheard-of-GGUF', undefined, 'ggml_org'],
    ['llama_server', '/models/Qwen3-8B-Q4_K_M.gguf', undefined, 'local'],
    ['llama_server', 'C:\\models\\Qwen3-8B-Q4_K_M.gguf', undefined, 'local'],
    ['llama_server', 'tiny', undefined, 'local'],
    // Gateways: the part before the slash.
    ['openai_compatible', 'anthropic/claude-opus-5.5', undefined, 'anthropic'],
    ['openai_compatible', 'meta-llama/llama-3.3-70b-instruct:free', undefined, 'meta'],
    ['openai_compatible', 'z-ai/glm-5', undefined, 'z_ai'],
    ['openai_compatible', '01-ai/yi-34b', undefined, 'zero_one_ai'],
    ['openai_compatible', '~acme/x', undefined, 'acme'],
    ['openai_compatible', 'a/b/c', undefined, 'a'],
    ['openai_compatible', '/models/x.gguf', undefined, 'local'],
    ['openai_compatible', 'qwen3:8b', undefined, 'qwen'],
    ['openai_compatible', 'chat', undefined, 'local'],
    // One provider each, whatever the id and whatever anybody tells.
    ['openai', 'gpt-6.2-sol', undefined, 'openai'],
    ['openai', 'ft:gpt-4o-mini:acme::1', 'acme', 'openai'],
    ['anthropic', 'claude-opus-5-5', undefined, 'anthropic'],
    ['gemini', 'gemini-3.8-flash', undefined, 'google'],
    ['gemini', 'gemma-4-31b-it', undefined, 'google'],
    // The editor: whoever contributes the model.
    ['vscode', 'gpt-6', 'copilot', 'copilot'],
    ['vscode', 'x', 'Acme Inc.', 'acme_inc'],
    ['vscode', 'x', '9bits', 'org_9bits'],
    ['vscode', 'qwen3:8b', '💥', 'local'],
    ['vscode', 'qwen3:8b', undefined, 'local'],
  ])('of %s, %s (told: %s), is %s', (kind, modelId, told, provider) => {
    expect(providerOf(kind, modelId, told)).toBe(provider);
  });

  it('is an id and the same every time, for every kind and for odd names', () => {
    const odd = [
      '',
      '/',
      '//',
      'a/',
      '/a',
      '💥/x',
      '../..',
      'x'.repeat(300),
      `${'y'.repeat(300)}/z`,
      '_/_',
      'É/é',
    ];
    for (const kind of [...BACKEND_KINDS, 'something_new']) {
      for (const modelId of odd) {
        for (const told of [undefined, ...odd]) {
          const provider = providerOf(kind, modelId, told);
          expect(provider, `${kind} ${modelId} ${told}`).toMatch(idPattern);
          expect(providerOf(kind, modelId, told)).toBe(provider);
        }
      }
    }
  });
});

it('the catalogue’s id of a model follows the catalogue, not what it was before', async () => {
  const frozen = await loadFrozenSnapshot({
    path: path.join(import.meta.dirname, '../../../data/snapshot.json'),
  });
  const empty = { ...frozen, snapshot: { ...frozen.snapshot, candidates: [] } };
  let catalogue: typeof frozen = empty;
  const changing = new ModelIdentity(() => Promise.resolve(catalogue));
  const qwen = { modelId: 'qwen3:8b', displayName: 'qwen3:8b', capabilities: {} };
  await changing.load();
  expect(changing.canonicalId(qwen)).toBeUndefined();
  catalogue = frozen;
  expect(changing.canonicalId(qwen)).toBeUndefined();
  await changing.reload();
  expect(changing.canonicalId(qwen)).toBe('Qwen/Qwen3-8B');
  expect(changing.canonicalId({ ...qwen, modelId: 'no-such-model' })).toBeUndefined();
});
