import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTEXT_STEP_TOKENS, fitAlone } from '../../../src/dispatch/contextChoice';
import {
  contextOption,
  contextOptions,
  readContext,
  variantModelfile,
  variantName,
  variantNameProblem,
} from '../../../src/engine/contextVariants';
import type { ContextFacts } from '../../../src/engine/loadContexts';
import { profileFromOverride } from '../../../src/hardware/overrideProfile';
import { createRequest } from '../../../src/modelfile/createRequest';
import { isModelName } from '../../../src/modelfile/modelName';
import { parseModelfile } from '../../../src/modelfile/parse';
import { FakeClock } from '../../fakes/fakeClock';

const GIB = 2 ** 30;
const clock = new FakeClock();

function machine(vramGb: number, ramGb = 64): ContextFacts['hardware'] {
  return profileFromOverride('local', { platform: 'nvidia', vramGb, ramGb, bandwidthGbps: 1_000 }, clock);
}

/** 8 billion parameters at 4 bits, 128 KiB of cache a token, made for 131,072 tokens. */
function facts(more: Partial<ContextFacts> = {}, contextMax: number | null = 131_072): ContextFacts {
  return {
    model: {
      ...{ sizeB: 8, quant: 'Q4_K_M', fileBytes: 4.7 * GIB },
      architecture: {
        ...{ hidden: 4_096, vocab: 128_256 },
        ...(contextMax === null ? {} : { contextMax }),
        kv: { rule: 'full', fullBytesPerTokenF16: 131_072 },
      },
    },
    ...{ hardware: machine(16), allocated: null },
    ...more,
  };
}

function tokensOf(given: ContextFacts): readonly number[] {
  return contextOptions(given).map(({ contextTokens }) => contextTokens);
}

describe('the contexts that a variant can have', () => {
  it('double from 4,096 to the maximum of the model, with what fits best and what is allocated now among them', () => {
    const options = contextOptions(facts({ allocated: 12_288 }));
    const doubled = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072];
    const [largest, ...more] = options.filter(({ isLargestFitting }) => isLargestFitting);
    expect(more).toEqual([]);
    expect(options.map(({ contextTokens }) => contextTokens)).toEqual(
      [...doubled, 12_288, largest?.contextTokens ?? 0].toSorted((a, b) => a - b),
    );
    expect(options.filter(({ isAllocated }) => isAllocated).map((option) => option.contextTokens)).toEqual([
      12_288,
    ]);
    expect(options.filter(({ isMaximum }) => isMaximum).map((option) => option.contextTokens)).toEqual([
      131_072,
    ]);
  });

  it('each say what memory they take, and which of them are more than the GPU holds', () => {
    const options = contextOptions(facts());
    const largest = options.find(({ isLargestFitting }) => isLargestFitting)?.contextTokens ?? 0;
    for (const { contextTokens, fit } of options) {
      expect(fit?.isBeyond).toBe(contextTokens > largest);
      expect(fit?.kind).toBe(contextTokens > largest ? 'offload' : 'gpu');
    }
    const needed = options.map(({ fit }) => fit?.neededGib ?? 0);
    expect(needed).toEqual([...needed].sort((a, b) => a - b));
    // 128 KiB of cache a token: 16,384 tokens are 2 GiB beside 4.7 GiB of weights and the buffers.
    const of16k = contextOption(facts(), 16_384).fit?.neededGib ?? 0;
    expect(of16k).toBeGreaterThan(6.7);
    expect(of16k).toBeLessThan(8);
  });

  it('are named without memory where that would be a guess, and without a machine', () => {
    const unknownCache = { model: { ...facts().model, architecture: { contextMax: 32_768 } } };
    for (const given of [facts(unknownCache), facts({ hardware: null })]) {
      const options = contextOptions(given);
      expect(options.length).toBeGreaterThanOrEqual(4);
      for (const option of options) expect([option.fit, option.isLargestFitting]).toEqual([null, false]);
    }
  });

  it('are one alone for a model that was made for less than a step', () => {
    expect(tokensOf(facts({}, 2_048))).toEqual([2_048]);
  });

  it('go up to 131,072 where nobody says what the model was made for', () => {
    expect(tokensOf(facts({ allocated: 262_144 }, null)).at(-1)).toBe(262_144);
    expect(tokensOf(facts({}, null)).at(-1)).toBe(131_072);
    expect(contextOptions(facts({}, null)).some(({ isMaximum }) => isMaximum)).toBe(false);
  });

  it('are always whole steps or the maximum, never more than that, and never more than fits without a mark', () => {
    const max = fc.integer({ min: 1, max: 2_000_000 });
    const steps = fc.integer({ min: 1, max: 500 }).map((count) => count * CONTEXT_STEP_TOKENS);
    const allocated = fc.option(fc.oneof(steps, fc.integer({ min: 1, max: 2_000_000 })));
    fc.assert(
      fc.property(max, allocated, fc.integer({ min: 1, max: 200 }), (contextMax, held, vramGb) => {
        const given = facts({ allocated: held, hardware: machine(vramGb) }, contextMax);
        const options = contextOptions(given);
        expect(options.length).toBeGreaterThan(0);
        for (const { contextTokens, fit } of options) {
          expect(contextTokens === contextMax || contextTokens % CONTEXT_STEP_TOKENS === 0).toBe(true);
          expect(contextTokens).toBeLessThanOrEqual(contextMax);
          const { kind } = fitAlone(given.model, contextTokens, given.hardware!);
          const least = fitAlone(given.model, 1, given.hardware!).kind;
          expect(fit).toMatchObject({ kind, isBeyond: kind !== least || kind === 'none' });
        }
        expect(new Set(options.map((option) => option.contextTokens)).size).toBe(options.length);
        expect(options.filter(({ isLargestFitting }) => isLargestFitting).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a context that somebody types', () => {
  it.each([
    ['16384', 16_384],
    ['16,384', 16_384],
    ['16 384', 16_384],
    [' 24k ', 24_576],
    ['24 K', 24_576],
    ['1.5k', 1_536],
    ['1M', 1_048_576],
    ['10000', 10_000],
  ])('is read from "%s"', (text, contextTokens) => {
    expect(readContext(text)).toEqual({ ok: true, contextTokens });
  });

  it.each(['', 'many', '16kb', '-4096', '1.0001k', '0x4000', '1e4', '12,34', '4096 tokens', 'NaN'])(
    'is not read from "%s"',
    (text) => {
      expect(readContext(text)).toEqual({ ok: false, code: 'not_tokens' });
    },
  );

  it('is refused where the model was made for less, or where it is less than any server allocates', () => {
    expect(readContext('64k', 40_960)).toEqual({ ok: false, code: 'too_large', limitTokens: 40_960 });
    expect(readContext('40960', 40_960)).toEqual({ ok: true, contextTokens: 40_960 });
    expect(readContext('0')).toEqual({ ok: false, code: 'too_small', limitTokens: 256 });
    expect(readContext('128', 128)).toEqual({ ok: true, contextTokens: 128 });
    expect(readContext('99999999999')).toMatchObject({ code: 'too_large' });
  });
});

describe('the name of a variant', () => {
  it.each([
    ['qwen3:8b', 16_384, 'qwen3:8b-16k'],
    ['qwen3:8b', 1_048_576, 'qwen3:8b-1m'],
    ['qwen3:8b', 10_000, 'qwen3:8b-10000'],
    ['qwen3:8b-16k', 32_768, 'qwen3:8b-32k'],
    ['reviewer:latest', 16_384, 'reviewer:16k'],
    ['reviewer', 16_384, 'reviewer:16k'],
    ['reviewer:16k', 32_768, 'reviewer:32k'],
    ['team/reviewer:v2', 8_192, 'team/reviewer:v2-8k'],
    ['hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M', 16_384, 'Qwen3-8B:Q4_K_M-16k'],
    ['localhost:5000/team/model:1b', 8_192, 'model:1b-8k'],
  ])('of %s with %i tokens is %s', (modelId, tokens, name) => {
    expect(variantName(modelId, tokens)).toBe(name);
    expect(variantNameProblem(name, modelId)).toBeNull();
  });

  it('is always one that Ollama takes, and never that of the model, whatever that is called', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/);
    const space = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/);
    const tokens = fc.integer({ min: 1, max: 10_485_760 });
    const shapes = fc.oneof(
      fc.tuple(part, part).map(([model, tag]) => `${model}:${tag}`),
      fc.tuple(space, part, part).map(([owner, model, tag]) => `${owner}/${model}:${tag}`),
      fc.tuple(space, part, part).map(([owner, model, tag]) => `hf.co/${owner}/${model}:${tag}`),
    );
    fc.assert(
      fc.property(shapes, tokens, (modelId, contextTokens) => {
        const name = variantName(modelId, contextTokens);
        expect(isModelName(name), name).toBe(true);
        // Only a variant of the very same context bears that name already.
        if (variantNameProblem(name, modelId) === 'itself') expect(modelId).toMatch(/\d+[km]?$/i);
      }),
    );
  });

  it('is refused where Ollama would refuse it, or where it is the model itself', () => {
    for (const name of ['', 'a b', 'a:b:c', '-x', 'a/b c', 'a\nb', `${'a'.repeat(81)}:x`]) {
      expect(variantNameProblem(name, 'qwen3:8b'), name).toBe('invalid');
    }
    for (const name of ['qwen3:8b', 'QWEN3:8b', 'library/qwen3:8b']) {
      expect(variantNameProblem(name, 'qwen3:8b'), name).toBe('itself');
    }
    expect(variantNameProblem('reviewer', 'reviewer:latest')).toBe('itself');
    expect(variantNameProblem('qwen3:8b-16k', 'qwen3:8b')).toBeNull();
  });
});

describe('the Modelfile of a variant', () => {
  it.each(['qwen3:8b', 'team/reviewer:v2', 'hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M'])(
    'asks Ollama for %s with that context and nothing else',
    (modelId) => {
      const reading = createRequest(parseModelfile(variantModelfile(modelId, 16_384)));
      expect(reading).toEqual({
        kind: 'request',
        request: { from: modelId, parameters: { num_ctx: 16_384 } },
      });
    },
  );
});
