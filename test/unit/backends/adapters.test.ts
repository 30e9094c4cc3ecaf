import { describe, expect, it } from 'vitest';
import { AdvisoryInstallAdapter } from '../../../src/backends/advisoryInstall';
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

  it('quotes a name for the shell of the user', () => {
    const render = (shell: 'posix' | 'powershell' | 'cmd') =>
      new AdvisoryInstallAdapter({ backend: 'lmstudio', shell }).renderCommand({ name: "it's" });
    expect(render('posix')).toBe("lms get 'it'\\''s'");
    expect(render('powershell')).toBe("lms get 'it''s'");
    expect(render('cmd')).toBe('lms get "it\'s"');
  });

  it.each(['-x', 'a\u0007b'])('refuses the name %j', async (name) => {
    const adapter = new AdvisoryInstallAdapter({ backend: 'vllm' });
    const error = await rejectionOf(adapter.install({ name }));
    expect(error).toMatchObject({ code: 'install_failed', target: name });
  });

  it('rejects install with the command that does it', async () => {
    const error = await rejectionOf(new AdvisoryInstallAdapter({ backend: 'vllm' }).install({ name: 'a/b' }));
    expect(error).toMatchObject({ code: 'advisory_only', target: 'a/b' });
    expect(error.message).toContain('`vllm serve a/b`');
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
    const models = [{ ollamaName: 'm', sizeOnDiskGb: 1 }];
    const probed = new AdvisoryInstallAdapter({ backend: 'vllm', list: () => Promise.resolve(models) });
    await expect(probed.list()).resolves.toEqual(models);
    await expect(new AdvisoryInstallAdapter({ backend: 'vllm' }).list()).resolves.toEqual([]);
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
