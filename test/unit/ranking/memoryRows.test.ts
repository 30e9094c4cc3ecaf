import { beforeAll, describe, expect, it } from 'vitest';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { compareMemory, memoryError, readMemoryRows, type MemoryComparison } from '../../support/memoryRows';

/** What was measured (data/measurements/memory.jsonl) beside what is estimated; the bench prints the same by group. */
describe('estimateVram on measured rows', () => {
  let comparisons: readonly MemoryComparison[];
  let leftOut: ReadonlyMap<string, number>;

  beforeAll(async () => {
    const { snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' });
    ({ comparisons, leftOut } = compareMemory(
      readMemoryRows('data/measurements/memory.jsonl'),
      snapshot.candidates,
    ));
  });

  const errorsOf = (group: RegExp): number[] =>
    comparisons
      .filter((comparison) => group.test(comparison.group))
      .map(memoryError)
      .sort((a, b) => a - b);
  const within = (group: RegExp, share: number, atLeast: number): void => {
    const members = comparisons.filter((comparison) => group.test(comparison.group));
    expect(members.length).toBeGreaterThanOrEqual(atLeast);
    for (const member of members) expect(memoryError(member), member.name).toBeLessThan(share);
  };

  it('takes exactly the bytes of the file for the weights', () => {
    within(/^weights$/, 1e-9, 6);
  });

  it('is within 2 % of every logged cache: all tokens kept', () => {
    within(/^KV, full$/, 0.02, 7);
  });

  it('is within 2 % of every logged cache: latent attention', () => {
    within(/^KV, mla$/, 0.02, 13);
  });

  // That build padded a window to 640 cells, where today's pads it to 768.
  it('is within 3 % of the cache of gpt-oss in an older build', () => {
    within(/^KV, iswa$/, 0.03, 1);
  });

  it('is within 2 % of every cache in the load logs of llama.cpp 0.7.0, build 11669, CPU', () => {
    within(/^KV, load log$/, 0.02, 83);
  });

  it('is within 5 % of all buffers of llama-server, build 11669, CPU', () => {
    within(/^llama-server total$/, 0.05, 37);
  });

  it('is within 5 % of all buffers of llama-completion, which keeps the logits of a batch', () => {
    within(/^llama-completion total$/, 0.05, 46);
  });

  it('is within 15 % of reported peaks in the median, at contexts up to 8k', () => {
    const errors = errorsOf(/^peak, at most 8k$/);
    expect(errors.length).toBeGreaterThanOrEqual(28);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.15);
  });

  it('beats the formula of the peers in every group', () => {
    for (const group of new Set(comparisons.map(({ group }) => group))) {
      const members = comparisons.filter((comparison) => comparison.group === group);
      const sum = (of: (comparison: MemoryComparison) => number): number =>
        members.reduce((total, member) => total + of(member), 0);
      const peers = sum(({ measured, peers }) => Math.abs(peers - measured) / measured);
      expect(sum(memoryError), group).toBeLessThan(peers);
    }
  });

  it('leaves rows out only for a reason that it names', () => {
    expect([...leftOut.keys()].sort()).toEqual([
      'a cache as llama.cpp had it before it stored compressed keys alone',
      'a fork that keeps the whole context in layers with a window',
      'a peak below the weights: part of them lay elsewhere',
      'a peak of a card that was full',
      'a peak of a model that was loaded in part',
      'a peak of a model whose shape is not known',
      'a toy model, of which the log rounds too much away',
      'an argument that no setting of ours stands for (--swa-full, f32 cache)',
      'flagged: its lines are of different runs, or of mixed cache types',
      'weights by a rounded column of llama-bench, not by bytes',
    ]);
  });
});
