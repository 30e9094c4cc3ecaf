import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Ranking, RankingService } from '../../src/engine/rankingService';
import type { RankedModel } from '../../src/ranking/rankTypes';
import { DEFAULT_SETTINGS } from '../../src/shared/settings';
import { rankedChoices } from '../../src/ui/rankedChoices';

const GIB = 2 ** 30;

function rankedModel(name: string, change: Partial<RankedModel>): RankedModel {
  return {
    ...{ name, modelId: `Maker/${name}`, quant: 'Q4_K_M', score: 61.7, fit: 'gpu', fitsHardware: true },
    ...{ fileBytes: 5 * GIB, estimatedTokPerSec: 40, speedEstimate: { basis: 'gpu' } },
    ...change,
  } as unknown as RankedModel;
}

function choices(models: readonly RankedModel[], hardwareKnown: boolean): ReturnType<typeof rankedChoices> {
  const rankings = {
    host: 'gpubox',
    rank: () => Promise.resolve({ models, hardwareKnown } as unknown as Ranking),
  };
  const engine = { rankings: rankings as unknown as RankingService, settings: DEFAULT_SETTINGS };
  return rankedChoices(engine, ({ name }) => name !== 'there');
}

describe('the models that a command asks about', () => {
  const fits = rankedModel('fits', {});
  const tooBig = rankedModel('big', { fit: 'none', fitsHardware: false });

  it('are those that fit the machine, with what they would do there', async () => {
    const found = await choices([fits, rankedModel('there', {}), tooBig], true);
    assert.deepEqual(
      found.map(({ label, description }) => [label, description]),
      [['fits', '~40 tok/s · 5.0 GiB · score 62 · Q4_K_M · fits the GPU']],
    );
  });

  it('are all of them for a machine that nobody described, without figures that mean nothing', async () => {
    const found = await choices([tooBig], false);
    assert.deepEqual(
      found.map(({ label, description }) => [label, description]),
      [['big', 'score 62 · Q4_K_M']],
    );
  });
});
