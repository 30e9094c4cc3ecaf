import { entryKey } from '../../src/pool/poolState';
import type { Proposal } from '../../src/pool/proposal';
import { BYTES_PER_GIB } from '../../src/shared/units';

/** A made-up proposal: `better:8b` comes, or `worse:8b` goes, or both. */
export function proposalOf(kind: Proposal['kind'], given: Partial<Proposal> = {}): Proposal {
  const target = {
    ...{ backend: 'ollama', ollamaName: 'better:8b', hfRepoId: 'Org/Better-8B', label: 'Better 8B (Q4_K_M)' },
    ...{ quant: 'Q4_K_M', family: 'better', sizeBytes: 5 * BYTES_PER_GIB, score: 61.5 },
  };
  const worse = {
    ...{ ollamaName: 'worse:8b', hfRepoId: 'Org/Worse-8B', label: 'worse:8b', score: 54.3 },
    sizeBytes: 4 * BYTES_PER_GIB,
  };
  const replaced = {
    replaces: entryKey({ backend: 'ollama', ollamaName: 'worse:8b' }),
    replacesName: 'worse:8b',
  };
  return {
    ...{ id: `proposal-${kind}`, kind, status: 'open', task: 'coding' },
    target: kind === 'evict' ? { ...target, ...worse } : target,
    ...(kind === 'swap' ? replaced : {}),
    scoreDelta: { add: 61.5, swap: 7.2, evict: 0 }[kind],
    diskImpactGb: { add: 5, swap: 1, evict: -4 }[kind],
    justification:
      kind === 'evict'
        ? {
            ...NOTHING,
            summary: 'worse:8b was not used since 2026-01-01, and a better one takes no more room.',
          }
        : JUSTIFICATION,
    ...{ phase: null, problem: null, owner: null },
    ...{ createdAt: '2026-02-01T00:00:00.000Z', changedAt: '2026-02-01T00:00:00.000Z' },
    ...given,
  };
}

const NOTHING = { benchmarkBasis: [], hardwareFit: '', evidence: '', freshness: '' };

const JUSTIFICATION = {
  summary: 'Better 8B scores 7.2 points more for coding here than worse:8b.',
  benchmarkBasis: ['LiveBench: 48.1 (2026-01)', 'Aider: 61.0 (2025-12)'],
  hardwareFit: 'Fits the GPU with 32k of context, about 48 tok/s.',
  evidence: 'Direct results, high confidence.',
  freshness: 'The newest result is of 2026-01-12.',
};
