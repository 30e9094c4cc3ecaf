import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelChoice } from '../../src/dispatch/chat';
import type { Engine } from '../../src/engine';
import type { InstallPlan } from '../../src/engine/installs';
import type { RankedModel } from '../../src/ranking/rankTypes';
import type { RegisteredModel } from '../../src/registry/row';
import { DEFAULT_SETTINGS } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';

const MB = 1_000_000;
const SHARED = `sha256:${'a'.repeat(64)}`;

describe('what removing a model frees', () => {
  let storageDir: string;
  let ollama: FakeOllama;
  let engine: Engine;
  beforeAll(async () => {
    storageDir = mkdtempSync(path.join(tmpdir(), 'mp-installs-'));
    ollama = await startFakeOllama({
      registry: {
        'base:1b': describeModel({ weightsBytes: 40 * MB, weightsDigest: SHARED }),
        'tuned:1b': describeModel({ weightsBytes: 40 * MB, weightsDigest: SHARED, system: 'Be short.' }),
        'alone:1b': describeModel({ weightsBytes: 30 * MB, template: 'its own {{ .Prompt }}' }),
      },
      installed: { 'outside:1b': describeModel({ weightsBytes: 20 * MB }) },
    });
    const backends = [{ id: 'ollama', kind: 'ollama' as const, url: ollama.url }];
    engine = await testEngine(storageDir, backends, {
      settings: { ...DEFAULT_SETTINGS, backends, catalogOnline: false, poolDiskBudgetGb: 10 },
    });
    await engine.pool.ready();
    for (const ollamaName of ['base:1b', 'tuned:1b', 'alone:1b']) {
      const outcome = await engine.installs.install({
        ...{ backend: 'ollama', ollamaName, hfRepoId: null, quant: 'Q4_K_M' },
        ...{ initialScore: 50, consent: 'user', sizeOnDiskGb: 0.05 },
      });
      expect(outcome.status).toBe('success');
    }
    await engine.refreshAll(AbortSignal.timeout(20_000));
  }, 60_000);
  afterAll(async () => {
    await engine.dispose();
    await ollama.stop();
    rmSync(storageDir, { recursive: true, force: true });
  });

  const freed = (modelId: string): number | null =>
    engine.installs.freedBytesOf({ backend: 'ollama', modelId });
  const model = (modelId: string): RegisteredModel => {
    const found = engine.served.all().find((each) => each.modelId === modelId);
    if (!found) throw new Error(`${modelId} is not served`);
    return found;
  };

  it('is all of it where nobody has its layers', () => {
    expect(freed('alone:1b')).toBeGreaterThanOrEqual(30 * MB);
    expect(freed('alone:1b')).toBeLessThan(30.1 * MB);
  });

  it('is next to nothing where another model has its weights', () => {
    expect(freed('base:1b')).toBeLessThan(0.1 * MB);
    expect(freed('tuned:1b')).toBeLessThan(0.1 * MB);
  });

  it('is not known of a model outside the pool, and of one that is known by its size alone', async () => {
    expect(freed('outside:1b')).toBeNull();
    expect(await engine.installs.adopt(model('outside:1b'))).toEqual({ status: 'success' });
    expect(engine.installs.entryOf(model('outside:1b'))?.basis).toBe('tag');
    expect(freed('outside:1b')).toBeNull();
  });

  it('is all of it again when the other one is gone', async () => {
    expect(await engine.installs.remove('ollama', 'tuned:1b')).toMatchObject({ status: 'success' });
    expect(freed('base:1b')).toBeGreaterThanOrEqual(40 * MB);
  });

  it('shows in the rows, whoever removed it', async () => {
    expect(model('alone:1b')).toBeDefined();
    expect(await engine.pool.manager.evict({ backend: 'ollama', ollamaName: 'alone:1b' })).toMatchObject({
      status: 'success',
    });
    const names = (): readonly string[] => engine.served.all().map(({ modelId }) => modelId);
    await expect.poll(names, { timeout: 10_000 }).not.toContain('alone:1b');
  });
});

describe('where a model is installed, of several servers on one machine', () => {
  it('is where the picked model is served, and else with the first that answers', async () => {
    const storageDir = mkdtempSync(path.join(tmpdir(), 'mp-installs-'));
    const [first, second] = [await startFakeOllama({}), await startFakeOllama({})];
    const backends = [
      { id: 'ollama_a', kind: 'ollama' as const, url: first.url },
      { id: 'ollama_b', kind: 'ollama' as const, url: second.url },
    ];
    let picked: ModelChoice | undefined;
    const engine = await testEngine(storageDir, backends, { pick: () => picked });
    const asked = AbortSignal.timeout(50_000);
    const target = async (): Promise<string> => {
      const { models } = await engine.rankings.rank('general');
      const model = models.find((each) => engine.installs.nameOf(each) !== null);
      const plan = model && (await engine.installs.plan(model));
      return plan?.kind === 'possible' ? plan.request.backend : (plan?.message ?? 'nothing is ranked');
    };
    try {
      await engine.refreshAll(asked);
      expect(await target()).toBe('ollama_a');
      picked = { backend: 'ollama_b', provider: 'qwen', modelId: 'qwen3:8b' };
      expect(await target()).toBe('ollama_b');
      picked = { best: { task: 'coding' } };
      expect(await target()).toBe('ollama_a');
      picked = { backend: 'ollama_b', provider: 'qwen', modelId: 'qwen3:8b' };
      await second.stop();
      await engine.refreshAll(asked);
      expect(await target()).toBe('ollama_a');
    } finally {
      await engine.dispose();
      await Promise.all([first.stop(), second.stop()]);
      rmSync(storageDir, { recursive: true, force: true });
    }
  }, 60_000);
});

describe('the size of what is to be installed', () => {
  it('is that of its file, and else so much as is certain by its parameters', async () => {
    const storageDir = mkdtempSync(path.join(tmpdir(), 'mp-installs-'));
    const server = await startFakeOllama({});
    const engine = await testEngine(storageDir, [{ id: 'ollama', kind: 'ollama', url: server.url }]);
    const planOf = async (isWanted: (model: RankedModel) => boolean): Promise<InstallPlan | undefined> => {
      const { models } = await engine.rankings.rank('general');
      const model = models.find((each) => engine.installs.nameOf(each) !== null && isWanted(each));
      return model && engine.installs.plan(model);
    };
    try {
      await engine.refreshAll(AbortSignal.timeout(20_000));
      const known = await planOf(({ fileBytes }) => fileBytes !== undefined);
      const guessed = await planOf(
        ({ fileBytes, vramEstimate }) => fileBytes === undefined && !vramEstimate.quantWarning,
      );
      if (known?.kind !== 'possible' || guessed?.kind !== 'possible') throw new Error('nothing to plan');
      expect(known.request.sizeOnDiskGb).toBeGreaterThan(0);
      expect(known.request.atLeastGb).toBeUndefined();
      expect(guessed.request.sizeOnDiskGb).toBeUndefined();
      expect(guessed.preview.sizeBytes).toBeNull();
      expect(guessed.request.atLeastGb).toBeCloseTo(guessed.estimatedGib * 0.75);
    } finally {
      await engine.dispose();
      await server.stop();
      rmSync(storageDir, { recursive: true, force: true });
    }
  }, 60_000);
});
