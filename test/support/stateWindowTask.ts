import { z } from 'zod';

/** What one window of a state test does; the test gives it as JSON in the first argument. */
export const windowTask = z.object({
  folder: z.string(),
  wasmFile: z.string(),
  name: z.string(),
  /** Transactions to make, one after the other; 0: it only reads until it is told to stop. */
  count: z.number(),
  /** A line is added for each acknowledged transaction. */
  acknowledged: z.string().optional(),
  /** The file system of this window knows no links. */
  withoutLinks: z.boolean().default(false),
  /** The window stops itself (SIGSTOP) once, right before this one of its transactions gets its name. */
  stopBefore: z.number().optional(),
  /** By so much is this window's wall clock wrong. */
  clockShiftMs: z.number().default(0),
  /** A migration more than ours: this window is of a newer version. */
  newer: z.boolean().default(false),
});
export type WindowTask = z.input<typeof windowTask>;

/** What a window sends when it is done. */
export const windowReport = z.object({
  kind: z.literal('report'),
  longestMs: z.number(),
  tookMs: z.number(),
  /** Most transactions of others that were stored while one of this window waited. */
  mostOvertaken: z.number(),
  failures: z.array(z.string()),
  /** States that its view saw, and what was wrong with them. */
  seen: z.number(),
  halves: z.array(z.string()),
  status: z.string(),
});
