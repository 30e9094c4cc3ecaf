import * as z from 'zod';

/** What the Pool tab of the report shows: what lies on the disk of each machine, what would go first, and what was done. */

const bytes = z.number().nonnegative();

const blobSchema = z.object({
  /** `sha256:...`, or another key where nobody said the real one. */
  digest: z.string(),
  bytes,
  /** Whose layer it is, by the names of their models; several share it. Of an unfinished download nobody says it. */
  models: z.array(z.string()),
  /** `pool`: counts against the budget. `outside`: installed by its user. `partial`: an unfinished download. */
  kind: z.enum(['pool', 'outside', 'partial']),
});

const leavingSchema = z.object({
  model: z.string(),
  /** 0..100 for the user's task. */
  score: z.number(),
  /** ISO 8601; null: never since it is in the pool. */
  lastUsedAt: z.string().nullable(),
  installedAt: z.string(),
  /** What its removal frees after those before it are gone. */
  freesBytes: bytes,
  /** The same with all those before it. */
  freedByThenBytes: bytes,
});

const stayingSchema = z.object({
  model: z.string(),
  reason: z.enum(['running', 'in-use', 'pinned', 'user', 'last-tool-capable', 'leaving', 'not-needed']),
  bytes,
});

const diskSchema = z.object({
  /** The machine, as a person says it. */
  host: z.string(),
  budgetBytes: bytes,
  /** Distinct layers of the pool's own models. */
  usedBytes: bytes,
  /** What downloads that are not over will add, as far as they say. */
  comingBytes: bytes,
  /** Free on the volume; null where it cannot be seen from here. */
  freeBytes: bytes.nullable(),
  /** Largest first. */
  blobs: z.array(blobSchema),
  /** Layers that are too small to be told one by one. */
  smaller: z.object({ count: z.number().int(), bytes }),
  /** False where unfinished downloads cannot be seen from here. */
  partialsKnown: z.boolean(),
  /** How many models have sizes by their tag alone, so that shared layers are counted once for each. */
  guessedModels: z.number().int(),
  /** In the order in which models would go. */
  leaving: z.array(leavingSchema),
  staying: z.array(stayingSchema),
});

const eventSchema = z.object({
  /** `removed`: by Model Pool. `gone`: its server had it no longer. */
  kind: z.enum(['added', 'removed', 'gone', 'failed', 'stopped', 'approved', 'rejected', 'missing']),
  /** ISO 8601; null where nobody wrote it down. */
  at: z.string().nullable(),
  /** The model that came, or was to come; null where it was about a removal alone. */
  came: z.string().nullable(),
  /** The model that went, or was to go. */
  went: z.string().nullable(),
  /** Why, in a sentence. */
  reason: z.string().nullable(),
  bytes: bytes.nullable(),
});

export const poolSchema = z.object({
  type: z.literal('pool'),
  disks: z.array(diskSchema),
  /** Newest first; what has no date comes first of all. */
  history: z.array(eventSchema),
  /** `ask`: nothing goes without a person's word. */
  autonomy: z.enum(['ask', 'within-budget']),
});
export type PoolReport = z.infer<typeof poolSchema>;
export type PoolDiskReport = PoolReport['disks'][number];
export type PoolEvent = PoolReport['history'][number];
