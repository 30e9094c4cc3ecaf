import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/modelfile/commandTable';
import { completionsAt, type Completion } from '../../../src/modelfile/completion';
import { isModelFile, typedFolder, type NamedFile } from '../../../src/modelfile/completionFiles';
import { SNIPPETS } from '../../../src/modelfile/completionSnippets';
import { PARAMETERS } from '../../../src/modelfile/parameterTable';
import { parseModelfile } from '../../../src/modelfile/parse';
import { applyTextEdits } from '../../../src/modelfile/textEdit';
import { MACHINE, marked } from './machine';

const FILES: readonly NamedFile[] = [
  { path: './adapters/', isFolder: true, detail: 'folder' },
  { path: './m.gguf', isFolder: false, detail: '4.0 KiB' },
];

function offers(text: string, files: readonly NamedFile[] = []): readonly Completion[] {
  const { text: plain, offset } = marked(text);
  return completionsAt(parseModelfile(plain), offset, { facts: MACHINE, files });
}

function labels(text: string, files: readonly NamedFile[] = []): readonly string[] {
  return offers(text, files).map(({ label }) => label);
}

/** The text after one of the offers was taken. */
function taken(text: string, label: string): string {
  const offer = offers(text).find((one) => one.label === label);
  if (!offer) throw new Error(`${label} is not offered`);
  return applyTextEdits(marked(text).text, [offer]);
}

describe('completion where a command begins', () => {
  it('offers every command, FROM first where the file has none, last where it has one', () => {
    const commands = Object.keys(COMMANDS).map((name) => name.toUpperCase());
    expect(labels('|')[0]).toBe('FROM');
    expect(labels('|')).toEqual(expect.arrayContaining(commands));
    expect(labels('FROM a\n|').at(-1)).toBe('FROM');
    expect(labels('FROM a\n  sys|')).toEqual(expect.arrayContaining(commands));
  });

  it('writes the blank that a command needs, once', () => {
    expect(taken('FROM a\npar|', 'PARAMETER')).toBe('FROM a\nPARAMETER ');
    expect(taken('FROM a\npar| num_ctx 1', 'PARAMETER')).toBe('FROM a\nPARAMETER num_ctx 1');
  });

  it('opens three quotes for a text, unless its value stands there', () => {
    expect(taken('FROM a\nSYS|', 'SYSTEM')).toBe('FROM a\nSYSTEM """$0"""');
    expect(taken('FROM a\nSYS| x', 'SYSTEM')).toBe('FROM a\nSYSTEM x');
  });

  it('offers snippets that make sound files', () => {
    for (const { text, label } of SNIPPETS) {
      const plain = text.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1').replace('$0', '');
      const whole = plain.startsWith('FROM') ? plain : `FROM a\n${plain}`;
      expect(parseModelfile(whole).failures, label).toEqual([]);
      expect(labels('FROM a\n|')).toContain(label);
    }
  });

  it('offers nothing in comments and free texts', () => {
    expect(labels('# FR|')).toEqual([]);
    expect(labels('FROM a\nSYSTEM """one\nSYS|\n"""\n')).toEqual([]);
    expect(labels('FROM a\nLICENSE MIT |')).toEqual([]);
    expect(labels('FROM a\nMESSAGE user |')).toEqual([]);
  });
});

describe('completion behind a command', () => {
  it('offers every parameter in use with its type and default, and none that Ollama refuses', () => {
    const current = [...PARAMETERS.values()].filter(({ status }) => status === 'current');
    expect(labels('FROM a\nPARAMETER |')).toEqual(current.map(({ name }) => name));
    const temperature = offers('FROM a\nPARAMETER temp|').find(({ label }) => label === 'temperature');
    expect(temperature?.detail).toBe('number, default 0.8');
    expect(temperature?.documentation).toContain('number from 0 to 2');
    expect(taken('FROM a\nPARAMETER temp|', 'temperature')).toBe('FROM a\nPARAMETER temperature ');
    expect(taken('FROM a\nPARAMETER num_|gpu 3', 'num_ctx')).toBe('FROM a\nPARAMETER num_ctx 3');
  });

  it('offers roles, values, renderers and parsers', () => {
    expect(labels('FROM a\nMESSAGE us|')).toEqual(['system', 'user', 'assistant']);
    expect(taken('FROM a\nMESSAGE us|', 'user')).toBe('FROM a\nMESSAGE user ');
    expect(labels('FROM a\nPARAMETER use_mmap |')).toEqual(['true', 'false']);
    expect(labels('FROM a\nPARAMETER num_ctx |')).toContain('8192');
    expect(labels('FROM a\nPARAMETER top_k |')).toEqual(['40']);
    expect(labels('FROM a\nPARAMETER stop |')).toEqual([]);
    expect(labels('FROM a\nRENDERER qw|')).toContain('qwen3-coder');
    expect(labels('FROM a\nPARSER |')).toContain('harmony');
  });

  it('offers the fields that are there inside of a template', () => {
    expect(labels('FROM a\nTEMPLATE """{{ range .Messages }}{{ .Ro|')).toContain('Role');
    expect(taken('FROM a\nTEMPLATE """{{ range .Messages }}{{ .Ro|', 'Role')).toBe(
      'FROM a\nTEMPLATE """{{ range .Messages }}{{ .Role',
    );
    expect(labels('FROM a\nTEMPLATE """\u200b{{ .Sys|tem }}"""')).toContain('System');
    expect(taken('FROM a\nTEMPLATE """\u200b{{ .Sys|"""', 'System')).toBe(
      'FROM a\nTEMPLATE """\u200b{{ .System"""',
    );
    expect(labels('FROM a\nTEMPLATE """text |{{ .System }}"""')).toEqual([]);
  });
});

describe('completion of FROM', () => {
  it('offers installed models, then ranked ones that fit, then repositories, and none that does not fit', () => {
    expect(labels('FROM |')).toEqual([
      ...['llama3.2:3b', 'qwen3:8b', 'llama3.2:1b', 'hf.co/owner/repo-GGUF:Q4_K_M'],
    ]);
  });

  it('says size, fit, speed and licence of each', () => {
    const details = offers('FROM |').map(({ detail }) => detail);
    expect(offers('FROM |')[0]?.row).toBe('installed · fits GPU · ~40 tok/s');
    expect(details[0]).toBe('installed · 2.0 GiB · Q4_K_M · fits the GPU · ~40 tok/s · llama3.2');
    expect(details[1]).toBe('fits the GPU · 25 tok/s · apache-2.0');
  });

  it('narrows to what is typed, and offers all again behind a whole name', () => {
    expect(labels('FROM qw|')).toEqual(['qwen3:8b']);
    expect(labels('FROM qwen3:8b|').length).toBe(4);
    expect(taken('FROM q|wen', 'qwen3:8b')).toBe('FROM qwen3:8b');
    expect(taken('FROM "qw|"', 'qwen3:8b')).toBe('FROM qwen3:8b');
    expect(taken('FROM   |', 'qwen3:8b')).toBe('FROM qwen3:8b');
  });

  it('offers files with folders last, for adapters too', () => {
    expect(labels('FROM ./|', FILES).slice(-2)).toEqual(['./m.gguf', './adapters/']);
    expect(labels('FROM a\nADAPTER |', FILES)).toEqual(['./m.gguf', './adapters/']);
    expect(labels('FROM a\nSYSTEM |', FILES)).toEqual([]);
  });

  it('knows which folder is meant, and that a name is no path', () => {
    expect(['', './', './a/b', 'x', '../m', '~/models/q', 'C:\\m\\q'].map(typedFolder)).toEqual([
      ...['./', './', './a/', './', '../', '~/models/', 'C:\\m\\'],
    ]);
    expect(['user/model', 'hf.co/owner/'].map(typedFolder)).toEqual([undefined, undefined]);
    expect(['a.gguf', 'A.GGUF', 'b.safetensors', 'readme.md'].map(isModelFile)).toEqual([
      ...[true, true, true, false],
    ]);
  });

  it('offers no model before the machine is known', () => {
    const { text, offset } = marked('FROM |');
    expect(completionsAt(parseModelfile(text), offset, { facts: undefined, files: [] })).toEqual([]);
  });
});
