import type { Proposal } from '../../src/pool/proposal';

/** A proposal of which a test says only what it is about. */
export function proposalOf(id: string, given: Partial<Proposal> = {}): Proposal {
  return {
    ...{ id, kind: 'add', status: 'open', task: 'coding', scoreDelta: 7, diskImpactGb: 3 },
    target: {
      ...{ backend: 'ollama', ollamaName: 'a', hfRepoId: 'org/a', label: 'A (Q4_K_M)', quant: 'Q4_K_M' },
      ...{ family: 'llama', sizeBytes: 5 * 2 ** 30, score: 60 },
    },
    justification: {
      ...{ summary: 'better', benchmarkBasis: ['LiveBench'], hardwareFit: 'fits' },
      ...{ evidence: 'direct', freshness: 'today' },
    },
    ...{ phase: null, problem: null, owner: null },
    ...{ createdAt: '2026-11-01T00:00:00.000Z', changedAt: '2026-11-01T00:00:00.000Z' },
    ...given,
  };
}
