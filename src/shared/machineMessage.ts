import * as z from 'zod';

/** What the Machine tab of the report shows: what the machine is, what its memory holds, and how fast it really is. */

const placement = z.enum(['accelerator', 'system']);

const memorySchema = z.object({
  /** `shared`: of the processor and the graphics together. */
  kind: z.enum(['accelerator', 'shared', 'system']),
  totalGib: z.number(),
  /** What one model may take of it. */
  usableGib: z.number(),
  /** What the models that are loaded now take of it, as far as their servers say. */
  loadedGib: z.number(),
  bandwidthGBps: z.number(),
  /** False for an assumption by kind of hardware. */
  bandwidthKnown: z.boolean(),
});

const loadedModelSchema = z.object({
  model: z.string(),
  backend: z.string(),
  /** Null where its server does not say. */
  acceleratorGib: z.number().nullable(),
  systemGib: z.number().nullable(),
  contextTokens: z.number().nullable(),
});

const measuredModelSchema = z.object({
  model: z.string(),
  quant: z.string(),
  /** Tokens in the context while it was measured: the rates are of that. */
  readTokens: z.number(),
  measuredTokPerSec: z.number(),
  /** Before any calibration; null where nothing is estimated of it. */
  estimatedTokPerSec: z.number().nullable(),
  /** By the other measurements of its kind; null where there are none. */
  calibratedTokPerSec: z.number().nullable(),
  placement: placement.nullable(),
  /** ISO 8601. */
  measuredAt: z.string(),
  from: z.enum(['dispatch', 'measure']),
});

export const machineSchema = z.object({
  type: z.literal('machine'),
  title: z.string(),
  memoryLine: z.string(),
  /** ISO 8601; null for a machine that somebody described. */
  detectedAt: z.string().nullable(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  memory: z.array(memorySchema),
  loaded: z.array(loadedModelSchema),
  warnings: z.array(z.string()),
  /** Newest first. */
  measured: z.array(measuredModelSchema),
  factors: z.array(z.object({ placement, factor: z.number(), measurements: z.number() })),
  /** Median parts of the measured rates by which estimates are off, 0..; null where that cannot be said. */
  errorBefore: z.number().nullable(),
  errorAfter: z.number().nullable(),
});
export type Machine = z.infer<typeof machineSchema>;
