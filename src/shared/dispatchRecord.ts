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

/** The bucket of a provider that is used up, else the first that it told of. */
const rateLimit = z.object({
  /** What is counted, in the provider's word: `requests`, `tokens`, `input_tokens`, ... */
  scope: z.string(),
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  /** ISO 8601. */
  resetAt: z.string().nullable(),
});
export type RateLimit = Readonly<z.infer<typeof rateLimit>>;

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
  /** What was asked for, and whether the model thought; null where the server decided and nothing showed. */
  thinking: z.object({
    mode: z.enum(['default', 'off', 'enabled', 'adaptive', 'effort']),
    enabled: z.boolean().nullable(),
    budgetTokens: z.number().optional(),
    level: z.string().optional(),
  }),
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
      /** Which route it took. */
      route: z.enum(['primary', 'escalation']),
      startedAt: z.string(),
      durationMs: z.number(),
      status: z.number().nullable(),
      reason: z.string().nullable(),
      delayMs: z.number().nullable(),
      /** Whose delay came before it. */
      delayOrigin: z.enum(['provider', 'policy']).nullable(),
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
  rateLimit: rateLimit.optional(),
  /** Set where the route of `modelPool.route.escalation` took over: whose place it took, and why. */
  escalation: z
    .object({ backend: z.string(), provider: z.string(), model: z.string(), reason: z.string() })
    .optional(),
  /** The model's name as the server said it. */
  responseModel: z.string().optional(),
  /** Of all attempts, also of those whose answer was thrown away. */
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
  /** Part of the loaded model that lay in GPU memory, 0 to 1. */
  gpuShare: z.number().optional(),
  /** How the model fitted its machine by our estimate, with the context that it was estimated for. */
  fit: z.object({ kind: z.string(), contextTokens: z.number().nullable() }).optional(),
  error: z.object({ code: z.string(), message: z.string().max(500) }).nullable(),
});

export type DispatchRecord = z.infer<typeof dispatchRecordSchema>;
