import { describe, expect, it } from 'vitest';
import { backendConfigs } from '../../../src/engine/backendConfigs';
import { parseSettings } from '../../../src/shared/settings';

function configsOf(...backends: readonly unknown[]) {
  const { settings, problems } = parseSettings({ backends });
  expect(problems).toEqual([]);
  return backendConfigs(settings);
}

describe('backendConfigs', () => {
  it('leaves out what is switched off', () => {
    const backend = { kind: 'ollama', url: 'http://127.0.0.1:11434' };
    const configs = configsOf(
      { id: 'a', ...backend, enabled: false },
      { id: 'b', ...backend, enabled: true },
    );
    expect(configs.map(({ id }) => id)).toEqual(['b']);
  });

  it.each([
    ['openai', 'https://api.openai.com', 'api.openai.com'],
    ['anthropic', 'https://api.anthropic.com', 'api.anthropic.com'],
    ['gemini', 'https://generativelanguage.googleapis.com', 'generativelanguage.googleapis.com'],
    ['vscode', '', 'local'],
  ])('gives %s its own address where none is written', (kind, url, host) => {
    expect(configsOf({ id: 'a', kind })).toEqual([{ id: 'a', kind, url, host, headers: {} }]);
  });

  it('takes the version off an address, so that every request adds it once', () => {
    expect(
      configsOf(
        { id: 'a', kind: 'openai_compatible', url: 'https://openrouter.ai/api/v1/' },
        { id: 'b', kind: 'openai', url: 'http://127.0.0.1:4000/v1' },
        { id: 'c', kind: 'vllm', url: 'http://gpubox:8000' },
      ).map(({ url, host }) => [url, host]),
    ).toEqual([
      ['https://openrouter.ai/api', 'openrouter.ai'],
      ['http://127.0.0.1:4000', 'local'],
      ['http://gpubox:8000', 'gpubox'],
    ]);
  });

  it('keeps the host, the headers and the name of the secret', () => {
    const backend = {
      ...{ id: 'a', kind: 'ollama', url: 'http://127.0.0.1:1', host: 'tunnel' },
      ...{ headers: { 'X-Team': 'a' }, secretName: 'ollama_key' },
    };
    expect(configsOf(backend)).toEqual([backend]);
  });
});
