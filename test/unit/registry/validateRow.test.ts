import { describe, expect, it } from 'vitest';
import { validateRow } from '../../../src/registry/validateRow';
import { model, row } from './support/rows';

describe('names', () => {
  it.each([
    ['letters, digits and signs', 'hf.co/unsloth/Qwen3-8B_GGUF:Q4_K_M (v2) + x @ y, z'],
    ['the path that llama-server on Windows gives', 'C:\\models\\Qwen3-8B-Q4_K_M.gguf'],
    ['letters of other scripts', '通义千问-七 модель'],
    ['combining marks', 'e\u0301tude'],
    ['256 bytes', 'a'.repeat(256)],
    ['256 bytes of letters of 3 bytes each', `${'千'.repeat(85)}a`],
  ])('keeps %s', (_what, name) => {
    expect(validateRow(row({ models: [model(name)] }))).toMatchObject({ ok: true, dropped: [] });
  });

  it.each([
    ['nothing', ''],
    ['257 bytes', 'a'.repeat(257)],
    ['258 bytes in 86 letters', '千'.repeat(86)],
    ['a control character', 'a\u0007b'],
    ['a line break', 'a\nb'],
    ['a lone surrogate', 'a\ud800b'],
    ['a sign that no model name has', 'rm -rf $HOME'],
    ['no text at all', 42],
  ])('drops a model whose id is %s, and keeps the others', (_what, modelId) => {
    const bad = { ...model('x'), modelId };
    const result = validateRow({ ...row(), models: [model('a'), bad, model('b')] });
    expect(result).toMatchObject({ ok: true, dropped: [{ index: 1 }] });
    expect(result.ok && result.row.models.map((kept) => kept.modelId)).toEqual(['a', 'b']);
  });

  it('drops a model whose display name is bad', () => {
    expect(validateRow(row({ models: [{ ...model('a'), displayName: '\u0000' }] }))).toMatchObject({
      ok: true,
      row: { models: [] },
    });
  });
});

describe('lists', () => {
  it('keeps the last of two models with one id, and names the other', () => {
    const result = validateRow(row({ models: [model('a', { quant: 'Q4' }), model('a', { quant: 'Q8' })] }));
    expect(result).toMatchObject({
      ok: true,
      dropped: [{ index: 0, reason: 'a later model has the same id' }],
      row: { models: [{ capabilities: { quant: 'Q8' } }] },
    });
  });

  it('keeps the first 500 models', () => {
    const models = Array.from({ length: 502 }, (_, n) => model(`m${n}`));
    const result = validateRow(row({ models }));
    expect(result.ok && result.row.models).toHaveLength(500);
    expect(result.ok && result.dropped.map(({ index }) => index)).toEqual([500, 501]);
  });

  it.each([
    ['is larger than 8 KiB as JSON', { family: 'a', extra: 'é'.repeat(4_096) }],
    ['has a field of the wrong type', { contextLength: 'long' }],
    ['is no object', 'tools'],
    ['is missing', undefined],
  ])('drops a model whose capabilities object %s', (_what, capabilities) => {
    const result = validateRow({ ...row(), models: [{ ...model('a'), capabilities }, model('b')] });
    expect(result).toMatchObject({ ok: true, dropped: [{ index: 0 }], row: { models: [{ modelId: 'b' }] } });
  });

  it('measures capabilities in bytes, just below the limit as well', () => {
    const filler = 'é'.repeat((8 * 1024 - JSON.stringify({ extra: '' }).length) / 2);
    expect(
      validateRow({ ...row(), models: [{ ...model('a'), capabilities: { extra: filler } }] }),
    ).toMatchObject({
      ok: true,
      dropped: [],
      row: { models: [{ capabilities: {} }] },
    });
  });
});

it.each([
  ['backend', 'Ollama'],
  ['backend', ''],
  ['backend', 'a'.repeat(65)],
  ['backend', 'lm-studio'],
  ['provider', '1qwen'],
  ['source', 'guess'],
  ['refreshedAt', -1],
  ['refreshedMono', Number.NaN],
  ['bootId', ''],
  ['models', null],
])('refuses a row whose %s is %j', (field, value) => {
  expect(validateRow({ ...row(), [field]: value })).toMatchObject({
    ok: false,
    reason: expect.stringContaining(field) as unknown,
  });
});

it.each([null, undefined, 42, 'row', []])('refuses %j', (write) => {
  expect(validateRow(write)).toMatchObject({ ok: false });
});
