import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceleratorTflops, processorTflops } from '../../../src/ranking/promptCompute';
import { promptTokPerSec } from '../../../src/ranking/promptSpeed';
import type { PromptSpeedInput } from '../../../src/ranking/promptSpeed';
import { promptError, promptMeasurements } from '../../support/promptMeasurements';
import { CPU_24, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

const ON_4090: PromptSpeedInput = {
  ...{ activeB: 8, sizeB: 8, quant: 'Q4_K_M' },
  ...{ hardware: RTX_4090, backend: 'llama-cpp', offloadShare: 0 },
};

function rate(changes: Partial<PromptSpeedInput> = {}): number {
  return promptTokPerSec({ ...ON_4090, ...changes }) ?? Number.NaN;
}

const positive = fc.double({ min: 0.1, max: 1000, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const promptTokens = fc.integer({ min: 1, max: 1_000_000 });
const more = fc.double({ min: 1, max: 50, noNaN: true });

describe('promptTokPerSec', () => {
  it('is a positive, finite rate for any model, and slower for longer prompts and more offloading', () => {
    const model = fc.record({ activeB: positive, sizeB: positive, offloadShare: share, promptTokens });
    fc.assert(
      fc.property(model, more, share, (input, factor, added) => {
        const base = rate(input);
        expect(base).toBeGreaterThan(0);
        expect(base).toBeLessThan(Infinity);
        // From a piece on: a shorter prompt waits as long for the copied weights.
        const long = Math.max(512, input.promptTokens);
        expect(rate({ ...input, promptTokens: long * factor })).toBeLessThanOrEqual(
          rate({ ...input, promptTokens: long }),
        );
        const offloadShare = Math.min(1, input.offloadShare + added);
        expect(rate({ ...input, offloadShare })).toBeLessThanOrEqual(base);
      }),
    );
  });

  it('is slower for a larger dense model, and faster with more bandwidth of one class', () => {
    fc.assert(
      fc.property(positive, more, (sizeB, factor) => {
        const dense = { activeB: sizeB, sizeB };
        const larger = { activeB: sizeB * factor, sizeB: sizeB * factor };
        expect(rate(larger)).toBeLessThanOrEqual(rate(dense));
        const hardware = { ...RTX_4090, bandwidthGbps: 1008 * factor };
        expect(rate({ ...dense, hardware })).toBeGreaterThanOrEqual(rate(dense));
      }),
    );
  });

  it('gives no number for a device that nobody measured, and for numbers that make no sense', () => {
    const hardware = { ...RTX_4090, gpuName: 'Some Accelerator 9000' };
    expect(promptTokPerSec({ ...ON_4090, hardware })).toBeUndefined();
    expect(promptTokPerSec({ ...ON_4090, hardware: CPU_24, backend: 'cpu' })).toBeUndefined();
    for (const none of [0, -1, Number.NaN]) {
      expect(promptTokPerSec({ ...ON_4090, activeB: none })).toBeUndefined();
      expect(promptTokPerSec({ ...ON_4090, sizeB: none })).toBeUndefined();
      expect(promptTokPerSec({ ...ON_4090, promptTokens: none })).toBeUndefined();
    }
    expect(promptTokPerSec({ ...ON_4090, hardware: { ...RTX_4090, bandwidthGbps: 0 } })).toBeUndefined();
    expect(promptTokPerSec({ ...ON_4090, activeB: Infinity, sizeB: Infinity })).toBeUndefined();
  });

  it('counts the active parameters of a mixture of experts, at less than the full compute', () => {
    const experts = rate({ sizeB: 30, activeB: 3 });
    expect(experts).toBeGreaterThan(2 * rate({ sizeB: 30, activeB: 30 }));
    expect(experts).toBeLessThan(rate({ sizeB: 3, activeB: 3 }));
  });

  it('reads a long prompt at a lower rate, as the attention grows', () => {
    const slowdown = rate({ promptTokens: 512 }) / rate({ promptTokens: 32_768 });
    expect(slowdown).toBeGreaterThan(1.5);
    expect(slowdown).toBeLessThan(3);
    expect(rate()).toBe(rate({ promptTokens: 4096 }));
  });

  it('copies offloaded weights to a card, but not to graphics that read the same memory', () => {
    expect(rate({ sizeB: 32, activeB: 32, offloadShare: 0.3 })).toBeLessThan(
      rate({ sizeB: 32, activeB: 32 }) / 1.5,
    );
    const [card] = TWO_CARDS.accelerators;
    const graphics = { ...card!, name: 'AMD Radeon 8060S Graphics', unified: true, bandwidthGBps: 256 };
    for (const hardware of [M3_MAX_36, { ...TWO_CARDS, accelerators: [graphics] }]) {
      const shared = { hardware, sizeB: 32, activeB: 32 };
      expect(rate({ ...shared, offloadShare: 0.3 })).toBe(rate(shared));
    }
  });

  it('takes the card before graphics that share the memory, and one of two equal cards', () => {
    const [card] = TWO_CARDS.accelerators;
    const graphics = {
      ...card!,
      ...{ name: 'AMD Radeon 780M', vendor: 'amd' as const, unified: true, totalGib: 48, bandwidthGBps: 90 },
    };
    const oneCard = rate({ hardware: { ...TWO_CARDS, accelerators: [card!] } });
    expect(rate({ hardware: { ...TWO_CARDS, accelerators: [graphics, card!] } })).toBe(oneCard);
    expect(rate({ hardware: TWO_CARDS })).toBe(oneCard);
  });

  it('reads on the processor where there is no accelerator, and where it is told to', () => {
    const cpu = { name: 'AMD Ryzen 9 5950X 16-Core Processor', logicalCores: 32 };
    const onCpu = rate({ hardware: { ...CPU_24, cpu } });
    expect(onCpu).toBeLessThan(rate() / 20);
    expect(rate({ hardware: { ...RTX_4090, cpu }, backend: 'cpu' })).toBe(onCpu);
    expect(rate({ hardware: { ...CPU_24, cpu: { ...cpu, physicalCores: 8 } } })).toBeCloseTo(onCpu / 2, 9);
    // A processor is busy with the weights alone: an eighth of them takes an eighth of the time.
    expect(rate({ hardware: { ...CPU_24, cpu }, activeB: 1, sizeB: 1 })).toBeCloseTo(8 * onCpu, 9);
  });

  it('is right within a third for two of three measured rates, and within a factor of two for nearly all', () => {
    const errors = promptMeasurements().map((row) => Math.abs(promptError(row) ?? Infinity));
    expect(errors.length).toBeGreaterThan(400);
    const within = (factor: number): number =>
      errors.filter((error) => error < Math.log(factor)).length / errors.length;
    expect(within(4 / 3)).toBeGreaterThan(0.66);
    expect(within(2)).toBeGreaterThan(0.95);
  });

  it('errs to neither side for dense models nor for mixtures of experts', () => {
    for (const sparse of [false, true]) {
      const errors = promptMeasurements()
        .filter(({ activeB, paramsB }) => activeB < paramsB === sparse)
        .flatMap((row) => promptError(row) ?? [])
        .sort((a, b) => a - b);
      expect(Math.abs(errors[Math.floor(errors.length / 2)] ?? Infinity)).toBeLessThan(Math.log(1.1));
    }
  });
});

describe('acceleratorTflops', () => {
  it.each([
    ['NVIDIA GeForce RTX 4090', 'NVIDIA RTX 4000 Ada Generation'],
    ['NVIDIA GeForce RTX 2080 Ti', 'Quadro RTX 4000'],
    ['NVIDIA GeForce RTX 2080 Ti', 'Quadro RTX 5000'],
    ['NVIDIA L40S', 'NVIDIA RTX 2000 Ada Generation'],
    ['NVIDIA A10G', 'NVIDIA RTX A4000'],
    ['TITAN RTX', 'Tesla T4'],
    ['AMD Radeon 890M Graphics', 'AMD Radeon(TM) 8060S Graphics'],
    ['NVIDIA GeForce RTX 3090', 'NVIDIA RTX A4000'],
    ['NVIDIA GeForce RTX 5090', 'NVIDIA RTX PRO 4000 Blackwell'],
    ['Apple M1 Max', 'Apple M1 Ultra'],
    ['AMD Radeon RX 7900 XTX', 'AMD Radeon(TM) PRO W7900'],
  ])('puts %s and %s into one class', (one, other) => {
    expect(acceleratorTflops(one, 100)).toBeGreaterThan(0);
    expect(acceleratorTflops(other, 100)).toBe(acceleratorTflops(one, 100));
  });

  it('keeps apart what only looks alike, and knows no class for what nobody measured', () => {
    expect(acceleratorTflops('NVIDIA A100 80GB PCIe', 1940)).not.toBe(
      acceleratorTflops('NVIDIA RTX A1000', 1940),
    );
    expect(acceleratorTflops('Apple M1', 100)).not.toBe(acceleratorTflops('Apple M1 Pro', 100));
    for (const name of [
      'NVIDIA B200',
      'Intel Arc B580',
      'AMD Radeon RX 580',
      'GeForce GTX 1650',
      'Apple M9',
      '',
    ])
      expect(acceleratorTflops(name, 500)).toBeUndefined();
  });
});

describe('processorTflops', () => {
  it.each([
    ['AMD Ryzen 9 9950X 16-Core Processor', 0.24],
    ['AMD Ryzen AI 9 HX 370 w/ Radeon 890M', 0.13],
    ['AMD Ryzen 7 7840HS w/ Radeon 780M Graphics', 0.15],
    ['AMD Ryzen 7 7730U with Radeon Graphics', 0.08],
    ['AMD EPYC 9135 16-Core Processor', 0.24],
    ['AMD EPYC 9454P 48-Core Processor', 0.11],
    ['AMD EPYC 7352 24-Core Processor', 0.08],
    ['Intel(R) Core(TM) Ultra 7 155H', 0.044],
    ['Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz', 0.044],
  ])('knows what a core of an %s computes', (name, tflopsPerCore) => {
    expect(processorTflops(name, 1)).toBe(tflopsPerCore);
    expect(processorTflops(name, 8)).toBeCloseTo(8 * tflopsPerCore, 12);
  });

  it('knows nothing of a family that nobody measured', () => {
    expect(processorTflops('Loongson 3A6000', 4)).toBeUndefined();
  });
});
