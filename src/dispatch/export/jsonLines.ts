import type { DispatchRecord } from '../../shared/dispatchRecord';
import { attemptAttributes, recordAttributes, type Attribute } from './recordAttributes';

/** A record as one line of JSON without its line end; what is not known is left out. */
export function jsonLine(record: DispatchRecord): string {
  return JSON.stringify({
    ...valuesByName(recordAttributes(record)),
    [ATTEMPTS]: record.attempts.map((attempt) => valuesByName(attemptAttributes(attempt))),
  });
}

/** The name under which the rows of a file have the attempts; spans have them as events instead. */
export const ATTEMPTS = 'model_pool.attempts';

export function valuesByName(attributes: readonly Attribute[]): Readonly<Record<string, Attribute['value']>> {
  return Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
}
