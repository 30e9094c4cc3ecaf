import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine';
import type { InstallOutcome, PoolInstallRequest } from '../../src/pool/poolInstalls';
import type { RankedModel } from '../../src/ranking/rankTypes';
import { systemClock } from '../../src/shared/clock';
import { DEFAULT_SETTINGS } from '../../src/shared/settings';
import {
  explainRouteAnswer,
  listModelsAnswer,
  rankAnswer,
  servedModelOf,
} from '../../src/ui/languageModelToolAnswers';
import { TOOL_INPUTS } from '../../src/ui/languageModelToolInputs';
import { InstallTool } from '../../src/ui/languageModelToolInstall';
import { FakeClock } from '../fakes/fakeClock';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';

const never = new AbortController().signal;

describe('the language model tools', () => {
  let storageDir: string;
  let ollama: FakeOllama;
  let engine: Engine;
  let ranked: readonly RankedModel[];
  /** Small, not installed, and known to Ollama by a name. */
  let small: RankedModel;

  beforeAll(async () => {
    storageDir = mkdtempSync(path.join(tmpdir(), 'mp-tools-'));
    ollama = await startFakeOllama({
      installed: { 'mine:1b': describeModel(), 'other:1b': describeModel() },
    });
    const backends = [
      { id: 'ollama', kind: 'ollama' as const, url: `http://me:hunter22@127.0.0.1:${ollama.port}` },
    ];
    engine = await testEngine(storageDir, backends, {
      settings: {
        ...{ ...DEFAULT_SETTINGS, backends, catalogOnline: false, poolDiskBudgetGb: 100 },
        hardwareOverride: { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 900 },
      },
    });
    await engine.pool.ready();
    await engine.refreshAll(AbortSignal.timeout(30_000));
    ranked = (await engine.rankings.rank('general', 'local')).models;
    const smallest = ranked
      .filter((model) => model.fitsHardware && engine.installs.nameOf(model) !== null && model.fileBytes)
      .toSorted((a, b) => (a.fileBytes ?? 0) - (b.fileBytes ?? 0))[0];
    if (!smallest) throw new Error('no model of the snapshot has a name in Ollama');
    small = smallest;
  }, 120_000);
  afterAll(async () => {
    await engine.dispose();
    await ollama.stop();
    rmSync(storageDir, { recursive: true, force: true });
  });

  it('list what is served, in few words and without any address', () => {
    const auto = { best: { task: 'coding' } } as const;
    const answer = listModelsAnswer(engine, TOOL_INPUTS.model_pool_list_models.parse({}), auto);
    expect(answer).toMatchObject({ picked: { bestFor: 'coding' } });
    expect(answer).toMatchObject({
      backends: [{ id: 'ollama', kind: 'ollama', machine: 'local', state: 'ok' }],
      models: [
        { backend: 'ollama', modelId: 'mine:1b', machine: 'local', loaded: false },
        { backend: 'ollama', modelId: 'other:1b' },
      ],
    });
    const text = JSON.stringify(answer);
    expect(text).not.toMatch(/hunter22|127\.0\.0\.1|http/);
    const one = listModelsAnswer(engine, TOOL_INPUTS.model_pool_list_models.parse({ limit: 1 }), null);
    expect(one).toMatchObject({ models: [{ modelId: 'mine:1b' }], notShown: 1 });
    const none = listModelsAnswer(engine, TOOL_INPUTS.model_pool_list_models.parse({ backend: 'lms' }), null);
    expect(none).toEqual({ backends: [], models: [], note: 'There is no backend lms.' });
  });

  it('rank models for the machine, best first, and say which fit', async () => {
    const ranking = await engine.rankings.rank('general', 'local');
    const installed = (model: RankedModel): boolean => engine.installs.isInstalled(model);
    const ask = (input: object) => rankAnswer(ranking, TOOL_INPUTS.model_pool_rank.parse(input), installed);
    const answer = ask({ limit: 3 });
    expect(answer).toMatchObject({
      task: 'general',
      machine: { name: 'local', gpuMemoryGib: 24, memoryGib: 64, hardwareKnown: true },
      models: ranked.slice(0, 3).map(({ modelId, fit }) => ({ modelId, fit, installed: false })),
    });
    expect(JSON.stringify(answer).length).toBeLessThan(2_500);
    const all = ask({ limit: 50, onlyFitting: false });
    const fitting = ranked.filter(({ fitsHardware }) => fitsHardware).length;
    expect(ask({ limit: 50 })).toMatchObject({ notShown: fitting - 50 });
    expect(all).toMatchObject({ notShown: ranked.length - 50 });
  });

  it('say nothing of fit and speed on a machine that nobody described', async () => {
    const ranking = await engine.rankings.rank('general', 'gpubox');
    const answer = rankAnswer(ranking, TOOL_INPUTS.model_pool_rank.parse({ limit: 1 }), () => false);
    expect(answer).toMatchObject({ machine: { name: 'gpubox', hardwareKnown: false } });
    expect(JSON.stringify(answer['models'])).not.toMatch(/tokensPerSecond|"fit"|memoryGib/);
    expect(answer['models']).toHaveLength(1);
  });

  it('explain where a call would go, without any address', () => {
    const explain = (input: object): unknown => {
      const model = servedModelOf(engine, TOOL_INPUTS.model_pool_explain_route.parse(input));
      if (typeof model === 'string') return model;
      const request = { messages: [], sessionId: 'explain', ...(model ? { model } : {}) };
      return explainRouteAnswer(engine, engine.dispatcher.explainRoute(request));
    };
    const answer = explain({ modelId: 'mine:1b' });
    expect(answer).toMatchObject({
      goesTo: { backend: 'ollama', modelId: 'mine:1b', machine: 'local', leftAlone: false },
      afterFailure: null,
    });
    expect(JSON.stringify(answer)).not.toMatch(/hunter22|127\.0\.0\.1|http/);
    expect(explain({ modelId: 'mine:1b', backend: 'ollama' })).toEqual(answer);
    expect(explain({ modelId: 'gone:1b' })).toBe(
      'No backend serves gone:1b for chat now. model_pool_list_models says what is served.',
    );
    expect(explain({})).toMatchObject({ goesTo: { backend: 'ollama' } });
  });

  describe('that install', () => {
    let begun: PoolInstallRequest[];
    beforeEach(() => {
      begun = [];
    });

    function installTool(
      install: (request: PoolInstallRequest) => Promise<InstallOutcome>,
      more: Partial<ConstructorParameters<typeof InstallTool>[0]> = {},
    ): InstallTool {
      return new InstallTool({
        ranked: () => Promise.resolve(ranked),
        plan: (model) => engine.installs.plan(model),
        install: (request) => {
          begun.push(request);
          return install(request);
        },
        isInstalled: (model) => engine.installs.isInstalled(model),
        clock: systemClock,
        ...more,
      });
    }
    const failing = (): Promise<InstallOutcome> =>
      Promise.resolve({ status: 'error', code: 'disk_full', message: 'The disk is full.' });

    it('begin nothing that the user was not asked', async () => {
      const tool = installTool(failing);
      expect(await tool.install({ modelId: small.modelId }, never)).toMatchObject({ code: 'not_confirmed' });
      expect(begun).toEqual([]);
    });

    it('carry out the very plan that was shown, once', async () => {
      const tool = installTool(failing);
      const plan = await tool.prepare({ modelId: small.modelId });
      expect(plan?.request).toMatchObject({ backend: 'ollama', consent: 'user', mayEvict: [] });
      expect(await tool.install({ modelId: small.modelId }, never)).toEqual({
        ...{ status: 'not_installed', code: 'disk_full', message: 'The disk is full.' },
      });
      expect(begun).toEqual([{ ...plan?.request, signal: never, onEvent: begun[0]?.onEvent }]);
      expect(await tool.install({ modelId: small.modelId }, never)).toMatchObject({ code: 'not_confirmed' });
      expect(begun).toHaveLength(1);
    });

    it('forget what was shown when the next question has no plan', async () => {
      let isInstalled = false;
      const tool = installTool(failing, { isInstalled: () => isInstalled });
      expect(await tool.prepare({ modelId: small.modelId })).not.toBeNull();
      isInstalled = true;
      expect(await tool.prepare({ modelId: small.modelId })).toBeNull();
      expect(await tool.install({ modelId: small.modelId }, never)).toMatchObject({ alreadyInstalled: true });
      expect(begun).toEqual([]);
    });

    it('say why not, and ask nothing, where it cannot be', async () => {
      const message = 'No Ollama server is set up.';
      const impossible = installTool(failing, {
        plan: () => Promise.resolve({ kind: 'impossible', message }),
      });
      expect(await impossible.prepare({ modelId: small.modelId })).toBeNull();
      expect(await impossible.install({ modelId: small.modelId }, never)).toEqual({
        ...{ status: 'not_installed', code: 'impossible', message },
      });
      const unknown = installTool(failing);
      expect(await unknown.prepare({ modelId: 'no/such' })).toBeNull();
      expect(await unknown.install({ modelId: 'no/such' }, never)).toMatchObject({ code: 'unknown_model' });
      const biggest = ranked.reduce((a, b) => ((a.fileBytes ?? 0) > (b.fileBytes ?? 0) ? a : b));
      expect(await unknown.prepare({ modelId: biggest.modelId })).toBeNull();
      expect(await unknown.install({ modelId: biggest.modelId }, never)).toMatchObject({
        status: 'not_installed',
      });
    });

    it('answer after a minute while a download goes on', async () => {
      const clock = new FakeClock();
      const tool = installTool(() => new Promise(() => undefined), { clock });
      await tool.prepare({ modelId: small.modelId });
      const answer = tool.install({ modelId: small.modelId }, never);
      await expect.poll(() => clock.nextDueMs).toBe(60_000);
      await clock.advance(60_000);
      expect(await answer).toMatchObject({ status: 'downloading', backend: 'ollama', percent: null });
    });

    it('leave no timer behind when it is done', async () => {
      const clock = new FakeClock();
      const tool = installTool(failing, { clock });
      await tool.prepare({ modelId: small.modelId });
      await tool.install({ modelId: small.modelId }, never);
      expect(clock.pending).toBe(0);
    });

    it('install on a real server what it shows then', async () => {
      const name = engine.installs.nameOf(small) ?? '';
      ollama.registry.offer(name, describeModel({ weightsBytes: 1_000_000 }));
      const tool = installTool((request) => engine.installs.install(request));
      await tool.prepare({ modelId: small.modelId });
      expect(await tool.install({ modelId: small.modelId }, never)).toMatchObject({
        ...{ status: 'installed', backend: 'ollama', alreadyInstalled: false, removed: [] },
      });
      await engine.refreshAll(AbortSignal.timeout(30_000));
      expect(engine.served.all().map(({ modelId }) => modelId)).toContain(name);
    }, 60_000);
  });
});
