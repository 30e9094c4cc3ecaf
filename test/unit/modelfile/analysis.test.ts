import { describe, expect, it } from 'vitest';
import { analyseModelfile } from '../../../src/modelfile/analysis';
import type { DiagnosticCode, DiagnosticSeverity } from '../../../src/modelfile/diagnostic';
import type { ModelfileFacts } from '../../../src/modelfile/facts';
import { parseModelfile } from '../../../src/modelfile/parse';
import { applyTextEdits } from '../../../src/modelfile/textEdit';

/** A file with the finding's place between `«` and `»`, and what its first fix makes of the file, if there is one. */
interface Example {
  readonly marked: string;
  readonly severity: DiagnosticSeverity;
  readonly fixed?: string;
}

const facts: ModelfileFacts = {
  models: [
    {
      ...{ name: 'llama3.2:3b', installed: true, maxContextTokens: 131_072, smallerBuilds: ['big', 'small'] },
      memory: [
        { contextTokens: 0, bytes: 4 * 2 ** 30 },
        { contextTokens: 131_072, bytes: 20 * 2 ** 30 },
      ],
    },
    { name: 'big', installed: false, memory: [{ contextTokens: 0, bytes: 50 * 2 ** 30 }] },
    { name: 'small', installed: false, memory: [{ contextTokens: 0, bytes: 2 ** 30 }] },
  ],
  usableBytes: 8 * 2 ** 30,
  defaultContextTokens: 4_096,
  missingPaths: ['./gone.gguf', 'gone'],
  localNames: ['beside'],
};

const error = 'error' as const;
const warning = 'warning' as const;
const information = 'information' as const;

/** Every finding by its code, so that none is forgotten. */
const EXAMPLES: Readonly<Record<DiagnosticCode, readonly Example[]>> = {
  'unknown-command': [
    { marked: 'FROM a\n«SYTEM» x\n', severity: error, fixed: 'FROM a\nSYSTEM x\n' },
    { marked: 'FROM a\n«temperature» 1\n', severity: error, fixed: 'FROM a\nPARAMETER temperature 1\n' },
    { marked: 'FROM a\n«user» hi\n', severity: error, fixed: 'FROM a\nMESSAGE user hi\n' },
    { marked: 'FROM a\n«//» note\n', severity: error, fixed: 'FROM a\n# note\n' },
    { marked: 'FROM a\n«\u200b\u200bSYSTEM» x\n', severity: error, fixed: 'FROM a\nSYSTEM x\n' },
    { marked: 'FROM a\n«Zusammenfassung» x\n', severity: error },
  ],
  'blank-missing-after-command': [
    { marked: 'FROM a\n«SYSTEM»=x\n', severity: error, fixed: 'FROM a\nSYSTEM x\n' },
    { marked: 'FROM a\n«SYSTEM»"x"\n', severity: error, fixed: 'FROM a\nSYSTEM "x"\n' },
    { marked: 'FROM a\n«SYSTEM»\r\n"""x"""\r\n', severity: error, fixed: 'FROM a\nSYSTEM """x"""\r\n' },
    { marked: 'FROM a\n«SYSTEM»\ntext of it\nand more\n', severity: error },
  ],
  'unfinished-command': [{ marked: 'FROM a\n«SYSTEM»', severity: error }],
  'unfinished-parameter': [
    {
      marked: 'FROM a\n«PARAMETER top_k=3»\n',
      severity: error,
      fixed: 'FROM a\nPARAMETER top_k 3\n',
    },
    { marked: 'FROM a\n«PARAMETER top-p» 1\n', severity: error, fixed: 'FROM a\nPARAMETER top_p 1\n' },
    { marked: 'FROM a\n«PARAMETER top_p»\n', severity: error },
    { marked: 'FROM a\n«PARAMETER »\n', severity: error },
  ],
  'unfinished-message': [
    { marked: 'FROM a\n«MESSAGE user:» hi\n', severity: error, fixed: 'FROM a\nMESSAGE user hi\n' },
  ],
  'extra-blank-after-message': [
    { marked: 'FROM a\n«MESSAGE»   user hi\n', severity: error, fixed: 'FROM a\nMESSAGE user hi\n' },
  ],
  'unknown-role': [
    { marked: 'FROM a\nMESSAGE «User» hi\n', severity: error, fixed: 'FROM a\nMESSAGE user hi\n' },
    { marked: 'FROM a\nMESSAGE «model» hi\n', severity: error, fixed: 'FROM a\nMESSAGE assistant hi\n' },
  ],
  'unclosed-quote': [
    {
      marked: 'FROM a\nSYSTEM «"»hi" # c\nPARAMETER seed 1\n',
      severity: error,
      fixed: 'FROM a\n# c\nSYSTEM "hi"\nPARAMETER seed 1\n',
    },
    { marked: 'FROM a\nSYSTEM «"""»hi""" tail\n', severity: error, fixed: 'FROM a\nSYSTEM """hi"""\n' },
    {
      marked: 'FROM a\nSYSTEM «"""»hi\nyou\n\nPARAMETER seed 1\n',
      severity: error,
      fixed: 'FROM a\nSYSTEM """hi\nyou"""\n\nPARAMETER seed 1\n',
    },
  ],
  'missing-from': [{ marked: '«»SYSTEM x\n', severity: error }],
  'extra-blank-after-parameter': [
    { marked: 'FROM a\n«PARAMETER»  seed 1\n', severity: error, fixed: 'FROM a\nPARAMETER seed 1\n' },
  ],
  'unknown-parameter': [
    { marked: 'FROM a\nPARAMETER «Num_Ctx» 1\n', severity: error, fixed: 'FROM a\nPARAMETER num_ctx 1\n' },
    {
      marked: 'FROM a\nPARAMETER «max_tokens» 1\n',
      severity: error,
      fixed: 'FROM a\nPARAMETER num_predict 1\n',
    },
    { marked: 'PARAMETER «from» a\nFROM a\n', severity: error, fixed: 'FROM a\nFROM a\n' },
    { marked: 'FROM a\nPARAMETER «xyzzy» 1\n', severity: error },
  ],
  'removed-parameter': [{ marked: 'FROM a\nPARAMETER «tfs_z» 1\n', severity: error, fixed: 'FROM a\n' }],
  'deprecated-parameter': [
    {
      marked: 'FROM a\r\n«PARAMETER mirostat 1»\r\nSYSTEM x',
      severity: warning,
      fixed: 'FROM a\r\nSYSTEM x',
    },
  ],
  'parameter-is-command': [{ marked: '«PARAMETER model» a\n', severity: warning, fixed: 'FROM a\n' }],
  'invalid-integer': [
    {
      marked: 'FROM a\nPARAMETER num_ctx «8k»\n',
      severity: error,
      fixed: 'FROM a\nPARAMETER num_ctx 8192\n',
    },
    { marked: 'FROM a\nPARAMETER seed «1e3»\n', severity: error, fixed: 'FROM a\nPARAMETER seed 1000\n' },
    { marked: 'FROM a\nPARAMETER seed «"1.5"»\n', severity: error },
    { marked: 'FROM a\nPARAMETER seed «»\n', severity: error },
  ],
  'invalid-float': [
    { marked: 'FROM a\nPARAMETER top_p «0,9»\n', severity: error, fixed: 'FROM a\nPARAMETER top_p 0.9\n' },
    { marked: 'FROM a\nPARAMETER top_p «90%»\n', severity: error, fixed: 'FROM a\nPARAMETER top_p 0.9\n' },
    { marked: 'FROM a\nPARAMETER top_p «high»\n', severity: error },
  ],
  'invalid-boolean': [
    {
      marked: 'FROM a\nPARAMETER use_mmap «yes»\n',
      severity: error,
      fixed: 'FROM a\nPARAMETER use_mmap true\n',
    },
    {
      marked: 'FROM a\nPARAMETER use_mmap «tRUE»\n',
      severity: error,
      fixed: 'FROM a\nPARAMETER use_mmap true\n',
    },
  ],
  'not-finite': [{ marked: 'FROM a\nPARAMETER top_p «nan»\n', severity: error }],
  'out-of-range': [
    { marked: 'FROM a\nPARAMETER top_p «1.5»\n', severity: warning, fixed: 'FROM a\nPARAMETER top_p 1\n' },
    { marked: 'FROM a\nPARAMETER num_ctx «-1»\n', severity: warning, fixed: 'FROM a\nPARAMETER num_ctx 0\n' },
  ],
  'inexact-integer': [{ marked: 'FROM a\nPARAMETER seed «9007199254740993»\n', severity: warning }],
  'overridden-parameter': [
    {
      marked: 'FROM a\n«PARAMETER seed 1»\nPARAMETER seed 2\n',
      severity: warning,
      fixed: 'FROM a\nPARAMETER seed 2\n',
    },
  ],
  'overridden-command': [
    { marked: 'FROM a\n«SYSTEM """a\nb"""»\nSYSTEM c\n', severity: warning, fixed: 'FROM a\nSYSTEM c\n' },
    { marked: '«FROM a»\nFROM b\n', severity: warning, fixed: 'FROM b\n' },
  ],
  'invalid-requires': [
    { marked: 'FROM a\nREQUIRES «>=0.14»\n', severity: error, fixed: 'FROM a\nREQUIRES 0.14\n' },
    { marked: 'FROM a\nREQUIRES «01.2»\n', severity: error, fixed: 'FROM a\nREQUIRES 1.2\n' },
    { marked: 'FROM a\nREQUIRES «new»\n', severity: error },
  ],
  'unknown-renderer': [
    {
      marked: 'FROM a\nRENDERER «Qwen3-Coder»\n',
      severity: warning,
      fixed: 'FROM a\nRENDERER qwen3-coder\n',
    },
  ],
  'unknown-parser': [{ marked: 'FROM a\nPARSER «nothing-like-it»\n', severity: warning }],
  'draft-is-from': [{ marked: 'FROM ./a.gguf\nDRAFT «./a.gguf»\n', severity: error }],
  'vanishing-characters': [
    { marked: 'FROM a\nSYSTEM a«\u00a0»b\n', severity: warning, fixed: 'FROM a\nSYSTEM a b\n' },
    { marked: 'FROM a\nSYSTEM a«\u200b\u200d»b\n', severity: warning, fixed: 'FROM a\nSYSTEM ab\n' },
    { marked: '«\ufeff»FROM a\n', severity: warning, fixed: 'FROM a\n' },
    {
      marked: `FROM a\nSYSTEM «${'\u200bx'.repeat(200)}\u200b»\n`,
      severity: warning,
      fixed: `FROM a\nSYSTEM ${'x'.repeat(200)}\n`,
    },
  ],
  'text-after-closing-quote': [
    {
      marked: 'FROM a\nSYSTEM "hi«"» # c\nPARAMETER stop "x"\n',
      severity: warning,
      fixed: 'FROM a\n# c\nSYSTEM "hi"\nPARAMETER stop "x"\n',
    },
    {
      marked: 'FROM a\nSYSTEM """hi«"""» all\nTEMPLATE """x"""\n',
      severity: warning,
      fixed: 'FROM a\nSYSTEM """hi"""\nTEMPLATE """x"""\n',
    },
  ],
  'swallowed-command': [
    {
      marked: 'FROM a\nSYSTEM "hi\n«PARAMETER stop "x"»\n',
      severity: warning,
      fixed: 'FROM a\nSYSTEM "hi"\nPARAMETER stop "x"\n',
    },
  ],
  'comment-in-value': [
    { marked: 'FROM llama3.2« # base»\n', severity: warning, fixed: '# base\nFROM llama3.2\n' },
    {
      marked: 'FROM a\n\tSYSTEM be kind« # to all»\n',
      severity: information,
      fixed: 'FROM a\n# to all\n\tSYSTEM be kind\n',
    },
  ],
  'literal-quotes': [
    { marked: "FROM a\nSYSTEM «'be kind'»\n", severity: warning, fixed: 'FROM a\nSYSTEM "be kind"\n' },
    { marked: 'FROM a\nSYSTEM «“be kind”»\n', severity: warning, fixed: 'FROM a\nSYSTEM "be kind"\n' },
    { marked: `FROM a\nSYSTEM «'be "kind"'»\n`, severity: warning },
  ],
  'literal-backslash': [
    { marked: 'FROM a\nPARAMETER stop "«\\n»"\n', severity: warning },
    { marked: 'FROM a\nSYSTEM a«\\n»b\n', severity: information },
  ],
  'empty-value': [
    { marked: 'FROM a\n«SYSTEM ""»\n', severity: warning, fixed: 'FROM a\n' },
    { marked: 'FROM a\n«PARAMETER stop »\n', severity: warning, fixed: 'FROM a\n' },
    { marked: '«FROM »\n', severity: warning, fixed: '' },
  ],
  'invalid-model-name': [{ marked: 'FROM «a b»\n', severity: warning }],
  'missing-file': [
    { marked: 'FROM «./gone.gguf»\n', severity: error },
    { marked: 'FROM a\nADAPTER «gone»\n', severity: error },
    // Never a model's name, as FROM may be.
    { marked: 'FROM a\nDRAFT «gone»\nDRAFT ./m.gguf\n', severity: error },
  ],
  'name-is-file': [
    { marked: 'FROM «beside»\n', severity: information, fixed: 'FROM ./beside\n' },
    { marked: 'FROM «"beside"»\n', severity: information, fixed: 'FROM ./beside\n' },
  ],
  'unknown-model': [{ marked: 'FROM «lama3.2:3b»\n', severity: warning, fixed: 'FROM llama3.2:3b\n' }],
  'context-above-maximum': [
    {
      marked: 'FROM llama3.2:3b\nPARAMETER num_ctx «200000»\n',
      severity: warning,
      fixed: 'FROM llama3.2:3b\nPARAMETER num_ctx 131072\n',
    },
  ],
  'does-not-fit': [
    {
      marked: 'FROM llama3.2:3b\nPARAMETER num_ctx «65536»\n',
      severity: warning,
      fixed: 'FROM llama3.2:3b\nPARAMETER num_ctx 32768\n',
    },
    { marked: 'FROM «big»\n', severity: warning },
  ],
};

describe.each(Object.entries(EXAMPLES))('%s', (code, examples) => {
  it.each(examples)('is found in $marked', ({ marked, severity, fixed }) => {
    const range = { start: marked.indexOf('«'), end: marked.indexOf('»') - 1 };
    const text = marked.replace('«', '').replace('»', '');
    const found = findings(text).filter((diagnostic) => diagnostic.code === code);
    expect(found.map((diagnostic) => ({ range: diagnostic.range, severity: diagnostic.severity }))).toEqual([
      { range, severity },
    ]);
    const [fix] = found[0]?.fixes ?? [];
    expect(fix && applyTextEdits(text, fix.edits)).toBe(fixed);
    if (fixed !== undefined && code !== 'does-not-fit') {
      expect(findings(fixed).map((diagnostic) => diagnostic.code)).not.toContain(code);
    }
  });
});

describe('the analysis', () => {
  it.each([
    'FROM llama3.2:3b\nPARAMETER num_ctx 8192\nPARAMETER stop "<|end|>"\nPARAMETER stop "###"\n',
    '# c\n\nFROM llama3.2:3b\nSYSTEM """You are "kind".\nFrom now on, be short.\n# no comment\nPARAMETER x 1\n"""\n',
    'FROM ./a.gguf\nFROM ./b.gguf\nLICENSE a\nLICENSE b\nMESSAGE user a\nMESSAGE assistant "say "hi""\n',
    'from hf.co/a/b:Q4_K_M\nREQUIRES v0.14.0\nRENDERER qwen3-coder\nPARSER qwen3-coder\nPARAMETER use_mmap 1\n',
    'FROM llama3.2:3b\nTEMPLATE "{{ printf "a\\n" }}{{ .Prompt }}{{ .Response }}"\nPARAMETER temperature 0.7\nPARAMETER seed -1\n',
  ])('has nothing to say about %j', (text) => {
    expect(findings(text)).toEqual([]);
  });

  it('goes on after an error, so that a second one is shown as well', () => {
    const text =
      'FRM a\nSYTEM b\nFROM a\nMESSAGE bot hi\nPARAMETER top-k 1\nSYSTEM "hi" there\nPARAMETER top_p 7\n';
    expect(findings(text).map(({ code }) => code)).toEqual([
      ...['unknown-command', 'unknown-command', 'unknown-role', 'unfinished-parameter'],
      ...['unclosed-quote', 'out-of-range'],
    ]);
  });

  it('does not ask for a FROM where one is misspelt', () => {
    expect(findings('FRM a\n').map(({ code }) => code)).toEqual(['unknown-command']);
    expect(findings('FRBLE a\n').map(({ code }) => code)).toEqual(['missing-from', 'unknown-command']);
  });

  it('takes a row of lines after a command without value for its value', () => {
    const text = 'FROM a\nSYSTEM\nYou are kind.\nYou are short.\n\nPARAMETER top_p 7\n';
    expect(findings(text).map(({ code }) => code)).toEqual(['blank-missing-after-command', 'out-of-range']);
  });

  it('gives the exact text of Ollama with what Ollama refuses', () => {
    const texts = findings('FROM a\nMESSAGE bot x\nPARAMETER seed a\n').map(
      ({ ollamaMessage }) => ollamaMessage,
    );
    expect(texts).toEqual([
      '(line 2): message role must be one of "system", "user", or "assistant"',
      'invalid int value [a]',
    ]);
  });

  it('says how much is needed, usable and fits, and offers a smaller build that fits', () => {
    const [finding] = findings('FROM llama3.2:3b\nPARAMETER num_ctx 131072\n');
    expect(finding?.message).toBe(
      'Does not fit this machine at 131,072 tokens of context: 20.0 GiB needed, 8.0 GiB usable; fits up to 32,768.',
    );
    expect(finding?.fixes.map(({ title }) => title)).toEqual(['Set num_ctx to 32,768', 'Change to small']);
  });

  it('looks at the default context where none is set, and sets one on the line after FROM', () => {
    const crowded = { ...facts, usableBytes: 4.25 * 2 ** 30 };
    const text = 'FROM llama3.2:3b\r\nSYSTEM x\r\n';
    const [finding] = analyseModelfile(parseModelfile(text), crowded);
    expect(finding).toMatchObject({ code: 'does-not-fit', range: { start: 5, end: 16 } });
    expect(applyTextEdits(text, finding?.fixes[0]?.edits ?? [])).toBe(
      'FROM llama3.2:3b\r\nPARAMETER num_ctx 2048\r\nSYSTEM x\r\n',
    );
  });

  it('shows findings of the template where they are in the file, characters that vanish aside', () => {
    const text = 'FROM a\nTEMPLATE "\u200b{{ .Respon\u200bse }}{{ .Systm }}{{ .Prompt }}"\n';
    const found = findings(text).filter(({ code }) => code.startsWith('template-'));
    expect(found.map(({ range, code }) => [text.slice(range.start, range.end), code])).toEqual([
      ['Systm', 'template-unknown-variable'],
    ]);
    expect(applyTextEdits(text, found[0]?.fixes[0]?.edits ?? [])).toContain('{{ .System }}');
  });

  it('looks into the last template only', () => {
    const text = 'FROM a\nTEMPLATE {{ end }}\nTEMPLATE {{ .Prompt }}{{ .Response }}\n';
    expect(findings(text).map(({ code }) => code)).toEqual(['overridden-command']);
    expect(findings('FROM a\nTEMPLATE {{ end }}\n')).toMatchObject([
      { severity: 'error', ollamaMessage: 'template error: template: :1: unexpected {{end}}' },
    ]);
  });

  it('says nothing about models of which it knows nothing', () => {
    expect(analyseModelfile(parseModelfile('FROM anything:7b\nPARAMETER num_ctx 999999\n'))).toEqual([]);
  });
});

describe('a name as which a file or folder lies beside the Modelfile', () => {
  const codes = (text: string, ...localNames: readonly string[]): readonly string[] =>
    analyseModelfile(parseModelfile(text), { ...facts, localNames }).map(({ code }) => code);

  it('is no model that is unknown or has no model’s name', () => {
    const text = 'FROM ./m.gguf\nFROM reviewer\nFROM a b\n';
    expect(codes(text)).toEqual(expect.arrayContaining(['unknown-model', 'invalid-model-name']));
    expect(codes(text, 'reviewer', 'a b').filter((code) => code !== 'overridden-command')).toEqual([]);
  });

  it('says that it is taken in place of the model that is known', () => {
    expect(codes('FROM LLAMA3.2:3b\n', 'LLAMA3.2:3b')).toEqual(['name-is-file']);
    const [finding] = analyseModelfile(parseModelfile('FROM big\n'), { ...facts, localNames: ['big'] });
    expect(finding?.message).toBe(
      'There is a file or folder of this name beside the Modelfile. Ollama takes that, and not the model of this name.',
    );
    // The name of another spelling is not that of the file.
    expect(codes('FROM small:latest\n', 'small')).toEqual([]);
  });

  it('is not measured by what is known of the model', () => {
    const text = 'FROM llama3.2:3b\nPARAMETER num_ctx 200000\n';
    expect(codes(text)).toEqual(['context-above-maximum', 'does-not-fit']);
    expect(codes(text, 'llama3.2:3b')).toEqual(['name-is-file']);
  });

  it('adds to other FROM lines, as files do, and is no draft of itself', () => {
    expect(codes('FROM part1\nFROM part2\n', 'part1', 'part2')).toEqual([]);
    expect(codes('FROM small\nFROM part\n', 'part')).toEqual([]);
    expect(codes('FROM part\nDRAFT part\n', 'part')).toEqual(['draft-is-from']);
    // The FROM is the model of that name, for nothing lies there.
    expect(codes('FROM small\nDRAFT small\n')).toEqual([]);
  });
});

function findings(text: string) {
  return analyseModelfile(parseModelfile(text), { ...facts, models: [...facts.models, ...OTHER_MODELS] });
}

const OTHER_MODELS = ['a', 'b', 'llama3.2', 'anything', 'beside'].map((name) => ({ name, installed: true }));
