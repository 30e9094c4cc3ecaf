import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelBuild } from '../../src/catalog/candidate';
import { loadFrozenSnapshot } from '../../src/catalog/snapshot';
import type { Engine } from '../../src/engine';
import type { Ranking } from '../../src/engine/rankingService';
import { DEFAULT_SETTINGS } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';
import { repositoryRoot } from '../support/repository';
import { hear } from '../unit/dispatch/support/rig';

const SIGNAL = new AbortController().signal;
const NAME = 'qwen3:8b';
/** Of the builds of the model only that of four bits fits it with 8k of context. */
const CARD = { platform: 'nvidia', vramGb: 7, ramGb: 32, bandwidthGbps: 448 } as const;
const WAIT = { timeout: 20_000, interval: 50 } as const;

/** The catalogue's model of that name in Ollama's library, and the build that Ollama installs for it. */
async function catalogued(): Promise<{ readonly modelId: string; readonly build: ModelBuild }> {
  const { snapshot } = await loadFrozenSnapshot({ path: path.join(repositoryRoot, 'data', 'snapshot.json') });
  const candidate = snapshot.candidates.find(({ ollamaNames }) => ollamaNames?.includes(NAME));
  const build = candidate?.builds.find(({ quant }) => quant === 'Q4_K_M');
  if (!candidate || !build) throw new Error(`${NAME} is not in the catalogue`);
  return { modelId: candidate.hfRepoId, build };
}

describe('a model that is measured on its machine', () => {
  let storageDir: string;
  let ollama: FakeOllama;
  let engine: Engine;
  let modelId: string;

  beforeEach(async () => {
    storageDir = mkdtempSync(path.join(tmpdir(), 'mp-calibration-'));
    const known = await catalogued();
    modelId = known.modelId;
    ollama = await startFakeOllama({
      gpuShare: 1,
      installed: {
        [NAME]: describeModel({
          family: 'qwen3',
          weightsBytes: known.build.sizeBytes,
          quantization: 'Q4_K_M',
        }),
        'mine:1b': describeModel({ family: 'llama', weightsBytes: 1e9 }),
      },
    });
    const backends = [{ id: 'ollama', kind: 'ollama' as const, url: ollama.url }];
    engine = await testEngine(storageDir, backends, {
      settings: { ...DEFAULT_SETTINGS, backends, catalogOnline: false, hardwareOverride: CARD },
    });
    await engine.refreshAll(AbortSignal.timeout(20_000));
  });
  afterEach(async () => {
    await engine.dispose();
    await ollama.stop();
    rmSync(storageDir, { recursive: true, force: true });
  });

  function ref(name: string) {
    const model = engine.served.all().find((served) => served.modelId === name);
    if (!model) throw new Error(`${name} is not served`);
    const { backend, provider } = model;
    return { backend, provider, modelId: model.modelId };
  }

  const row = (ranking: Ranking) => ranking.models.find((model) => model.modelId === modelId);

  it('has that rate in the ranking from then on, and every other estimate of the machine follows', async () => {
    const before = await engine.rankings.rank('general');
    expect(row(before)?.speedEstimate.basis).toBe('estimated');
    const changed = vi.fn();
    engine.rankings.onDidChange(changed);

    const result = await engine.trials.measure(ref(NAME), { signal: SIGNAL });
    if (!result.ok) throw new Error(result.message);
    expect(result.measurement.readTokens).toBeLessThan(result.measurement.contextTokens);
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), WAIT);

    const after = await engine.rankings.rank('general');
    expect(row(after)?.speedEstimate).toMatchObject({
      basis: 'measured',
      measured: { tokPerSec: result.decodeTokPerSec, readTokens: result.measurement.readTokens },
    });
    const { calibration, uncompared } = await engine.rankings.speeds();
    expect(calibration?.rows).toMatchObject([{ modelId, quant: 'Q4_K_M', placement: 'accelerator' }]);
    expect(uncompared).toEqual([]);
    const factor = calibration?.accelerator?.factor ?? NaN;
    const others = after.models.filter((model) => model.fit === 'gpu' && model.modelId !== modelId);
    expect(others.length).toBeGreaterThan(20);
    for (const { speedEstimate } of others.slice(0, 20))
      expect(speedEstimate).toMatchObject({ basis: 'estimated', calibration: { factor, measurements: 1 } });
  });

  it('is ranked as before where the catalogue does not know it, and still told of', async () => {
    const before = await engine.rankings.rank('general');
    const result = await engine.trials.measure(ref('mine:1b'), { signal: SIGNAL });
    if (!result.ok) throw new Error(result.message);
    expect(await engine.rankings.speeds()).toMatchObject({
      uncompared: [{ servedAs: 'mine:1b', decodeTokPerSec: result.decodeTokPerSec }],
    });
    engine.rankings.invalidate();
    const speeds = (ranking: Ranking) => ranking.models.map((model) => model.speedEstimate);
    expect(speeds(await engine.rankings.rank('general'))).toEqual(speeds(before));
  });

  it('teaches by calls too, which are made anyway', async () => {
    await engine.trials.warm(ref(NAME), { signal: SIGNAL });
    await engine.rankings.rank('general');
    const changed = vi.fn();
    engine.rankings.onDidChange(changed);
    await hear(
      engine.dispatcher.dispatch({
        ...{ model: ref(NAME), sessionId: 'ask', messages: [{ role: 'user', content: 'loop' }] },
        parameters: { maxTokens: 40 },
      }),
    );
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), WAIT);
    expect(row(await engine.rankings.rank('general'))?.speedEstimate.basis).toBe('measured');
    const { calibration } = await engine.rankings.speeds();
    expect(calibration?.rows[0]?.measurement.from).toBe('dispatch');
  });
});
