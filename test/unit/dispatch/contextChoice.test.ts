import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseContext,
  CONTEXT_STEP_TOKENS,
  displacesOthers,
  largestFittingContext,
  type LoadedSize,
  type ModelToLoad,
} from '../../../src/dispatch/contextChoice';
import { largestContextThatFits } from '../../../src/ranking/context';
import { fitKind, usableMemory } from '../../../src/ranking/fit';
import { estimateVram } from '../../../src/ranking/memory';
import type { RankHardware } from '../../../src/ranking/rankTypes';

const GIB = 2 ** 30;

/** 8 billion parameters at 4 bits, 128 KiB of cache a token, made for 131,072 tokens. */
const MODEL: ModelToLoad = {
  sizeB: 8,
  quant: 'Q4_K_M',
  fileBytes: 4.7 * GIB,
  architecture: {
    ...{ hidden: 4_096, vocab: 128_256, contextMax: 131_072 },
    kv: { rule: 'full', fullBytesPerTokenF16: 131_072 },
  },
};
const GPU: RankHardware = { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1_000 };
const SMALLER_GPU: RankHardware = { ...GPU, vramGb: 16 };
const NO_GPU: RankHardware = { platform: 'cpu', vramGb: 0, ramGb: 32, bandwidthGbps: 50 };

function loaded(gib: number, onGpu = true): LoadedSize {
  return { sizeBytes: gib * GIB, vramBytes: onGpu ? gib * GIB : 0 };
}

describe('the largest context that fits', () => {
  it('is what fits alone where nothing is loaded, in whole steps', () => {
    const exact = largestContextThatFits(MODEL, SMALLER_GPU);
    const chosen = largestFittingContext(MODEL, SMALLER_GPU, []);
    expect(exact % CONTEXT_STEP_TOKENS).toBeGreaterThan(0);
    expect(chosen).toBe(exact - (exact % CONTEXT_STEP_TOKENS));
  });

  it('leaves to a loaded model what that has on the GPU', () => {
    const tokens = largestFittingContext(MODEL, GPU, [loaded(8)]) ?? 0;
    const memory = usableMemory(GPU);
    const withOther = (contextTokens: number): number =>
      estimateVram({ ...MODEL, contextTokens, platform: 'nvidia' }).totalGb + 8;
    expect(fitKind(withOther(tokens), memory)).toBe('gpu');
    expect(fitKind(withOther(tokens + CONTEXT_STEP_TOKENS), memory)).not.toBe('gpu');
  });

  it('leaves system memory alone where a model lies on the GPU, and counts it where there is none', () => {
    const alone = largestFittingContext(MODEL, GPU, []);
    expect(largestFittingContext(MODEL, GPU, [loaded(8, false)])).toBe(alone);
    const beside = largestFittingContext(MODEL, NO_GPU, [loaded(8, false)]) ?? 0;
    expect(beside).toBeGreaterThan(0);
    expect(beside).toBeLessThan(largestFittingContext(MODEL, NO_GPU, []) ?? 0);
  });

  it('is what fits alone where the others must go anyway', () => {
    const alone = largestFittingContext(MODEL, SMALLER_GPU, []);
    expect(largestFittingContext(MODEL, SMALLER_GPU, [loaded(14)])).toBe(alone);
  });

  it('is the model own maximum where all of it fits, also where that is no whole step', () => {
    const small = { ...MODEL, architecture: { ...MODEL.architecture, contextMax: 10_000 } };
    expect(largestFittingContext(small, GPU, [])).toBe(10_000);
  });

  it.each([
    ['the cost of its cache is not known', { ...MODEL, architecture: { contextMax: 8_192 } }, GPU],
    ['its maximum is not known', { ...MODEL, architecture: { kv: MODEL.architecture?.kv } }, GPU],
    ['it does not fit at all', { ...MODEL, sizeB: 800, fileBytes: 400 * GIB }, GPU],
    ['less than one step fits', { ...MODEL, fileBytes: 27.6 * GIB }, NO_GPU],
  ] as const)('is unknown where %s', (_why, model, hardware) => {
    expect(largestFittingContext(model as ModelToLoad, hardware, [])).toBeNull();
  });
});

describe('whether a load displaces others', () => {
  it('is said where both together are more than the machine has, and only then', () => {
    expect(displacesOthers(MODEL, 8_192, GPU, [loaded(8)])).toBe(false);
    expect(displacesOthers(MODEL, 8_192, GPU, [loaded(20)])).toBe(true);
    expect(displacesOthers(MODEL, 131_072, GPU, [loaded(8)])).toBe(true);
    expect(displacesOthers(MODEL, 8_192, NO_GPU, [loaded(24, false)])).toBe(true);
    expect(displacesOthers(MODEL, 8_192, GPU, [])).toBe(false);
  });

  it('is not claimed of a model of which nothing is known', () => {
    expect(displacesOthers({ sizeB: 0, quant: '' }, 8_192, GPU, [loaded(23)])).toBe(false);
  });
});

describe('the context to ask for', () => {
  it.each([
    ['nothing is known', { fits: null }, null, false],
    ['something fits', { fits: 40_960 }, 40_960, false],
    ['only a need is known', { fits: null, need: 5_000 }, 8_192, false],
    ['the need is more than what fits', { fits: 8_192, need: 20_000 }, 20_480, false],
    [
      'the need is more than the model holds',
      { fits: 8_192, need: 90_000, contextMax: 32_768 },
      32_768,
      false,
    ],
    ['it is loaded', { fits: 40_960, loaded: { contextTokens: 6_000 } }, 6_000, false],
    [
      'it is loaded with enough',
      { fits: 40_960, need: 6_000, loaded: { contextTokens: 6_000 } },
      6_000,
      false,
    ],
    [
      'it is loaded with too little',
      { fits: 40_960, need: 6_001, loaded: { contextTokens: 6_000 } },
      40_960,
      true,
    ],
    [
      'it is loaded with all that it holds',
      { fits: null, need: 6_001, contextMax: 6_000, loaded: { contextTokens: 6_000 } },
      6_000,
      false,
    ],
    [
      'it was asked for more than it holds',
      { fits: null, contextMax: 8_192, loaded: { contextTokens: 65_536 } },
      8_192,
      false,
    ],
    ['it is loaded, nobody says with how many', { fits: 40_960, loaded: {} }, null, false],
    ['so, and more is needed than any default', { fits: 40_960, need: 9_000, loaded: {} }, 12_288, true],
    ['its Modelfile asks for less than fits', { own: 16_384, fits: 40_960 }, 16_384, false],
    ['its Modelfile asks for more than fits', { own: 131_072, fits: 40_960 }, 131_072, false],
    [
      'its Modelfile asks for more than it holds',
      { own: 9_000, fits: 4_096, contextMax: 8_192 },
      8_192,
      false,
    ],
    [
      'a need is more than its Modelfile asks for',
      { own: 16_384, need: 17_000, fits: 40_960 },
      20_480,
      false,
    ],
    [
      'it is loaded with more than its Modelfile asks for',
      { own: 16_384, fits: null, loaded: { contextTokens: 32_768 } },
      32_768,
      false,
    ],
    [
      'it is loaded with less than its Modelfile asks for',
      { own: 16_384, fits: null, loaded: { contextTokens: 4_096 } },
      4_096,
      false,
    ],
    ['it was loaded last with a number', { fits: 40_960, remembered: 16_384 }, 16_384, false],
    ['so, and that is too little', { fits: 40_960, remembered: 16_384, need: 20_000 }, 40_960, false],
    [
      'it is loaded, and was loaded last with another',
      { fits: null, remembered: 16_384, loaded: { contextTokens: 8_192 } },
      8_192,
      false,
    ],
  ])('where %s', (_what, question, contextTokens, reloads) => {
    expect(chooseContext(question)).toEqual({ contextTokens, reloads });
  });

  it('holds every need up to the maximum, and never makes a loaded model load again without one', () => {
    const tokens = fc.integer({ min: 1, max: 300_000 });
    const maybe = fc.option(tokens, { nil: undefined });
    fc.assert(
      fc.property(
        maybe,
        maybe,
        maybe,
        maybe,
        fc.option(tokens),
        maybe,
        (need, own, held, remembered, fits, max) => {
          const contextMax =
            max === undefined ? undefined : Math.max(max, fits ?? 0, held ?? 0, remembered ?? 0);
          const loadedNow = held === undefined ? undefined : { contextTokens: held };
          const { contextTokens, reloads } = chooseContext({
            need,
            own,
            loaded: loadedNow,
            remembered,
            fits,
            contextMax,
          });
          if (contextTokens !== null) {
            expect(contextTokens).toBeGreaterThanOrEqual(Math.min(need ?? 0, contextMax ?? Infinity));
            expect(contextTokens).toBeLessThanOrEqual(contextMax ?? Infinity);
          } else expect(need).toBeUndefined();
          if (held !== undefined && (need ?? 0) <= held)
            expect([contextTokens, reloads]).toEqual([held, false]);
        },
      ),
    );
  });
});
