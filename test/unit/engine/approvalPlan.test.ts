import { describe, expect, it } from 'vitest';
import { planApproval } from '../../../src/engine/approvalPlan';
import type { InstallPreview, PoolInstallRequest } from '../../../src/pool/poolInstalls';
import type { PoolEntry, PoolState } from '../../../src/pool/poolState';
import type { Proposal } from '../../../src/pool/proposal';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import { entryOfBlobs, poolEntry } from '../../support/poolEntries';
import { proposalOf } from '../../support/sampleProposals';

const GIB = BYTES_PER_GIB;
const WORSE = poolEntry('worse:8b', { sizeOnDiskGb: 4 });

function poolOf(entries: readonly PoolEntry[]): PoolState {
  return {
    ...{ diskBudgetGb: 20, diskUsedGb: 4, disks: [{ host: 'local', usedGb: 4 }], entries },
    ...{ allowedOrgs: [], allowedFamilies: [], lastRefreshAt: null },
  };
}

async function plan(
  proposal: Proposal,
  entries: readonly PoolEntry[],
  given: Partial<InstallPreview> = {},
): Promise<{
  readonly plan: Awaited<ReturnType<typeof planApproval>>;
  readonly asked: PoolInstallRequest[];
}> {
  const asked: PoolInstallRequest[] = [];
  const preview = (request: PoolInstallRequest): Promise<InstallPreview> => {
    asked.push(request);
    return Promise.resolve({
      ...{ sizeBytes: 5 * GIB, budgetBytes: 20 * GIB, usedBytes: 4 * GIB, afterBytes: 9 * GIB },
      ...{ freeBytes: 50 * GIB, evictFirst: false, refusal: null },
      plan: { evict: [], freedGb: 0, remainingNeededGb: 0, kept: [] },
      ...given,
    });
  };
  const sources = {
    pool: { snapshot: () => poolOf(entries), preview },
    hostOf: (backend: string) => (backend === 'ollama_box' ? 'box' : 'local'),
    freeBytes: () => Promise.resolve(33 * GIB),
  };
  return { plan: await planApproval(sources, proposal), asked };
}

describe('what approving a proposal would do', () => {
  it('of a swap is a download, then a removal of the one model that it replaces', async () => {
    const { plan: made, asked } = await plan(proposalOf('swap'), [WORSE]);
    expect(made).toMatchObject({
      ...{ kind: 'possible', installs: true, leaves: WORSE, leavesFirst: false, refusal: null },
      ...{ usedBytes: 4 * GIB, changeBytes: GIB, freeBytes: 50 * GIB },
    });
    expect(asked).toMatchObject([
      { ollamaName: 'better:8b', consent: 'user', sizeOnDiskGb: 5, mayEvict: [proposalOf('swap').replaces] },
    ]);
  });

  it('counts what the removal really frees: layers that another model of that machine has stay', async () => {
    const shared = { [`sha256:${'a'.repeat(64)}`]: 3 * GIB };
    const worse = entryOfBlobs('worse:8b', { ...shared, own: GIB });
    const twin = entryOfBlobs('twin:8b', shared);
    const elsewhere = { ...twin, backend: 'ollama_box' };
    const sharing = await plan(proposalOf('swap'), [worse, twin]);
    expect(sharing.plan).toMatchObject({ changeBytes: 4 * GIB });
    const apart = await plan(proposalOf('swap'), [worse, elsewhere]);
    expect(apart.plan).toMatchObject({ changeBytes: GIB });
  });

  it('removes first only where the disk has no room for both', async () => {
    const made = await plan(proposalOf('swap'), [WORSE], { evictFirst: true });
    expect(made.plan).toMatchObject({ leavesFirst: true });
    const alone = await plan(proposalOf('add'), [], { evictFirst: true });
    expect(alone.plan).toMatchObject({ leaves: null, leavesFirst: false });
  });

  it('of a removal, and of a swap whose target is there already, asks for no download', async () => {
    const removal = await plan(proposalOf('evict'), [WORSE]);
    expect(removal.plan).toMatchObject({
      ...{ kind: 'possible', installs: false, leaves: WORSE, changeBytes: -4 * GIB, freeBytes: 33 * GIB },
    });
    const half = proposalOf('swap', { phase: 'evicting' });
    const second = await plan(half, [WORSE, poolEntry('better:8b')]);
    expect(second.plan).toMatchObject({ installs: false, leaves: WORSE });
    expect([...removal.asked, ...second.asked]).toEqual([]);
  });

  it('hands on why it would be refused', async () => {
    const refusal = { code: 'budget_exceeded', message: 'would exceed disk budget by 1.00 GB' } as const;
    expect((await plan(proposalOf('add'), [], { refusal })).plan).toMatchObject({ refusal });
  });

  it('is over where the pool has changed, and says how', async () => {
    const gone = await plan(proposalOf('swap'), []);
    expect(gone.plan).toEqual({ kind: 'over', why: 'worse:8b is not in the pool any more.' });
    const leaving = await plan(proposalOf('evict'), [{ ...WORSE, pendingEviction: true }]);
    expect(leaving.plan).toEqual({ kind: 'over', why: null });
  });
});
