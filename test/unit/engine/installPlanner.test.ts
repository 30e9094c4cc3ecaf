import { describe, expect, it } from 'vitest';
import { ollamaNameOf, planInstall } from '../../../src/engine/installPlanner';
import type { BackendState } from '../../../src/registry/row';

const model = {
  name: 'Qwen3-8B',
  quant: 'Q4_K_M',
  fileBytes: 5_000_000_000,
  licence: 'apache-2.0',
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
  ])('is its library name, else its address on Hugging Face: %o', (build, name) => {
    expect(ollamaNameOf(build)).toBe(name);
  });
});

describe('an install plan', () => {
  it('says what will be downloaded, through what, and what is free', async () => {
    const plan = await planInstall(model, [ollama], { OLLAMA_MODELS: '/' });
    expect(plan).toMatchObject({
      kind: 'possible',
      backend: 'ollama',
      name: 'qwen3:8b',
      sizeBytes: 5_000_000_000,
    });
    expect(plan.kind === 'possible' && plan.freeBytes !== null && plan.freeBytes > 0).toBe(true);
  });

  it('warns of a download that cannot fit on the disk', async () => {
    const plan = await planInstall({ ...model, fileBytes: 1e18 }, [ollama], { OLLAMA_MODELS: '/' });
    expect(plan).toMatchObject({ tooBig: true });
  });

  it('does not claim to know the disk of another machine', async () => {
    const remote = { ...ollama, host: 'gpubox', url: 'http://192.0.2.7:11434' };
    expect(await planInstall(model, [remote], {})).toMatchObject({ freeBytes: null, tooBig: false });
  });

  it.each([
    ['no server is set up', [], /none is set up/],
    [
      'the server does not answer',
      [{ ...ollama, readiness: 'unreachable', message: 'Nothing listens.' }],
      /Nothing listens/,
    ],
    ['the server was not asked yet', [{ ...ollama, readiness: 'unknown' }], /not answered yet/],
  ] as const)('is impossible where %s, and says what to do', async (_case, backends, message) => {
    const plan = await planInstall(model, backends, {});
    expect(plan.kind === 'impossible' ? plan.message : '').toMatch(message);
  });

  it('is impossible for a model of which no build is known, and points at the other tools', async () => {
    const plan = await planInstall({ name: 'X', quant: 'Q4_K_M' }, [ollama], {});
    expect(plan.kind === 'impossible' ? plan.message : '').toContain('Show Install Command');
  });

  it('takes the server that answers, not the first', async () => {
    const down = { ...ollama, id: 'down', readiness: 'unreachable' as const };
    expect(await planInstall(model, [down, ollama], {})).toMatchObject({ backend: 'ollama' });
  });
});
