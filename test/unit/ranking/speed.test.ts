import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateVram } from '../../../src/ranking/memory';
import type { RankHardware, SpeedEstimate } from '../../../src/ranking/rankTypes';
import { BACKEND_EFFICIENCY, CPU_BANDWIDTH_FLOOR_GBPS, estimateSpeed } from '../../../src/ranking/speed';
import type { SpeedEstimateInput } from '../../../src/ranking/speed';
import { CPU_24, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

const GB_PER_GIB = 2 ** 30 / 1e9;

function speedOf(
  sizeB: number,
  hardware: RankHardware,
  changes: Partial<SpeedEstimateInput> & { readonly activeB?: number } = {},
): SpeedEstimate {
  const quant = changes.quant ?? 'Q4_K_M';
  const active = changes.activeB === undefined ? {} : { activeB: changes.activeB };
  return estimateSpeed({
    sizeB,
    quant,
    hardware,
    vramEstimate: estimateVram({ sizeB, quant, ...active }),
    ...changes,
  });
}

describe('estimateSpeed', () => {
  it('uses the efficiencies and the CPU floor of the peers', () => {
    expect(BACKEND_EFFICIENCY).toEqual({ ollama: 0.55, 'llama-cpp': 0.55, mlx: 0.7, vllm: 0.65, cpu: 0.35 });
    expect(CPU_BANDWIDTH_FLOOR_GBPS).toBe(60);
  });

  it('reads the active weights and the cache once per token where all fits', () => {
    const speed = speedOf(32, RTX_4090);
    const vram = estimateVram({ sizeB: 32, quant: 'Q4_K_M' });
    expect(speed).toMatchObject({
      backend: 'llama-cpp',
      partialOffloadFraction: 0,
      effectiveBandwidthGbps: 1008,
      confidence: 'high',
      basis: 'estimated',
    });
    expect(speed.tokPerSec).toBeCloseTo((1008 * 0.55) / ((vram.weightsGb + vram.kvCacheGb) * GB_PER_GIB), 6);
    expect(speed.activeWeightsGb).toBeCloseTo(vram.weightsGb, 9);
  });

  it('puts a 32B on an M3 Max between 10 and 30 tok/s, with MLX where nothing else is said', () => {
    const speed = speedOf(32, M3_MAX_36);
    expect(speed.backend).toBe('mlx');
    expect(speed.tokPerSec).toBeGreaterThan(10);
    expect(speed.tokPerSec).toBeLessThan(30);
    expect(speedOf(32, M3_MAX_36, { backend: 'ollama' }).tokPerSec).toBeLessThan(speed.tokPerSec);
  });

  it('reads only the active part of a mixture of experts', () => {
    const dense = speedOf(30, M3_MAX_36);
    expect(speedOf(30, M3_MAX_36, { activeB: 30 }).tokPerSec).toBeCloseTo(dense.tokPerSec, 9);
    expect(speedOf(30, M3_MAX_36, { activeB: 3 }).tokPerSec).toBeGreaterThan(4 * dense.tokPerSec);
  });

  it('adds the times of GPU and RAM rather than averaging their bandwidths', () => {
    const vram = estimateVram({ sizeB: 70, quant: 'Q4_K_M' });
    const speed = speedOf(70, RTX_4090);
    const share = (vram.totalGb - 24) / vram.totalGb;
    const bytesGB = (vram.weightsGb + vram.kvCacheGb) * GB_PER_GIB;
    const seconds = (bytesGB * (1 - share)) / (1008 * 0.55) + (bytesGB * share) / (60 * 0.35);
    expect(speed.partialOffloadFraction).toBeCloseTo(share, 9);
    expect(speed.tokPerSec).toBeCloseTo(1 / seconds, 9);
    expect(speed.effectiveBandwidthGbps).toBeCloseTo(1 / ((1 - share) / 1008 + share / 60), 9);
    expect(speed.confidence).toBe('medium');
  });

  it('uses the measured bandwidth of the RAM where the profile has one', () => {
    const vram = estimateVram({ sizeB: 100, quant: 'Q4_K_M' });
    const speed = speedOf(100, TWO_CARDS);
    const share = (vram.totalGb - 48) / vram.totalGb;
    expect(speed.effectiveBandwidthGbps).toBeCloseTo(1 / ((1 - share) / 936 + share / 80), 9);
  });

  it('is of low confidence on a CPU, with more than half offloaded, and with an unknown quantisation', () => {
    expect(speedOf(7, CPU_24)).toMatchObject({
      backend: 'cpu',
      confidence: 'low',
      partialOffloadFraction: 1,
    });
    expect(speedOf(7, CPU_24).effectiveBandwidthGbps).toBe(20);
    expect(speedOf(70, { ...RTX_4090, vramGb: 12 }).confidence).toBe('low');
    expect(speedOf(8, RTX_4090, { quant: 'mystery' }).confidence).toBe('low');
  });

  it('is 0 with low confidence where the model does not fit', () => {
    const tiny: RankHardware = { platform: 'cpu', vramGb: 4, ramGb: 8, bandwidthGbps: 40, cpuName: 'tiny' };
    expect(speedOf(70, tiny)).toMatchObject({
      tokPerSec: 0,
      range: [0, 0],
      confidence: 'low',
      partialOffloadFraction: 1,
      effectiveBandwidthGbps: 0,
    });
    // Unified memory: what does not fit the GPU's part does not fit at all.
    expect(speedOf(60, M3_MAX_36).tokPerSec).toBe(0);
  });

  it('states a range around the estimate that widens as confidence falls', () => {
    const width = ({ range: [low, high] }: SpeedEstimate): number => high / low;
    const sure = speedOf(8, RTX_4090);
    expect(sure.range[0]).toBeLessThan(sure.tokPerSec);
    expect(sure.range[1]).toBeGreaterThan(sure.tokPerSec);
    expect(width(speedOf(70, RTX_4090))).toBeGreaterThan(width(sure));
    expect(width(speedOf(8, CPU_24))).toBeGreaterThan(width(speedOf(70, RTX_4090)));
  });

  it('gives way to a measured rate, which is surer', () => {
    const speed = speedOf(8, CPU_24, { measured: { decodeTokPerSec: 5.5, promptTokPerSec: 40 } });
    expect(speed).toMatchObject({
      tokPerSec: 5.5,
      promptTokPerSec: 40,
      basis: 'measured',
      confidence: 'high',
    });
    expect(speed.range[0]).toBeGreaterThan(4.9);
    expect(speed.range[1]).toBeLessThan(6.1);
  });

  it('never gives a number that is not one', () => {
    const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -1, 0));
    const hardware = fc.record({
      platform: fc.constantFrom('macos' as const, 'nvidia' as const, 'amd' as const, 'cpu' as const),
      vramGb: anyNumber,
      ramGb: anyNumber,
      bandwidthGbps: anyNumber,
      cpuName: fc.constant('x'),
    });
    fc.assert(
      fc.property(anyNumber, anyNumber, fc.string(), hardware, (sizeB, activeB, quant, machine) => {
        const speed = estimateSpeed({
          sizeB,
          activeB,
          quant,
          hardware: machine,
          vramEstimate: estimateVram({ sizeB, activeB, quant }),
        });
        for (const value of [
          speed.tokPerSec,
          ...speed.range,
          speed.effectiveBandwidthGbps,
          speed.partialOffloadFraction,
        ])
          expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
