import type { PoolErrorCode } from './poolState';

/** Why it is proposed, in sentences for people. */
interface Justification {
  readonly summary: string;
  /** Results that the score stands on, the heaviest first; empty for a removal. */
  readonly benchmarkBasis: readonly string[];
  readonly hardwareFit: string;
  readonly evidence: string;
  readonly freshness: string;
}

/** A build that could be installed, as the engine's ranking sees it for one task. */
export interface ProposalCandidate {
  readonly backend: string;
  readonly ollamaName: string;
  /** Canonical model, `<maker>/<name>`. */
  readonly hfRepoId: string;
  /** What people call the build. */
  readonly label: string;
  readonly quant: string;
  readonly family?: string;
  readonly task: string;
  readonly sizeBytes: number;
  /** 0..100 for `task`; 0 where it does not fit. */
  readonly score: number;
  readonly fits: boolean;
  /** Null where nobody knows. */
  readonly toolCalling: boolean | null;
  /** Made when it is asked for: of thousands of candidates a few are proposed. */
  readonly justify: () => Omit<Justification, 'summary'>;
}

/** What a proposal is about: what would come; for `evict` what would go. */
export interface ProposalTarget {
  readonly backend: string;
  readonly ollamaName: string;
  readonly hfRepoId: string | null;
  readonly label: string;
  readonly quant: string;
  readonly family?: string;
  readonly sizeBytes: number;
  /** 0..100 for the proposal's task. */
  readonly score: number;
}

type ProposalStatus =
  'open' | 'installing' | 'approved' | 'rejected' | 'failed_target_missing' | 'superseded';

/** The halves of an approval: first the target comes, then what it replaces goes. */
export type ProposalPhase = 'installing' | 'evicting';

interface ProposalProblem {
  readonly code: PoolErrorCode;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
  /** Failures in a row, this one included. */
  readonly attempts: number;
}

/** One change of the pool that waits for a yes or a no, or had it. */
export interface Proposal {
  readonly id: string;
  readonly kind: 'add' | 'swap' | 'evict';
  readonly status: ProposalStatus;
  readonly target: ProposalTarget;
  /** The task for which the target is better, or for which what goes is dominated. */
  readonly task: string;
  /** Key of the entry that would go for it. */
  readonly replaces?: string;
  /** How its backend calls that entry. */
  readonly replacesName?: string;
  /** Points by which the target is better than what it replaces; its score for `add`, 0 for `evict`. */
  readonly scoreDelta: number;
  /** GiB that the pool would hold more; negative: less. */
  readonly diskImpactGb: number;
  readonly justification: Justification;
  /** The half that runs, or where it was begun and is open again the half that failed; null: it was never begun. */
  readonly phase: ProposalPhase | null;
  /** Why that half failed the last time; null: it did not. */
  readonly problem: ProposalProblem | null;
  /** The window that carries it out while it is `installing`, else null. */
  readonly owner: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
}
