import type { DispatchRecord } from '../../shared/dispatchRecord';
import { ATTEMPTS, valuesByName } from './jsonLines';
import { attemptAttributes, RECORD_ATTRIBUTES, recordAttributes } from './recordAttributes';

/**
 * What makes a spreadsheet read a cell as a formula: the first characters that OWASP's page on CSV injection names.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA_START = /^[=+\-@\t\r\n]/;
const COLUMNS = [...RECORD_ATTRIBUTES.map(([, name]) => name), ATTEMPTS];

/** The line with the names of the columns, as RFC 4180 has it: without its line end, which is CR LF. */
export const CSV_HEAD = COLUMNS.join(',');

/**
 * A record as one line without its line end. Lists, and the attempts, are JSON. An empty cell stands for what is not
 * known. Text that a spreadsheet would run as a formula gets an apostrophe before it.
 */
export function csvLine(record: DispatchRecord): string {
  const values = valuesByName(recordAttributes(record));
  const attempts = record.attempts.map((attempt) => valuesByName(attemptAttributes(attempt)));
  return COLUMNS.map((column) => cell(column === ATTEMPTS ? attempts : values[column])).join(',');
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return quoted(JSON.stringify(value));
  return quoted(FORMULA_START.test(value) ? `'${value}` : value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
