import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/catalog/candidate';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { median, percentile } from '../../bench/figures';
import {
  errorsAfter,
  peoplesAccelerators,
  systemMemories,
  unseenAccelerators,
} from '../../support/calibrationErrors';
import { repositoryRoot } from '../../support/repository';

/** Medians and 90th percentiles of the errors, in per cent. */
function errors(count: number, machines: Parameters<typeof errorsAfter>[1]) {
  const { rows, before, after } = errorsAfter(count, machines);
  const [was, is] = [before, after].map((each) => ({
    median: median(each) * 100,
    tail: percentile(each, 0.9) * 100,
  }));
  return { rows, was, is };
}

describe('what measurements of other models do for an estimate, on measured rows', () => {
  let candidates: readonly Candidate[];
  beforeAll(async () => {
    const file = path.join(repositoryRoot, 'data', 'snapshot.json');
    ({ candidates } = (await loadFrozenSnapshot({ path: file })).snapshot);
  });

  it('makes it better on accelerators that nobody has seen, the more of them there are', () => {
    const machines = unseenAccelerators(candidates);
    const [one, two, five] = [1, 2, 5].map((count) => errors(count, machines));
    for (const result of [one, two, five]) {
      expect(result?.rows).toBeGreaterThan(100);
      // One odd measurement must not make the worst estimates much worse.
      expect(result?.is?.tail).toBeLessThan((result?.was?.tail ?? 0) * 1.2);
    }
    expect(one?.is?.median).toBeLessThan(one?.was?.median ?? 0);
    expect(two?.is?.median).toBeLessThan((two?.was?.median ?? 0) * 0.97);
    expect(five?.is?.median).toBeLessThan((five?.was?.median ?? 0) * 0.92);
  });

  it("makes it much better on people's own machines, which are slower than a bench's", () => {
    const machines = peoplesAccelerators(candidates);
    const [one, two] = [1, 2].map((count) => errors(count, machines));
    expect(one?.rows).toBeGreaterThan(100);
    expect(one?.is?.median).toBeLessThan((one?.was?.median ?? 0) * 0.8);
    expect(two?.is?.median).toBeLessThan((two?.was?.median ?? 0) * 0.7);
    expect(two?.is?.tail).toBeLessThan((two?.was?.tail ?? 0) * 0.8);
  });

  it('makes it much better in system memory, of which little is known before', () => {
    const machines = systemMemories(candidates);
    const [one, two] = [1, 2].map((count) => errors(count, machines));
    expect(one?.rows).toBeGreaterThan(80);
    expect(one?.is?.median).toBeLessThan((one?.was?.median ?? 0) * 0.8);
    expect(two?.is?.median).toBeLessThan((two?.was?.median ?? 0) * 0.7);
    expect(two?.is?.tail).toBeLessThan((two?.was?.tail ?? 0) * 0.8);
  });
});
