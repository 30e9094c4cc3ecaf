import { describe, expect, it, vi } from 'vitest';
import type { Candidate, Observation, SnapshotLoadResult } from '../../../src/catalog/candidate';
import { RankingService } from '../../../src/engine/rankingService';
import { profileFromOverride, unknownProfile } from '../../../src/hardware/overrideProfile';
import type { HardwareProfile } from '../../../src/hardware/profile';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';

const clock = new FakeClock();
const SMALL_PC = { platform: 'cpu', vramGb: 0, ramGb: 16, bandwidthGbps: 40 } as const;
const GPU_BOX = { platform: 'nvidia', vramGb: 48, ramGb: 128, bandwidthGbps: 936 } as const;

function candidate(name: string, sizeB: number, quants: readonly string[]): Candidate {
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB },
    capabilities: { tools: true, thinking: null, vision: null },
    builds: quants.map((quant) => ({
      quant,
      sizeBytes: sizeB * (quant === 'F16' ? 2e9 : 0.6e9),
      sizeBasis: 'exact',
      repo: `maker/${name}-GGUF`,
    })),
    lineagePosition: 0,
  };
}

function observation(name: string, value: number): Observation {
  return {
    ...{ hfRepoId: `maker/${name}`, source: 'livebench', benchmark: 'average', task: 'general', value },
    ...{ scale: 'percent', observedAt: '2026-10-01', independent: true },
  };
}

const CATALOGUE: SnapshotLoadResult = {
  source: 'frozen',
  warnings: [],
  snapshot: {
    version: 1,
    generatedAt: '2026-11-01T00:00:00Z',
    candidates: [
      candidate('small-3b', 3, ['Q4_K_M', 'F16']),
      candidate('large-70b', 70, ['Q4_K_M', 'F16']),
      candidate('odd-8b', 8, ['Q6_K']),
      { ...candidate('embed', 1, ['F16']), role: 'other' },
    ],
    observations: [observation('small-3b', 35), observation('large-70b', 70), observation('odd-8b', 45)],
  },
};

/** A service that knows this machine, one other, and nothing of any third. */
function service() {
  const detect = vi.fn((host: string): Promise<HardwareProfile> => {
    if (host === 'local') return Promise.resolve(profileFromOverride(host, SMALL_PC, clock));
    if (host === 'gpubox') return Promise.resolve(profileFromOverride(host, GPU_BOX, clock));
    return Promise.resolve(unknownProfile(host, clock));
  });
  const forgetHardware = vi.fn();
  const loadSnapshot = () => Promise.resolve(CATALOGUE);
  const rankings = new RankingService({ detect, forgetHardware, loadSnapshot }, clock, silentLogger);
  return { rankings, detect, forgetHardware };
}

describe('the ranking for a machine', () => {
  it('is made of the figures of that machine alone', async () => {
    const { rankings } = service();
    const [here, there] = await Promise.all([rankings.rank('general'), rankings.rank('general', 'gpubox')]);
    expect(here.profile).toMatchObject({ host: 'local', ramGb: 16 });
    expect(there.profile).toMatchObject({ host: 'gpubox', vramGb: 48 });
    expect([here.hardwareKnown, there.hardwareKnown]).toEqual([true, true]);
    const large = (ranking: typeof here) => ranking.models.find(({ name }) => name === 'large-70b');
    expect(large(here)).toMatchObject({ fitsHardware: false, score: 0 });
    expect(large(there)).toMatchObject({ fitsHardware: true, fit: 'gpu' });
  });

  it('is computed once a task and machine, and known from then on', async () => {
    const { rankings, detect } = service();
    await Promise.all([rankings.rank('general', 'gpubox'), rankings.rank('general', 'gpubox')]);
    expect(detect).toHaveBeenCalledTimes(1);
    expect(rankings.known('general', 'gpubox')?.profile.host).toBe('gpubox');
    expect(rankings.known('general')).toBeUndefined();
    await rankings.rank('coding', 'gpubox');
    expect(detect).toHaveBeenCalledTimes(2);
  });

  it('is tried again after it failed', async () => {
    const { rankings, detect } = service();
    detect.mockRejectedValueOnce(new Error('cancelled'));
    await expect(rankings.rank('general', 'gpubox')).rejects.toThrow('cancelled');
    expect((await rankings.rank('general', 'gpubox')).models).not.toEqual([]);
  });

  it('is made anew after this machine was looked at again', async () => {
    const { rankings, detect, forgetHardware } = service();
    await rankings.rank('general');
    const heard = vi.fn();
    rankings.onDidChange(heard);
    await rankings.redetect();
    expect(forgetHardware).toHaveBeenCalledTimes(1);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(rankings.known('general')).toBeUndefined();
    await rankings.rank('general');
    expect(detect.mock.calls.map(([host]) => host)).toEqual(['local', 'local', 'local']);
  });
});

describe('the ranking for a machine of which nothing is known', () => {
  it('lists models by score, and says why there is no more and what to do', async () => {
    const { rankings } = service();
    const ranking = await rankings.rank('general', 'nas');
    expect(ranking.hardwareKnown).toBe(false);
    expect(ranking.models.map(({ name }) => name)).toEqual(['large-70b', 'odd-8b', 'small-3b']);
    const scores = ranking.models.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(Math.min(...scores)).toBeGreaterThan(0);
    expect(ranking.problems[0]).toMatch(/hardware of nas is not known.*modelPool\.hosts/);
  });

  it('has no fit, no speed and no context that a view could take for known', async () => {
    const { rankings } = service();
    for (const model of (await rankings.rank('general', 'nas')).models) {
      expect(model).toMatchObject({
        fit: 'none',
        fitsHardware: false,
        estimatedTokPerSec: 0,
        fitByContext: [],
      });
      expect(model.speedEstimate).toMatchObject({ tokPerSec: 0, range: [0, 0] });
      expect(model.unfitReason).toMatch(/not known: the hardware of nas/);
      expect(model.otherBuilds).toEqual([]);
    }
  });

  it('keeps the results behind each score, and every row can be written as JSON', async () => {
    const { rankings } = service();
    const { models } = await rankings.rank('general', 'nas');
    for (const { benchmarkScore } of models)
      expect(benchmarkScore.contributions.map(({ source }) => source)).toEqual(['livebench']);
    expect(JSON.parse(JSON.stringify(models))).toEqual(
      models.map((model) => ({
        ...model,
        benchmarkScore: { ...model.benchmarkScore, contributions: model.benchmarkScore.contributions },
      })),
    );
  });

  it('names the usual build of a model, and another one only where there is no usual one', async () => {
    const { rankings } = service();
    const builds = (await rankings.rank('general', 'nas')).models.map(({ name, quant }) => [name, quant]);
    expect(Object.fromEntries(builds)).toEqual({
      'large-70b': 'Q4_K_M',
      'odd-8b': 'Q6_K',
      'small-3b': 'Q4_K_M',
    });
  });

  it('keeps why a model cannot do the task at all', async () => {
    const { rankings } = service();
    const [model] = (await rankings.rank('vision', 'nas')).models;
    expect(model?.score).toBe(0);
    expect(model?.unfitReason).not.toMatch(/hardware/);
  });
});

describe('the machine that the views rank for', () => {
  it('is this one until another is chosen, which they hear of once', () => {
    const { rankings } = service();
    const heard = vi.fn();
    rankings.onDidChange(heard);
    expect(rankings.host).toBe('local');
    rankings.chooseHost('gpubox');
    rankings.chooseHost('gpubox');
    expect(rankings.host).toBe('gpubox');
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
