import { freedBytes } from '../pool/diskUse';
import type { Refusal } from '../pool/livePull';
import type { PoolManager } from '../pool/poolManager';
import { entryKey, gibToBytes, type PoolEntry } from '../pool/poolState';
import type { Proposal } from '../pool/proposal';
import { nextStep } from '../pool/proposalStep';
import type { HostId } from '../shared/modelRef';
import { bytesToGib } from '../shared/units';

export interface ApprovalPlanSources {
  readonly pool: Pick<PoolManager, 'snapshot' | 'preview'>;
  readonly hostOf: (backendId: string) => HostId;
  /** Free bytes on the volume of a backend's models; null where it cannot be seen from here. */
  readonly freeBytes: (backendId: string) => Promise<number | null>;
}

/** What carrying out a proposal would do, said before anything is done. */
export type ApprovalPlan =
  | {
      readonly kind: 'possible';
      /** Whether the target is to be downloaded; false: only a removal is left to do. */
      readonly installs: boolean;
      /** What goes in the end; null: nothing. */
      readonly leaves: PoolEntry | null;
      /** Whether it must go before the download, because the disk has no room for both. */
      readonly leavesFirst: boolean;
      /** Of the pool on that disk, with what is promised to models on their way. */
      readonly usedBytes: number;
      readonly budgetBytes: number;
      /** Bytes that the pool would hold more, or less, in the end. */
      readonly changeBytes: number;
      readonly freeBytes: number | null;
      /** Why it would be refused; null: it would not. */
      readonly refusal: Refusal | null;
    }
  /** Nothing is left to do but to write it down: `why` for a person; null: it is done. */
  | { readonly kind: 'over'; readonly why: string | null };

/** Says what approving would do; changes nothing. */
export async function planApproval(sources: ApprovalPlanSources, proposal: Proposal): Promise<ApprovalPlan> {
  const { pool, hostOf, freeBytes } = sources;
  const state = pool.snapshot();
  const step = nextStep(proposal, state);
  if (step.kind === 'moot') return { kind: 'over', why: step.message };
  if (step.kind === 'done') return { kind: 'over', why: null };
  const { target, replaces } = proposal;
  const host = hostOf(target.backend);
  const there = state.entries.filter(({ backend }) => hostOf(backend) === host);
  const leaves =
    step.kind === 'evict' ? step.entry : (there.find((entry) => entryKey(entry) === replaces) ?? null);
  const freed = leaves ? freedBytes(there, [leaves]) : 0;
  if (step.kind === 'evict') {
    return {
      ...{ kind: 'possible', installs: false, leaves, leavesFirst: false, refusal: null },
      usedBytes: gibToBytes(state.disks.find((disk) => disk.host === host)?.usedGb ?? 0),
      ...{ budgetBytes: gibToBytes(state.diskBudgetGb), changeBytes: -freed },
      freeBytes: await freeBytes(target.backend),
    };
  }
  const preview = await pool.preview({
    ...{ backend: target.backend, ollamaName: target.ollamaName, hfRepoId: target.hfRepoId },
    ...{ label: target.label, quant: target.quant, initialScore: target.score, consent: 'user' },
    sizeOnDiskGb: bytesToGib(target.sizeBytes),
    mayEvict: replaces === undefined ? [] : [replaces],
  });
  const { usedBytes, budgetBytes, evictFirst, refusal } = preview;
  return {
    ...{ kind: 'possible', installs: true, leaves, leavesFirst: evictFirst && leaves !== null },
    ...{
      usedBytes,
      budgetBytes,
      changeBytes: target.sizeBytes - freed,
      freeBytes: preview.freeBytes,
      refusal,
    },
  };
}
