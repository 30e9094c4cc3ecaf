import fc from 'fast-check';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/shared/logger';
import { dayOf, transcriptFileName } from '../../../src/storage/transcriptName';
import { nodeRetentionFiles, planRetention, runRetention } from '../../../src/storage/transcriptRetention';
import { FakeClock } from '../../fakes/fakeClock';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;
const LIMITS = { retentionDays: 30, maxBytes: 1_000 };

const file = (daysAgo: number, sizeBytes = 1, writer = 'w', part = 1) => ({
  name: transcriptFileName(dayOf(NOW - daysAgo * DAY_MS), writer, part),
  sizeBytes,
});
const names = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name);

describe('the plan by days', () => {
  it('deletes whole days that are older than the retention and keeps the rest', () => {
    const [today, yesterday, last, over] = [file(0), file(1), file(30), file(31)];
    expect(planRetention([over, today, last, yesterday], NOW, LIMITS)).toEqual(names([over]));
  });

  it('leaves files that are not ours alone', () => {
    const foreign = ['notes.txt', '20200101.jsonl', '20200101-w.jsonl.bak'];
    const files = [...foreign.map((name) => ({ name, sizeBytes: 9_999 })), file(0)];
    expect(planRetention(files, NOW, LIMITS)).toEqual([]);
  });

  it('keeps files of days to come', () => {
    const ahead = [file(-400), file(-1, 9_999), file(-1, 9_999, 'w', 2)];
    expect(planRetention([...ahead, file(0), file(1)], NOW, LIMITS)).toEqual([]);
  });

  it('deletes nothing when the clock jumps ahead, also after a call was recorded then', () => {
    const files = Array.from({ length: 30 }, (_, daysAgo) => file(daysAgo));
    const later = NOW + 365 * DAY_MS;
    expect(planRetention(files, later, LIMITS)).toEqual([]);
    const recorded = { name: transcriptFileName(dayOf(later), 'w', 1), sizeBytes: 1 };
    expect(planRetention([...files, recorded], later, LIMITS)).toEqual([]);
  });

  it('deletes what was kept so when calls of a second day are recorded', () => {
    const files = [file(100), file(60), file(1), file(0)];
    expect(planRetention(files, NOW, LIMITS)).toEqual(names([file(100), file(60)]));
  });

  it('deletes nothing when the clock jumps back', () => {
    const files = Array.from({ length: 30 }, (_, daysAgo) => file(daysAgo));
    expect(planRetention(files, NOW - 3_650 * DAY_MS, LIMITS)).toEqual([]);
  });
});

describe('the plan by size', () => {
  it('deletes the oldest until the rest fits', () => {
    const files = [file(2, 400), file(4, 400), file(3, 400), file(5, 400)];
    expect(planRetention(files, NOW, LIMITS)).toEqual(names([file(5), file(4)]));
  });

  it('deletes parts of today that no writer writes any more, never the last of each writer', () => {
    const parts = [1, 2, 3].map((part) => file(0, 900, 'w', part));
    const other = file(0, 900, 'x');
    expect(planRetention([...parts, other], NOW, LIMITS)).toEqual(names(parts.slice(0, 2)));
  });

  it('keeps what a batch that began before midnight is written to', () => {
    expect(planRetention([file(1, 9_999)], NOW, LIMITS)).toEqual([]);
  });
});

it('keeps what is written, takes the oldest first, and takes no more than it must', () => {
  const anyShape = fc.record({
    daysAgo: fc.integer({ min: -3, max: 50 }),
    size: fc.integer({ min: 0, max: 400 }),
    writer: fc.constantFrom('a', 'b'),
    part: fc.integer({ min: 1, max: 3 }),
  });
  const selector = ({ daysAgo, writer, part }: { daysAgo: number; writer: string; part: number }) =>
    `${daysAgo} ${writer} ${part}`;
  fc.assert(
    fc.property(fc.uniqueArray(anyShape, { selector }), (shapes) => {
      const files = shapes.map((shape) => ({
        ...shape,
        ...file(shape.daysAgo, shape.size, shape.writer, shape.part),
        last: shapes.every(
          ({ daysAgo, writer, part }) =>
            daysAgo !== shape.daysAgo || writer !== shape.writer || part <= shape.part,
        ),
      }));
      const planned = planRetention(files, NOW, LIMITS);
      expect(new Set(planned).size).toBe(planned.length);
      const days = planned.map((name) => name.slice(0, 8));
      expect(days).toEqual([...days].sort());
      const kept = files.filter(({ name }) => !planned.includes(name));
      const keptBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      for (const { daysAgo, last, name } of files) {
        if (daysAgo < 0 || (daysAgo <= 1 && last)) expect(planned).not.toContain(name);
      }
      if (kept.some(({ daysAgo }) => daysAgo > 1)) expect(keptBytes).toBeLessThanOrEqual(LIMITS.maxBytes);
      const youngest = files.find(({ name }) => name === planned.at(-1));
      if (youngest && youngest.daysAgo <= 30)
        expect(keptBytes + youngest.sizeBytes).toBeGreaterThan(LIMITS.maxBytes);
    }),
  );
});

describe('a run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'retention-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (changes: Partial<Parameters<typeof runRetention>[0]> = {}) =>
    runRetention({
      folder,
      clock: new FakeClock('2026-11-21T12:00:00Z'),
      logger: silentLogger,
      ...LIMITS,
      ...changes,
    });

  it('deletes the planned files and says how many', async () => {
    for (const { name } of [file(0), file(1), file(31), file(99)])
      await writeFile(path.join(folder, name), 'x');
    await mkdir(path.join(folder, file(98).name));
    expect(await run()).toBe(2);
    expect((await readdir(folder)).sort()).toEqual([file(98), file(1), file(0)].map(({ name }) => name));
  });

  it('does nothing where there is no folder', async () => {
    expect(await run({ folder: path.join(folder, 'none') })).toBe(0);
  });

  it('goes on after a file that cannot be deleted, and says so in the log', async () => {
    const events: string[] = [];
    const files = {
      list: async () => [file(0), file(1), file(40), file(50)],
      remove: async (name: string) => {
        if (name.endsWith(file(50).name)) throw Object.assign(new Error('in use'), { code: 'EBUSY' });
      },
    };
    expect(await run({ files, logger: { log: (_, event) => events.push(event) } })).toBe(1);
    expect(events).toEqual(['transcript.retention.kept', 'transcript.retention.deleted']);
  });

  it('never rejects, also where the folder cannot be listed', async () => {
    const list = () => Promise.reject(new Error('no'));
    expect(await run({ files: { ...nodeRetentionFiles, list } })).toBe(0);
  });
});
