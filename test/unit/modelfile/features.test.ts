import { describe, expect, it } from 'vitest';
import { codeLenses } from '../../../src/modelfile/codeLenses';
import { createdName } from '../../../src/modelfile/createdName';
import { createRequest } from '../../../src/modelfile/createRequest';
import { folds } from '../../../src/modelfile/folding';
import { links, modelPage } from '../../../src/modelfile/links';
import { isModelName } from '../../../src/modelfile/modelName';
import { bareNames, namedPaths } from '../../../src/modelfile/namedPath';
import { openModelfile } from '../../../src/modelfile/openModelfile';
import { parseFacts } from '../../../src/modelfile/parseFacts';
import { parseModelfile } from '../../../src/modelfile/parse';
import { LENS_COMMANDS } from '../../../src/modelfile/protocol';
import { semanticTokens } from '../../../src/modelfile/semanticTokens';
import { symbols } from '../../../src/modelfile/symbols';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { commandId } from '../../../src/ui/manifest/commands';
import { MACHINE } from './machine';

describe('the lenses', () => {
  const titles = (text: string, name: string): readonly string[] =>
    codeLenses(parseModelfile(text), name, MACHINE).map(({ title }) => title);

  it('stand at the first FROM, and nowhere without one', () => {
    expect(titles('# a\nFROM a\n', 'reviewer')).toEqual(['Create reviewer', 'Run']);
    expect(codeLenses(parseModelfile('# a\nFROM a\n'), 'x', MACHINE)[0]?.range).toEqual({ start: 4, end: 8 });
    expect(titles('SYSTEM x\n', 'reviewer')).toEqual([]);
  });

  it('offer to show what is replaced only where something is', () => {
    expect(titles('FROM a\n', 'llama3.2:3b')).toContain('Show what it would replace');
    expect(titles('FROM a\n', 'qwen3:8b')).not.toContain('Show what it would replace');
  });

  it('run commands that exist', () => {
    expect(Object.values(LENS_COMMANDS)).toEqual(
      (['modelfileCreate', 'modelfileRun', 'modelfileShowReplaced'] as const).map(commandId),
    );
  });

  it('name a model after its file, always as Ollama allows', () => {
    const names = {
      '/home/a/reviewer/Modelfile': 'reviewer',
      '/a/Modelfile.Code-Review': 'code-review',
      '/a/My Model.modelfile': 'my-model',
      'C:\\work\\Ünï\\Modelfile': 'n',
      '/a/....modelfile': 'my-model',
      Modelfile: 'my-model',
      '': 'my-model',
    };
    for (const [path, name] of Object.entries(names)) {
      expect(createdName(path)).toBe(name);
      expect(isModelName(createdName(path))).toBe(true);
    }
    expect(isModelName(createdName(`/a/${'x'.repeat(500)}.modelfile`))).toBe(true);
  });
});

describe('the outline', () => {
  it('names commands, parameters and messages, with what they say', () => {
    const found = symbols(
      parseModelfile('FROM a\nPARAMETER top_k 4\nMESSAGE user  hi\nSYSTEM """a\n  b"""\n'),
    );
    expect(found.map(({ kind, name, detail }) => [kind, name, detail])).toEqual([
      ['model', 'FROM', 'a'],
      ['parameter', 'top_k', '4'],
      ['message', 'MESSAGE user', 'hi'],
      ['text', 'SYSTEM', 'a b'],
    ]);
    for (const { range, selection } of found) {
      expect(selection.start).toBeGreaterThanOrEqual(range.start);
      expect(selection.end).toBeLessThanOrEqual(range.end);
    }
    expect(symbols(parseModelfile('PARAMETER  top_k 4\n'))[0]?.name).toBe('PARAMETER');
  });
});

describe('folds', () => {
  it('are values over lines, runs of comments and blocks of templates', () => {
    const text = '# a\n# b\n\n# c\nFROM a\nTEMPLATE """{{ if .System }}\nx\n{{ else }}\ny\n{{ end }}"""\n';
    const shown = folds(parseModelfile(text)).map(({ kind, start, end }) => [kind, text.slice(start, end)]);
    expect(shown).toEqual([
      ['region', text.slice(text.indexOf('TEMPLATE'), -1)],
      ['region', '\nx\n'],
      ['region', '\ny\n'],
      ['comment', '# a\n# b'],
      ['comment', '# c'],
    ]);
  });
});

describe('links', () => {
  it('lead to files as they are written, and to the pages of models', () => {
    const found = links(parseModelfile('FROM llama3.2:3b\nFROM ./m.gguf\nADAPTER a\nDRAFT "qwen3:0.6b"\n'));
    expect(found.map((link) => (link.kind === 'file' ? link.path : link.url))).toEqual([
      'https://ollama.com/library/llama3.2:3b',
      './m.gguf',
      'a',
      'qwen3:0.6b',
    ]);
    // Without the quotes.
    expect(found[3]?.range).toEqual({ start: 48, end: 58 });
  });

  it('know whose page it is', () => {
    expect(modelPage('owner/model:tag')).toBe('https://ollama.com/owner/model:tag');
    expect(modelPage('hf.co/owner/repo-GGUF:Q4_K_M')).toBe('https://huggingface.co/owner/repo-GGUF');
    expect(modelPage('registry.ollama.ai/library/qwen3')).toBe('https://ollama.com/library/qwen3');
    expect(modelPage('example.com/a/b')).toBeUndefined();
    expect(modelPage('a b')).toBeUndefined();
  });

  it('are looked up once for each path', () => {
    const parsed = parseModelfile('FROM ./a\nFROM ./a\nFROM b\nADAPTER c\nDRAFT d\nFROM b\nFROM \n');
    expect(namedPaths(parsed)).toEqual(['./a', 'c', 'd']);
    expect(bareNames(parsed)).toEqual(['b']);
  });

  it('lead to the file where one of a model’s name lies beside the Modelfile', () => {
    const found = links(parseModelfile('FROM qwen3\nFROM "qwen3:8b"\n'), ['qwen3:8b']);
    expect(found.map((link) => (link.kind === 'file' ? link.path : link.url))).toEqual([
      ...['https://ollama.com/library/qwen3', 'qwen3:8b'],
    ]);
  });
});

describe('semantic tokens', () => {
  const shown = (text: string): readonly (readonly string[])[] =>
    semanticTokens(parseModelfile(text)).map(({ type, range, isDeprecated }) => [
      ...[type, text.slice(range.start, range.end)],
      ...(isDeprecated === true ? ['deprecated'] : []),
    ]);

  it('tell commands, names, models and numbers', () => {
    expect(shown('from a\nPARAMETER top_k 4\nPARAMETER mirostat 1\nMESSAGE user x\nFROM ./m.gguf\n')).toEqual(
      [
        ...[
          ['keyword', 'from'],
          ['class', 'a'],
          ['keyword', 'PARAMETER'],
          ['parameter', 'top_k'],
          ['number', '4'],
        ],
        ...[
          ['keyword', 'PARAMETER'],
          ['parameter', 'mirostat', 'deprecated'],
        ],
        ...[
          ['keyword', 'MESSAGE'],
          ['enumMember', 'user'],
          ['keyword', 'FROM'],
          ['string', './m.gguf'],
        ],
      ],
    );
  });

  it('tell files from models, also by what lies beside the Modelfile', () => {
    const types = (...localNames: readonly string[]): readonly string[] =>
      semanticTokens(parseModelfile('FROM a\nDRAFT b\nADAPTER c\n'), localNames).map(({ type }) => type);
    expect(types()).toEqual(['keyword', 'class', 'keyword', 'string', 'keyword', 'string']);
    expect(types('a')).toEqual(['keyword', 'string', 'keyword', 'string', 'keyword', 'string']);
  });

  it('tell the names in a template', () => {
    expect(
      shown('TEMPLATE """{{ range $i, $m := .Messages }}{{ json $m.Role (len .X) }}{{ end }}"""\n'),
    ).toEqual([
      ...[
        ['keyword', 'TEMPLATE'],
        ['variable', '$i'],
        ['variable', '$m'],
        ['property', 'Messages'],
      ],
      ...[
        ['function', 'json'],
        ['variable', '$m'],
        ['property', 'Role'],
        ['function', 'len'],
        ['property', 'X'],
      ],
    ]);
  });
});

describe('what Ollama is asked to create', () => {
  const request = (text: string): unknown => createRequest(parseModelfile(text));

  it('is what the last commands say, with what adds up', () => {
    const text = [
      ...[
        'FROM a',
        'SYSTEM one',
        'SYSTEM two',
        'LICENSE x',
        'LICENSE y',
        'PARAMETER stop a',
        'PARAMETER stop b',
      ],
      ...[
        'PARAMETER num_ctx 8192',
        'PARAMETER mirostat 1',
        'MESSAGE user a: b',
        'MESSAGE assistant',
        'REQUIRES 1',
      ],
      ...['TEMPLATE ""', ''],
    ].join('\n');
    expect(request(text.replace('MESSAGE assistant\n', 'MESSAGE assistant c\n'))).toEqual({
      kind: 'request',
      request: {
        ...{ from: 'a', system: 'two', license: ['x', 'y'], requires: '1' },
        parameters: { stop: ['a', 'b'], num_ctx: 8_192 },
        messages: [
          { role: 'user', content: 'a: b' },
          { role: 'assistant', content: 'c' },
        ],
      },
    });
  });

  it('needs Ollama itself where files are named', () => {
    expect(request('FROM ./m.gguf\n')).toEqual({ kind: 'files' });
    expect(request('FROM a\nADAPTER b\n')).toEqual({ kind: 'files' });
    expect(request('FROM a\nFROM ./m.gguf\n')).toEqual({ kind: 'files' });
    expect(request('FROM a\nDRAFT b\n')).toEqual({ kind: 'files' });
  });

  it('needs Ollama itself where a file or folder of a model’s name lies beside the Modelfile', () => {
    const beside = (text: string): string => createRequest(parseModelfile(text), ['a']).kind;
    expect(beside('FROM a\n')).toBe('files');
    expect(beside('FROM a\nFROM b\n')).toBe('files');
    expect(beside('FROM b\n')).toBe('request');
    expect(beside('FROM a:latest\n')).toBe('request');
  });

  it('is refused in Ollama’s words', () => {
    expect(request('SYSTEM a\n')).toEqual({ kind: 'refused', message: 'no FROM line' });
    expect(request('FROM a\nPARAMETER top_k x\n')).toEqual({
      kind: 'refused',
      message: 'invalid int value [x]',
    });
    expect(request('FROM a\nPARAMETER top_p nan\n')).toEqual({
      ...{ kind: 'refused', message: 'json: unsupported value: NaN' },
    });
  });
});

describe('a file that is open before the machine is known', () => {
  it('names what is not there, and calls no model unknown', () => {
    const text = 'FROM nobody\nADAPTER ./gone.gguf\n';
    const document = TextDocument.create('file:///a/Modelfile', 'modelfile', 1, text);
    const codes = (...facts: readonly (typeof MACHINE)[]): readonly string[] =>
      openModelfile(document, facts[0], {
        ...{ missingPaths: ['./gone.gguf'], localNames: [] },
      }).findings.map(({ code }) => code);
    expect(codes()).toEqual(['missing-file']);
    expect(codes(MACHINE)).toEqual(['unknown-model', 'missing-file']);
  });

  it('knows already what lies beside it', () => {
    const document = TextDocument.create('file:///a/Modelfile', 'modelfile', 1, 'FROM a b\n');
    const file = openModelfile(document, undefined, { missingPaths: [], localNames: ['a b'] });
    expect(file.findings).toEqual([]);
    expect(file.facts?.localNames).toEqual(['a b']);
  });
});

describe('facts from the client', () => {
  it('are taken as they are', () => {
    expect(parseFacts(JSON.parse(JSON.stringify(MACHINE)))).toEqual({ facts: MACHINE, dropped: 0 });
    expect(parseFacts({ models: [] })).toEqual({ facts: { models: [] }, dropped: 0 });
  });

  it('lose the models that are none, and count them', () => {
    const bad = [
      null,
      {},
      { name: '', installed: true },
      { name: 'a', installed: 1 },
      { name: 'b', installed: true, memory: 3 },
    ];
    const read = parseFacts({ ...MACHINE, models: [...bad, { name: 'c', installed: true }] });
    expect(read?.dropped).toBe(bad.length);
    expect(read?.facts.models).toEqual([{ name: 'c', installed: true }]);
  });

  it('have their memory in the order of the context', () => {
    const memory = [
      { contextTokens: 9, bytes: 2 },
      { contextTokens: 1, bytes: 1 },
    ];
    const read = parseFacts({ models: [{ name: 'a', installed: true, memory }] });
    expect(read?.facts.models[0]?.memory?.map(({ contextTokens }) => contextTokens)).toEqual([1, 9]);
  });

  it('are none where they have another shape', () => {
    for (const other of [null, 3, 'x', [], {}, { models: {} }, { models: [], usableBytes: -1 }]) {
      expect(parseFacts(other)).toBeNull();
    }
  });
});
