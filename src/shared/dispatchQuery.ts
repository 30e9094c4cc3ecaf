import * as z from 'zod';

/** What can be asked of the dispatch records: by the report, and by storage's index that answers it. */

const choice = z.string().max(500).nullable();

/** Null in a field means that it does not narrow. */
export const dispatchFilterSchema = z.object({
  /** Words that must all occur in model, provider, backend, host, or the error's code and message; in any case. */
  text: z.string().max(500),
  backend: choice,
  provider: choice,
  model: choice,
  outcome: choice,
  errorCode: choice,
  /** Only records in which a field has the provenance `inherited_from_primary`. */
  inheritedOnly: z.boolean(),
  /** Ended at this moment or later; milliseconds since the epoch. */
  fromMs: z.number().nullable(),
  /** Ended before this moment. */
  untilMs: z.number().nullable(),
});
export type DispatchFilter = Readonly<z.infer<typeof dispatchFilterSchema>>;

export const NO_DISPATCH_FILTER: DispatchFilter = {
  text: '',
  backend: null,
  provider: null,
  model: null,
  outcome: null,
  errorCode: null,
  inheritedOnly: false,
  fromMs: null,
  untilMs: null,
};

/** The columns of the log, by the names that the report has for them. */
export const DISPATCH_COLUMNS = [
  'time',
  'backend',
  'provider',
  'model',
  'outcome',
  'in',
  'out',
  'ttft',
  'total',
  'rate',
  'finish',
] as const;

export const dispatchOrderSchema = z.object({
  column: z.enum(DISPATCH_COLUMNS),
  descending: z.boolean(),
});
export type DispatchOrder = Readonly<z.infer<typeof dispatchOrderSchema>>;

export const NEWEST_FIRST: DispatchOrder = { column: 'time', descending: true };

const MAX_PAGE_RECORDS = 500;

export const dispatchQuerySchema = z.object({
  filter: dispatchFilterSchema,
  order: dispatchOrderSchema,
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(MAX_PAGE_RECORDS),
  /**
   * What an earlier answer gave as its `asOf`: records that have come since are left out, so that pages of one list
   * fit together. Null: everything there is now.
   */
  asOf: z.number().int().min(0).nullable(),
  /** A record's id: the page that holds it is given in place of the one at `offset`, where the list has it. */
  around: z.string().max(200).nullable(),
});
export type DispatchQuery = Readonly<z.infer<typeof dispatchQuerySchema>>;

/** How many records have one value, by the filter's field; most frequent first. */
const facet = z.array(z.object({ value: z.string(), records: z.number() }));

/** What the records that match a filter have in them. */
export const dispatchSummarySchema = z.object({
  /** Each under the rest of the filter without its own field, so that a menu offers what choosing it would show. */
  facets: z.object({ backend: facet, provider: facet, model: facet, outcome: facet, errorCode: facet }),
  /** Records with an inherited value, under the rest of the filter. */
  inherited: z.number(),
  /** Equal steps of time, oldest first, without a gap; empty where nothing matches. */
  histogram: z.array(
    z.object({ fromMs: z.number(), untilMs: z.number(), records: z.number(), failed: z.number() }),
  ),
});
export type DispatchSummary = Readonly<z.infer<typeof dispatchSummarySchema>>;
export type DispatchFacetField = keyof DispatchSummary['facets'];
