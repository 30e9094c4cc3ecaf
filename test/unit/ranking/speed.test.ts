import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemMemorySeconds } from '../../../src/ranking/cpuModel';
import { decodeSeconds, decodeWork } from '../../../src/ranking/decodeModel';
import { estimateVram } from '../../../src/ranking/memory';
import type { VramEstimateInput } from '../../../src/ranking/memory';
import type { RankHardware, SpeedEstimate } from '../../../src/ranking/rankTypes';
import { BACKEND_EFFICIENCY, CPU_BANDWIDTH_FLOOR_GBPS, estimateSpeed } from '../../../src/ranking/speed';
import type { SpeedEstimateInput } from '../../../src/ranking/speed';
import { CPU_24, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

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

  it('runs through the layers, reads the weights and the cache, and adds the times where all fits', () => {
    const speed = speedOf(32, RTX_4090);
    const vramEstimate = estimateVram({ sizeB: 32, quant: 'Q4_K_M' });
    const work = decodeWork({ sizeB: 32, vramEstimate });
    const { launch, weights, cache } = decodeSeconds(work, { vendor: 'nvidia', deviceClass: 'ada' }, 1008);
    expect(speed).toMatchObject({
      backend: 'llama-cpp',
      partialOffloadFraction: 0,
      effectiveBandwidthGbps: 1008,
      confidence: 'high',
      basis: 'estimated',
    });
    expect(speed.tokPerSec).toBeCloseTo(1 / (launch + weights + cache), 9);
    expect(speed.activeWeightsGb).toBeCloseTo(vramEstimate.weightsGb, 9);
    for (const part of [launch, weights, cache]) expect(part).toBeGreaterThan(0);
  });

  it('puts a 32B in 4 bits where people measure it: 10 to 25 tok/s on an M3 Max, 35 to 60 on an RTX 4090', () => {
    const mac = speedOf(32, M3_MAX_36);
    expect(mac.backend).toBe('mlx');
    expect(mac.tokPerSec).toBeGreaterThan(10);
    expect(mac.tokPerSec).toBeLessThan(25);
    const card = speedOf(32, RTX_4090).tokPerSec;
    expect(card).toBeGreaterThan(35);
    expect(card).toBeLessThan(60);
    expect(card).toBeGreaterThan(2 * mac.tokPerSec);
  });

  it('puts the same envelope around machines that are described by the flat fields alone', () => {
    const card = { ...RTX_4090, gpuName: '' };
    const mac = { ...M3_MAX_36, gpuName: '', cpuName: '' };
    expect(speedOf(32, card).tokPerSec).toBeGreaterThan(30);
    expect(speedOf(32, card).tokPerSec).toBeLessThan(60);
    expect(speedOf(32, mac).tokPerSec).toBeGreaterThan(10);
    expect(speedOf(32, mac).tokPerSec).toBeLessThan(25);
  });

  it('makes a mixture of 100B with 15B active at least twice as fast as a dense 32B', () => {
    const big = { ...M3_MAX_36, vramGb: 96, ramGb: 128 };
    expect(speedOf(100, big, { activeB: 15 }).tokPerSec).toBeGreaterThan(2 * speedOf(32, big).tokPerSec);
  });

  it('uses the efficiencies of the peers where nothing better is known', () => {
    const vramEstimate = estimateVram({ sizeB: 8, quant: 'Q4_K_M' });
    const { weightsGB, cacheGB } = decodeWork({ sizeB: 8, vramEstimate });
    const bytes = weightsGB + cacheGB;
    expect(speedOf(8, RTX_4090, { backend: 'vllm' }).tokPerSec).toBeCloseTo((1008 * 0.65) / bytes, 6);
    expect(speedOf(8, RTX_4090, { backend: 'mlx' }).tokPerSec).toBeCloseTo((1008 * 0.7) / bytes, 6);
  });

  it('puts MLX a little before llama.cpp on a Mac, and Ollama where llama.cpp is', () => {
    const [mlx, ollama, llamaCpp] = (['mlx', 'ollama', 'llama-cpp'] as const).map(
      (backend) => speedOf(8, M3_MAX_36, { backend }).tokPerSec,
    );
    expect(mlx).toBeCloseTo((ollama ?? 0) * 1.03, 9);
    expect(llamaCpp).toBe(ollama);
  });

  it('reads only the active part of a mixture of experts', () => {
    const dense = speedOf(30, M3_MAX_36);
    expect(speedOf(30, M3_MAX_36, { activeB: 30 }).tokPerSec).toBeCloseTo(dense.tokPerSec, 9);
    expect(speedOf(30, M3_MAX_36, { activeB: 3 }).tokPerSec).toBeGreaterThan(4 * dense.tokPerSec);
  });

  it('adds the times of GPU and RAM rather than averaging their bandwidths', () => {
    const vramEstimate = estimateVram({ sizeB: 70, quant: 'Q4_K_M' });
    const speed = speedOf(70, RTX_4090);
    const share = (vramEstimate.totalGb - 24) / vramEstimate.totalGb;
    const work = decodeWork({ sizeB: 70, vramEstimate });
    const { launch, weights, cache } = decodeSeconds(work, { vendor: 'nvidia', deviceClass: 'ada' }, 1008);
    const bytesGB = (work.weightsGB + work.cacheGB) * share;
    const system = systemMemorySeconds({ bytesGB, systemGBps: CPU_BANDWIDTH_FLOOR_GBPS, share });
    expect(speed.partialOffloadFraction).toBeCloseTo(share, 9);
    expect(speed.tokPerSec).toBeCloseTo(1 / ((1 - share) * (launch + weights + cache) + system), 9);
    expect(speed.effectiveBandwidthGbps).toBeCloseTo(1 / ((1 - share) / 1008 + share / 60), 9);
    expect(speed.confidence).toBe('medium');
  });

  it('reads everything from system memory with the backend cpu, at the speed of a shared memory where there is one', () => {
    const onCard = speedOf(8, RTX_4090, { backend: 'cpu' });
    expect(onCard).toMatchObject({
      partialOffloadFraction: 1,
      effectiveBandwidthGbps: 60,
      confidence: 'low',
    });
    expect(onCard.tokPerSec).toBeLessThan(speedOf(8, RTX_4090).tokPerSec / 5);
    expect(speedOf(8, M3_MAX_36, { backend: 'cpu' }).effectiveBandwidthGbps).toBe(400);
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

  it('states a range around the estimate that widens where system memory takes part, more where that is unknown', () => {
    const width = ({ range: [low, high] }: SpeedEstimate): number => high / low;
    const sure = speedOf(8, RTX_4090);
    expect(sure.range[0]).toBeLessThan(sure.tokPerSec);
    expect(sure.range[1]).toBeGreaterThan(sure.tokPerSec);
    expect(width(speedOf(8, CPU_24))).toBeGreaterThan(width(sure));
    expect(width(speedOf(100, TWO_CARDS))).toBeGreaterThan(width(sure));
    expect(width(speedOf(70, RTX_4090))).toBeGreaterThan(width(speedOf(100, TWO_CARDS)));
  });

  it('states a wider range where the device, the shape or the quantisation is guessed', () => {
    const width = ({ range: [low, high] }: SpeedEstimate): number => high / low;
    const flat = { ...RTX_4090, gpuName: '' };
    const architecture = { arch: 'llama', layers: 32, heads: 32, kvHeads: 8, hidden: 4096, vocab: 128256 };
    const known = estimateSpeed({
      ...{ sizeB: 8, quant: 'Q4_K_M', hardware: RTX_4090, architecture },
      vramEstimate: estimateVram({ sizeB: 8, quant: 'Q4_K_M', architecture, fileBytes: 4.92e9 }),
    });
    expect(width(speedOf(8, RTX_4090))).toBeGreaterThan(width(known));
    expect(width(speedOf(8, flat))).toBeGreaterThan(width(speedOf(8, RTX_4090)));
    expect(width(speedOf(8, RTX_4090, { quant: 'mystery' }))).toBeGreaterThan(width(speedOf(8, RTX_4090)));
    expect(width(speedOf(30, RTX_4090, { activeB: 3 }))).toBeGreaterThan(width(speedOf(8, RTX_4090)));
  });

  it('is scaled by what other models of the machine were measured at, in rate and in range', () => {
    const plain = speedOf(8, RTX_4090);
    const calibration = { factor: 0.8, measurements: 3, rangeShare: 0.5 };
    const scaled = speedOf(8, RTX_4090, { calibration });
    expect(scaled.tokPerSec).toBeCloseTo(plain.tokPerSec * 0.8, 9);
    expect(scaled.calibration).toEqual({ factor: 0.8, measurements: 3 });
    expect(Math.log(scaled.range[1] / scaled.range[0])).toBeCloseTo(
      Math.log(plain.range[1] / plain.range[0]) / 2,
      9,
    );
    expect(plain.calibration).toBeUndefined();
  });

  it('states how fast a prompt is read, estimated where only decoding was measured', () => {
    const estimated = speedOf(8, RTX_4090).promptTokPerSec;
    expect(estimated).toBeGreaterThan(500);
    expect(speedOf(8, RTX_4090, { measured: { decodeTokPerSec: 90 } }).promptTokPerSec).toBe(estimated);
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

  describe('is never faster', () => {
    const sizes = fc.double({ min: 0.1, max: 500, noNaN: true });
    const contexts = fc.integer({ min: 1, max: 300_000 });
    const quants = fc.constantFrom('Q4_K_M', 'Q8_0', 'F16', 'Q4_0', 'MLX-4bit', 'IQ2_XXS', 'mystery');
    const machines = fc.record({
      platform: fc.constantFrom('macos' as const, 'nvidia' as const, 'amd' as const, 'intel' as const),
      vramGb: fc.double({ min: 4, max: 200, noNaN: true }),
      ramGb: fc.double({ min: 4, max: 2000, noNaN: true }),
      bandwidthGbps: fc.double({ min: 200, max: 4000, noNaN: true }),
      cpuName: fc.constant('x'),
      gpuName: fc.constantFrom('', 'NVIDIA GeForce GTX 1080', 'NVIDIA H100', 'Apple M1 Max', 'RX 7900 XT'),
    });
    const rateOf = (hardware: RankHardware, model: VramEstimateInput): number =>
      estimateSpeed({
        ...{ sizeB: model.sizeB, activeB: model.activeB, quant: model.quant, hardware },
        ...{ architecture: model.architecture, vramEstimate: estimateVram(model) },
      }).tokPerSec;

    // But for rounding.
    const expectNoFaster = (rate: number, reference: number): void => {
      expect(rate).toBeLessThanOrEqual(reference * (1 + 1e-9));
    };

    it('with more parameters, of one quantisation', () => {
      fc.assert(
        fc.property(
          machines,
          sizes,
          quants,
          contexts,
          fc.double({ min: 1, max: 3, noNaN: true }),
          (...drawn) => {
            const [machine, sizeB, quant, contextTokens, more] = drawn;
            const small = rateOf(machine, { sizeB, quant, contextTokens });
            expectNoFaster(rateOf(machine, { sizeB: sizeB * more, quant, contextTokens }), small);
            const activeB = sizeB / 4;
            const sparse = rateOf(machine, { sizeB, activeB, quant, contextTokens });
            const busier = { sizeB, activeB: Math.min(activeB * more, sizeB / 1.2), quant, contextTokens };
            expectNoFaster(rateOf(machine, busier), sparse);
          },
        ),
      );
    });

    it('with a larger file', () => {
      fc.assert(
        fc.property(machines, sizes, fc.double({ min: 1, max: 3, noNaN: true }), (machine, sizeB, more) => {
          const model = { sizeB, quant: 'Q4_K_M', fileBytes: sizeB * 0.55e9 };
          const larger = { ...model, fileBytes: model.fileBytes * more };
          expectNoFaster(rateOf(machine, larger), rateOf(machine, model));
        }),
      );
    });

    it('with a longer context, whether the shape is known or not', () => {
      const architecture = {
        arch: 'gemma3',
        layers: 62,
        heads: 32,
        kvHeads: 16,
        headDimK: 128,
        slidingWindow: 1024,
      };
      fc.assert(
        fc.property(machines, sizes, quants, contexts, contexts, (machine, sizeB, quant, one, other) => {
          const [short, long] = [Math.min(one, other), Math.max(one, other)];
          for (const shape of [{}, { architecture }]) {
            const model = { sizeB, quant, ...shape };
            const ofLong = rateOf(machine, { ...model, contextTokens: long });
            expectNoFaster(ofLong, rateOf(machine, { ...model, contextTokens: short }));
          }
        }),
      );
    });

    it('with less bandwidth or less memory', () => {
      fc.assert(
        fc.property(machines, sizes, quants, fc.double({ min: 0.1, max: 1, noNaN: true }), (...drawn) => {
          const [machine, sizeB, quant, part] = drawn;
          const rate = rateOf(machine, { sizeB, quant });
          const slow = { ...machine, bandwidthGbps: machine.bandwidthGbps * part };
          expectNoFaster(rateOf(slow, { sizeB, quant }), rate);
          const little = { ...machine, vramGb: machine.vramGb * part };
          if (machine.platform !== 'macos') expectNoFaster(rateOf(little, { sizeB, quant }), rate);
        }),
      );
    });
  });

  it('never gives a number that is not one', () => {
    const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -1, 0));
    const hardware = fc.record({
      platform: fc.constantFrom('macos', 'nvidia', 'amd', 'intel', 'cpu' as const),
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
        expect(speed.range[0]).toBeLessThanOrEqual(speed.tokPerSec);
        expect(speed.range[1]).toBeGreaterThanOrEqual(speed.tokPerSec);
      }),
    );
  });
});
