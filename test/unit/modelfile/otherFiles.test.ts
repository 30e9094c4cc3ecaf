import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOtherFile } from '../../../src/modelfile/otherFiles';
import { referenceCards } from '../../../src/modelfile/referenceCards';
import { rounds } from '../../support/soak';
import { MACHINE } from './machine';

/** The text of a file with its references between `«` and `»`. */
function references(path: string, marked: string): { readonly found: unknown; readonly wanted: unknown } {
  const text = marked.replaceAll(/[«»]/g, '');
  const wanted = [...marked.matchAll(/«(.*?)»/g)].map(({ index, 1: name = '' }, place) => {
    const start = index - 2 * place;
    return { name, range: { start, end: start + name.length } };
  });
  return { found: readOtherFile(path, text).references, wanted };
}

describe('models in other files', () => {
  it.each([
    [
      '/user/chatLanguageModels.json',
      '[ // mine\n { "vendor": "ollama", "models": [{ "id": "«qwen3:8b»", "name": "id" }, { "id": "«a»" }] }, {"id": "no"}]',
    ],
    [
      '/w/opencode.json',
      '{ "model": "ollama/«qwen3:8b»", "small_model": "x/«y/z»", "provider": { "ollama": { "models": { "«llama3.2:3b»": { "id": "no" } } } } }',
    ],
    [
      '/w/opencode.jsonc',
      '{ "agent": { "build": { "model": "ollama/«qwen3:8b»" } }, /* c */ "name": "ollama/no" }',
    ],
    [
      '/w/compose.yaml',
      'services:\n  app:\n    environment:\n      OLLAMA_MODEL: «qwen3:8b»\n      OLLAMA_CHAT_MODEL: "«a:b»"\n      OLLAMA_MODELS: /models\n      OTHER: no\n',
    ],
    [
      'docker-compose.prod.yml',
      "services:\n  app:\n    environment:\n      - OLLAMA_MODEL=«qwen3:8b»\n      - 'OLLAMA_EMBED_MODEL=«a»'\n      - OLLAMA_HOST=x\n    image: OLLAMA_MODEL\n",
    ],
    [
      '/w/.env',
      '# OLLAMA_MODEL=no\nOLLAMA_MODEL=«qwen3:8b»\r\nexport OLLAMA_CHAT_MODEL="«a»" # b\nOLLAMA_MODELS=/models\nMODEL=no\n',
    ],
    ['/w/.env.local', "OLLAMA_MODEL='«qwen3:8b»'\n"],
  ])('are found in %s, each at its place', (path, marked) => {
    const { found, wanted } = references(path, marked);
    expect(found).toEqual(wanted);
  });

  it('are not looked for anywhere else', () => {
    for (const path of ['/w/package.json', '/w/compose.json', '/w/my-opencode.json', '/w/env', '/w/x.yaml']) {
      expect(readOtherFile(path, '{"model": "ollama/a"}\nOLLAMA_MODEL=a\n').references).toEqual([]);
    }
  });

  it('are left alone where they are not written as they read', () => {
    expect(readOtherFile('opencode.json', '{"model": "ollama/qwen3\\u003a8b"}').references).toEqual([]);
    const block = 'services:\n  a:\n    environment:\n      OLLAMA_MODEL: |\n        a\n';
    expect(readOtherFile('compose.yml', block).references).toEqual([]);
  });

  it('have the context that the same file sets', () => {
    expect(readOtherFile('.env', 'OLLAMA_CONTEXT_LENGTH=8192\nOLLAMA_MODEL=a\n').contextTokens).toBe(8_192);
    const list = 'services: { a: { environment: [OLLAMA_CONTEXT_LENGTH=4096] } }';
    expect(readOtherFile('compose.yml', list).contextTokens).toBe(4_096);
    expect(readOtherFile('.env', 'OLLAMA_CONTEXT_LENGTH=many\n').contextTokens).toBeUndefined();
  });

  it('get a card each where they are known, at that context', () => {
    const text = 'OLLAMA_CONTEXT_LENGTH=60000\nOLLAMA_MODEL=llama3.2:3b\nOLLAMA_CHAT_MODEL=nobody\n';
    const cards = referenceCards({ path: '/w/.env', text }, MACHINE);
    expect(cards.map(({ title, hint, range }) => [title, hint, text.slice(range.start, range.end)])).toEqual([
      ['llama3.2:3b', '75 % GPU · 10.6 GiB at 59k', 'llama3.2:3b'],
    ]);
    expect(cards[0]?.lines).toContain('Licence: llama3.2');
    expect(referenceCards({ path: '/w/.env', text }, undefined)).toEqual([]);
    for (const other of [null, 7, {}, { path: 1, text: 'a' }])
      expect(referenceCards(other, MACHINE)).toEqual([]);
  });

  it('never fail, and lie inside of the file', { timeout: rounds(60_000, 900_000) }, () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"',
        '"models"',
        '"id"',
        '"model"',
        '"provider"',
        '"a/b:c"',
        ' ',
        '\n',
        '- ',
      ],
      ...[
        'services:',
        'environment:',
        '  ',
        'OLLAMA_MODEL',
        '=',
        ': ',
        '&a ',
        '*a',
        '<<: ',
        '|',
        '>',
        '#',
        "'",
        '!!',
      ],
      ...['\\u0041', '\u200b', '\u{1f389}', '\ud800', '\r\n', '\t', 'a'],
    );
    const paths = ['chatLanguageModels.json', 'opencode.json', 'compose.yaml', '.env'];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.array(piece, { maxLength: 60 }), (path, pieces) => {
        const text = pieces.join('');
        for (const { name, range } of readOtherFile(path, text).references) {
          expect(text.slice(range.start, range.end)).toBe(name);
        }
      }),
      { numRuns: rounds(2_000, 100_000) },
    );
    for (const path of paths) {
      for (const deep of ['[', '{"a":', '- ', '{a: '])
        expect(readOtherFile(path, deep.repeat(50_000)).references).toEqual([]);
    }
  });
});
