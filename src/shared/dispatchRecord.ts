import * as z from 'zod';

const provenance = z.enum([
  'operator_pin',
  'pipeline_input',
  'escalation_override',
  'catalog_default',
  'inherited_from_primary',
  'unknown',
]);

const usage = z.object({
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  cachedTokens: z.number().optional(),
  reasoningTokens: z.number().optional(),
});

/**
 * One logical call, self-contained: it renders with the registry emptied and the model deleted. No prompt text, no
 * completion text, no secrets. Version 1 of the schema.
 */
export const dispatchRecordSchema = z.object({
  type: z.literal('resolved_dispatch'),
  schemaVersion: z.literal(1),
  recordId: z.string(),
  callId: z.string(),
  sessionId: z.string(),
  spanId: z.string().nullable(),
  /** ISO 8601. */
  startedAt: z.string(),
  firstTokenAt: z.string().nullable(),
  endedAt: z.string(),
  iteration: z.number(),
  backend: z.string(),
  provider: z.string(),
  model: z.string(),
  digest: z.string().nullable(),
  quant: z.string().nullable(),
  /** Address without userinfo, path and query. */
  host: z.string(),
  wireFormat: z.string(),
  thinking: z.object({ mode: z.enum(['off', 'on', 'default']), enabled: z.boolean().nullable() }),
  toolFormat: z.enum(['native', 'none']),
  thinkingNote: z.string().optional(),
  stop: z.array(z.string()),
  /** Tokens; null = the server's own default. */
  contextRequested: z.number().nullable(),
  contextAllocated: z.number().nullable(),
  streaming: z.boolean(),
  provenance: z.object({
    backend: provenance,
    provider: provenance,
    model: provenance,
    wireFormat: provenance,
    thinking: provenance,
    toolFormat: provenance,
    contextTokens: provenance,
  }),
  attempts: z.array(
    z.object({
      n: z.number(),
      startedAt: z.string(),
      durationMs: z.number(),
      status: z.number().nullable(),
      reason: z.string().nullable(),
      delayMs: z.number().nullable(),
      delayOrigin: z.string().nullable(),
      firstChunk: z.boolean(),
      usage: usage.optional(),
    }),
  ),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('served'), completionTokens: z.number().nullable(), contentLen: z.number() }),
    z.object({
      kind: z.literal('empty_completion_transient_recovered'),
      completionTokens: z.number().nullable(),
      contentLen: z.number(),
      emptyRetries: z.number(),
    }),
    z.object({ kind: z.literal('empty_completion_terminal'), completionTokens: z.number().nullable() }),
    z.object({ kind: z.literal('usage_limit') }),
    z.object({ kind: z.literal('provider_error'), class: z.string() }),
    z.object({ kind: z.literal('cancelled') }),
    z.object({ kind: z.literal('refused') }),
  ]),
  outcomeKind: z.string(),
  finishReason: z.string(),
  rawReason: z.string().optional(),
  retryKind: z.enum(['none', 'active', 'deferred']),
  retryAfterMs: z.number().optional(),
  usage,
  timings: z
    .object({
      loadMs: z.number().optional(),
      promptMs: z.number().optional(),
      decodeMs: z.number().optional(),
      promptTokPerSec: z.number().optional(),
      decodeTokPerSec: z.number().optional(),
      measuredBy: z.enum(['server', 'client']),
    })
    .nullable(),
  ttftMs: z.number().nullable(),
  durationMs: z.number(),
  registry: z.object({ source: z.string(), ageMs: z.number() }).nullable(),
  error: z.object({ code: z.string(), message: z.string().max(500) }).nullable(),
});

export type DispatchRecord = z.infer<typeof dispatchRecordSchema>;
