import type { Database, SqlValue, Statement } from 'sql.js';
import type {
  DispatchFacetField,
  DispatchFilter,
  DispatchOrder,
  DispatchQuery,
  DispatchSummary,
} from '../shared/dispatchQuery';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { histogramStepMs } from './transcriptHistogram';

/** Where a record's line lies. */
export interface RecordPlace {
  readonly file: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** What each column of the log is sorted by. */
const ORDER_COLUMNS: Readonly<Record<DispatchOrder['column'], string>> = {
  time: 'ended_ms',
  backend: 'backend COLLATE NOCASE',
  provider: 'provider COLLATE NOCASE',
  model: 'model COLLATE NOCASE',
  outcome: 'outcome',
  in: 'input_tokens',
  out: 'output_tokens',
  ttft: 'ttft_ms',
  total: 'duration_ms',
  rate: 'tok_per_sec',
  finish: 'finish',
};

const FACET_COLUMNS = {
  backend: 'backend',
  provider: 'provider',
  model: 'model',
  outcome: 'outcome',
  errorCode: 'error_code',
} as const satisfies Record<DispatchFacetField, string>;

/** Most values that a menu offers. */
const MAX_FACET_VALUES = 200;

/** An id is the file's number and the offset in it: files are far smaller than this, and have far fewer numbers. */
const OFFSETS = 2 ** 32;

const SCHEMA = `
  PRAGMA journal_mode = OFF;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY, length_bytes INTEGER, round INTEGER,
    record_id TEXT, ended_ms REAL, backend TEXT, provider TEXT, model TEXT, outcome TEXT, failed INTEGER,
    error_code TEXT, inherited INTEGER, finish TEXT, input_tokens REAL, output_tokens REAL, ttft_ms REAL,
    duration_ms REAL, tok_per_sec REAL, words TEXT);
  CREATE INDEX by_time ON records (ended_ms);
  CREATE TABLE listed (place INTEGER PRIMARY KEY, id INTEGER);`;

const INSERT = `INSERT INTO records VALUES (?${', ?'.repeat(18)})`;

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What was found out about the records, as long as none has come or gone since. */
interface Answers {
  readonly counts: Map<string, number>;
  /** The list that stands in `listed`; empty while none does. */
  listed: string;
  /** The last summary: another order of the same list has no other. */
  summed?: { readonly of: string; readonly summary: DispatchSummary };
}

/** The index columns of the records in SQL, and where the line of each lies. In memory; nothing of it is kept. */
export class TranscriptTable {
  readonly #insert: Statement;
  #answers = noAnswers();
  #known = 0;
  #round = 0;

  constructor(private readonly database: Database) {
    database.exec(SCHEMA);
    this.#insert = database.prepare(INSERT);
  }

  get known(): number {
    return this.#known;
  }

  /** Records that are inserted from now on can be left out of a list that was begun before. */
  get round(): number {
    return this.#round;
  }

  beginRound(): void {
    this.#round += 1;
  }

  /** Runs many changes as one. */
  together(change: () => void): void {
    this.#answers = noAnswers();
    this.database.exec('BEGIN');
    try {
      change();
    } finally {
      this.database.exec('COMMIT');
    }
  }

  insert(record: DispatchRecord, place: RecordPlace): void {
    const { model, provider, backend, host, error, usage } = record;
    const endedMs = Date.parse(record.endedAt);
    const outcome = record.outcome.kind;
    const words = [model, provider, backend, host, error?.code, error?.message];
    this.#insert.run([
      ...[place.file * OFFSETS + place.offsetBytes, place.lengthBytes, this.#round, record.recordId],
      ...[Number.isNaN(endedMs) ? 0 : endedMs, backend, provider, model, outcome, isFailure(outcome) ? 1 : 0],
      ...[error?.code ?? null, hasInherited(record) ? 1 : 0, record.finishReason],
      ...[usage.inputTokens, usage.outputTokens, record.ttftMs, record.durationMs],
      ...[record.timings?.decodeTokPerSec ?? null, words.filter(Boolean).join(' ').toLowerCase()],
    ]);
    this.#known += 1;
  }

  dropFile(file: number): void {
    this.#answers = noAnswers();
    this.database.run('DELETE FROM records WHERE id >= ? AND id < ?', [file * OFFSETS, (file + 1) * OFFSETS]);
    this.#known -= this.database.getRowsModified();
  }

  /** Those of the ids that are here. */
  idsAmong(recordIds: readonly string[]): ReadonlySet<unknown> {
    const rows = this.#rows(
      'SELECT record_id FROM records WHERE record_id IN (SELECT value FROM json_each(?))',
      [JSON.stringify(recordIds)],
    );
    return new Set(rows.map(([recordId]) => recordId));
  }

  count(filter: DispatchFilter, asOf: number | null): number {
    const { sql, values } = this.#condition(filter, asOf);
    const key = JSON.stringify([sql, values]);
    const { counts } = this.#answers;
    let count = counts.get(key);
    if (count === undefined) {
      count = Number(this.#rows(`SELECT count(*) FROM records ${sql}`, values)[0]?.[0] ?? 0);
      counts.set(key, count);
    }
    return count;
  }

  page(query: DispatchQuery): readonly RecordPlace[] {
    const { filter, order, asOf, offset, limit } = query;
    const { sql, values } = this.#condition(filter, asOf);
    // The first records of any list are soon found.
    const isListed = offset > 0 && this.list(query);
    const rows = isListed
      ? this.#rows(
          `SELECT records.id, length_bytes FROM listed CROSS JOIN records ON records.id = listed.id
           WHERE place > ? AND place <= ? ORDER BY place`,
          [offset, offset + limit],
        )
      : this.#rows(
          `SELECT id, length_bytes FROM records ${sql} ORDER BY ${orderSql(order)} LIMIT ? OFFSET ?`,
          [...values, limit, offset],
        );
    return rows.map(([id, lengthBytes]) => ({
      file: Math.floor(Number(id) / OFFSETS),
      offsetBytes: Number(id) % OFFSETS,
      lengthBytes: Number(lengthBytes),
    }));
  }

  /** Puts a list into order once for all of its pages; false for the one that is in order anyway, by the index. */
  list({ filter, order, asOf }: DispatchQuery): boolean {
    const { sql, values } = this.#condition(filter, asOf);
    if (order.column === 'time' && sql === '') return false;
    const list = JSON.stringify([sql, values, order]);
    if (list === this.#answers.listed) return true;
    this.#answers.listed = '';
    this.database.exec('DELETE FROM listed');
    this.database.run(`INSERT INTO listed (id) SELECT id FROM records ${sql} ORDER BY ${orderSql(order)}`, [
      ...values,
    ]);
    this.#answers.listed = list;
    return true;
  }

  /** The place of a record in a list, from 0; null where the list does not have it. */
  positionOf(recordId: string, { filter, order, asOf }: DispatchQuery): number | null {
    const { sql, values } = this.#condition(filter, asOf);
    const position = this.#rows(
      `SELECT position FROM (
         SELECT record_id, row_number() OVER (ORDER BY ${orderSql(order)}) - 1 AS position FROM records ${sql}
       ) WHERE record_id = ?`,
      [...values, recordId],
    )[0]?.[0];
    return typeof position === 'number' ? position : null;
  }

  /** The summary in steps, between which there is time for shorter questions. */
  *summary(filter: DispatchFilter, asOf: number | null): Generator<void, DispatchSummary, void> {
    const { sql, values } = this.#condition(filter, asOf);
    const of = JSON.stringify([sql, values]);
    // Those of now: what changes between the steps must not find an older summary.
    const answers = this.#answers;
    if (answers.summed?.of === of) return answers.summed.summary;
    const backend = this.#facet('backend', filter, asOf);
    yield;
    const provider = this.#facet('provider', filter, asOf);
    yield;
    const model = this.#facet('model', filter, asOf);
    yield;
    const outcome = this.#facet('outcome', filter, asOf);
    yield;
    const errorCode = this.#facet('errorCode', filter, asOf);
    yield;
    const inherited = this.count({ ...filter, inheritedOnly: true }, asOf);
    yield;
    const histogram = this.#histogram(filter, asOf);
    const summary = { facets: { backend, provider, model, outcome, errorCode }, inherited, histogram };
    answers.summed = { of, summary };
    return summary;
  }

  #facet(
    field: DispatchFacetField,
    filter: DispatchFilter,
    asOf: number | null,
  ): DispatchSummary['facets'][DispatchFacetField] {
    const column = FACET_COLUMNS[field];
    const { sql, values } = this.#condition({ ...filter, [field]: null }, asOf, `${column} IS NOT NULL`);
    return this.#rows(
      `SELECT ${column}, count(*) AS records FROM records ${sql}
       GROUP BY 1 ORDER BY records DESC, 1 LIMIT ${MAX_FACET_VALUES}`,
      values,
    ).map(([value, records]) => ({ value: String(value), records: Number(records) }));
  }

  #histogram(filter: DispatchFilter, asOf: number | null): DispatchSummary['histogram'] {
    const { sql, values } = this.#condition(filter, asOf, 'ended_ms > 0');
    const [first, last] =
      this.#rows(`SELECT min(ended_ms), max(ended_ms) FROM records ${sql}`, values)[0] ?? [];
    if (typeof first !== 'number' || typeof last !== 'number') return [];
    const stepMs = histogramStepMs(last - first);
    const counted = new Map(
      this.#rows(
        `SELECT CAST(ended_ms / ${stepMs} AS INTEGER), count(*), sum(failed) FROM records ${sql} GROUP BY 1`,
        values,
      ).map(([step, records, failed]) => [Number(step), [Number(records), Number(failed)] as const]),
    );
    const firstStep = Math.floor(first / stepMs);
    return Array.from({ length: Math.floor(last / stepMs) - firstStep + 1 }, (_, index) => {
      const step = firstStep + index;
      const [records, failed] = counted.get(step) ?? [0, 0];
      return { fromMs: step * stepMs, untilMs: (step + 1) * stepMs, records, failed };
    });
  }

  #condition(filter: DispatchFilter, asOf: number | null, also?: string): Condition {
    const parts: string[] = also === undefined ? [] : [also];
    const values: SqlValue[] = [];
    const where = (part: string, value: SqlValue | null): void => {
      if (value === null) return;
      parts.push(part);
      values.push(value);
    };
    // While nothing has come since, the list is all there is.
    where('round <= ?', asOf !== null && asOf < this.#round ? asOf : null);
    where('backend = ?', filter.backend);
    where('provider = ?', filter.provider);
    where('model = ?', filter.model);
    where('outcome = ?', filter.outcome);
    where('error_code = ?', filter.errorCode);
    where('ended_ms >= ?', filter.fromMs);
    where('ended_ms < ?', filter.untilMs);
    if (filter.inheritedOnly) parts.push('inherited = 1');
    for (const word of filter.text.toLowerCase().split(/\s+/).filter(Boolean)) where('instr(words, ?)', word);
    return { sql: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
  }

  #rows(sql: string, values: readonly SqlValue[]): readonly (readonly SqlValue[])[] {
    return this.database.exec(sql, [...values])[0]?.values ?? [];
  }
}

function noAnswers(): Answers {
  return { counts: new Map(), listed: '' };
}

function orderSql({ column, descending }: DispatchOrder): string {
  if (column === 'time') return descending ? 'ended_ms DESC, id DESC' : 'ended_ms, id';
  // What is not known stands at the end, whichever way the rest is sorted.
  const direction = descending ? 'DESC' : 'ASC';
  return `${ORDER_COLUMNS[column]} ${direction} NULLS LAST, ended_ms DESC, id DESC`;
}

function isFailure(outcome: DispatchRecord['outcome']['kind']): boolean {
  return (
    outcome !== 'served' && outcome !== 'empty_completion_transient_recovered' && outcome !== 'cancelled'
  );
}

function hasInherited(record: DispatchRecord): boolean {
  return Object.values(record.provenance).includes('inherited_from_primary');
}
