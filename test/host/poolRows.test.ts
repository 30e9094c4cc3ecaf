import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { PullRun } from '../../src/pool/pullRuns';
import type { ModelRegistry } from '../../src/registry/registry';
import type { BackendState, RegisteredModel } from '../../src/registry/row';
import { knownNow, servedModelDescription } from '../../src/ui/modelText';
import { agoText, poolUsedText } from '../../src/ui/poolText';
import { PullItem } from '../../src/ui/pullItem';
import { reconciledText } from '../../src/ui/reconcilePool';
import { ServedModelItem, type ServedModelFacts } from '../../src/ui/servedModelItem';
import { budgetMessage } from '../../src/ui/setDiskBudget';
import { poolEntry } from '../support/poolEntries';

const GIB = 2 ** 30;

const MODEL: RegisteredModel = {
  ...{ backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b', displayName: 'qwen3:8b', source: 'probe' },
  ...{ fresh: true, refreshedAt: 0 },
  capabilities: { quant: 'Q4_K_M', sizeBytes: 5 * GIB, tools: true },
};

const FACTS: ServedModelFacts = {
  ...{ picked: false, busy: false, removable: true, own: true, callsTools: true, toolCalling: undefined },
  ...{ measured: null, contextTokens: undefined, host: 'this machine', reachable: true, entry: undefined },
  ...{ stoppable: false, ranked: false, fits: true, rankLines: [] },
};

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'qwen3:8b', label: 'Qwen3 8B', status: 'pulling' },
  ...{ completedBytes: 2 * GIB, highWaterBytes: 2 * GIB, totalBytes: 5 * GIB, percent: 40 },
  ...{ attempt: 1, elsewhere: false, takenOver: false },
};

function row(facts: Partial<ServedModelFacts>): { readonly item: ServedModelItem; readonly card: string } {
  const item = new ServedModelItem(MODEL, { ...FACTS, ...facts });
  assert.ok(item.tooltip instanceof vscode.MarkdownString);
  return { item, card: item.tooltip.value };
}

function textOf({ tooltip }: vscode.TreeItem): string {
  assert.ok(typeof tooltip === 'string');
  return tooltip;
}

const values = ({ contextValue = '' }: vscode.TreeItem): readonly string[] => contextValue.split('.');

describe('a row of an installed model', () => {
  it('of the pool can be pinned, and says since when, how used and how good', () => {
    const { item, card } = row({ entry: poolEntry('qwen3:8b', { currentScore: 61 }) });
    assert.deepEqual(values(item), ['model', 'ownModel', 'removable', 'pinnable']);
    assert.equal(item.description, 'Q4_K_M · 5.0 GiB');
    assert.match(card, /In the pool since .*, not used since, score 61/);
  });

  it('that is loaded can be stopped, where its server lets go of it and answers', () => {
    assert.ok(values(row({ stoppable: true }).item).includes('stoppable'));
    assert.ok(!values(row({ stoppable: true, reachable: false }).item).includes('stoppable'));
    assert.ok(!values(row({}).item).includes('stoppable'));
  });

  it('says that it does not fit, unless it is loaded', () => {
    assert.equal(row({ fits: false }).item.description, 'does not fit · Q4_K_M · 5.0 GiB');
    const loaded = new ServedModelItem({ ...MODEL, running: {} }, { ...FACTS, fits: false });
    assert.doesNotMatch(String(loaded.description), /does not fit/);
  });

  it('that is ranked can be explained, and its card tells score, evidence and fit', () => {
    const { item, card } = row({ ranked: true, rankLines: ['Score 61 of 100', { list: ['4k: 5.1 GiB'] }] });
    assert.ok(values(item).includes('explained'));
    assert.match(card, /Score 61 of 100/);
    assert.match(card, /- 4k: 5\\?\.1 GiB/);
  });

  it('that is pinned says so and can be unpinned', () => {
    const { item, card } = row({ entry: poolEntry('qwen3:8b', { pinned: true }) });
    assert.equal(item.description, 'pinned · Q4_K_M · 5.0 GiB');
    assert.deepEqual(values(item), ['model', 'ownModel', 'removable', 'pinned']);
    assert.match(card, /Pinned: /);
    assert.match(item.accessibilityInformation?.label ?? '', /pinned/);
  });

  it('that leaves says when, before all else, and can no longer be pinned', () => {
    const { item, card } = row({ entry: poolEntry('qwen3:8b', { pendingEviction: true }), busy: true });
    assert.match(String(item.description), /^goes when no call uses it · /);
    assert.deepEqual(values(item), ['model', 'ownModel', 'removable']);
    assert.match(card, /Leaves the pool/);
  });

  it('outside the pool can be taken in, and only its card says so', () => {
    const { item, card } = row({});
    assert.equal(item.description, 'Q4_K_M · 5.0 GiB');
    assert.deepEqual(values(item), ['model', 'ownModel', 'removable', 'adoptable']);
    assert.match(card, /Installed outside the pool/);
  });

  it("that is the user's own for the pool can neither be pinned nor taken in", () => {
    const { item, card } = row({ entry: poolEntry('qwen3:8b', { origin: 'user' }) });
    assert.deepEqual(values(item), ['model', 'ownModel', 'removable']);
    assert.match(card, /Your own model since .*outside the disk budget/);
  });

  it('of a server that installs nothing has nothing to do with the pool', () => {
    const { item, card } = row({ removable: false });
    assert.deepEqual(values(item), ['model', 'ownModel']);
    assert.doesNotMatch(card, /pool/i);
  });

  it('says with which context the next call loads it', () => {
    const model = { ...MODEL, capabilities: { ...MODEL.capabilities, contextLength: 131_072 } };
    const item = new ServedModelItem(model, { ...FACTS, contextTokens: 8_192 });
    assert.ok(item.tooltip instanceof vscode.MarkdownString);
    assert.match(item.tooltip.value, /Context 128k; the next call loads it with 8k/);
  });
});

describe('a row of an install', () => {
  it('that stopped says what it keeps on the disk and when that is freed', () => {
    for (const status of ['failed', 'cancelled'] as const) {
      assert.match(textOf(new PullItem({ ...RUN, status })), /2\.0 GiB of it are kept on the disk/);
    }
  });

  it('that goes on, or has nothing yet, says nothing of that', () => {
    assert.doesNotMatch(textOf(new PullItem(RUN)), /kept/);
    const nothing = { ...RUN, status: 'failed', highWaterBytes: 0, message: 'No such model.' } as const;
    assert.equal(new PullItem(nothing).tooltip, 'qwen3:8b\nfailed\nNo such model.');
  });
});

describe('a row of an install that failed', () => {
  const message = 'Ollama has no working connection to its registry (dial tcp: lookup failed).';
  const item = new PullItem({ ...RUN, status: 'failed', code: 'installer_unavailable', message });

  it('is short, and its hover and a screen reader say why in full', () => {
    assert.equal(item.description, 'failed: not reachable');
    assert.ok(textOf(item).includes(message));
    assert.ok(item.accessibilityInformation?.label.includes(message));
  });
});

describe('a model that was loaded on a server which does not answer any more', () => {
  const loaded: RegisteredModel = { ...MODEL, running: { sizeBytes: 5 * GIB, vramBytes: 5 * GIB } };
  const engine = (readiness: BackendState['readiness']): Parameters<typeof knownNow>[0] => ({
    registry: { backend: () => ({ readiness }) } as unknown as ModelRegistry,
  });

  it('is not said to be loaded', () => {
    assert.equal(servedModelDescription(knownNow(engine('ok'), loaded)), 'Q4_K_M · 5.0 GiB · loaded');
    assert.equal(servedModelDescription(knownNow(engine('unreachable'), loaded)), 'Q4_K_M · 5.0 GiB');
  });

  it('has no share in GPU memory on its card', () => {
    const card = (reachable: boolean): string => {
      const { tooltip } = new ServedModelItem(loaded, { ...FACTS, reachable });
      assert.ok(tooltip instanceof vscode.MarkdownString);
      return tooltip.value;
    };
    assert.match(card(true), /100 % in GPU memory/);
    assert.doesNotMatch(card(false), /in GPU memory/);
  });
});

describe('what is said of a disk budget while it is written', () => {
  const disk = { usedGib: 31.2, freeGib: 50 };
  const severity = (text: string): vscode.InputBoxValidationSeverity | undefined =>
    budgetMessage(text, disk)?.severity;

  it('refuses what is no number', () => {
    assert.equal(severity('many'), vscode.InputBoxValidationSeverity.Error);
    assert.equal(severity('2000000'), vscode.InputBoxValidationSeverity.Error);
  });

  it('warns below what is in use that nothing is removed and nothing installed', () => {
    const message = budgetMessage('20', disk);
    assert.equal(message?.severity, vscode.InputBoxValidationSeverity.Warning);
    assert.match(message.message, /Less than the 31\.2 GiB in use: nothing is removed/);
    assert.equal(severity('0'), vscode.InputBoxValidationSeverity.Warning);
  });

  it('warns of 0 also where nothing is in use', () => {
    assert.match(
      budgetMessage('0', { usedGib: 0, freeGib: null })?.message ?? '',
      /nothing can be installed/,
    );
  });

  it('notes beyond what the disk can hold that the disk binds as well', () => {
    assert.equal(severity('82'), vscode.InputBoxValidationSeverity.Info);
    assert.equal(budgetMessage('82', { ...disk, freeGib: null }), null);
  });

  it('says nothing of what is fine, and of the default', () => {
    assert.equal(budgetMessage('80', disk), null);
    assert.equal(budgetMessage('', disk), null);
  });
});

describe('what reconciling has found', () => {
  const outside = (name: string): { readonly ollamaName: string; readonly sizeOnDiskGb: number } => ({
    ...{ ollamaName: name, sizeOnDiskGb: 1 },
  });

  it('names what is gone and what is outside', () => {
    const found = { status: 'reconciled', dropped: ['a', 'b'], outside: [outside('c')] } as const;
    assert.equal(
      reconciledText([{ backend: 'ollama', found }]),
      'No longer installed, so no longer in the pool: a, b. Installed outside the pool: c.',
    );
  });

  it('says that all is well, and counts many outside', () => {
    const found = { status: 'reconciled', dropped: [], outside: ['a', 'b', 'c', 'd'].map(outside) } as const;
    assert.equal(
      reconciledText([{ backend: 'ollama', found }]),
      'The pool is as its servers say. 4 models are installed outside the pool.',
    );
  });

  it('says who did not answer, and then does not say that all is well', () => {
    const found = { status: 'unknown', message: 'Nothing answers.' } as const;
    assert.equal(reconciledText([{ backend: 'lab', found }]), 'lab was not asked: Nothing answers.');
  });
});

describe('texts of the pool', () => {
  it('say how long ago in days, then in months, and never in the future', () => {
    const now = Date.parse('2026-11-21T12:00:00.000Z');
    assert.equal(agoText('2026-11-21T10:00:00.000Z', now), 'today');
    assert.equal(agoText('2026-11-20T10:00:00.000Z', now), 'yesterday');
    assert.equal(agoText('2026-10-01T10:00:00.000Z', now), '51 days ago');
    assert.equal(agoText('2026-05-01T10:00:00.000Z', now), '6 months ago');
    assert.equal(agoText('2026-12-24T10:00:00.000Z', now), 'today');
  });

  it('count the disks of each machine apart', () => {
    assert.equal(poolUsedText([]), '0 B');
    assert.equal(
      poolUsedText([
        { host: 'lab', usedGb: 4.2 },
        { host: 'local', usedGb: 31.2 },
      ]),
      '4.2 GiB + 31.2 GiB',
    );
  });
});
