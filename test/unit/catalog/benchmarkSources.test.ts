import { describe, expect, it } from 'vitest';
import type { BenchmarkFetchOptions, BenchmarkResponse } from '../../../src/catalog/benchmarkSource';
import {
  HF_POPULARITY_URL,
  huggingFacePopularitySource,
  LIKE_WEIGHT,
} from '../../../src/catalog/huggingFacePopularitySource';
import {
  OPEN_LLM_LEADERBOARD_URL,
  openLlmLeaderboardSource,
} from '../../../src/catalog/openLlmLeaderboardSource';
import { rankModels } from '../../../src/ranking/rank';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { candidate } from '../../fixtures/ranking/builders';
import { RTX_4090 } from '../../fixtures/ranking/machines';

const now = (): Date => new Date('2026-05-29T12:00:00.000Z');

function answering(
  json: BenchmarkResponse['json'],
  status = 200,
): BenchmarkFetchOptions & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    now,
    asked,
    fetcher: ({ url }) => {
      asked.push(url);
      return Promise.resolve({ ok: status >= 200 && status < 300, status, json });
    },
  };
}
const answer = (payload: unknown, status = 200) => answering(() => Promise.resolve(payload), status);

const SOURCES = [openLlmLeaderboardSource, huggingFacePopularitySource];

describe.each(SOURCES)('the source $id', (source) => {
  it('makes one request, to its own address, and says when', async () => {
    const options = answer([]);
    const result = await source.fetch(options);
    expect(options.asked).toEqual([
      source === openLlmLeaderboardSource ? OPEN_LLM_LEADERBOARD_URL : HF_POPULARITY_URL,
    ]);
    expect(result).toMatchObject({ source: source.id, fetchedAt: '2026-05-29' });
  });

  it.each([429, 500, 404])('says fetch_failed for an answer with status %i', async (status) => {
    const result = await source.fetch(answer({}, status));
    expect(result.observations).toEqual([]);
    expect(result.warnings).toEqual([
      { code: 'fetch_failed', message: expect.stringContaining(`HTTP ${status}`) as string },
    ]);
  });

  it('says fetch_failed, with the cause, without its secrets, where there is no answer', async () => {
    const result = await source.fetch({
      now,
      fetcher: () =>
        Promise.reject(new Error('ECONNRESET, Authorization: Bearer hf_abcdefghijklmnopqrstuvwxyz012345')),
    });
    expect(result.warnings[0]).toMatchObject({
      code: 'fetch_failed',
      cause: expect.stringContaining('ECONNRESET') as string,
    });
    expect(JSON.stringify(result)).not.toContain('abcdefghijklmnopqrstuvwxyz');
  });

  it('says fetch_failed where the fetcher throws at once', async () => {
    const result = await source.fetch({
      now,
      fetcher: () => {
        throw new Error('no network');
      },
    });
    expect(result.warnings.map(({ code }) => code)).toEqual(['fetch_failed']);
  });

  it('says parse_failed where the answer is no JSON', async () => {
    const result = await source.fetch(answering(() => Promise.reject(new SyntaxError('<html>'))));
    expect(result).toMatchObject({ observations: [], warnings: [{ code: 'parse_failed' }] });
  });

  it.each([null, 'text', 7, { junk: true }, { models: 'not an array' }])(
    'says schema_invalid for %j',
    async (payload) => {
      const result = await source.fetch(answer(payload));
      expect(result).toMatchObject({ observations: [], warnings: [{ code: 'schema_invalid' }] });
    },
  );
});

describe('openLlmLeaderboardSource', () => {
  it('gives an observation with its model for every model and benchmark, graded direct', async () => {
    const { observations, warnings } = await openLlmLeaderboardSource.fetch(
      answer({
        models: [
          { model: 'Qwen/Qwen3-32B-GGUF', scores: { 'MMLU-PRO': 64.2, IFEval: 81 }, date: '2025-02-08' },
          { model: 'meta-llama/Llama-3-70B', scores: { mmlu: 84 } },
        ],
      }),
    );
    expect(warnings).toEqual([]);
    expect(
      observations.map(({ hfRepoId, benchmark, task, value, observedAt }) => [
        hfRepoId,
        benchmark,
        task,
        value,
        observedAt,
      ]),
    ).toEqual([
      ['Qwen/Qwen3-32B-GGUF', 'MMLU-PRO', 'general', 64.2, '2025-02-08'],
      ['Qwen/Qwen3-32B-GGUF', 'IFEval', 'instruction', 81, '2025-02-08'],
      ['meta-llama/Llama-3-70B', 'mmlu', 'general', 84, '2026-05-29'],
    ]);
    for (const row of observations)
      expect(row).toMatchObject({
        source: 'open-llm-leaderboard',
        evidence: 'direct',
        scale: 'percent',
        independent: true,
      });
  });

  it('leaves out what is malformed, and says which, and keeps the rest', async () => {
    const { observations, warnings } = await openLlmLeaderboardSource.fetch(
      answer({
        models: [
          { model: 'a/empty', scores: {} },
          { model: 'no organisation', scores: { mmlu: 1 } },
          { model: 'a/half', scores: { mmlu: 'many', arc: 50 } },
          { model: 'a/whole', scores: { mmlu: 84 } },
        ],
      }),
    );
    expect(observations.map(({ hfRepoId }) => hfRepoId)).toEqual(['a/half', 'a/whole']);
    expect(warnings.map(({ code }) => code)).toEqual(['schema_invalid', 'schema_invalid', 'schema_invalid']);
    expect(warnings[0]?.message).toContain('a/empty');
    expect(warnings[1]?.message).toContain('entry 2');
    expect(warnings[2]?.message).toContain('a/half');
  });
});

describe('huggingFacePopularitySource', () => {
  const MODELS = [
    { id: 'a/low', downloads: 100, likes: 1 },
    { id: 'b/mid', downloads: 500, likes: 20 },
    { id: 'c/high', downloads: 10_000, likes: 100 },
  ];

  it('counts downloads and fifty times the likes, relative to the most popular, graded interpolated', async () => {
    const { observations, warnings } = await huggingFacePopularitySource.fetch(answer(MODELS));
    expect(LIKE_WEIGHT).toBe(50);
    expect(warnings).toEqual([]);
    expect(observations.map(({ hfRepoId, value }) => [hfRepoId, Number(value.toFixed(6))])).toEqual([
      ['a/low', 1],
      ['b/mid', 10],
      ['c/high', 100],
    ]);
    for (const row of observations)
      expect(row).toMatchObject({
        source: 'hf-popularity',
        benchmark: 'hf-popularity',
        evidence: 'interpolated',
      });
  });

  it('gives nothing where nothing is popular, which would only dilute other evidence', async () => {
    const result = await huggingFacePopularitySource.fetch(
      answer([{ id: 'a/zero', downloads: 0, likes: 0 }]),
    );
    expect(result).toMatchObject({ observations: [], warnings: [{ code: 'schema_invalid' }] });
  });

  it('leaves out models without counts, and says how many', async () => {
    const { observations, warnings } = await huggingFacePopularitySource.fetch(
      answer([...MODELS, { id: 'd/none' }, { id: 'e/less', downloads: -1, likes: 0 }, null]),
    );
    expect(observations).toHaveLength(3);
    expect(warnings).toMatchObject([
      { code: 'schema_invalid', message: expect.stringContaining('3 of 6') as string },
    ]);
  });

  it('is evidence that the ranking takes as live observations, for a quarter of a measurement', async () => {
    const { observations } = await huggingFacePopularitySource.fetch(answer(MODELS));
    const live: readonly RankObservation[] = observations;
    const { models } = rankModels({
      candidates: [candidate('c/high', 8), candidate('a/low', 8)],
      hardware: RTX_4090,
      snapshot: { generatedAt: '2026-05-29', observations: [] },
      liveObservations: live,
      options: { compat: true },
    });
    expect(models.map(({ modelId }) => modelId)).toEqual(['c/high', 'a/low']);
    expect(models[0]?.benchmarkScore.contributions[0]?.combinedWeight).toBeCloseTo(0.5 * 0.25, 9);
    expect(models[0]?.benchmarkScore.confidence).toBe('low');
  });
});
