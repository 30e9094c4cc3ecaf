import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ApprovalPlan } from '../../src/engine/approvalPlan';
import type { Proposal } from '../../src/pool/proposal';
import type { PullRun } from '../../src/pool/pullRuns';
import { approvalText } from '../../src/ui/approvalText';
import { leavingLine } from '../../src/ui/poolText';
import { ProposalItem } from '../../src/ui/proposalItem';
import {
  diskChange,
  proposalDescription,
  proposalFacts,
  proposalTitle,
  rejectionText,
  settledText,
} from '../../src/ui/proposalText';
import { poolEntry } from '../support/poolEntries';
import { proposalOf } from '../support/sampleProposals';

const GIB = 2 ** 30;
const NOW_MS = Date.parse('2026-02-03T12:00:00.000Z');

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'better:8b', label: 'Better 8B', status: 'pulling' },
  ...{ completedBytes: 2 * GIB, highWaterBytes: 2 * GIB, totalBytes: 5 * GIB, percent: 40 },
  ...{ attempt: 1, elsewhere: false, takenOver: false },
};

const PROBLEM = {
  ...{ code: 'disk_full' as const, message: 'The disk is full.' },
  ...{ at: '2026-02-02T00:00:00.000Z', attempts: 1 },
};

describe('the row of a proposal', () => {
  const rows: readonly (readonly [string, Proposal, PullRun | undefined, string, string])[] = [
    ['to add one', proposalOf('add'), undefined, 'Add Better 8B', 'score 62 for coding · +5.0 GiB'],
    ['to swap', proposalOf('swap'), undefined, 'Better 8B instead of worse:8b', '+7.2 points · +1.0 GiB'],
    ['to remove one', proposalOf('evict'), undefined, 'Remove worse:8b', '−4.0 GiB'],
    [
      'that downloads',
      proposalOf('swap', { status: 'installing', phase: 'installing' }),
      RUN,
      'Better 8B instead of worse:8b',
      '40 % · 2.0 GiB of 5.0 GiB',
    ],
    [
      'that is begun',
      proposalOf('add', { status: 'installing', phase: 'installing' }),
      undefined,
      'Add Better 8B',
      'installing',
    ],
    [
      'that removes',
      proposalOf('swap', { status: 'installing', phase: 'evicting' }),
      { ...RUN, status: 'succeeded' },
      'Better 8B instead of worse:8b',
      'removing worse:8b',
    ],
    [
      'whose download failed',
      proposalOf('swap', { phase: 'installing', problem: PROBLEM }),
      { ...RUN, status: 'failed' },
      'Better 8B instead of worse:8b',
      'not installed',
    ],
    [
      'that was paused',
      proposalOf('swap', { phase: 'installing', problem: { ...PROBLEM, code: 'cancelled' } }),
      { ...RUN, status: 'cancelled' },
      'Better 8B instead of worse:8b',
      'paused, goes on when approved again',
    ],
    [
      'whose removal failed',
      proposalOf('swap', { phase: 'evicting', problem: PROBLEM }),
      undefined,
      'Better 8B instead of worse:8b',
      'installed, but worse:8b is still there',
    ],
    [
      'to remove one that failed',
      proposalOf('evict', { phase: 'evicting', problem: PROBLEM }),
      undefined,
      'Remove worse:8b',
      'not removed',
    ],
  ];
  for (const [name, proposal, run, title, description] of rows) {
    it(`${name} says "${title}" and "${description}"`, () => {
      assert.equal(proposalTitle(proposal), title);
      assert.equal(proposalDescription(proposal, run), description);
    });
  }

  it('is called by the model alone once it was approved, so that a narrow view shows how far it is', () => {
    const label = (given: Partial<Proposal>): unknown =>
      new ProposalItem(proposalOf('swap', given), { run: RUN, threshold: 5 }).label;
    assert.equal(label({}), 'Better 8B instead of worse:8b');
    assert.equal(label({ status: 'installing', phase: 'installing' }), 'Better 8B');
    assert.equal(label({ phase: 'installing', problem: PROBLEM }), 'Better 8B');
  });

  it('offers a yes and a no while it waits for one, and to stop what it downloads', () => {
    const words = (proposal: Proposal): readonly string[] =>
      new ProposalItem(proposal, { run: RUN, threshold: 5 }).contextValue?.split('.') ?? [];
    assert.ok(words(proposalOf('add')).includes('proposalOpen'));
    assert.ok(!words(proposalOf('add')).includes('pullRunning'));
    const installing = words(proposalOf('add', { status: 'installing', phase: 'installing' }));
    assert.ok(!installing.includes('proposalOpen'));
    assert.ok(installing.includes('pullRunning'));
  });

  it('says in its card why, what it replaces with both scores, and what a no means', () => {
    const item = new ProposalItem(proposalOf('swap', { problem: PROBLEM }), { run: undefined, threshold: 5 });
    const card = item.tooltip;
    const text = typeof card === 'string' ? card : (card?.value ?? '');
    for (const part of ['7\\.2 points more', '61\\.5 for coding, worse:8b has 54\\.3', 'The disk is full'])
      assert.match(
        text.replaceAll(/&nbsp;|\\/g, (found) => (found === '\\' ? '' : ' ')),
        new RegExp(part),
      );
    assert.match(text, /90 days/);
  });
});

describe('the reasons of a proposal', () => {
  it('stand each under a name, and nothing stands for what nobody said', () => {
    const facts = (proposal: Proposal): Record<string, string> =>
      Object.fromEntries(proposalFacts(proposal).map(({ name, value }) => [name, value]));
    assert.deepEqual(Object.keys(facts(proposalOf('swap'))), [
      ...['Score', 'Comes', 'Goes', 'Disk', 'Fit', 'Evidence', 'Benchmark', 'Freshness'],
    ]);
    assert.equal(facts(proposalOf('swap'))['Goes'], 'worse:8b, once the other is there');
    const swap = proposalOf('swap');
    assert.equal(facts(swap)['Comes'], 'better:8b, Q4_K_M, 5.0 GiB');
    const target = { ...swap.target, ollamaName: 'better:8b-q4_K_M' };
    assert.equal(facts({ ...swap, target })['Comes'], 'better:8b-q4_K_M, 5.0 GiB');
    assert.deepEqual(Object.keys(facts(proposalOf('evict'))), ['Score', 'Goes', 'Disk']);
    assert.equal(facts(proposalOf('add', { problem: PROBLEM }))['Failed'], 'The disk is full.');
    const paused = facts(proposalOf('add', { problem: { ...PROBLEM, code: 'cancelled' } }));
    assert.match(paused['Paused'] ?? '', /^What was downloaded stays/);
    assert.equal(paused['Failed'], undefined);
  });

  it('say how much more or less disk', () => {
    assert.equal(diskChange(4.6), '+4.6 GiB');
    assert.equal(diskChange(-0.5), '−512 MiB');
  });

  it('say how long a no holds', () => {
    assert.equal(
      rejectionText(5),
      'Rejected, it is not proposed again for 90 days, unless its lead grows by another 5 points.',
    );
  });
});

describe('a proposal that is decided', () => {
  const texts = [
    ['approved', 'approved 2 days ago'],
    ['rejected', 'rejected 2 days ago'],
    ['failed_target_missing', 'not to be had, 2 days ago'],
  ] as const;
  for (const [status, text] of texts) {
    it(`is "${text}"`, () => {
      const settled = proposalOf('add', { status, changedAt: '2026-02-01T11:00:00.000Z' });
      assert.equal(settledText(settled, NOW_MS), text);
    });
  }
});

describe('the dialog before an approval', () => {
  const WORSE = poolEntry('worse:8b', { sizeOnDiskGb: 4, currentScore: 54.3 });
  const plan: Extract<ApprovalPlan, { readonly kind: 'possible' }> = {
    ...{ kind: 'possible', installs: true, leaves: WORSE, leavesFirst: false, refusal: null },
    ...{ usedBytes: 9 * GIB, budgetBytes: 20 * GIB, changeBytes: GIB, freeBytes: 50 * GIB },
  };
  const facts = {
    ...{ leavesPick: false, licence: 'apache-2.0', backendUrl: 'http://127.0.0.1:11434', nowMs: NOW_MS },
  };
  const lines = (
    kind: Proposal['kind'],
    given: Partial<typeof plan> = {},
    pick = false,
  ): readonly string[] => {
    const { message, detail } = approvalText(
      proposalOf(kind),
      { ...plan, ...given },
      { ...facts, leavesPick: pick },
    );
    return [message, ...detail.split('\n')];
  };

  it('of a swap says what comes, what goes when, and the disk in between and after', () => {
    assert.deepEqual(lines('swap'), [
      'Install Better 8B and remove worse:8b?',
      'Better 8B scores 7.2 points more for coding here than worse:8b.',
      '',
      'Download: better:8b, 5.0 GiB, through ollama at http://127.0.0.1:11434',
      'Licence: apache-2.0',
      '',
      'Removed once Better 8B is there and no call uses it:',
      leavingLine(WORSE, NOW_MS),
      '',
      'Pool: 9.0 GiB of 20.0 GiB, then 10.0 GiB',
      'Free on that disk: 50.0 GiB now, 45.0 GiB while both are there, 49.0 GiB after',
    ]);
  });

  it('of a swap without room for both says that it goes first, and what a failure then costs', () => {
    const text = lines('swap', { leavesFirst: true }).join('\n');
    assert.match(text, /Removed BEFORE the download, .+ If the download fails, it is gone all the same:/);
    assert.match(text, /Free on that disk: 50\.0 GiB now, 49\.0 GiB after/);
  });

  it('of an addition says that nothing is removed', () => {
    const text = lines('add', { leaves: null, changeBytes: 5 * GIB }).join('\n');
    assert.match(text, /^Install Better 8B\?/);
    assert.match(text, /^Nothing is removed\.$/m);
    assert.match(text, /^Free on that disk: 50\.0 GiB now, 45\.0 GiB after$/m);
  });

  it('of a removal, and of the second half of a swap, speaks of no download', () => {
    for (const kind of ['evict', 'swap'] as const) {
      const text = lines(kind, { installs: false, changeBytes: -4 * GIB }, true).join('\n');
      assert.match(text, /^Remove worse:8b\?/);
      assert.doesNotMatch(text, /Download|Licence/);
      assert.match(text, /^worse:8b is your pick in this window; pick another one afterwards\.$/m);
      assert.match(text, /^Pool: 9\.0 GiB of 20\.0 GiB, then 5\.0 GiB$/m);
    }
  });

  it('says nothing of a disk that cannot be seen, and that a licence is not known', () => {
    const { detail } = approvalText(
      proposalOf('add'),
      { ...plan, leaves: null, freeBytes: null },
      { ...facts, licence: null },
    );
    assert.doesNotMatch(detail, /Free on that disk/);
    assert.match(detail, /^Licence: not known here; see the model page before use$/m);
  });
});
