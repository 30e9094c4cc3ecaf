import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/catalog/candidate';
import { isRecommended, leftOutOf, type LeftOut } from '../../../src/engine/leftOut';
import { usableGib } from '../../../src/engine/machineLimits';
import { toRankCandidates } from '../../../src/engine/rankCandidates';
import { rankModels } from '../../../src/ranking/rank';
import { wholeRow } from '../../../src/ranking/rankedRow';
import type { RankedModel } from '../../../src/ranking/rankTypes';
import type { Task } from '../../../src/shared/settings';

const MACHINE = { platform: 'nvidia', vramGb: 12, ramGb: 32, bandwidthGbps: 500 } as const;

function candidate(name: string, sizeB: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB },
    capabilities: { tools: true, thinking: null, vision: true },
    builds: [{ quant: 'Q4_K_M', sizeBytes: sizeB * 0.6e9, sizeBasis: 'exact', repo: `maker/${name}-GGUF` }],
    lineagePosition: 0,
    ...changes,
  };
}

const CATALOGUE: readonly Candidate[] = [
  candidate('good-8b', 8),
  candidate('huge-400b', 400),
  candidate('huge-200b', 200),
  candidate('unknown-7b', 7),
  candidate('fileless-7b', 7, { builds: [] }),
  candidate('mute-7b', 7, { capabilities: { tools: false, thinking: null, vision: null } }),
  candidate('strange', Number.NaN, { builds: [] }),
  candidate('base-7b', 7, { role: 'base' }),
  candidate('old-base-7b', 7, { role: 'base', released: '2023-01' }),
  candidate('new-base-7b', 7, { role: 'base', released: '2026-01' }),
  candidate('bge-small', 0.1, { role: 'other', family: 'embedding' }),
  candidate('Text-Reranker', 0.6, { role: 'other' }),
  candidate('scan-reader', 3, { role: 'other' }),
];
const RESULTS = new Map([
  ['good-8b', 50],
  ['huge-400b', 70],
  ['huge-200b', 60],
  ['fileless-7b', 45],
  ['mute-7b', 40],
]);

function ranked(task: Task, candidates = CATALOGUE) {
  const { models, warnings } = rankModels({
    candidates: candidates.filter(({ role }) => role === 'chat').flatMap(toRankCandidates),
    hardware: MACHINE,
    snapshot: {
      generatedAt: '2026-11-01',
      observations: [...RESULTS].map(([name, value]) => ({
        ...{ hfRepoId: `maker/${name}`, source: 'livebench', benchmark: 'average', task: 'general', value },
        ...{ scale: 'percent', observedAt: '2026-10-01', independent: true },
      })),
    },
    options: { task, rankingDate: '2026-11-21', includeUnfit: true },
  });
  const leftOut = leftOutOf({
    ...{ candidates, models, warnings },
    usableGib: usableGib(MACHINE).totalGib,
  });
  return { models, leftOut };
}

const counts = (leftOut: readonly LeftOut[]) =>
  Object.fromEntries(leftOut.map(({ reason, count }) => [reason, count]));
const group = (leftOut: readonly LeftOut[], reason: LeftOut['reason']) =>
  leftOut.find((one) => one.reason === reason);
const names = (models: readonly RankedModel[]) => models.map(({ name }) => name);

describe('what is left out', () => {
  it('is counted once each, by the first reason that holds', () => {
    expect(counts(ranked('general').leftOut)).toEqual({
      ...{ base: 3, embedding: 2, other_purpose: 1, invalid: 1 },
      ...{ too_big: 2, no_results: 1, no_build: 1 },
    });
  });

  it.each(['general', 'agentic', 'vision'] as const)(
    'adds up to the catalogue with what is recommended for %s',
    (task) => {
      const { models, leftOut } = ranked(task);
      const left = leftOut.reduce((sum, { count }) => sum + count, 0);
      expect(left + models.filter((model) => isRecommended(model)).length).toBe(CATALOGUE.length);
    },
  );

  it('says what each model lacks that cannot do the task, in the words of its row', () => {
    const ofAgents = ranked('agentic');
    expect(group(ofAgents.leftOut, 'unable')).toEqual({
      ...{
        reason: 'unable',
        title: 'Cannot call tools',
        text: 'Cannot call tools',
        count: 1,
        examples: ['mute-7b'],
      },
    });
    expect(group(ranked('vision').leftOut, 'unable')?.text).toBe('Not known to see pictures');
    expect(names(ofAgents.models.filter((model) => isRecommended(model)))).toEqual(['good-8b']);
  });

  it('has one group for each thing that is lacking', () => {
    const { models, leftOut } = ranked('agentic');
    const others = models.map((model) =>
      model.name === 'good-8b'
        ? { ...wholeRow(model), fitsHardware: false, unfitReason: 'only counts' }
        : model,
    );
    const groups = leftOutOf({ ...{ candidates: [], models: others, warnings: [] }, usableGib: 40 });
    expect(groups.filter(({ reason }) => reason === 'unable').map(({ title }) => title)).toEqual([
      ...['Only counts', 'Cannot call tools'],
    ]);
    expect(group(leftOut, 'unable')?.count).toBe(1);
  });

  it('names the smallest need of what is too big, and what there is', () => {
    const { models, leftOut } = ranked('general');
    const need = models.find(({ name }) => name === 'huge-200b')?.estimatedVramGb.toFixed(1);
    expect(group(leftOut, 'too_big')?.text).toBe(
      `Do not fit: 40.0 GiB are usable, the smallest (huge-200b) needs ${need} GiB at 8k`,
    );
  });

  it('gives examples that a person would look for: the best by their results, of others the newest', () => {
    const { leftOut } = ranked('general');
    expect(group(leftOut, 'too_big')?.examples).toEqual(['huge-400b', 'huge-200b']);
    expect(group(leftOut, 'base')?.examples).toEqual(['new-base-7b', 'old-base-7b', 'base-7b']);
    const many = Array.from({ length: 40 }, (_, at) => candidate(`base-${at}`, 7, { role: 'base' }));
    const crowded = group(ranked('general', many).leftOut, 'base');
    expect([crowded?.count, crowded?.examples.length]).toEqual([40, 6]);
  });

  it('is nothing where everything is recommended', () => {
    expect(ranked('general', [candidate('good-8b', 8)]).leftOut).toEqual([]);
  });
});

describe('a recommended model of a machine that nobody described', () => {
  it('needs a score and a file, but no fit', () => {
    const [model] = ranked('general', [candidate('good-8b', 8)]).models;
    if (!model) throw new Error('not ranked');
    const undescribed: RankedModel = { ...wholeRow(model), fitsHardware: false, fit: 'none' };
    expect(isRecommended(undescribed)).toBe(false);
    expect(isRecommended(undescribed, false)).toBe(true);
    expect(isRecommended({ ...undescribed, score: 0 }, false)).toBe(false);
  });
});
