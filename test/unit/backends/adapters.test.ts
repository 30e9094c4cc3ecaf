import { describe, expect, it } from 'vitest';
import { AdvisoryInstallAdapter } from '../../../src/backends/advisoryInstall';
import type { ListedModel } from '../../../src/backends/contract';
import { InstallError, isInstallError, normaliseModelName } from '../../../src/backends/installAdapter';
import { nullInstallAdapter } from '../../../src/backends/nullInstall';

async function rejectionOf(promise: Promise<unknown>): Promise<InstallError> {
  const thrown: unknown = await promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );
  if (!isInstallError(thrown)) throw new Error(`no InstallError: ${String(thrown)}`);
  return thrown;
}

describe('AdvisoryInstallAdapter', () => {
  it.each([
    ['lmstudio', 'qwen3-32b', 'lms get qwen3-32b'],
    ['vllm', 'Qwen/Qwen3-32B', 'vllm serve Qwen/Qwen3-32B'],
    ['llamacpp', 'qwen3-32b.Q4_K_M.gguf', 'llama-server -m qwen3-32b.Q4_K_M.gguf'],
    ['llamacpp', 'Qwen/Qwen3-32B-GGUF:Q4_K_M', 'llama-server -hf Qwen/Qwen3-32B-GGUF:Q4_K_M'],
  ] as const)('%s gets %s with %s', (backend, name, command) => {
    expect(new AdvisoryInstallAdapter({ backend }).renderCommand({ name })).toBe(command);
  });

  it('renders what fits the machine where somebody knows it', () => {
    const render = (backend: 'vllm' | 'llamacpp', name: string) =>
      new AdvisoryInstallAdapter({ backend, shell: 'posix' }).renderCommand({
        ...{ name, contextTokens: 8_192, gpuLayers: 0 },
      });
    expect(render('vllm', 'Qwen/Qwen3-32B')).toBe('vllm serve Qwen/Qwen3-32B --max-model-len 8192');
    expect(render('llamacpp', 'a/b-GGUF:Q8_0')).toBe('llama-server -hf a/b-GGUF:Q8_0 -c 8192 -ngl 0');
    expect(render('llamacpp', './my model.gguf')).toBe("llama-server -m './my model.gguf' -c 8192 -ngl 0");
  });

  it('quotes a name for the shell of the user', () => {
    const render = (shell: 'posix' | 'powershell' | 'cmd') =>
      new AdvisoryInstallAdapter({ backend: 'lmstudio', shell }).renderCommand({ name: "it's" });
    expect(render('posix')).toBe("lms get 'it'\\''s'");
    expect(render('powershell')).toBe("lms get 'it''s'");
    expect(render('cmd')).toBe('lms get "it\'s"');
  });

  it('writes nothing that needs quotes while nobody says which shell reads it', () => {
    const adapter = new AdvisoryInstallAdapter({ backend: 'lmstudio' });
    expect(() => adapter.renderCommand({ name: 'my model' })).toThrow(
      /does not know how your shell quotes it/,
    );
  });

  it.each(['-x', 'a\u0007b', 'a\u202eb'])('refuses the name %j', async (name) => {
    const adapter = new AdvisoryInstallAdapter({ backend: 'vllm' });
    const error = await rejectionOf(adapter.install({ name }));
    expect(error).toMatchObject({ code: 'install_failed', target: name });
  });

  it('rejects install with the command that does it', async () => {
    const error = await rejectionOf(new AdvisoryInstallAdapter({ backend: 'vllm' }).install({ name: 'a/b' }));
    expect(error).toMatchObject({ code: 'advisory_only', target: 'a/b' });
    expect(error.message).toContain('`vllm serve a/b`');
    expect(error.toJSON()).toEqual({
      ...{ name: 'InstallError', code: 'advisory_only', target: 'a/b' },
      message: 'vLLM installs its own models: run `vllm serve a/b`.',
    });
  });

  it('rejects evict and inspect with what to do instead', async () => {
    const vllm = new AdvisoryInstallAdapter({ backend: 'vllm' });
    expect((await rejectionOf(vllm.evict({ name: 'a/b' }))).message).toContain('`hf cache rm model/a/b`');
    const studio = new AdvisoryInstallAdapter({ backend: 'lmstudio' });
    expect((await rejectionOf(studio.evict({ name: 'm' }))).message).toContain('My Models');
    expect(await rejectionOf(studio.inspect({ name: 'm' }))).toMatchObject({
      code: 'advisory_only',
      target: 'm',
    });
  });

  it('lists what the live probe says, and nothing without one', async () => {
    const model = (modelId: string, capabilities: ListedModel['capabilities']): ListedModel => ({
      ...{ modelId, displayName: modelId, capabilities },
    });
    const models = [model('a/b', {}), model('c', { sizeBytes: 3 * 2 ** 30, quant: 'Q8_0', tools: true })];
    const signals: AbortSignal[] = [];
    const probed = new AdvisoryInstallAdapter({
      backend: 'vllm',
      probe: (signal) => {
        signals.push(signal);
        return Promise.resolve({ readiness: 'ok', models });
      },
    });
    const { signal } = new AbortController();
    await expect(probed.list({ signal })).resolves.toEqual([
      { ollamaName: 'a/b', sizeOnDiskGb: 0 },
      { ollamaName: 'c', sizeOnDiskGb: 3, quant: 'Q8_0' },
    ]);
    expect(signals).toEqual([signal]);
    await expect(new AdvisoryInstallAdapter({ backend: 'vllm' }).list()).resolves.toEqual([]);
  });

  it('says why it cannot list, which is not the same as an empty list', async () => {
    const failure = { readiness: 'unreachable', message: 'Nothing answers.', nextStep: 'Start it.' } as const;
    const probed = new AdvisoryInstallAdapter({ backend: 'lmstudio', probe: () => Promise.resolve(failure) });
    expect(await rejectionOf(probed.list())).toMatchObject({
      ...{ code: 'installer_unavailable', message: 'Nothing answers. Start it.' },
    });
  });
});

describe('nullInstallAdapter', () => {
  it('rejects everything with installer_unavailable and a next step', async () => {
    const adapter = nullInstallAdapter();
    for (const method of ['install', 'evict', 'inspect'] as const) {
      const error = await rejectionOf(adapter[method]({ name: 'qwen3:8b' }));
      expect(error).toMatchObject({ code: 'installer_unavailable', target: 'qwen3:8b' });
    }
    const error = await rejectionOf(adapter.list());
    expect(error.target).toBeUndefined();
    expect(error.message).toContain('Add Backend');
  });
});

describe('InstallError', () => {
  it('keeps code, status and target in JSON and drops the cause', () => {
    const cause = new Error('private text');
    const error = new InstallError('failed_target_missing', 'gone', { status: 404, target: 'a', cause });
    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'InstallError',
      code: 'failed_target_missing',
      message: 'gone',
      status: 404,
      target: 'a',
    });
  });

  it('leaves absent fields out of JSON', () => {
    expect(new InstallError('disk_full', 'full').toJSON()).toEqual({
      name: 'InstallError',
      code: 'disk_full',
      message: 'full',
    });
  });

  it('is told from other errors', () => {
    expect(isInstallError(new InstallError('parse_failed', 'x'))).toBe(true);
    expect(isInstallError(new Error('x'))).toBe(false);
    expect(isInstallError({ code: 'parse_failed' })).toBe(false);
  });
});

describe('normaliseModelName', () => {
  it.each([
    ['llama3.2', 'llama3.2:latest'],
    ['LLAMA3.2:Latest', 'llama3.2:latest'],
    ['library/llama3.2', 'llama3.2:latest'],
    ['registry.ollama.ai/library/llama3.2:3b', 'llama3.2:3b'],
    ['hf.co/Org/Repo-GGUF:Q4_K_M', 'hf.co/org/repo-gguf:q4_k_m'],
    ['localhost:5000/library/tiny', 'localhost:5000/library/tiny:latest'],
    ['http://localhost:5000/library/tiny', 'localhost:5000/library/tiny:latest'],
  ])('%s is %s', (name, same) => {
    expect(normaliseModelName(name)).toBe(same);
  });
});
