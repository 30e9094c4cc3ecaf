import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CSV_HEAD, csvLine } from '../../../../src/dispatch/export/csv';
import { dispatchRecord } from '../../../support/dispatchRecords';
import type { DispatchRecord } from '../../../../src/shared/dispatchRecord';

const columns = CSV_HEAD.split(',');

const cellsOf = (changes: Partial<DispatchRecord>): ReadonlyMap<string, string> => {
  const cells = parseLine(csvLine(dispatchRecord(4, Date.UTC(2026, 2, 9), changes)));
  expect(cells.length).toBe(columns.length);
  return new Map(columns.map((column, index) => [column, cells[index] ?? '']));
};

describe('a line of CSV', () => {
  it('gives back any text as it was, but for the apostrophe before what looks like a formula', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', "'", 'é'),
        }),
        (model) => {
          const cell = cellsOf({ model }).get('gen_ai.request.model');
          expect(cell).toBe(/^[=+\-@\t\r\n]/.test(model) ? `'${model}` : model);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', "=cmd|'/C calc'!A0"])(
    'never lets a spreadsheet run %j',
    (text) => {
      const cell = cellsOf({ rawReason: text, error: { code: text, message: text } });
      for (const name of ['model_pool.finish.raw_reason', 'error.type', 'model_pool.error.message']) {
        expect(cell.get(name)).toBe(`'${text}`);
      }
    },
  );

  it('has numbers as they are, also below zero', () => {
    expect(cellsOf({ durationMs: -1.5 }).get('model_pool.duration_ms')).toBe('-1.5');
  });

  it('has lists and attempts as JSON, and nothing for what is not known', () => {
    const cells = cellsOf({ stop: ['=END', 'a,"b"'], digest: null });
    expect(JSON.parse(cells.get('gen_ai.request.stop_sequences') ?? '')).toEqual(['=END', 'a,"b"']);
    expect(JSON.parse(cells.get('model_pool.attempts') ?? '')).toMatchObject([
      { 'model_pool.attempt.number': 1 },
      {},
      {},
    ]);
    expect(cells.get('model_pool.model.digest')).toBe('');
  });
});

/** A line as RFC 4180 defines it. */
function parseLine(line: string): readonly string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const cell = /"((?:[^"]|"")*)"|[^",\r\n]*/y;
    cell.lastIndex = at;
    const found = cell.exec(line);
    if (!found) throw new Error(`no cell at ${at}`);
    cells.push(found[1] === undefined ? found[0] : found[1].replaceAll('""', '"'));
    at = cell.lastIndex;
    if (at === line.length) return cells;
    if (line[at] !== ',') throw new Error(`no comma at ${at}`);
    at += 1;
  }
}
