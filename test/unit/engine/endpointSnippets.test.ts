import { describe, expect, it } from 'vitest';
import { endpointSnippets, type Endpoint } from '../../../src/engine/endpointSnippets';
import type { Shell } from '../../../src/backends/shellQuote';

const OLLAMA: Endpoint = {
  ...{ backend: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434', modelId: 'qwen3:14b' },
  ...{ contextTokens: 32_768, wantsKey: false },
};
const GATEWAY: Endpoint = {
  ...{ backend: 'openrouter', kind: 'openai_compatible', url: 'https://gateway.example/api/v1/' },
  ...{ modelId: 'qwen/qwen3-14b', wantsKey: true },
};

function textOf(endpoint: Endpoint, tool: string, shell: Shell = 'posix'): string | undefined {
  return endpointSnippets(endpoint, shell)?.find((snippet) => snippet.tool === tool)?.text;
}

describe('an endpoint for other tools', () => {
  it('is its base URL, model and context', () => {
    expect(textOf(OLLAMA, 'plain')).toBe(
      'Base URL: http://127.0.0.1:11434/v1\nModel id: qwen3:14b\nContext: 32768 tokens\nAPI key: none is needed',
    );
    expect(textOf(GATEWAY, 'plain')).toBe(
      'Base URL: https://gateway.example/api/v1\nModel id: qwen/qwen3-14b\nAPI key: yours, it is not copied',
    );
  });

  it('goes into the fields of Cline, whose own providers take the address without /v1', () => {
    expect(textOf(OLLAMA, 'cline')).toBe(
      'API Provider: Ollama\nBase URL: http://127.0.0.1:11434\nModel: qwen3:14b\nContext Window: 32768',
    );
    expect(textOf({ ...OLLAMA, kind: 'lm_studio', url: 'http://127.0.0.1:1234/v1' }, 'cline')).toContain(
      'API Provider: LM Studio\nBase URL: http://127.0.0.1:1234\n',
    );
    expect(textOf(GATEWAY, 'cline')).toBe(
      'API Provider: OpenAI Compatible\nBase URL: https://gateway.example/api/v1\nAPI Key: YOUR_API_KEY\nModel: qwen/qwen3-14b',
    );
  });

  it('is a provider of opencode, with a key from the environment', () => {
    expect(JSON.parse(textOf(OLLAMA, 'opencode') ?? '')).toEqual({
      $schema: 'https://opencode.ai/config.json',
      provider: {
        ollama: {
          npm: '@ai-sdk/openai-compatible',
          name: 'ollama',
          options: { baseURL: 'http://127.0.0.1:11434/v1' },
          models: { 'qwen3:14b': { name: 'qwen3:14b', limit: { context: 32_768, output: 8_192 } } },
        },
      },
    });
    const { provider } = JSON.parse(textOf(GATEWAY, 'opencode') ?? '') as {
      provider: { openrouter: { options: unknown; models: unknown } };
    };
    expect(provider.openrouter.options).toEqual({
      baseURL: 'https://gateway.example/api/v1',
      apiKey: '{env:OPENROUTER_API_KEY}',
    });
    expect(provider.openrouter.models).toEqual({ 'qwen/qwen3-14b': { name: 'qwen/qwen3-14b' } });
  });

  it('leaves opencode room for a prompt in a small context', () => {
    expect(textOf({ ...OLLAMA, contextTokens: 4_096 }, 'opencode')).toContain('"output": 2048');
  });

  it('is a command of Aider that runs in every shell that is known', () => {
    const ollama = (quote: string): string =>
      `aider --set-env ${quote}OLLAMA_API_BASE=http://127.0.0.1:11434${quote} --model ollama_chat/qwen3:14b`;
    expect(textOf(OLLAMA, 'aider')).toBe(ollama("'"));
    expect(textOf(OLLAMA, 'aider', 'powershell')).toBe(ollama("'"));
    expect(textOf(OLLAMA, 'aider', 'cmd')).toBe(ollama('"'));
    expect(textOf(GATEWAY, 'aider')).toBe(
      "aider --set-env 'OPENAI_API_BASE=https://gateway.example/api/v1' --model openai/qwen/qwen3-14b",
    );
    expect(textOf({ ...OLLAMA, kind: 'vllm' }, 'aider')).toContain("--set-env 'OPENAI_API_KEY=none'");
  });

  it('is a call of curl, or of what PowerShell has in its place, and none where JSON has no quotes', () => {
    const body = '{"model":"qwen3:14b","messages":[{"role":"user","content":"Say hello."}]}';
    expect(textOf(OLLAMA, 'curl')).toBe(
      `curl http://127.0.0.1:11434/v1/chat/completions -H 'Content-Type: application/json' -d '${body}'`,
    );
    expect(textOf(OLLAMA, 'curl', 'powershell')).toBe(
      `Invoke-RestMethod -Method Post -Uri 'http://127.0.0.1:11434/v1/chat/completions' -ContentType 'application/json' -Body '${body}'`,
    );
    expect(textOf(OLLAMA, 'curl', 'cmd')).toBeUndefined();
    expect(textOf(GATEWAY, 'curl')).toContain("-H 'Authorization: Bearer YOUR_API_KEY'");
    expect(textOf({ ...OLLAMA, modelId: "it's" }, 'curl', 'powershell')).toBeUndefined();
  });

  it('says for which shells a command is written where that of the user is not known', () => {
    const aider = endpointSnippets(OLLAMA, 'other')?.find(({ tool }) => tool === 'aider');
    expect(aider?.note).toContain('Written for sh, bash and zsh');
  });

  it('never holds what stands in an address besides the place', () => {
    const secret = { ...GATEWAY, url: 'https://me:hunter22@gateway.example/v1?key=swordfish#frag' };
    const all = JSON.stringify(endpointSnippets(secret, 'posix'));
    expect(all).toContain('https://gateway.example/v1');
    expect(all).not.toMatch(/hunter22|swordfish|frag|me:/);
  });

  it('is no command where a model has a name that could be read as something else', () => {
    const tools = endpointSnippets({ ...OLLAMA, modelId: '-evil' }, 'posix')?.map(({ tool }) => tool);
    expect(tools).toEqual(['plain', 'cline', 'opencode']);
    // A file of llama-server may have any name that a file can have.
    expect(textOf({ ...OLLAMA, kind: 'llama_server', modelId: "/a b/it's.gguf" }, 'aider')).toContain(
      "--model 'openai//a b/it'\\''s.gguf'",
    );
  });

  it('is the plain facts alone for a service that other tools know by its name, and nothing for the editor', () => {
    const claude = { ...GATEWAY, kind: 'anthropic', url: 'https://api.anthropic.com' } as const;
    expect(endpointSnippets(claude, 'posix')?.map(({ tool }) => tool)).toEqual(['plain']);
    expect(textOf(claude, 'plain')).toContain('Base URL: https://api.anthropic.com\n');
    expect(endpointSnippets({ ...OLLAMA, kind: 'vscode', url: '' }, 'posix')).toBeNull();
    expect(endpointSnippets({ ...OLLAMA, url: 'file:///etc/passwd' }, 'posix')).toBeNull();
  });
});
