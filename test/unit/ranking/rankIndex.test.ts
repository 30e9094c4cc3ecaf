import { describe, expect, it } from 'vitest';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { observation } from '../../fixtures/ranking/builders';

function values(rows: readonly RankObservation[]): number[] {
  const index = buildRankIndex(rows);
  return index.rowsOf(index.numberOf('org/model')).map((row) => row.observation.value);
}

describe('buildRankIndex', () => {
  it('finds a model by its id without mirror suffix and case', () => {
    const index = buildRankIndex([observation('Org/Model-GGUF', 60)]);
    expect(index.modelCount).toBe(1);
    expect(index.numberOf('org/model')).toBe(0);
    expect(index.numberOf('org/other')).toBeUndefined();
    expect(index.observationCount).toBe(1);
  });

  it('counts the results of all spellings of an id for one model, and finds it by spellings that none of them has', () => {
    const index = buildRankIndex([
      observation('Org/Model', 60),
      observation('other/model', 10),
      observation('org/model-GGUF', 70, { benchmark: 'b' }),
    ]);
    expect(index.modelCount).toBe(2);
    const number = index.numberOf('ORG/MODEL');
    expect(number).toBe(index.numberOf('Org/Model'));
    expect(
      index
        .rowsOf(number)
        .map((row) => row.observation.value)
        .sort(),
    ).toEqual([60, 70]);
  });

  it('takes the better documented of thinking and not thinking, per source, and never mixes them', () => {
    const row = (
      benchmark: string,
      value: number,
      thinking: boolean,
      source = 'livebench',
    ): RankObservation => observation('org/model', value, { benchmark, thinking, source });
    expect(
      values([
        row('a', 70, true),
        row('b', 71, true),
        row('a', 50, false),
        row('x', 30, false, 'euroeval'),
        row('y', 31, false, 'euroeval'),
        row('x', 40, true, 'euroeval'),
      ]).sort(),
    ).toEqual([30, 31, 70, 71]);
  });

  it('takes the answers without thinking where both are equally documented', () => {
    expect(
      values([
        observation('org/model', 70, { thinking: true }),
        observation('org/model', 50, { thinking: false }),
      ]),
    ).toEqual([50]);
  });

  it('counts the newest of several rows of one benchmark, and of the same date the worse', () => {
    expect(
      values([
        observation('org/model', 50, { observedAt: '2025-01' }),
        observation('org/model', 61, { observedAt: '2026-01' }),
        observation('org/model', 60, { observedAt: '2026-01' }),
      ]),
    ).toEqual([60]);
  });

  it('leaves out what is not a number, and keeps weak rows as evidence only', () => {
    const index = buildRankIndex([
      observation('org/model', NaN),
      observation('org/model', 60, { benchmark: 'weak', weak: true }),
    ]);
    const rows = index.rowsOf(index.numberOf('org/model'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.normalisedValue).toBeUndefined();
  });
});
