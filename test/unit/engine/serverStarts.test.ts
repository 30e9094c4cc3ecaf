import { describe, expect, it } from 'vitest';
import { isStartable, serverStarts, type ServerStartSources } from '../../../src/engine/serverStarts';
import type { BackendState } from '../../../src/registry/row';

function backend(id: string, kind: string, url: string, more: Partial<BackendState> = {}): BackendState {
  return { id, kind, url, host: 'local', readiness: 'unreachable', probing: false, ...more };
}

function starts(
  backends: readonly BackendState[],
  more: Partial<ServerStartSources> = {},
  only?: string,
): readonly string[] {
  const sources = { servedBy: () => [], isFile: () => false, shell: 'posix', ...more } as const;
  return serverStarts({ backends, ...sources }, only).map(
    ({ backend: id = '-', command = 'none', env }) =>
      `${id}: ${Object.entries(env ?? {})
        .map(([name, value]) => `${name}=${value} `)
        .join('')}${command}`,
  );
}

describe('starting servers', () => {
  it('offers each kind that is not set up, at its usual address', () => {
    expect(starts([])).toEqual([
      '-: ollama serve',
      '-: llama-server --host 127.0.0.1 --port 8080',
      '-: lms server start',
      '-: none',
    ]);
  });

  it('offers no server that answers, and none on another machine', () => {
    const others = [
      backend('ollama', 'ollama', 'http://127.0.0.1:11434', { readiness: 'ok' }),
      backend('llama', 'llama_server', 'http://127.0.0.1:8080', { readiness: 'unauthorized' }),
      backend('lms', 'lm_studio', 'http://127.0.0.1:1234', { readiness: 'unknown' }),
      backend('vllm', 'vllm', 'http://127.0.0.1:8000', { readiness: 'bad_status' }),
      backend('box', 'ollama', 'http://box:11434', { host: 'box' }),
    ];
    expect(starts(others)).toEqual([]);
    expect(others.some(isStartable)).toBe(false);
  });

  it('starts it where its backend looks for it', () => {
    const away = [
      backend('ollama', 'ollama', 'http://localhost:11500'),
      backend('ollama6', 'ollama', 'http://[::1]:11434'),
      backend('llama', 'llama_server', 'http://127.0.0.1:9931'),
      backend('lms', 'lm_studio', 'http://127.0.0.1:4321'),
      backend('vllm', 'vllm', 'http://127.0.0.1:8001'),
    ];
    expect(away.every(isStartable)).toBe(true);
    expect(starts(away, { servedBy: (id) => (id === 'vllm' ? ['Qwen/Qwen3-8B', 'my-alias'] : []) })).toEqual([
      'ollama: OLLAMA_HOST=127.0.0.1:11500 ollama serve',
      'ollama6: OLLAMA_HOST=[::1]:11434 ollama serve',
      'llama: llama-server --host 127.0.0.1 --port 9931',
      'lms: lms server start --port 4321',
      'vllm: vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --port 8001',
    ]);
  });

  it('starts only the one that was asked for', () => {
    const away = [
      backend('one', 'ollama', 'http://127.0.0.1:11434'),
      backend('two', 'ollama', 'http://127.0.0.1:11435'),
    ];
    expect(starts(away, {}, 'two')).toEqual(['two: OLLAMA_HOST=127.0.0.1:11435 ollama serve']);
  });

  it('serves a file that is still there before everything else, quoted for the shell', () => {
    const file = "/models/it's here/a-Q4_K_M.gguf";
    const away = [backend('llama', 'llama_server', 'http://127.0.0.1:8080')];
    const seen = { servedBy: () => [file, '/gone.gguf', 'alias'], isFile: (at: string) => at === file };
    expect(starts(away, seen, 'llama')).toEqual([
      "llama: llama-server -m '/models/it'\\''s here/a-Q4_K_M.gguf' --host 127.0.0.1 --port 8080",
      'llama: llama-server --host 127.0.0.1 --port 8080',
    ]);
  });

  it('gives no command for a name that a shell or a program could read as something else', () => {
    const away = [backend('llama', 'llama_server', 'http://127.0.0.1:8080')];
    const evil = ['-x.gguf', '/a\nrm -rf b.gguf', '/a b.gguf'];
    const other = { servedBy: () => evil, isFile: () => true, shell: 'other' } as const;
    expect(starts(away, other, 'llama')).toEqual([
      'llama: none',
      'llama: none',
      'llama: none',
      'llama: llama-server --host 127.0.0.1 --port 8080',
    ]);
  });

  it('leaves a server behind TLS and a kind without a command alone', () => {
    const away = [
      backend('tls', 'ollama', 'https://127.0.0.1:11434'),
      backend('own', 'openai_compatible', 'http://127.0.0.1:9000'),
      backend('bad', 'ollama', 'nonsense'),
    ];
    expect(away.some(isStartable)).toBe(false);
    expect(starts(away, {}, 'tls')).toEqual([]);
  });
});
