import { describe, expect, it } from 'vitest';
import { installTarget, ollamaNameOf } from '../../../src/engine/installPlanner';
import type { BackendState } from '../../../src/registry/row';

const model = {
  name: 'Qwen3-8B',
  quant: 'Q4_K_M',
  ollamaName: 'qwen3:8b',
};
const ollama: BackendState = {
  id: 'ollama',
  kind: 'ollama',
  url: 'http://127.0.0.1:11434',
  host: 'local',
  readiness: 'ok',
  probing: false,
};

describe('the name of a build for Ollama', () => {
  it.each([
    [{ quant: 'Q4_K_M', ollamaName: 'qwen3:8b', buildRepo: 'Qwen/Qwen3-8B-GGUF' }, 'qwen3:8b'],
    [{ quant: 'Q4_K_M', buildRepo: 'bartowski/X-GGUF' }, 'hf.co/bartowski/X-GGUF:Q4_K_M'],
    [{ quant: 'Q4_K_M' }, null],
    [{ quant: 'BF16', buildRepo: 'mlx-community/X-bf16' }, null],
    [{ quant: '4bit', buildRepo: 'someone/X-MLX-4bit' }, null],
  ])('is its library name, else its address on Hugging Face: %o', (build, name) => {
    expect(ollamaNameOf(build)).toBe(name);
  });
});

describe('where a model is installed', () => {
  it('says through what, and under which name', () => {
    expect(installTarget(model, [ollama])).toEqual({
      ...{ kind: 'possible', backend: 'ollama', backendUrl: ollama.url, name: 'qwen3:8b' },
    });
  });

  it.each([
    ['no server is set up', [], 'local', /none is set up/],
    ['none is set up on another machine', [], 'gpubox', /on gpubox needs an Ollama server there/],
    [
      'the server does not answer',
      [{ ...ollama, readiness: 'unreachable', message: 'Nothing listens.' }],
      'local',
      /Nothing listens/,
    ],
    ['the server was not asked yet', [{ ...ollama, readiness: 'unknown' }], 'local', /not answered yet/],
  ] as const)('is nowhere where %s, and says what to do', (_case, backends, host, message) => {
    const target = installTarget(model, backends, host);
    expect(target.kind === 'impossible' ? target.message : '').toMatch(message);
  });

  it('is nowhere for a model of which no build is known, and points at the other tools', () => {
    const target = installTarget({ name: 'X', quant: 'Q4_K_M' }, [ollama]);
    expect(target.kind === 'impossible' ? target.message : '').toContain('Show Install Command');
  });

  it('is the server that answers, not the first', () => {
    const down = { ...ollama, id: 'down', readiness: 'unreachable' as const };
    expect(installTarget(model, [down, ollama])).toMatchObject({ backend: 'ollama' });
  });
});
