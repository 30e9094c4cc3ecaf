import * as z from 'zod';
import { dispatchFilterSchema, dispatchQuerySchema, dispatchSummarySchema } from '../shared/dispatchQuery';
import { dispatchRecordSchema } from '../shared/dispatchRecord';

/** Everything that passes between `TranscriptIndex` and its worker; both sides parse with these schemas. */

export const workerStartSchema = z.object({ folder: z.string(), wasmFile: z.string() });
export type WorkerStart = z.infer<typeof workerStartSchema>;

/** From the host to the worker. Every request is answered once, with its number. */
export const indexRequestSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('page'),
    request: z.number().int(),
    query: dispatchQuerySchema,
    /** Lines that the host could not write yet, oldest first. */
    waiting: z.array(z.string()),
  }),
  z.object({
    type: z.literal('summary'),
    request: z.number().int(),
    filter: dispatchFilterSchema,
    asOf: z.number().int().nullable(),
  }),
]);
export type IndexRequest = z.infer<typeof indexRequestSchema>;

const indexedPageSchema = z.object({
  offset: z.number().int(),
  records: z.array(dispatchRecordSchema),
  total: z.number().int(),
  known: z.number().int(),
  complete: z.boolean(),
  unreadable: z.number().int(),
  asOf: z.number().int(),
});
export type IndexedPage = Readonly<z.infer<typeof indexedPageSchema>>;

/** From the worker to the host. */
export const indexAnswerSchema = z.discriminatedUnion('type', [
  /** More of what was there is known, or all of it. */
  z.object({ type: z.literal('progress') }),
  z.object({ type: z.literal('page'), request: z.number().int(), page: indexedPageSchema }),
  z.object({ type: z.literal('summary'), request: z.number().int(), summary: dispatchSummarySchema }),
  z.object({ type: z.literal('failed'), request: z.number().int(), message: z.string() }),
]);
export type IndexAnswer = z.infer<typeof indexAnswerSchema>;
