import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate, FrozenSnapshot } from '../../../src/catalog/candidate';
import { seriesOf } from '../../../src/catalog/lineage';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { quantisationQuality } from '../../../src/ranking/quantisationQuality';
import { rankModels } from '../../../src/ranking/rank';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankIndex } from '../../../src/ranking/rankIndex';
import type { RankCandidate, RankedModel, RankHardware } from '../../../src/ranking/rankTypes';
import type { Task } from '../../../src/shared/settings';
import { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090 } from '../../fixtures/ranking/machines';

/** The day on which these lists were read by a person and found sensible. */
const RANKING_DATE = '2026-11-21';
const MACHINES = { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090 } as const;

let snapshot: FrozenSnapshot;
let index: RankIndex;
let candidates: readonly RankCandidate[];

function builds(candidate: Candidate): RankCandidate[] {
  const { hfRepoId, name, sizeB, activeB, architecture, capabilities, series, org } = candidate;
  const place = seriesOf(name, org);
  const model = {
    hfRepoId,
    name,
    sizeB,
    toolCalling: capabilities.tools,
    vision: capabilities.vision,
    ...(activeB === undefined ? {} : { activeB }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(series === undefined ? {} : { series }),
    ...(place === undefined ? {} : { lineage: { line: place.line, order: place.order } }),
  };
  if (candidate.builds.length === 0) return [{ ...model, quant: 'Q4_K_M' }];
  return candidate.builds.map(({ quant, sizeBytes }) => ({ ...model, quant, fileBytes: sizeBytes }));
}

function rankOn(hardware: RankHardware, task: Task): readonly RankedModel[] {
  return rankModels({ candidates, hardware, snapshot, options: { task, rankingDate: RANKING_DATE } }, index)
    .models;
}

beforeAll(async () => {
  const path = fileURLToPath(new URL('../../../data/snapshot.json', import.meta.url));
  ({ snapshot } = await loadFrozenSnapshot({ path }));
  index = buildRankIndex(snapshot.observations);
  candidates = snapshot.candidates.filter(({ role }) => role === 'chat').flatMap(builds);
});

describe('the ranking of the models that ship', () => {
  it('puts at least five independent families of scores on one scale', () => {
    const linked = new Set<string>();
    for (const rows of index.byModel.values())
      for (const { observation, normalisedValue } of rows)
        if (observation.independent && normalisedValue !== undefined) linked.add(observation.source);
    for (const source of ['lmarena', 'livebench', 'euroeval', 'open-llm-leaderboard', 'bigcodebench'])
      expect([...linked]).toContain(source);
    expect(index.links.anchor).toContain('Arena');
    // Agreement with faithfulness in summaries is negative on the shared models: no measure of quality.
    expect([...linked]).not.toContain('vectara-hhem');
  });

  describe.each(Object.entries(MACHINES))('on %s', (name, hardware) => {
    it.each(['general', 'coding', 'reasoning', 'agentic'] as const)(
      'has a sensible top five for %s',
      (task) => {
        const top = rankOn(hardware, task).slice(0, 5);
        expect(top).toHaveLength(5);
        for (const row of top) {
          expect(quantisationQuality(row.quant), `${row.name} ${row.quant}`).toBeGreaterThanOrEqual(0.95);
          expect(row.benchmarkScore.contributions.length, row.name).toBeGreaterThan(0);
          expect(row.estimatedTokPerSec, row.name).toBeGreaterThan(name === 'CPU_24' ? 1.5 : 8);
          expect(row.sizeB, row.name).toBeGreaterThan(name === 'RTX_4090' || name === 'M3_MAX_36' ? 7 : 2);
          expect(row.released ?? '2025', row.name).toMatch(/^202[56]/);
        }
      },
    );
  });

  it('never puts a model above a newer one of its line and size that is at least as good, on as good evidence', () => {
    const { models } = rankModels({
      candidates,
      hardware: RTX_4090,
      snapshot,
      options: { rankingDate: RANKING_DATE, includeUnfit: true },
    });
    const grade = { high: 2, medium: 1, low: 0 };
    const placed = models.flatMap((row, place) => {
      const line = candidates.find(({ hfRepoId }) => hfRepoId === row.modelId)?.lineage;
      return line === undefined || row.fit !== 'gpu' ? [] : [{ row, place, line }];
    });
    for (const older of placed)
      for (const newer of placed) {
        const sameSize = newer.row.sizeB === older.row.sizeB && newer.row.activeB === older.row.activeB;
        if (newer.line.line !== older.line.line || newer.line.order <= older.line.order || !sameSize)
          continue;
        const better =
          newer.row.quality > older.row.quality &&
          grade[newer.row.benchmarkScore.confidence] >= grade[older.row.benchmarkScore.confidence];
        if (better && newer.row.quant === older.row.quant)
          expect(newer.place, `${newer.row.name} under ${older.row.name}`).toBeLessThan(older.place);
      }
  });
});
