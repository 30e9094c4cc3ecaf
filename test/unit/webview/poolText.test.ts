import { describe, expect, it } from 'vitest';
import { poolSchema, type PoolDiskReport, type PoolEvent } from '../../../src/shared/poolMessage';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import {
  autonomySentence,
  blobOwners,
  diskFigures,
  diskNotes,
  eventModels,
  eventTitle,
  gib,
  orderReason,
  shortDigest,
  shortName,
  staysBecause,
} from '../../../webview-ui/poolText';
import { samplePool, sampleTroubledPool } from '../../fixtures/report/samplePool.mjs';

const GIB = BYTES_PER_GIB;
const sample = poolSchema.parse(samplePool());
const troubled = poolSchema.parse(sampleTroubledPool());

function diskOf(changes: Partial<PoolDiskReport> = {}): PoolDiskReport {
  const [disk] = sample.disks;
  if (!disk) throw new Error('no sample disk');
  return { ...disk, ...changes };
}

describe('the figures of a disk', () => {
  it('add up: what is left of the budget is what is neither used nor promised', () => {
    const figures = new Map(diskFigures(diskOf()).map(({ name, bytes }) => [name, gib(bytes)]));
    expect(Object.fromEntries(figures)).toEqual({
      ...{ Budget: '60.0', 'Used by the pool': '34.6', 'On the way': '4.4', 'Left of the budget': '21.0' },
      ...{ 'Outside the pool': '6.2', 'Unfinished downloads': '2.1', 'Free on the volume': '182.0' },
    });
  });

  it('leave nothing of a budget that is overrun, and say nothing of what is not on its way', () => {
    const figures = diskFigures(diskOf({ budgetBytes: 0, comingBytes: 0 }));
    expect(figures.find(({ name }) => name === 'Left of the budget')?.bytes).toBe(0);
    expect(figures.map(({ name }) => name)).not.toContain('On the way');
  });

  it('show what cannot be seen as unknown, not as nothing', () => {
    const figures = diskFigures(diskOf({ partialsKnown: false, freeBytes: null }));
    expect(figures.slice(-2).map(({ bytes }) => gib(bytes))).toEqual(['–', '–']);
  });
});

describe('the notes on a disk', () => {
  it('warn of a budget that is overrun, and of a volume with less room than the budget leaves', () => {
    const [over] = diskNotes(diskOf({ budgetBytes: 30 * GIB, comingBytes: 0 }));
    expect(over?.text).toMatch(/^The pool is 4\.6 GiB over its budget\. Nothing is removed for that; /);
    const [full] = diskNotes(diskOf({ freeBytes: 3 * GIB }));
    expect(full?.text).toMatch(/^The volume has 3\.0 GiB free, less than the budget leaves/);
    expect([over?.warning, full?.warning]).toEqual([true, true]);
  });

  it('are none where all is well and known', () => {
    const blobs = diskOf().blobs.filter(({ kind }) => kind !== 'partial');
    expect(diskNotes(diskOf({ blobs }))).toEqual([]);
  });

  it('say what unfinished downloads hold until when, what cannot be seen, and what is a guess', () => {
    const texts = troubled.disks.flatMap((disk) => diskNotes(disk).map(({ text }) => text)).join('\n');
    expect(texts).toMatch(/until they are resumed, or until Ollama is started again an hour or more/);
    expect(texts).toMatch(/folder of the models cannot be read from here/);
    expect(texts).toMatch(/^2 models counted by the size that the server says/m);
  });
});

describe('the order in which models go', () => {
  it('is explained by what tells each from the next', () => {
    const { leaving } = diskOf();
    expect(leaving.map((row, index) => orderReason(row, leaving[index + 1]))).toEqual([
      'lower score than the next',
      'lower score than the next',
      'same score, unused for longer; others share its layers',
      'lower score than the next; others share its layers',
      'goes last',
    ]);
    const [row] = leaving;
    if (!row) throw new Error('no row');
    const used = { ...row, lastUsedAt: '2026-03-01T00:00:00.000Z' };
    expect(orderReason(row, used)).toBe('same score, never used');
    expect(orderReason(row, { ...row, installedAt: '2026-03-01' })).toBe(
      'same score and use, installed earlier',
    );
  });

  it('gives every model that stays a reason in words', () => {
    const reasons = poolSchema.shape.disks.element.shape.staying.element.shape.reason.options;
    for (const reason of reasons) expect(staysBecause(reason)).toMatch(/^[a-z][a-z ,]+$/);
    expect(autonomySentence('ask')).toContain('Nothing goes without your word');
    expect(autonomySentence('within-budget')).toContain('by themselves');
  });
});

describe('names', () => {
  it('of models leave out where they come from', () => {
    expect(shortName('hf.co/owner/Model-GGUF:Q4_K_M')).toBe('Model-GGUF:Q4_K_M');
    expect(shortName('qwen3:8b')).toBe('qwen3:8b');
  });

  it('of layers are their digest as people compare it, and none where there is no digest', () => {
    expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
    expect(shortDigest('tag:qwen3:8b')).toBe('–');
  });

  it('of a layer are those of all who have it', () => {
    const shared = diskOf().blobs.find(({ models }) => models.length > 1);
    const partial = diskOf().blobs.find(({ kind }) => kind === 'partial');
    expect(shared && blobOwners(shared)).toBe('sample-oak:14b, sample-oak-tools:14b, sample-oak-32k:14b');
    expect(partial && blobOwners(partial)).toBe('unfinished download');
  });
});

describe('the history', () => {
  const event = (given: Partial<PoolEvent>): string => {
    const whole: PoolEvent = {
      ...{ kind: 'added', at: null, came: 'x/new:8b', went: null, reason: null, bytes: null },
      ...given,
    };
    return `${eventTitle(whole)}: ${eventModels(whole)}`;
  };

  it('says what happened to which models', () => {
    expect(event({})).toBe('Came into the pool: new:8b');
    expect(event({ kind: 'failed' })).toBe('Download failed: new:8b');
    expect(event({ kind: 'stopped' })).toBe('Download paused: new:8b');
    expect(event({ kind: 'approved', went: 'old:7b' })).toBe('Proposal approved: new:8b in place of old:7b');
    expect(event({ kind: 'rejected', went: 'old:7b' })).toBe('Proposal rejected: new:8b for old:7b');
    expect(event({ kind: 'approved', came: null, went: 'old:7b' })).toBe('Removal approved: old:7b');
    expect(event({ kind: 'rejected', came: null, went: 'old:7b' })).toBe('Removal rejected: old:7b');
    expect(event({ kind: 'missing' })).toBe('Not to be had any more: new:8b');
  });
});
