import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { InstallTarget } from '../../../src/backends/installCommands';
import { INSTALL_TOOLS, renderInstallCommands } from '../../../src/backends/installCommands';
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

  it('keeps a hostile quantisation inside its word', () => {
    const model = { ...QWEN, quant: 'Q4; echo owned' };
    const command = commandsOf(model)['llamacpp'] ?? '';
    const seen = execFileSync('sh', ['-c', command.replace('llama-server', "printf '%s\\n'")], {
      encoding: 'utf8',
    });
    expect(seen.split('\n')).toContain('Qwen/Qwen3-8B-GGUF:Q4; echo owned');
  });

  it('writes each shell its own quotes', () => {
    const model = { ...QWEN, ollamaName: 'my model' };
    const of = (shell: 'posix' | 'powershell' | 'cmd') => commandsOf(model, { shell })['ollama'];
    expect(of('posix')).toBe("ollama pull 'my model'");
    expect(of('powershell')).toBe("ollama pull 'my model'");
    expect(of('cmd')).toBe('ollama pull "my model"');
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
