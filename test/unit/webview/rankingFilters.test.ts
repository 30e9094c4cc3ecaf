import { describe, expect, it } from 'vitest';
import {
  filterRankings,
  licenceOptions,
  matchesText,
  NO_LICENCE,
  NO_RANKING_FILTER,
  OPEN_LICENCES,
  type RankingFilter,
} from '../../../webview-ui/rankingFilters';
import { evidence, NO_EVIDENCE, rankingRow } from './samples';

const rows = [
  rankingRow({
    ...{ name: 'Alpha', modelId: 'org/alpha', quant: 'Q4_K_M', installed: true, fit: 'gpu', sizeB: 3.9 },
    ...{ licence: 'mit', toolCalling: true },
    evidence: evidence('direct'),
  }),
  rankingRow({
    ...{ name: 'Beta', modelId: 'org/beta', quant: 'Q8_0', installed: false, fit: 'gpu', sizeB: 4 },
    ...{ licence: 'llama3', toolCalling: null },
    evidence: evidence('self-reported'),
  }),
  rankingRow({
    ...{ name: 'Gamma', modelId: 'org/gamma', quant: 'Q4_K_M', installed: true, fit: 'offload', sizeB: 235 },
    ...{ licence: null, toolCalling: false, evidence: evidence('self-reported', false) },
  }),
  rankingRow({
    ...{ name: 'Delta', modelId: 'org/delta', quant: 'Q4_K_M', installed: false, fit: 'none', sizeB: 30 },
    ...{ licence: 'mit', toolCalling: true, evidence: { ...NO_EVIDENCE, main: 'direct' } },
  }),
];
const left = (changes: Partial<RankingFilter>): readonly string[] =>
  filterRankings(rows, { ...NO_RANKING_FILTER, ...changes }).map(({ name }) => name);

describe('filters', () => {
  it('let everything through when none is set', () => {
    expect(filterRankings(rows, NO_RANKING_FILTER)).toEqual(rows);
  });

  it('hold together: a row must pass them all', () => {
    expect(left({ installedOnly: true })).toEqual(['Alpha', 'Gamma']);
    expect(left({ fit: 'gpu' })).toEqual(['Alpha', 'Beta']);
    expect(left({ text: 'q4', installedOnly: true, fit: 'gpu' })).toEqual(['Alpha']);
  });

  it('find every word of the text somewhere in the row, whatever the case', () => {
    expect(left({ text: ' ORG/g  q4_k ' })).toEqual(['Gamma']);
    expect(matchesText('a b', ['b', null, 'A'])).toBe(true);
    expect(matchesText('a c', ['b', null, 'A'])).toBe(false);
  });

  it('by fit take one kind, or all that runs', () => {
    expect(left({ fit: 'offload' })).toEqual(['Gamma']);
    expect(left({ fit: 'any' })).toEqual(['Alpha', 'Beta', 'Gamma']);
    expect(left({ fit: 'none' })).toEqual(['Delta']);
  });

  it('by size take the lower end of a span and leave its upper end to the next', () => {
    expect(left({ size: 'tiny' })).toEqual(['Alpha']);
    expect(left({ size: 'small' })).toEqual(['Beta']);
    expect(left({ size: 'middle' })).toEqual(['Delta']);
    expect(left({ size: 'huge' })).toEqual(['Gamma']);
  });

  it('by evidence look at the results themselves, so that a row without any never passes', () => {
    expect(left({ evidence: 'direct' })).toEqual(['Alpha']);
    expect(left({ evidence: 'independent' })).toEqual(['Alpha', 'Beta']);
  });

  it('by tool calling take only what is known to call tools', () => {
    expect(left({ toolsOnly: true })).toEqual(['Alpha', 'Delta']);
  });

  it('by licence take one, all that are open source, or what states none', () => {
    expect(left({ licence: 'llama3' })).toEqual(['Beta']);
    expect(left({ licence: OPEN_LICENCES })).toEqual(['Alpha', 'Delta']);
    expect(left({ licence: NO_LICENCE })).toEqual(['Gamma']);
  });
});

describe('the licences to choose from', () => {
  it('are those of the rows, the most frequent first', () => {
    expect(licenceOptions(rows, null).map(([value]) => value)).toEqual([
      ...[null, OPEN_LICENCES, NO_LICENCE, 'mit', 'llama3'],
    ]);
  });

  it('keep the chosen one when no row has it any more', () => {
    expect(licenceOptions([], 'gemma').at(-1)).toEqual(['gemma', 'gemma']);
    expect(licenceOptions(rows, 'mit').filter(([value]) => value === 'mit')).toHaveLength(1);
  });
});
