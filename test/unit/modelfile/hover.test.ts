import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/modelfile/commandTable';
import { hoverAt, type ModelfileHover } from '../../../src/modelfile/hover';
import { inlayHints } from '../../../src/modelfile/inlayHints';
import { PARAMETERS } from '../../../src/modelfile/parameterTable';
import { parseModelfile } from '../../../src/modelfile/parse';
import { MACHINE, marked } from './machine';

function hover(text: string): ModelfileHover | undefined {
  const { text: plain, offset } = marked(text);
  return hoverAt(parseModelfile(plain), offset, MACHINE);
}

describe('a hover', () => {
  it('on a command says what it does', () => {
    for (const [keyword, { meaning }] of Object.entries(COMMANDS)) {
      const line = keyword === 'parameter' ? 'parameter top_k 1' : `${keyword} user x`;
      expect(hover(`|${line}\n`)).toMatchObject({
        title: keyword.toUpperCase(),
        lines: expect.arrayContaining([meaning()]) as unknown,
      });
    }
    expect(hover('SYS|TEM x\n')?.lines.join('\n')).toContain('the last one counts');
  });

  it('on a parameter says meaning, range and default, or that it is gone', () => {
    for (const { name, meaning } of PARAMETERS.values()) {
      expect(hover(`FROM a\nPARAMETER ${name.slice(0, 2)}|${name.slice(2)} 1\n`)?.lines, name).toContain(
        meaning(),
      );
    }
    expect(hover('FROM a\nPARAMETER top|_p 0.5\n')?.lines).toEqual([
      'Draws only from the likeliest tokens that together have this probability.',
      'number from 0 to 1',
      'Default: 0.9',
    ]);
    expect(hover('FROM a\nPARAMETER tf|s_z 1\n')?.lines.at(-1)).toMatch(/refuses/);
    expect(hover('FROM a\nPARAMETER nothi|ng 1\n')).toBeUndefined();
  });

  it("on a model says how it fits at the file's own context", () => {
    const at = (context: string): readonly string[] => hover(`FROM llama|3.2:3b\n${context}`)?.lines ?? [];
    expect(at('')).toEqual([
      'Installed · 2.0 GiB · Q4_K_M · context up to 131,072',
      'This machine: fits the GPU at 4,096 tokens of context, 3.3 GiB needed, 12.0 GiB usable',
      'Fits with up to 69,632 tokens of context',
      '~40 tok/s with 4,096 tokens of context, estimated: 30 to 50',
      'Place 2 for this machine · Score 61 of 100, direct evidence, high confidence',
      'Licence: llama3.2',
      'RTX 4060: 8 GiB VRAM',
    ]);
    expect(at('PARAMETER num_ctx 60000\n')[1]).toBe(
      'This machine: GPU and RAM (75 % on the GPU) at 60,000 tokens of context, 10.6 GiB needed, 12.0 GiB usable',
    );
    expect(at('PARAMETER num_ctx 999999\n')[1]).toContain('does not fit at 131,072 tokens');
    expect(hover('FROM qwen3|:8b\n')?.lines).toContain(
      '25 tok/s with 4,096 tokens of context, measured here',
    );
    expect(hover('FROM nobody/knows|this\n')).toBeUndefined();
    expect(hoverAt(parseModelfile('FROM llama3.2:3b\n'), 8, undefined)).toBeUndefined();
  });

  it('on a model’s name says nothing where a file of that name lies beside the Modelfile', () => {
    const beside = { ...MACHINE, localNames: ['llama3.2:3b'] };
    const at = (text: string, facts: typeof MACHINE): ReturnType<typeof hoverAt> => {
      const { text: plain, offset } = marked(text);
      return hoverAt(parseModelfile(plain), offset, facts);
    };
    expect(at('FROM llama|3.2:3b\n', MACHINE)?.title).toBe('llama3.2:3b');
    expect(at('FROM llama|3.2:3b\n', beside)).toBeUndefined();
    // A DRAFT is a file in any case.
    expect(at('FROM a\nDRAFT llama|3.2:3b\n', MACHINE)).toBeUndefined();
    expect(at('FROM llama3.2:3b\nPARAMETER num_c|tx 8192\n', beside)?.lines.at(-1)).toBe(
      'Here the default is 4,096 tokens',
    );
  });

  it('on num_ctx says what context costs and how much of it fits', () => {
    const lines = hover('FROM llama3.2:3b\nPARAMETER num_ctx 81|92\n')?.lines;
    expect(lines).toContain('1,024 more tokens of context take 138 MiB');
    expect(lines).toContain('Fits with up to 69,632 tokens of context');
    expect(hover('FROM ./m.gguf\nPARAMETER num_c|tx 1\n')?.lines.at(-1)).toBe(
      'Here the default is 4,096 tokens',
    );
  });

  it('on a name in a template says what it is, past characters that vanish', () => {
    expect(hover('FROM a\nTEMPLATE {{ .Sys|tem }}\n')).toMatchObject({ lines: ['the system message'] });
    const { title, range } = hover('FROM a\nTEMPLATE """\u200b{{ range .Mess|ages }}{{ end }}"""\n') ?? {};
    expect([title, range]).toEqual(['Messages', { start: 30, end: 38 }]);
    expect(hover('FROM a\nTEMPLATE {{ js|on .Tools }}\n')?.lines[0]).toContain('the value as JSON');
    expect(hover('FROM a\nTEMPLATE te|xt\n')).toBeUndefined();
  });

  it('on roles and built-in names says what they are, and nothing on free text', () => {
    expect(hover('FROM a\nMESSAGE us|er hi\n')?.title).toBe('user');
    expect(hover('FROM a\nRENDERER qwen3|-coder\n')?.lines).toEqual([
      'A renderer that is built into Ollama.',
    ]);
    expect(hover('FROM a\nPARSER harm|ony\n')?.lines).toEqual(['A parser that is built into Ollama.']);
    expect(hover('FROM a\nPARSER nob|ody\n')).toBeUndefined();
    expect(hover('FROM a\nSYSTEM some| text\n')).toBeUndefined();
    expect(hover('# com|ment\n')).toBeUndefined();
  });
});

describe('the inlay hint', () => {
  const labels = (text: string): readonly (readonly [number, string])[] =>
    inlayHints(parseModelfile(text), MACHINE).map(({ offset, label }) => [offset, label]);

  it('stands behind the FROM that counts', () => {
    expect(labels('FROM qwen3:8b\nFROM llama3.2:3b\n')).toEqual([
      [30, 'fits GPU · 3.3 GiB at 4k · ~40 tok/s'],
    ]);
  });

  it('stands not behind a file that lies beside the Modelfile, but behind the model that is left', () => {
    const beside = { ...MACHINE, localNames: ['llama3.2:3b'] };
    expect(inlayHints(parseModelfile('FROM llama3.2:3b\n'), beside)).toEqual([]);
    const both = inlayHints(parseModelfile('FROM qwen3:8b\nFROM llama3.2:3b\n'), beside);
    expect(both.map(({ offset }) => offset)).toEqual([13]);
  });

  it('says the speed only where the model lies as it did when that was found', () => {
    expect(labels('FROM llama3.2:3b\nPARAMETER num_ctx 60000\n')).toEqual([
      [16, '75 % GPU · 10.6 GiB at 59k'],
    ]);
  });

  it('says no speed of what does not fit, and nothing of what is not known', () => {
    expect(labels('FROM huge:400b\n')).toEqual([[14, 'does not fit · 250 GiB at 4k']]);
    expect(labels('FROM ./m.gguf\n')).toEqual([]);
    expect(labels('FROM nobody\n')).toEqual([]);
    expect(labels('')).toEqual([]);
  });
});
