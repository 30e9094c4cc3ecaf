import { afterAll, describe, expect, it } from 'vitest';
import type { InstallTarget } from '../../../src/backends/installCommands';
import { INSTALL_TOOLS, renderInstallCommands } from '../../../src/backends/installCommands';
import { openShellHouse } from '../../support/shellPrograms';
import { containing } from './textMatchers';

const QWEN = {
  hfRepoId: 'Qwen/Qwen3-8B',
  ollamaName: 'qwen3:8b',
  ggufRepo: 'Qwen/Qwen3-8B-GGUF',
  quant: 'Q4_K_M',
} satisfies InstallTarget;

function commandsOf(model: InstallTarget, options = {}): Record<string, string | undefined> {
  const commands = renderInstallCommands(model, { shell: 'posix', ...options });
  return Object.fromEntries(commands.map(({ tool, command }) => [tool, command]));
}

describe('renderInstallCommands', () => {
  it('writes one command for each of the four tools', () => {
    expect(
      commandsOf(QWEN, { contextTokens: 16_384, unquantisedContextTokens: 8_192, gpuLayers: 37 }),
    ).toEqual({
      ollama: 'ollama pull qwen3:8b',
      lmstudio: 'lms get https://huggingface.co/Qwen/Qwen3-8B-GGUF@Q4_K_M',
      vllm: 'vllm serve Qwen/Qwen3-8B --max-model-len 8192',
      llamacpp: 'llama-server -hf Qwen/Qwen3-8B-GGUF:Q4_K_M -c 16384 -ngl 37',
    });
  });

  it('names every tool and says something about each, whatever is known of the model', () => {
    for (const model of [QWEN, { hfRepoId: 'a/b' }]) {
      const commands = renderInstallCommands(model, { shell: 'posix' });
      expect(commands.map(({ tool }) => tool)).toEqual(INSTALL_TOOLS);
      for (const { label, note } of commands) {
        expect(label).not.toBe('');
        expect(note).toMatch(/\.$/);
      }
    }
  });

  it('says so where the unquantised model that vLLM serves does not fit', () => {
    const commands = renderInstallCommands(QWEN, { shell: 'posix', unquantisedContextTokens: 0 });
    expect(commands.find(({ tool }) => tool === 'vllm')?.note).toMatch(/^Does not fit this machine/);
  });

  it('leaves out context and layers where nobody knows them, and keeps 0 layers', () => {
    expect(commandsOf(QWEN)['llamacpp']).toBe('llama-server -hf Qwen/Qwen3-8B-GGUF:Q4_K_M');
    expect(commandsOf(QWEN)['vllm']).toBe('vllm serve Qwen/Qwen3-8B');
    expect(commandsOf(QWEN, { gpuLayers: 0 })['llamacpp']).toMatch(/ -ngl 0$/);
  });

  it('lets Ollama fetch GGUF files from Hugging Face where its library lacks the model', () => {
    const { hfRepoId, ggufRepo, quant } = QWEN;
    expect(commandsOf({ hfRepoId, ggufRepo, quant })['ollama']).toBe(
      'ollama pull hf.co/Qwen/Qwen3-8B-GGUF:Q4_K_M',
    );
  });

  it('has no GGUF command for a model without GGUF files, and says so', () => {
    const commands = renderInstallCommands({ hfRepoId: 'a/b' }, { shell: 'posix' });
    expect(commandsOf({ hfRepoId: 'a/b' })).toEqual({
      ollama: undefined,
      lmstudio: undefined,
      vllm: 'vllm serve a/b',
      llamacpp: undefined,
    });
    expect(commands.find(({ tool }) => tool === 'llamacpp')?.note).toContain('No GGUF files');
  });

  it('says that vLLM serves the original repository', () => {
    const vllm = renderInstallCommands(QWEN, { shell: 'posix' }).find(({ tool }) => tool === 'vllm');
    expect(vllm?.note).toContain('safetensors');
  });

  it.each(['-rf', '--model', 'a\nreboot'])('has no command for the hostile name %j in any tool', (name) => {
    const hostile = { hfRepoId: name, ollamaName: name, ggufRepo: name, quant: 'Q4_K_M' };
    for (const { command, note } of renderInstallCommands(hostile, { shell: 'posix' })) {
      expect(command).toBeUndefined();
      expect(note).toContain('No command for this name');
    }
  });

  it.each([
    ['../../etc', 'the model of a path'],
    ['/home/somebody/model', 'a path'],
    ['a/b/c', 'three parts'],
    ['a/b?download=1', 'a query'],
    ['a/b@Q8_0', 'a quantisation of its own'],
    ['a/b:Q8_0', 'a tag of its own'],
    ['s3://bucket/model', 'another address'],
    ['meta\u2010llama/Llama', 'a letter that looks like another'],
    ['a/$(reboot)', 'a command'],
    ['a b/c', 'a space'],
  ])('has no command for %j in place of a repository: %s', (repo) => {
    const commands = renderInstallCommands({ hfRepoId: repo, ggufRepo: repo }, { shell: 'posix' });
    for (const { command, note } of commands) {
      expect(command).toBeUndefined();
      expect(note).toBe('No command for this name: it is not the name of a Hugging Face repository.');
    }
  });

  it.each(['gpt2', 'Qwen/Qwen3-8B', 'a-b/c.d_e', '01-ai/Yi-1.5-9B', 'THUDM/glm-4-9b-0414'])(
    'knows %s as a repository',
    (repo) => {
      expect(commandsOf({ hfRepoId: repo })['vllm']).toBe(`vllm serve ${repo}`);
    },
  );

  it('names a repository of MLX files to LM Studio alone, without a quantisation', () => {
    const model = { hfRepoId: 'Qwen/Qwen3-8B', mlxRepo: 'mlx-community/Qwen3-8B-4bit', quant: 'MLX-4bit' };
    expect(commandsOf(model)).toEqual({
      ollama: undefined,
      lmstudio: 'lms get https://huggingface.co/mlx-community/Qwen3-8B-4bit',
      vllm: 'vllm serve Qwen/Qwen3-8B',
      llamacpp: undefined,
    });
  });

  it('says which tools get a model whose file is split in parts', () => {
    const { hfRepoId, ggufRepo, quant } = QWEN;
    const commands = renderInstallCommands({ hfRepoId, ggufRepo, quant }, { shell: 'posix' });
    const note = (wanted: string) => commands.find(({ tool }) => tool === wanted)?.note;
    expect(note('ollama')).toContain('where it is a single file');
    expect(note('llamacpp')).toContain('all parts of a split one');
  });

  it('writes each shell its own quotes', () => {
    const model = { ...QWEN, ollamaName: 'my model' };
    const of = (shell: 'posix' | 'powershell' | 'cmd') => commandsOf(model, { shell })['ollama'];
    expect(of('posix')).toBe("ollama pull 'my model'");
    expect(of('powershell')).toBe("ollama pull 'my model'");
    expect(of('cmd')).toBe('ollama pull "my model"');
  });

  it('has the ordinary commands for a shell that it does not know, and says where it needs quotes', () => {
    const known = commandsOf(QWEN, { contextTokens: 4_096 });
    expect(commandsOf(QWEN, { contextTokens: 4_096, shell: 'other' })).toEqual(known);
    const [ollama] = renderInstallCommands({ ...QWEN, ollamaName: 'my model' }, { shell: 'other' });
    expect(ollama).not.toHaveProperty('command');
    expect(ollama?.note).toContain('does not know how your shell quotes it');
  });

  it('says which shell cannot carry a name', () => {
    const commands = renderInstallCommands({ ...QWEN, ollamaName: '%PATH%' }, { shell: 'cmd' });
    expect(commands[0]).toMatchObject({
      tool: 'ollama',
      note: containing('cmd has no safe way'),
    });
    expect(commands[0]).not.toHaveProperty('command');
  });
});

describe('commands that a real sh runs', () => {
  const house = openShellHouse(['ollama', 'lms', 'vllm', 'llama-server']);
  afterAll(() => house.remove());

  const run = (model: InstallTarget, options = {}) => {
    const commands = renderInstallCommands(model, { shell: 'posix', ...options });
    const lines = commands.flatMap(({ command }) => command ?? []);
    return { lines: lines.length, calls: house.run('sh', lines.join('\n')) };
  };

  it('give each tool its options and values as words of their own', () => {
    const limits = { contextTokens: 16_384, unquantisedContextTokens: 8_192, gpuLayers: 999 };
    expect(run(QWEN, limits).calls).toEqual([
      ['pull', 'qwen3:8b'],
      ['get', 'https://huggingface.co/Qwen/Qwen3-8B-GGUF@Q4_K_M'],
      ['serve', 'Qwen/Qwen3-8B', '--max-model-len', '8192'],
      ['-hf', 'Qwen/Qwen3-8B-GGUF:Q4_K_M', '-c', '16384', '-ngl', '999'],
    ]);
  });

  it.each(["x'; touch owned; '", '$(touch owned)', '`touch owned`', 'x; touch owned', 'x > owned', 'x -rf'])(
    'keep a hostile %j inside its word, as a name and as a quantisation',
    (hostile) => {
      const { lines, calls } = run({ ...QWEN, ollamaName: hostile, quant: hostile });
      expect(lines).toBe(4);
      expect(calls).toEqual([
        ['pull', hostile],
        ['get', `https://huggingface.co/Qwen/Qwen3-8B-GGUF@${hostile}`],
        ['serve', 'Qwen/Qwen3-8B'],
        ['-hf', `Qwen/Qwen3-8B-GGUF:${hostile}`],
      ]);
      expect(house.traces()).toEqual([]);
    },
  );

  it('are not there where a quantisation hides something', () => {
    const { lines, calls } = run({ ...QWEN, quant: 'Q4\u202e' });
    expect([lines, calls.length]).toEqual([2, 2]);
  });
});
