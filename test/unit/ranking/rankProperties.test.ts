import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainRank } from '../../../src/ranking/explain';
import { rankModels } from '../../../src/ranking/rank';
import { wholeRow } from '../../../src/ranking/rankedRow';
import type { RankCandidate, RankedModel, RankInput, RankObservation } from '../../../src/ranking/rankTypes';
import { TASKS } from '../../../src/shared/settings';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';
import { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

const machine = fc.constantFrom(RTX_4090, M3_MAX_36, LAPTOP_8, CPU_24, TWO_CARDS);
const task = fc.constantFrom(...TASKS);
const id = fc.constantFrom('a/m-1B', 'a/m-8B', 'b/x-8B', 'b/x-32B-GGUF', 'c/y', 'Z/m-70B');

const anyCandidate: fc.Arbitrary<RankCandidate> = fc.record(
  {
    hfRepoId: id,
    sizeB: fc.constantFrom(0.5, 1, 8, 32, 70, 400),
    quant: fc.constantFrom('Q4_K_M', 'Q8_0', 'Q2_K', 'mystery'),
    activeB: fc.constantFrom(0.4, 0.5),
    fileBytes: fc.integer({ min: 1, max: 60e9 }),
    series: fc.constantFrom('m', 'x'),
    lineage: fc.record({ line: fc.constantFrom('l', 'k'), order: fc.integer({ min: 1, max: 4 }) }),
    toolCalling: fc.constantFrom(true, false, null),
    vision: fc.constantFrom(true, null),
  },
  { requiredKeys: ['hfRepoId', 'sizeB', 'quant'] },
);

const anyObservation: fc.Arbitrary<RankObservation> = fc.record(
  {
    hfRepoId: id,
    source: fc.constantFrom('lmarena', 'livebench', 'euroeval', 'maker'),
    benchmark: fc.constantFrom('p', 'q', 'r'),
    task: fc.constantFrom('general' as const, 'coding' as const, 'reasoning' as const, 'vision' as const),
    value: fc.double({ min: 0, max: 100, noNaN: true }),
    scale: fc.constant('percent' as const),
    observedAt: fc.constantFrom('2024', '2025-07', '2026-05-01', 'nonsense'),
    independent: fc.boolean(),
    thinking: fc.boolean(),
    quant: fc.constantFrom('Q4_K_M', 'Q8_0'),
    weak: fc.boolean(),
  },
  {
    requiredKeys: ['hfRepoId', 'source', 'benchmark', 'task', 'value', 'scale', 'observedAt', 'independent'],
  },
);

const anyInput = fc
  .record({
    candidates: fc.array(anyCandidate, { maxLength: 8 }),
    observations: fc.array(anyObservation, { maxLength: 20 }),
    hardware: machine,
    task,
    compat: fc.boolean(),
    includeUnfit: fc.boolean(),
  })
  .map(({ candidates, observations, hardware, task: chosen, compat, includeUnfit }): RankInput => ({
    candidates,
    hardware,
    snapshot: { generatedAt: SNAPSHOT_DATE, observations },
    options: { task: chosen, compat, includeUnfit },
  }));

function plain(models: readonly RankedModel[]): unknown {
  return JSON.parse(JSON.stringify(models));
}

describe('rankModels', () => {
  it('does not depend on the order of candidates and observations, to the last bit', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const turned: RankInput = {
          ...input,
          candidates: [...input.candidates].reverse(),
          snapshot: { ...input.snapshot, observations: [...input.snapshot.observations].reverse() },
        };
        expect(plain(rankModels(turned).models)).toEqual(plain(rankModels(input).models));
      }),
    );
  });

  it('gives one row per model, fitting ones first, by score, each score within 0 and 100', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { models } = rankModels(input);
        expect(new Set(models.map(({ modelId }) => modelId.toLowerCase())).size).toBe(models.length);
        for (const [index, row] of models.entries()) {
          const next = models[index + 1];
          expect(row.score).toBeGreaterThanOrEqual(0);
          if (!row.fitsHardware) expect(row.score).toBe(0);
          expect(row.score).toBeLessThanOrEqual(100);
          expect(
            row.fitsHardware || (input.options?.includeUnfit === true && row.unfitReason !== undefined),
          ).toBe(true);
          if (next === undefined) continue;
          expect(row.score).toBeGreaterThanOrEqual(next.score);
          expect(row.fitsHardware || !next.fitsHardware).toBe(true);
        }
      }),
    );
  });

  it('never ranks a model lower for a better result, all else equal', () => {
    const value = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(value, value, value, machine, task, (a, b, rival, hardware, chosen) => {
        const placeWith = (mine: number): number => {
          const { models } = rankModels({
            candidates: [candidate('a/m-8B', 8, { vision: true }), candidate('b/x-8B', 8, { vision: true })],
            hardware,
            snapshot: {
              generatedAt: SNAPSHOT_DATE,
              observations: [observation('a/m-8B', mine), observation('b/x-8B', rival)],
            },
            options: { task: chosen },
          });
          return models.findIndex(({ modelId }) => modelId === 'a/m-8B');
        };
        expect(placeWith(Math.max(a, b))).toBeLessThanOrEqual(placeWith(Math.min(a, b)));
      }),
    );
  });

  it('never throws and never gives NaN, whatever numbers and texts it is given', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1e308));
    const wild: fc.Arbitrary<RankInput> = fc.record({
      candidates: fc.array(
        fc.record(
          {
            hfRepoId: fc.string(),
            sizeB: number,
            activeB: number,
            quant: fc.string(),
            fileBytes: number,
            lineagePosition: number,
            architecture: fc.record({ contextMax: number, hidden: number }),
            lineage: fc.record({ line: fc.string(), order: number }),
          },
          { requiredKeys: ['hfRepoId', 'sizeB', 'quant'] },
        ),
        { maxLength: 6 },
      ),
      hardware: fc.record({
        platform: fc.constantFrom('macos' as const, 'nvidia' as const, 'cpu' as const),
        vramGb: number,
        ramGb: number,
        bandwidthGbps: number,
        cpuName: fc.string(),
      }),
      snapshot: fc.record({
        generatedAt: fc.string(),
        observations: fc.array(
          fc.record({
            hfRepoId: fc.string(),
            source: fc.string(),
            benchmark: fc.string(),
            task: fc.constantFrom('general' as const, 'coding' as const),
            value: number,
            scale: fc.constantFrom('percent' as const, 'elo' as const, 'score' as const),
            observedAt: fc.string(),
            independent: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
      }),
      options: fc.record({
        includeUnfit: fc.constant(true),
        contextTokens: number,
        limit: number,
        rankingDate: fc.string(),
      }),
    });
    fc.assert(
      fc.property(wild, (input) => {
        // The shape of the model is handed on as it came.
        const rows = rankModels(input).models.map((row) => ({
          ...wholeRow(row),
          architecture: undefined,
          why: explainRank(row),
        }));
        const text = JSON.stringify(rows);
        // JSON writes NaN and infinities as null; unknown tool calling is the only null there may be.
        expect(text.replaceAll('"toolCalling":null', '')).not.toContain('null');
        expect(text).not.toContain('NaN');
      }),
    );
  });
});
