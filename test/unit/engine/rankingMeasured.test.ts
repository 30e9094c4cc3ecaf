import { describe, expect, it, vi } from 'vitest';
import type { Candidate, SnapshotLoadResult } from '../../../src/catalog/candidate';
import type { HostMeasurement } from '../../../src/engine/hostMeasurements';
import { RankingService, type Ranking } from '../../../src/engine/rankingService';
import { profileFromOverride, unknownProfile } from '../../../src/hardware/overrideProfile';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';

const GPU_BOX = { platform: 'nvidia', vramGb: 48, ramGb: 128, bandwidthGbps: 936 } as const;

function candidate(name: string, sizeB: number): Candidate {
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB },
    capabilities: { tools: true, thinking: null, vision: null },
    builds: [{ quant: 'Q4_K_M', sizeBytes: sizeB * 0.6e9, sizeBasis: 'exact', repo: `maker/${name}-GGUF` }],
    lineagePosition: 0,
  };
}

const CATALOGUE: SnapshotLoadResult = {
  source: 'frozen',
  warnings: [],
  snapshot: {
    version: 1,
    generatedAt: '2026-11-01T00:00:00Z',
    candidates: [candidate('small-3b', 3), candidate('large-32b', 32)],
    observations: [],
  },
};

function measurement(decodeTokPerSec: number, change: Partial<HostMeasurement> = {}): HostMeasurement {
  return {
    ...{ hostId: 'local', digest: 'ab', modelId: 'maker/small-3b', quant: 'Q4_K_M', contextTokens: 8_192 },
    ...{ decodeTokPerSec, measuredAt: '2026-11-21T10:00:00.000Z', from: 'measure' as const },
    ...change,
  };
}

/** Two equal machines, and one of which nothing is known. */
function service() {
  const clock = new FakeClock();
  const store: { measurements: readonly HostMeasurement[] } = { measurements: [] };
  const rankings = new RankingService(
    {
      detect: (host) =>
        Promise.resolve(
          host === 'nas' ? unknownProfile(host, clock) : profileFromOverride(host, GPU_BOX, clock),
        ),
      forgetHardware: () => undefined,
      loadSnapshot: () => Promise.resolve(CATALOGUE),
      measurements: (host) => store.measurements.filter(({ hostId }) => hostId === host),
    },
    clock,
    silentLogger,
  );
  const heard = vi.fn();
  rankings.onDidChange(heard);
  /** Stores these, and lets the service look at them. */
  const measured = async (...measurements: readonly HostMeasurement[]): Promise<void> => {
    store.measurements = measurements;
    rankings.measurementsChanged();
    await clock.advance(1_000);
    await clock.advance(0);
  };
  return { rankings, heard, store, measured };
}

function speed(ranking: Ranking, name: string): number {
  return ranking.models.find((model) => model.name === name)?.estimatedTokPerSec ?? NaN;
}

describe('a ranking and what was measured', () => {
  it('is made anew when a model was measured, with its rate, and the others calibrated', async () => {
    const { rankings, heard, measured } = service();
    const before = await rankings.rank('general');
    const rate = speed(before, 'small-3b') / 2;
    await measured(measurement(rate));
    expect(heard).toHaveBeenCalledTimes(1);
    const after = await rankings.rank('general');
    expect(speed(after, 'small-3b')).toBeCloseTo(rate, 9);
    const others = speed(after, 'large-32b') / speed(before, 'large-32b');
    expect(others).toBeGreaterThan(0.5);
    expect(others).toBeLessThan(0.85);
  });

  it('stays when a further measurement says the same, and is made anew when it does not or is gone', async () => {
    const { rankings, heard, measured } = service();
    await measured(measurement(60));
    await rankings.rank('general');
    const later = { measuredAt: '2026-11-21T11:00:00.000Z' };
    await measured(measurement(60), measurement(62, later));
    expect(heard).not.toHaveBeenCalled();
    await measured(measurement(60), measurement(70, later));
    expect(heard).toHaveBeenCalledTimes(1);
    await rankings.rank('general');
    await measured();
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('is made anew although another ranking of the machine was made with the measurement meanwhile', async () => {
    const { rankings, heard, store, measured } = service();
    await rankings.rank('general');
    store.measurements = [measurement(60)];
    await rankings.rank('coding');
    await measured(measurement(60));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(speed(await rankings.rank('general'), 'small-3b')).toBeCloseTo(60, 9);
  });

  it('is not looked at again for each of many changes', async () => {
    const { rankings, heard, measured } = service();
    await rankings.rank('general');
    await rankings.rank('coding');
    rankings.measurementsChanged();
    rankings.measurementsChanged();
    await measured(measurement(60));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('of one machine does not follow the measurements of another one', async () => {
    const { rankings, heard, measured } = service();
    const before = await rankings.rank('general');
    await measured(measurement(10, { hostId: 'gpubox' }));
    expect(heard).not.toHaveBeenCalled();
    expect(speed(await rankings.rank('general', 'gpubox'), 'small-3b')).toBeCloseTo(10, 9);
    rankings.invalidate();
    expect((await rankings.rank('general')).models).toEqual(before.models);
  });

  it('is left alone on a machine that nobody described', async () => {
    const { rankings, measured } = service();
    const before = await rankings.rank('general', 'nas');
    await measured(measurement(10, { hostId: 'nas' }));
    rankings.invalidate();
    expect((await rankings.rank('general', 'nas')).models).toEqual(before.models);
    expect(await rankings.speeds('nas')).toMatchObject({ uncompared: [{ decodeTokPerSec: 10 }] });
  });
});

describe('the speeds of a machine', () => {
  it('are what was measured beside what would be said of it', async () => {
    const { rankings, measured } = service();
    const estimated = speed(await rankings.rank('general'), 'small-3b');
    await measured(measurement(60), measurement(50, { modelId: 'maker/large-32b', digest: 'cd' }));
    const { calibration, uncompared } = await rankings.speeds();
    expect(uncompared).toEqual([]);
    expect(calibration?.rows).toMatchObject([
      { modelId: 'maker/large-32b', measuredTokPerSec: 50, placement: 'accelerator' },
      { modelId: 'maker/small-3b', measuredTokPerSec: 60, placement: 'accelerator' },
    ]);
    expect(calibration?.rows[1]?.estimatedTokPerSec).toBeCloseTo(estimated, 9);
    expect(calibration?.accelerator?.measurements).toBe(2);
  });

  it('name once, by its newest rate, what the catalogue does not know', async () => {
    const { rankings, measured } = service();
    const stranger = { digest: '["llama","local","mine"]', quant: 'Q4_K_M', contextTokens: 4_096 };
    const base = { hostId: 'local', from: 'dispatch' as const, ...stranger };
    await measured(
      { ...base, decodeTokPerSec: 7, measuredAt: '2026-11-21T09:00:00.000Z' },
      { ...base, decodeTokPerSec: 8, measuredAt: '2026-11-21T11:00:00.000Z' },
    );
    expect(await rankings.speeds()).toMatchObject({ uncompared: [{ decodeTokPerSec: 8 }] });
    expect(await rankings.speeds()).not.toHaveProperty('calibration');
  });
});
