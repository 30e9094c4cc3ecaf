import fc from 'fast-check';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import initSqlJs from 'sql.js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DISPATCH_COLUMNS,
  NEWEST_FIRST,
  NO_DISPATCH_FILTER,
  type DispatchFilter,
  type DispatchOrder,
  type DispatchQuery,
  type DispatchSummary,
} from '../../../src/shared/dispatchQuery';
import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { TranscriptAnswers } from '../../../src/storage/transcriptAnswers';
import type { IndexedPage } from '../../../src/storage/transcriptIndexMessages';
import { TranscriptTable } from '../../../src/storage/transcriptTable';
import { FakeClock } from '../../fakes/fakeClock';
import { dispatchRecord, recordLine } from '../../support/dispatchRecords';

const END = Date.parse('2026-11-21T12:00:00Z');
const QUERY: DispatchQuery = {
  ...{ filter: NO_DISPATCH_FILTER, order: NEWEST_FIRST, offset: 0, limit: 100, asOf: null, around: null },
};

let SQL: Awaited<ReturnType<typeof initSqlJs>>;
let folder: string;
let table: TranscriptTable;
let answers: TranscriptAnswers;

beforeAll(async () => {
  SQL = await initSqlJs();
});

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'answers-'));
  answers = fresh();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a page', () => {
  it('is empty where nothing was ever written, and complete', () => {
    rmSync(folder, { recursive: true });
    expect(page()).toMatchObject({ records: [], total: 0, known: 0, complete: true, unreadable: 0 });
  });

  it('holds the newest records of all files, though they lie at the ends of several large ones', () => {
    const slice = 400;
    for (const writer of ['a', 'b', 'c']) {
      for (let n = 0; n < slice; n += 1)
        append(`20261121-${writer}.jsonl`, record(n, n * 3 + writer.charCodeAt(0)));
    }
    append('20261120-old.jsonl', record(9_999, -86_400));
    const first = page({ limit: 9 });
    expect(first.complete).toBe(false);
    expect(secondsOf(first)).toEqual([1296, 1295, 1294, 1293, 1292, 1291, 1290, 1289, 1288]);
    readAll();
    expect(page({ limit: 9 })).toMatchObject({ complete: true, total: 1201, records: first.records });
  });

  it('leaves out torn, malformed and foreign lines, and counts them but for the torn one at the end', () => {
    const good = recordLine(record(1, 1));
    const text = `{"torn\n${good}\n\n[1]\n42\nnull\n${good.replace('"schemaVersion":1', '"schemaVersion":2')}{"type":"reso`;
    writeFileSync(path.join(folder, '20261121-a.jsonl'), text);
    writeFileSync(path.join(folder, 'notes.jsonl'), good);
    mkdirSync(path.join(folder, '20261121-folder.jsonl'));
    expect(page()).toMatchObject({ total: 1, unreadable: 5, complete: true });
  });

  it('takes a torn last line once its end has come', () => {
    const line = recordLine(record(2, 2));
    append('20261121-a.jsonl', record(1, 1));
    appendFileSync(path.join(folder, '20261121-a.jsonl'), line.slice(0, 200));
    expect(page()).toMatchObject({ total: 1, unreadable: 0 });
    appendFileSync(path.join(folder, '20261121-a.jsonl'), line.slice(200));
    expect(page()).toMatchObject({ total: 2, unreadable: 0 });
  });

  it.each(['before', 'after'])(
    'leaves out lines that are longer than a slice, written %s the first look',
    (when) => {
      const file = path.join(folder, '20261121-a.jsonl');
      const write = (): void => {
        for (let n = 1; n <= 3; n += 1) {
          append('20261121-a.jsonl', record(n, n));
          appendFileSync(file, `${'x'.repeat(700_000)}\n`);
        }
        appendFileSync(file, 'y'.repeat(600_000));
      };
      if (when === 'before') write();
      page();
      if (when === 'after') write();
      expect(page()).toMatchObject({ total: 3, unreadable: 3, complete: true });
      appendFileSync(file, `\n${recordLine(record(4, 4))}`);
      expect(page()).toMatchObject({ total: 4, unreadable: 4, complete: true });
    },
  );

  it('reads a file anew that was replaced: by a shorter, an equally long, or a longer one', () => {
    const file = path.join(folder, '20261121-a.jsonl');
    const write = (...numbers: readonly number[]): void =>
      writeFileSync(file, numbers.map((n) => recordLine(record(n, n))).join(''));
    write(1, 2, 3);
    expect(secondsOf(page())).toEqual([3, 2, 1]);
    write(4);
    expect(secondsOf(page())).toEqual([4]);
    writeFileSync(file, recordLine(record(4, 9)));
    utimesSync(file, 1, 1);
    expect(page({ filter: { ...NO_DISPATCH_FILTER, fromMs: END + 9_000 } }).total).toBe(1);
    write(5, 6, 7, 8);
    expect(secondsOf(page())).toEqual([8, 7, 6, 5]);
    truncateSync(file, 0);
    expect(page()).toMatchObject({ total: 0, known: 0 });
  });

  it('loses the records of a file that is deleted, and gains those of a new one', () => {
    append('20261120-a.jsonl', record(1, -86_400));
    append('20261121-a.jsonl', record(2, 2));
    expect(page().total).toBe(2);
    rmSync(path.join(folder, '20261120-a.jsonl'));
    append('20261121-b.jsonl', record(3, 3));
    expect(page()).toMatchObject({ total: 2, known: 2 });
    expect(secondsOf(page())).toEqual([3, 2]);
  });

  it('of a list that was begun leaves out what has come since', () => {
    for (let n = 1; n <= 5; n += 1) append('20261121-a.jsonl', record(n, n));
    const { asOf } = page({ limit: 2 });
    append('20261121-a.jsonl', record(6, 6));
    append('20261121-b.jsonl', record(7, 0));
    const second = page({ offset: 2, limit: 2, asOf });
    expect(secondsOf(second)).toEqual([3, 2]);
    expect(second).toMatchObject({ total: 5, known: 5, asOf });
    expect(page()).toMatchObject({ total: 7, known: 7 });
  });

  it('far into a list that is sorted or filtered has what came and went since the page before it', () => {
    const took = (n: number, durationMs: number) => record(n, n, { durationMs });
    const order = { column: 'total', descending: true } as const;
    const filter = { ...NO_DISPATCH_FILTER, fromMs: END + 1_000 };
    for (let n = 0; n < 6; n += 1) append('20261121-a.jsonl', took(n, 100 - n));
    const rest = (): readonly number[] => secondsOf(page({ order, filter, offset: 2, limit: 9 }));
    const { asOf } = page({ order, filter, limit: 2 });
    expect([answers.prepare(), answers.prepare()]).toEqual([true, false]);
    expect(rest()).toEqual([3, 4, 5]);
    append('20261121-b.jsonl', took(7, 200));
    expect(rest()).toEqual([2, 3, 4, 5]);
    expect(secondsOf(page({ order, filter, offset: 2, limit: 9, asOf }))).toEqual([3, 4, 5]);
    expect(secondsOf(page({ order, offset: 2, limit: 9 }))).toEqual([1, 2, 3, 4, 5]);
    rmSync(path.join(folder, '20261121-a.jsonl'));
    append('20261121-b.jsonl', took(8, 50));
    append('20261121-b.jsonl', took(9, 40));
    expect(rest()).toEqual([9]);
  });

  it('that holds a record is found wherever it stands, and the page asked for is given where it stands nowhere', () => {
    for (let n = 0; n < 30; n += 1) append('20261121-a.jsonl', record(n, n));
    const found = page({ around: 'record-4', limit: 10 });
    expect([found.offset, found.records.some(({ recordId }) => recordId === 'record-4')]).toEqual([20, true]);
    expect(page({ around: 'record-99', limit: 10 }).offset).toBe(0);
    const filter = { ...NO_DISPATCH_FILTER, fromMs: END + 10_000 };
    expect(page({ around: 'record-4', limit: 10, filter }).offset).toBe(0);
  });

  it('has the lines that could not be written yet, once, also when they are written meanwhile', () => {
    const waiting = [record(1, 1), record(2, 2)].map((one) => JSON.stringify(one));
    expect(secondsOf(page({}, waiting))).toEqual([2, 1]);
    append('20261121-a.jsonl', record(1, 1));
    expect(secondsOf(page({}, waiting))).toEqual([2, 1]);
    expect(secondsOf(page({}, []))).toEqual([1]);
  });
});

describe('a summary', () => {
  const small = (n: number, changes: Partial<DispatchRecord>) => record(n, n * 3_600, changes);
  const failed = {
    outcome: { kind: 'provider_error', class: 'x' },
    error: { code: 'gone', message: 'Gone.' },
  } as const;
  const served = { outcome: { kind: 'served', completionTokens: 1, contentLen: 1 }, error: null } as const;

  beforeEach(() => {
    append('20261121-a.jsonl', small(1, { ...served, backend: 'one', model: 'small' }));
    append('20261121-a.jsonl', small(2, { ...failed, backend: 'one', model: 'big' }));
    append('20261121-a.jsonl', small(3, { ...served, backend: 'two', model: 'big' }));
    page();
  });

  it('counts each value under the rest of the filter', () => {
    const { facets } = summary({ ...NO_DISPATCH_FILTER, model: 'big' });
    expect(facets.backend).toEqual([
      { value: 'one', records: 1 },
      { value: 'two', records: 1 },
    ]);
    expect(facets.model).toEqual([
      { value: 'big', records: 2 },
      { value: 'small', records: 1 },
    ]);
    expect(facets.errorCode).toEqual([{ value: 'gone', records: 1 }]);
  });

  it('has a histogram without gaps, with what has failed', () => {
    const { histogram } = summary(NO_DISPATCH_FILTER);
    expect(histogram.reduce((sum, { records }) => sum + records, 0)).toBe(3);
    expect(histogram.reduce((sum, bar) => sum + bar.failed, 0)).toBe(1);
    for (const [index, bar] of histogram.entries()) {
      expect(bar.fromMs).toBe(histogram[index - 1]?.untilMs ?? bar.fromMs);
    }
    expect(histogram[0]?.fromMs).toBeLessThanOrEqual(END + 3_600_000);
    expect(histogram.at(-1)?.untilMs).toBeGreaterThan(END + 10_800_000);
    expect(summary({ ...NO_DISPATCH_FILTER, text: 'nothing' }).histogram).toEqual([]);
  });

  it('is made once for all orders of a list', () => {
    const first = summary(NO_DISPATCH_FILTER);
    page({ order: { column: 'total', descending: true } });
    expect(table.summary(NO_DISPATCH_FILTER, null).next()).toEqual({ done: true, value: first });
    expect(table.summary({ ...NO_DISPATCH_FILTER, model: 'big' }, null).next().done).toBe(false);
  });

  it('is made anew for records that have come, between its steps too', () => {
    const of = (made: DispatchSummary): number =>
      made.histogram.reduce((sum, { records }) => sum + records, 0);
    const comes = (n: number): void => {
      append('20261121-a.jsonl', small(n, served));
      page();
    };
    expect(of(summary(NO_DISPATCH_FILTER))).toBe(3);
    comes(4);
    const steps = table.summary(NO_DISPATCH_FILTER, null);
    steps.next();
    comes(5);
    while (steps.next().done !== true);
    const { facets } = summary(NO_DISPATCH_FILTER);
    expect(facets.backend.reduce((sum, { records }) => sum + records, 0)).toBe(5);
  });
});

it('answers as a naive model does, whatever is appended, torn, rotated, replaced, deleted and asked', () => {
  const files = ['20261121-a.jsonl', '20261121-a.2.jsonl', '20261121-b.jsonl', '20261120-b.jsonl'];
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        file: fc.constantFrom(...files),
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('delete' as const), file: fc.constantFrom(...files) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('replace' as const), file: fc.constantFrom(...files) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('garbage' as const), file: fc.constantFrom(...files) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('tear' as const),
        file: fc.constantFrom(...files),
        at: fc.integer({ min: 1, max: 500 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  );
  const anyFilter = fc.record({
    text: fc.constantFrom('', 'cedar', 'OLLAMA birch', '503', 'nowhere'),
    backend: fc.constantFrom(null, 'ollama'),
    provider: fc.constantFrom(null, 'qwen'),
    model: fc.constantFrom(null, 'sample-birch:8b'),
    outcome: fc.constantFrom(null, 'served', 'provider_error'),
    errorCode: fc.constantFrom(null, 'rate_limited'),
    inheritedOnly: fc.boolean(),
    fromMs: fc.constantFrom(null, END + 10_000),
    untilMs: fc.constantFrom(null, END + 40_000),
  });
  const anyOrder = fc.record({ column: fc.constantFrom(...DISPATCH_COLUMNS), descending: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.tuple(fc.oneof(fc.constant(NO_DISPATCH_FILTER), anyFilter), anyOrder), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom(3_000, 256 * 1024),
      (steps, questions, sliceBytes) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        answers = fresh(sliceBytes);
        const model = new Map<string, DispatchRecord[]>();
        const torn = new Set<string>();
        let unreadable = new Map<string, number>();
        let n = 0;
        for (const action of steps) {
          const file = 'file' in action ? action.file : '';
          const target = path.join(folder, file);
          if (action.do === 'look') page();
          else if (action.do === 'restart') answers = fresh(sliceBytes);
          else if (action.do === 'delete') {
            rmSync(target, { force: true });
            model.delete(file);
            torn.delete(file);
            unreadable.delete(file);
          } else {
            if (action.do === 'replace') {
              model.set(file, []);
              torn.delete(file);
              unreadable.delete(file);
            }
            const count = action.do === 'append' ? action.count : action.do === 'replace' ? 2 : 0;
            const records = Array.from({ length: count }, () => record(n, n++));
            const bad = torn.delete(file) ? 1 : 0;
            let text = `${bad === 1 ? '\n' : ''}${records.map(recordLine).join('')}`;
            if (action.do === 'garbage') text += '{"no": "record"}\n';
            if (action.do === 'tear') {
              text += recordLine(record(n, n++)).slice(0, action.at);
              torn.add(file);
            }
            unreadable.set(file, (unreadable.get(file) ?? 0) + bad + (action.do === 'garbage' ? 1 : 0));
            if (action.do === 'replace') writeFileSync(target, text);
            else appendFileSync(target, text);
            model.set(file, [...(model.get(file) ?? []), ...records]);
          }
        }
        unreadable = new Map([...unreadable].filter(([file]) => model.has(file)));
        const all = [...model.values()].flat();
        page();
        readAll();
        for (const [filter, order] of questions) {
          const expected = naive(all, filter, order);
          const ids: string[] = [];
          for (let offset = 0; ; offset += 7) {
            const answer = page({ filter, order, offset, limit: 7 });
            expect(answer).toMatchObject({ total: expected.length, known: all.length, complete: true });
            expect(answer.unreadable).toBe([...unreadable.values()].reduce((sum, bad) => sum + bad, 0));
            ids.push(...answer.records.map(({ recordId }) => recordId));
            if (ids.length >= answer.total) break;
          }
          expect(ids).toEqual(expected.map(({ recordId }) => recordId));
          const { facets, inherited } = summary(filter);
          expect(inherited).toBe(naive(all, { ...filter, inheritedOnly: true }, order).length);
          const outcomes = naive(all, { ...filter, outcome: null }, order);
          expect(facets.outcome.reduce((sum, { records }) => sum + records, 0)).toBe(outcomes.length);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);

function fresh(sliceBytes?: number): TranscriptAnswers {
  table = new TranscriptTable(new SQL.Database());
  return new TranscriptAnswers(folder, table, new FakeClock(), sliceBytes);
}

function page(changes: Partial<DispatchQuery> = {}, waiting: readonly string[] = []): IndexedPage {
  return answers.page({ ...QUERY, ...changes }, waiting);
}

function summary(filter: DispatchFilter): DispatchSummary {
  const steps = table.summary(filter, null);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function readAll(): void {
  while (answers.readOn());
}

/** A record that ended so many seconds after `END`. */
function record(n: number, seconds: number, changes: Partial<DispatchRecord> = {}): DispatchRecord {
  return dispatchRecord(n, END + seconds * 1_000, changes);
}

function append(name: string, one: object): void {
  appendFileSync(path.join(folder, name), recordLine(one));
}

function secondsOf({ records }: IndexedPage): readonly number[] {
  return records.map(({ endedAt }) => (Date.parse(endedAt) - END) / 1_000);
}

/** What the index should answer, worked out on all records. Every record of the test ends at a moment of its own. */
function naive(
  all: readonly DispatchRecord[],
  filter: DispatchFilter,
  { column, descending }: DispatchOrder,
): readonly DispatchRecord[] {
  const value = (one: DispatchRecord): string | number | null =>
    ({
      time: Date.parse(one.endedAt),
      backend: one.backend.toLowerCase(),
      provider: one.provider.toLowerCase(),
      model: one.model.toLowerCase(),
      outcome: one.outcome.kind,
      in: one.usage.inputTokens,
      out: one.usage.outputTokens,
      ttft: one.ttftMs,
      total: one.durationMs,
      rate: one.timings?.decodeTokPerSec ?? null,
      finish: one.finishReason,
    })[column];
  const compare = (a: DispatchRecord, b: DispatchRecord): number => {
    const [left, right] = [value(a), value(b)];
    if (left !== right) {
      if (left === null) return 1;
      if (right === null) return -1;
      return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
    return Date.parse(b.endedAt) - Date.parse(a.endedAt);
  };
  const matches = (one: DispatchRecord): boolean => {
    const ended = Date.parse(one.endedAt);
    const text = `${one.model} ${one.provider} ${one.backend} ${one.host} ${one.error?.code} ${one.error?.message}`;
    return (
      (filter.backend === null || one.backend === filter.backend) &&
      (filter.provider === null || one.provider === filter.provider) &&
      (filter.model === null || one.model === filter.model) &&
      (filter.outcome === null || one.outcome.kind === filter.outcome) &&
      (filter.errorCode === null || one.error?.code === filter.errorCode) &&
      (!filter.inheritedOnly || Object.values(one.provenance).includes('inherited_from_primary')) &&
      (filter.fromMs === null || ended >= filter.fromMs) &&
      (filter.untilMs === null || ended < filter.untilMs) &&
      filter.text
        .toLowerCase()
        .split(' ')
        .every((word) => text.toLowerCase().includes(word))
    );
  };
  return all.filter(matches).sort(compare);
}
