import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  CodeAction,
  CodeLens,
  CompletionList,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  SemanticTokens,
  TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  FACTS_NOTIFICATION,
  REFERENCES_REQUEST,
  type MachineFacts,
  type ReferenceCard,
} from '../../src/modelfile/protocol';
import { ModelfileServer } from '../support/modelfileServer';
import { repositoryRoot } from '../support/repository';
import { noteFigure } from '../support/soak';

const GIB = 2 ** 30;
const URI = 'untitled:Modelfile';

const FACTS: MachineFacts = {
  models: [
    {
      ...{ name: 'llama3.2:3b', installed: true, sizeBytes: 2 * GIB, quant: 'Q4_K_M', licence: 'llama3.2' },
      maxContextTokens: 131_072,
      memory: [
        { contextTokens: 2_048, bytes: 3 * GIB },
        { contextTokens: 131_072, bytes: 20 * GIB },
      ],
      speed: { tokensPerSecond: 40, range: [30, 50], measured: false, contextTokens: 4_096 },
      smallerBuilds: ['llama3.2:1b'],
    },
    {
      ...{ name: 'qwen3:8b', installed: false, rank: 1 },
      memory: [{ contextTokens: 2_048, bytes: 6 * GIB }],
      licence: 'apache-2.0',
    },
    {
      ...{ name: 'llama3.2:1b', installed: false, rank: 2 },
      memory: [{ contextTokens: 2_048, bytes: GIB }],
    },
    { name: 'hf.co/owner/repo-GGUF:Q4_K_M', installed: false, rank: 3 },
    { name: 'huge:400b', installed: false },
  ],
  usableBytes: 12 * GIB,
  acceleratorBytes: 8 * GIB,
  defaultContextTokens: 4_096,
  machine: 'RTX 4060: 8 GiB VRAM',
};

/** A text with the cursor at `|`. */
function marked(text: string): {
  readonly text: string;
  readonly position: { line: number; character: number };
} {
  const offset = text.indexOf('|');
  const plain = text.slice(0, offset) + text.slice(offset + 1);
  return { text: plain, position: TextDocument.create(URI, 'modelfile', 1, plain).positionAt(offset) };
}

describe('the Modelfile server of an editor that speaks German', () => {
  let server: ModelfileServer;
  beforeAll(async () => {
    server = await ModelfileServer.start({
      language: {
        language: 'de',
        texts: {
          'A Modelfile needs a FROM line, which names the model to start from.':
            'Ein Modelfile braucht eine FROM-Zeile, die das Ausgangsmodell nennt.',
          'Most tokens to generate.': 'Höchstzahl der erzeugten Token.',
          'whole number': 'ganze Zahl',
          '{0} from {1} up': '{0} ab {1}',
        },
      },
    });
  }, 60_000);
  afterAll(() => server.kill());

  it('says its findings in German, from the first one on, and in English what has no German', async () => {
    await server.open(URI, '# nothing\nPARAMETER num_predict x\n');
    const messages = (await server.diagnostics(URI)).map(({ message }) => JSON.stringify(message)).join('\n');
    expect(messages).toContain('Ein Modelfile braucht eine FROM-Zeile, die das Ausgangsmodell nennt.');
    expect(messages).toContain('num_predict is a whole number: digits only, with an optional sign.');
  });

  it('explains parameters in German, whose table was made before the language was known', async () => {
    const answer = await server.request<Hover | null>('textDocument/hover', {
      textDocument: { uri: URI },
      position: { line: 1, character: 12 },
    });
    expect(JSON.stringify(answer?.contents)).toContain('Höchstzahl der erzeugten Token.');
    expect(JSON.stringify(answer?.contents)).toContain('ganze Zahl ab ');
  });
});

describe('the bundled Modelfile server', () => {
  let server: ModelfileServer;
  let folder = '';
  let version = 1;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mpm-'));
    server = await ModelfileServer.start();
    await server.open(URI, 'FROM a\n');
  }, 60_000);
  afterAll(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => tellFacts(FACTS));

  const textDocument = { uri: URI };
  const tellFacts = (facts: unknown): Promise<void> =>
    server.connection.sendNotification(FACTS_NOTIFICATION, facts);

  /** Writes a text, and returns the findings about it. */
  async function write(text: string): Promise<readonly string[]> {
    version += 1;
    const written = version;
    await server.change(URI, written, text);
    const found = await server.diagnostics(URI, (params) => params.version === written);
    return found.map(({ code }) => String(code));
  }

  async function complete(text: string): Promise<CompletionList> {
    const { text: plain, position } = marked(text);
    await write(plain);
    return server.request('textDocument/completion', { textDocument, position });
  }

  async function hover(text: string): Promise<string | null> {
    const { text: plain, position } = marked(text);
    await write(plain);
    const answer = await server.request<Hover | null>('textDocument/hover', { textDocument, position });
    const contents = answer?.contents;
    return contents && typeof contents === 'object' && 'value' in contents ? contents.value : null;
  }

  it('says what it can do', () => {
    const { capabilities } = server.initialized;
    expect(Object.keys(capabilities)).toEqual(
      expect.arrayContaining([
        'completionProvider',
        'hoverProvider',
        'inlayHintProvider',
        'codeLensProvider',
        'codeActionProvider',
        'documentSymbolProvider',
        'documentLinkProvider',
        'documentFormattingProvider',
        'foldingRangeProvider',
        'semanticTokensProvider',
      ]),
    );
  });

  it('is no larger than 600 kB as it ships', async () => {
    const { outputFiles } = await build({
      ...{ absWorkingDir: repositoryRoot, entryPoints: ['src/modelfile/server.ts'], outfile: 'server.js' },
      ...{ bundle: true, write: false, minify: true, keepNames: true, mainFields: ['module', 'main'] },
      ...{ platform: 'node', target: 'node22', format: 'cjs' },
    });
    const bytes = outputFiles[0]?.contents.length ?? Infinity;
    noteFigure('Modelfile server, bundled: kB', (bytes / 1_000).toFixed(0));
    expect(bytes).toBeLessThan(600_000);
  }, 60_000);

  it('finds what Ollama refuses, with its words, and nothing in a sound file', async () => {
    await tellFacts({ models: [{ name: 'a', installed: true }] });
    expect(await write('FROM a\nPARAMETER temperature hot\nSYTEM x\n')).toEqual([
      'invalid-float',
      'unknown-command',
    ]);
    const found = await server.diagnostics(URI, (params) => params.version === version);
    expect(found[0]).toMatchObject({
      ...{ source: 'Modelfile', severity: 1 },
      range: { start: { line: 1, character: 22 }, end: { line: 1, character: 25 } },
    });
    expect(found[0]?.message).toContain('Ollama: invalid float value [hot]');
    expect(await write('FROM a\nPARAMETER temperature 0.5\n')).toEqual([]);
  });

  it('calls no model unknown before it was told which there are, and then says what does not fit', async () => {
    const fresh = await ModelfileServer.start();
    try {
      await fresh.open(URI, 'FROM lama3.2:3b\n');
      expect(await fresh.diagnostics(URI)).toEqual([]);
      await fresh.connection.sendNotification(FACTS_NOTIFICATION, FACTS);
      const unknown = await fresh.diagnostics(URI, ({ diagnostics }) => diagnostics.length > 0);
      expect(unknown.map(({ code }) => code)).toEqual(['unknown-model']);
      await fresh.change(URI, 2, 'FROM llama3.2:3b\nPARAMETER num_ctx 131072\n');
      const found = await fresh.diagnostics(URI, (params) => params.version === 2);
      expect(found.map(({ code }) => code)).toEqual(['does-not-fit']);
      expect(found[0]?.message).toMatch(/20\.0 GiB needed, 12\.0 GiB usable; fits up to 69,632/);
    } finally {
      await fresh.kill();
    }
  }, 60_000);

  it('offers the fix, and the fixed file has no finding', async () => {
    const text = 'FROM llama3.2:3b\nPARAMETER num_ctx 131072\n';
    await tellFacts(FACTS);
    expect(await write(text)).toEqual(['does-not-fit']);
    const actions = await server.request<CodeAction[]>('textDocument/codeAction', {
      textDocument,
      range: { start: { line: 1, character: 20 }, end: { line: 1, character: 20 } },
      context: { diagnostics: [] },
    });
    expect(actions.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
      ['Set num_ctx to 69,632', true],
      ['Change to llama3.2:1b', false],
    ]);
    const edits = actions[0]?.edit?.changes?.[URI] ?? [];
    const fixed = TextDocument.applyEdits(TextDocument.create(URI, 'modelfile', 1, text), edits);
    expect(await write(fixed)).toEqual([]);
  });

  it('knows the files that a Modelfile names, also when they come later', async () => {
    const uri = pathToFileURL(path.join(folder, 'Modelfile')).href;
    await server.open(uri, 'FROM ./there.gguf\nADAPTER ./adapters/\n');
    const missing = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 2);
    expect(missing.map(({ code }) => code)).toEqual(['missing-file', 'missing-file']);
    writeFileSync(path.join(folder, 'there.gguf'), 'GGUF');
    writeFileSync(path.join(folder, 'notes.txt'), 'no model');
    mkdirSync(path.join(folder, 'adapters'));
    await server.request('textDocument/documentSymbol', { textDocument: { uri } });
    server.forget(uri);
    await server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
    await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0);
    await server.change(uri, 2, 'FROM ./');
    const { items } = await server.request<CompletionList>('textDocument/completion', {
      textDocument: { uri },
      position: { line: 0, character: 7 },
    });
    const files = items.map(({ label }) => label).filter((label) => label.startsWith('./'));
    expect(files).toEqual(['./there.gguf', './adapters/']);
    await server.change(uri, 3, 'FROM ./there.gguf\n');
    const links = await server.request<DocumentLink[]>('textDocument/documentLink', {
      textDocument: { uri },
    });
    expect(links.map(({ target }) => target)).toEqual([pathToFileURL(path.join(folder, 'there.gguf')).href]);
  });

  it('takes a file or folder of a model’s name for what Ollama takes it', async () => {
    // No file of Windows has a colon in its name.
    const models = FACTS.models.map((model) => ({
      ...model,
      name: model.name.replace('llama3.2:3b', 'small'),
    }));
    await tellFacts({ ...FACTS, models });
    const beside = mkdtempSync(path.join(folder, 'beside-'));
    const uri = pathToFileURL(path.join(beside, 'Modelfile')).href;
    const at = { textDocument: { uri }, position: { line: 0, character: 8 } };
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const hints = (): Promise<InlayHint[]> =>
      server.request('textDocument/inlayHint', { textDocument: { uri }, range });
    const targets = async (): Promise<readonly (string | undefined)[]> => {
      const found = await server.request<DocumentLink[]>('textDocument/documentLink', at);
      return found.map(({ target }) => target);
    };
    await server.open(uri, 'FROM small\nFROM reviewer\nPARAMETER num_ctx 131072\n');
    const before = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
    expect(before.map(({ code }) => code)).toEqual(['overridden-command', 'unknown-model']);
    expect(await targets()).toEqual([
      ...['https://ollama.com/library/small', 'https://ollama.com/library/reviewer'],
    ]);
    expect(await server.request('textDocument/hover', at)).not.toBeNull();

    mkdirSync(path.join(beside, 'reviewer'));
    server.forget(uri);
    await server.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [] });
    const folderKnown = await server.diagnostics(
      uri,
      ({ diagnostics }) => diagnostics[0]?.code === 'does-not-fit',
    );
    expect(folderKnown.map(({ code }) => code)).toEqual(['does-not-fit']);
    expect(await hints()).toHaveLength(1);

    writeFileSync(path.join(beside, 'small'), 'GGUF');
    server.forget(uri);
    await server.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
    const files = await server.diagnostics(uri, ({ diagnostics }) => diagnostics[0]?.code === 'name-is-file');
    expect(files.map(({ code, severity }) => [code, severity])).toEqual([['name-is-file', 3]]);
    expect(await hints()).toEqual([]);
    expect(await server.request('textDocument/hover', at)).toBeNull();
    expect(await targets()).toEqual(
      ['small', 'reviewer'].map((name) => pathToFileURL(path.join(beside, name)).href),
    );
  });

  it.skipIf(process.platform === 'win32')(
    'takes a name for a model’s where it cannot know whether a file of it is there',
    async () => {
      await tellFacts(FACTS);
      const uri = pathToFileURL(path.join(folder, 'Modelfile.loop')).href;
      // A link to itself is neither there nor missing: the system says ELOOP.
      symlinkSync('reviewer', path.join(folder, 'reviewer'));
      writeFileSync(path.join(folder, 'other'), '');
      await server.open(uri, 'FROM reviewer\nFROM other\n');
      // Before the look at the disk both are unknown, and the second one replaces the first.
      const found = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 1);
      expect(found.map(({ code, range }) => [code, range.start.line])).toEqual([['unknown-model', 0]]);
    },
  );

  it('lets the editor ask anew for what it was told before the look at the disk', async () => {
    writeFileSync(path.join(folder, 'drafter'), 'GGUF');
    const refreshSupport = true;
    const eager = await ModelfileServer.start(undefined, {
      workspace: { inlayHint: { refreshSupport }, semanticTokens: { refreshSupport } },
    });
    try {
      const asked = ['workspace/inlayHint/refresh', 'workspace/semanticTokens/refresh'].map(
        (method) =>
          new Promise<string>((resolve) => {
            eager.connection.onRequest(method, () => {
              resolve(method);
              return null;
            });
          }),
      );
      await eager.open(pathToFileURL(path.join(folder, 'Modelfile.eager')).href, 'FROM drafter\n');
      expect(await Promise.all(asked)).toHaveLength(2);
    } finally {
      await eager.kill();
    }
  }, 60_000);

  it('completes commands, parameters, roles, models, values and templates', async () => {
    await tellFacts(FACTS);
    const labels = async (text: string): Promise<readonly string[]> =>
      (await complete(text)).items.map(({ label }) => label);
    expect((await labels('F|'))[0]).toBe('FROM');
    expect(await labels('FROM a\nPARAMETER num_c|')).toContain('num_ctx');
    expect(await labels('FROM a\nMESSAGE |')).toEqual(['system', 'user', 'assistant']);
    expect(await labels('FROM |')).toEqual([
      ...['llama3.2:3b', 'qwen3:8b', 'llama3.2:1b', 'hf.co/owner/repo-GGUF:Q4_K_M'],
    ]);
    expect(await labels('FROM a\nPARAMETER use_mmap |')).toEqual(['true', 'false']);
    expect(await labels('FROM a\nTEMPLATE """{{ .Sys|')).toContain('System');
    expect(await labels('FROM a\nTEMPLATE """{{ |')).toEqual(
      expect.arrayContaining(['.System', 'range', 'json']),
    );
    expect(await labels('FROM a\nSYSTEM """free |text"""')).toEqual([]);
  });

  it('writes a completion over what is typed', async () => {
    await tellFacts(FACTS);
    const { items } = await complete('FROM qw|en');
    const edit = items.find(({ label }) => label === 'qwen3:8b')?.textEdit;
    expect(edit).toEqual({
      range: { start: { line: 0, character: 5 }, end: { line: 0, character: 9 } },
      newText: 'qwen3:8b',
    });
  });

  it('explains models, parameters, commands and template fields', async () => {
    await tellFacts(FACTS);
    const model = await hover('FROM llama|3.2:3b\nPARAMETER num_ctx 8192\n');
    expect(model).toContain('fits the GPU at 8,192 tokens of context');
    expect(model).toContain('Licence: llama3.2');
    const context = await hover('FROM llama3.2:3b\nPARAMETER num_|ctx 8192\n');
    expect(context).toContain('1,024 more tokens of context take 138 MiB');
    expect(context).toContain('Fits with up to 69,632 tokens of context');
    expect(await hover('FROM a\nPARAMETER temp|erature 1\n')).toContain('Default: 0.8');
    expect(await hover('FR|OM a\n')).toContain('The model to start from');
    expect(await hover('FROM a\nTEMPLATE {{ .Sys|tem }}\n')).toContain('the system message');
    expect(await hover('FROM a\n# not|hing\n')).toBeNull();
  });

  it('shows the fit behind FROM, and what can be done above it', async () => {
    await tellFacts(FACTS);
    await write('FROM llama3.2:3b\n');
    const range = { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } };
    const hints = await server.request<InlayHint[]>('textDocument/inlayHint', { textDocument, range });
    expect(hints.map(({ label, position }) => [label, position.character])).toEqual([
      ['fits GPU · 3.3 GiB at 4k · ~40 tok/s', 16],
    ]);
    const lenses = await server.request<CodeLens[]>('textDocument/codeLens', { textDocument });
    expect(lenses.map(({ command }) => command?.command)).toEqual([
      'modelPool.modelfileCreate',
      'modelPool.modelfileRun',
    ]);
    expect(lenses[0]?.command?.arguments).toEqual([URI]);
  });

  it('outlines, folds, links and formats', async () => {
    await write('from llama3.2:3b\n\n\n\nSYSTEM """one\ntwo"""\n# a\n# b\nPARAMETER stop  x\n');
    const symbols = await server.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument });
    expect(symbols.map(({ name, detail }) => [name, detail])).toEqual([
      ['FROM', 'llama3.2:3b'],
      ['SYSTEM', 'one two'],
      ['stop', 'x'],
    ]);
    const folds = await server.request<FoldingRange[]>('textDocument/foldingRange', { textDocument });
    expect(folds.map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual([
      [4, 5, undefined],
      [6, 7, 'comment'],
    ]);
    const links = await server.request<DocumentLink[]>('textDocument/documentLink', { textDocument });
    expect(links.map(({ target }) => target)).toEqual(['https://ollama.com/library/llama3.2:3b']);
    const edits = await server.request<TextEdit[]>('textDocument/formatting', {
      ...{ textDocument, options: { tabSize: 2, insertSpaces: true } },
    });
    const before = 'from llama3.2:3b\n\n\n\nSYSTEM """one\ntwo"""\n# a\n# b\nPARAMETER stop  x\n';
    const formatted = TextDocument.applyEdits(TextDocument.create(URI, 'modelfile', 1, before), edits);
    expect(formatted).toBe('FROM llama3.2:3b\n\nSYSTEM """one\ntwo"""\n# a\n# b\nPARAMETER stop x\n');
  });

  it('colours what the parser knows', async () => {
    await write('FROM a\nPARAMETER num_ctx 8192\n');
    const { data } = await server.request<SemanticTokens>('textDocument/semanticTokens/full', {
      textDocument,
    });
    // Five numbers a token: line and character after the last one, length, type, modifiers.
    expect(data).toEqual([
      ...[0, 0, 4, 0, 0],
      ...[0, 5, 1, 3, 0],
      ...[1, 0, 9, 0, 0],
      ...[0, 10, 7, 1, 0],
      ...[0, 8, 4, 4, 0],
    ]);
  });

  it('knows the models of other files, at their places', async () => {
    await tellFacts(FACTS);
    const text = '{ "model": "ollama/llama3.2:3b" }';
    const cards = await server.request<readonly ReferenceCard[]>(REFERENCES_REQUEST, {
      ...{ path: '/w/opencode.json', text },
    });
    expect(cards.map(({ title, hint, range }) => [title, hint, text.slice(range.start, range.end)])).toEqual([
      ['llama3.2:3b', 'fits GPU · 3.3 GiB at 4k · ~40 tok/s', 'llama3.2:3b'],
    ]);
    for (const garbage of [null, 7, { path: 1 }]) {
      expect(await server.request(REFERENCES_REQUEST, garbage).catch(() => [])).toEqual([]);
    }
  });

  it('lives through garbage, and keeps the facts that it had', async () => {
    await tellFacts(FACTS);
    for (const garbage of [
      null,
      7,
      'facts',
      [],
      {},
      { models: 'all' },
      { models: [{ name: 7 }], usableBytes: -1 },
    ]) {
      await tellFacts(garbage);
    }
    await server.connection.sendNotification('modelPool/unheardOf', { a: 1 });
    await server.connection.sendNotification('textDocument/didChange', { nothing: true });
    for (const params of [
      {},
      { textDocument: { uri: 'untitled:other' }, position: { line: 0, character: 0 } },
    ]) {
      await server.request('textDocument/hover', params).catch(() => undefined);
    }
    await expect(
      server.request('textDocument/hover', { textDocument, position: { line: 99, character: 999 } }),
    ).resolves.toBeNull();
    expect(await write('FROM llama3.2:3b\nPARAMETER num_ctx 131072\n')).toEqual(['does-not-fit']);
    // A model that is none is left out, the others count.
    await tellFacts({ ...FACTS, models: [...FACTS.models, { name: 7 }, { name: '', installed: true }] });
    expect(await write('FROM qwen3:8b\n')).toEqual([]);
  });

  it('starts again after it was killed, and says the same of the same text', async () => {
    const text = 'FROM a\nSYTEM x\n';
    const first = await ModelfileServer.start();
    await first.open(URI, text);
    const before = await first.diagnostics(URI);
    await first.kill();
    const second = await ModelfileServer.start();
    try {
      await second.open(URI, text);
      expect(await second.diagnostics(URI)).toEqual(before);
    } finally {
      await second.kill();
    }
  }, 60_000);

  it('follows the typing in a file of 500 lines', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `MESSAGE user question ${n} with some words in it`);
    lines[0] = 'FROM llama3.2:3b';
    lines[1] = 'TEMPLATE """{{ range .Messages }}{{ .Role }}: {{ .Content }}{{ end }}"""';
    const text = lines.join('\n');
    await tellFacts(FACTS);
    await write(text);
    const times: number[] = [];
    for (let key = 0; key < 40; key += 1) {
      const begun = performance.now();
      await write(`${text}\nPARAMETER temperature ${'9'.repeat((key % 9) + 1)}`);
      times.push(performance.now() - begun);
    }
    const best = Math.min(...times);
    const median = times.sort((a, b) => a - b)[20] ?? Number.NaN;
    noteFigure('Modelfile: from a key to the findings in 500 lines, median ms', median.toFixed(1));
    console.log(`500 lines: best ${best.toFixed(1)} ms, median ${median.toFixed(1)} ms`);
    // The aim is 30 ms; this machine may be busy, and what is measured here is only that it is not ten times as slow.
    expect(best).toBeLessThan(300);
  }, 120_000);
});
