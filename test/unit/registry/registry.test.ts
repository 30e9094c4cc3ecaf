import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelRegistry } from '../../../src/registry/registry';
import type { RegistryRow } from '../../../src/registry/row';
import type { Logger } from '../../../src/shared/logger';
import { memoryRegistry, setReadiness } from '../../support/registryState';
import { config, model, row } from './support/rows';

let registry: ModelRegistry;

beforeEach(() => {
  registry = memoryRegistry();
});

describe('reads', () => {
  it('answer with nothing before anything is known', () => {
    expect(registry.listForBackend('ollama')).toEqual([]);
    expect(registry.listForProvider('qwen')).toEqual([]);
    expect([...registry.listAllByBackend()]).toEqual([]);
    expect(registry.find('ollama', 'qwen', 'qwen3:8b')).toBeUndefined();
  });

  it('give each model with its backend, provider, source and time, sorted by code point', async () => {
    await registry.upsert([
      row({
        models: [model('b'), model('\u{1F600}'), model('B'), model('a')].filter(
          ({ modelId }) => modelId.length < 2,
        ),
      }),
      row({ provider: 'google', models: [model('ab')] }),
      row({ backend: 'llama', provider: 'qwen', models: [model('b')] }),
    ]);
    expect(registry.listForBackend('ollama').map(({ modelId }) => modelId)).toEqual(['B', 'a', 'ab', 'b']);
    expect(registry.listForProvider('qwen').map(({ backend, modelId }) => `${backend}/${modelId}`)).toEqual([
      'ollama/B',
      'ollama/a',
      'llama/b',
      'ollama/b',
    ]);
    expect([...registry.listAllByBackend().keys()]).toEqual(['llama', 'ollama']);
    expect([...registry.listAllByProvider().keys()]).toEqual(['google', 'qwen']);
    expect(registry.find('ollama', 'google', 'ab')).toEqual({
      ...model('ab'),
      backend: 'ollama',
      provider: 'google',
      source: 'probe',
      refreshedAt: 1_000,
    });
    expect(registry.find('ollama', 'qwen', 'ab')).toBeUndefined();
  });

  it('are frozen, through and through, and do not follow the object that was written', async () => {
    const written = { ...model('a'), capabilities: { tools: true } };
    await registry.upsert([row({ models: [written] })]);
    written.capabilities.tools = false;
    const [read] = registry.listForBackend('ollama');
    expect(read?.capabilities.tools).toBe(true);
    expect(Object.isFrozen(read) && Object.isFrozen(read?.capabilities)).toBe(true);
    expect(Object.isFrozen(registry.listForBackend('ollama'))).toBe(true);
  });

  it('keep answering from an old snapshot that someone holds', async () => {
    await registry.upsert([row()]);
    const before = registry.listForBackend('ollama');
    await registry.upsert([row({ refreshedMono: 2_000, models: [] })]);
    expect(before.map(({ modelId }) => modelId)).toEqual(['qwen3:8b']);
    expect(registry.listForBackend('ollama')).toEqual([]);
  });

  it('hide a provider without models, which is stored all the same', async () => {
    await registry.upsert([row({ models: [] })]);
    expect(registry.listAllByBackend().size + registry.listAllByProvider().size).toBe(0);
    expect(registry.rows()).toHaveLength(1);
  });
});

describe('writes', () => {
  it.each([
    ['a later monotonic time of the same boot', { refreshedMono: 1_001, refreshedAt: 1 }, true],
    ['the same monotonic time of the same boot', { refreshedMono: 1_000, refreshedAt: 9_999 }, false],
    [
      'an earlier monotonic time, even where the clock was stepped on',
      { refreshedMono: 999, refreshedAt: 9_999 },
      false,
    ],
    ['a later wall time of another boot', { bootId: 'other', refreshedMono: 1, refreshedAt: 1_001 }, true],
    [
      'the same wall time of another boot',
      { bootId: 'other', refreshedMono: 9_999, refreshedAt: 1_000 },
      false,
    ],
  ])('with %s', async (_what, stamp, wins) => {
    await registry.upsert([row()]);
    const result = await registry.upsert([row({ ...stamp, source: 'session', models: [model('new')] })]);
    expect(result).toMatchObject({ applied: wins ? [{ source: 'session' }] : [] });
    expect(registry.listForBackend('ollama').map(({ modelId }) => modelId)).toEqual([
      wins ? 'new' : 'qwen3:8b',
    ]);
  });

  it('ends with the newest of any order of writes of one process', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(100), { minLength: 1, maxLength: 8 }), async (times) => {
        const fresh = memoryRegistry();
        for (const time of times)
          await fresh.upsert([row({ refreshedMono: time, models: [model(`m${time}`)] })]);
        expect(fresh.listForBackend('ollama').map(({ modelId }) => modelId)).toEqual([
          `m${Math.max(...times)}`,
        ]);
      }),
    );
  });

  it('replace a list whole', async () => {
    await registry.upsert([row({ models: [model('a'), model('b')] })]);
    await registry.upsert([row({ refreshedMono: 2_000, models: [model('b'), model('c')] })]);
    expect(registry.listForBackend('ollama').map(({ modelId }) => modelId)).toEqual(['b', 'c']);
  });

  it('apply the good rows of a batch that has a bad one, with a log line that names what is wrong', async () => {
    const lines: string[] = [];
    const logger: Logger = { log: (_level, event, facts) => lines.push(`${event} ${JSON.stringify(facts)}`) };
    registry = memoryRegistry({ logger });
    const result = await registry.upsert([row({ backend: 'Bad' }), row({ models: [model('a'), model('')] })]);
    expect(result).toMatchObject({ applied: [{ backend: 'ollama', models: [{ modelId: 'a' }] }] });
    expect(lines[0]).toMatch(/^registry\.row\.refused .*backend/);
    expect(lines[1]).toMatch(/^registry\.model\.dropped .*"index":1.*modelId/);
  });

  it('fire once, after the commit, with the rows that won', async () => {
    const fired: (readonly RegistryRow[])[] = [];
    registry.onDidChangeRows((rows) => {
      expect(registry.listForBackend('ollama')).toHaveLength(1);
      fired.push(rows);
    });
    await registry.upsert([row(), row({ provider: 'google', models: [] })]);
    await registry.upsert([row()]);
    await registry.upsert([]);
    expect(fired.map((rows) => rows.map(({ provider }) => provider))).toEqual([['qwen', 'google']]);
  });

  it('survive a listener that throws', async () => {
    registry.onDidChangeRows(() => {
      throw new Error('bug of a listener');
    });
    expect(await registry.upsert([row()])).toMatchObject({ applied: [{ backend: 'ollama' }] });
  });
});

describe('backends', () => {
  it('are unknown before their first probe, in the order of their ids', async () => {
    await registry.configureBackends([config('ollama'), config('llama', { kind: 'llama_server' })]);
    expect(registry.backends()).toMatchObject([
      { id: 'llama', kind: 'llama_server', readiness: 'unknown', probing: false },
      { id: 'ollama', kind: 'ollama', readiness: 'unknown', probing: false },
    ]);
  });

  it('keep state and rows when they stay, and lose both when they go or become another server', async () => {
    await registry.configureBackends([config('a'), config('b'), config('c')]);
    for (const id of ['a', 'b', 'c']) {
      await registry.upsert([row({ backend: id })]);
      await setReadiness(registry, id, { readiness: 'ok' });
    }
    const gone: (readonly RegistryRow[])[] = [];
    registry.onDidChangeRows((rows) => gone.push(rows));
    await registry.configureBackends([config('a'), config('b', { url: 'http://127.0.0.1:2' })]);
    expect(registry.backends().map(({ id, readiness }) => `${id} ${readiness}`)).toEqual([
      'a ok',
      'b unknown',
    ]);
    expect([...registry.listAllByBackend().keys()]).toEqual(['a']);
    expect(gone).toMatchObject([
      [
        { backend: 'b', models: [] },
        { backend: 'c', models: [] },
      ],
    ]);
  });

  it('fire when their state changes, and not for one that is not configured', async () => {
    await registry.configureBackends([config('a')]);
    const fired: string[] = [];
    registry.onDidChangeBackends((states) => fired.push(states.map(({ readiness }) => readiness).join()));
    await setReadiness(registry, 'a', { readiness: 'ok' });
    await setReadiness(registry, 'a', { readiness: 'ok' });
    await setReadiness(registry, 'zzz', { readiness: 'ok' });
    expect(fired).toEqual(['ok']);
  });
});
