import type { DispatchRecord } from '../../shared/dispatchRecord';

/**
 * The semantic conventions of OpenTelemetry whose names are used: 1.41.0, the last that have the GenAI names. They have
 * since moved to a registry of their own, in which every one of those that are used here still means the same.
 */
export const CONVENTIONS_SCHEMA_URL = 'https://opentelemetry.io/schemas/1.41.0';

type AttributeType = 'string' | 'int' | 'double' | 'boolean' | 'string[]';
type AttributeRow = readonly [field: string, name: string, type: AttributeType];

/**
 * Every field of a record with its name outside: OpenTelemetry's where there is one, else `model_pool.*`. A field's
 * value goes out as it is, unless `DERIVED` makes another of it. `docs/record.md` says what each of them means.
 */
export const RECORD_ATTRIBUTES: readonly AttributeRow[] = [
  ['type', 'gen_ai.operation.name', 'string'],
  ['schemaVersion', 'model_pool.record.schema_version', 'int'],
  ['recordId', 'model_pool.record.id', 'string'],
  ['callId', 'model_pool.call.id', 'string'],
  ['sessionId', 'model_pool.session.id', 'string'],
  ['spanId', 'model_pool.span.id', 'string'],
  ['startedAt', 'model_pool.started_at', 'string'],
  ['firstTokenAt', 'model_pool.first_token_at', 'string'],
  ['endedAt', 'model_pool.ended_at', 'string'],
  ['durationMs', 'model_pool.duration_ms', 'double'],
  ['ttftMs', 'gen_ai.response.time_to_first_chunk', 'double'],
  ['iteration', 'model_pool.iteration', 'int'],
  ['backend', 'model_pool.backend', 'string'],
  ['provider', 'gen_ai.provider.name', 'string'],
  ['model', 'gen_ai.request.model', 'string'],
  ['responseModel', 'gen_ai.response.model', 'string'],
  ['digest', 'model_pool.model.digest', 'string'],
  ['quant', 'model_pool.model.quant', 'string'],
  ['host', 'model_pool.host', 'string'],
  ['host', 'server.address', 'string'],
  ['host', 'server.port', 'int'],
  ['wireFormat', 'model_pool.wire_format', 'string'],
  ['thinking.mode', 'model_pool.thinking.mode', 'string'],
  ['thinking.enabled', 'model_pool.thinking.enabled', 'boolean'],
  ['thinking.budgetTokens', 'model_pool.thinking.budget_tokens', 'int'],
  ['thinking.level', 'model_pool.thinking.level', 'string'],
  ['thinkingNote', 'model_pool.thinking.note', 'string'],
  ['toolFormat', 'model_pool.tool_format', 'string'],
  ['stop', 'gen_ai.request.stop_sequences', 'string[]'],
  ['contextRequested', 'model_pool.context.requested_tokens', 'int'],
  ['contextAllocated', 'model_pool.context.allocated_tokens', 'int'],
  ['streaming', 'gen_ai.request.stream', 'boolean'],
  ['provenance.backend', 'model_pool.provenance.backend', 'string'],
  ['provenance.provider', 'model_pool.provenance.provider', 'string'],
  ['provenance.model', 'model_pool.provenance.model', 'string'],
  ['provenance.wireFormat', 'model_pool.provenance.wire_format', 'string'],
  ['provenance.thinking', 'model_pool.provenance.thinking', 'string'],
  ['provenance.toolFormat', 'model_pool.provenance.tool_format', 'string'],
  ['provenance.contextTokens', 'model_pool.provenance.context_tokens', 'string'],
  ['attempts', 'model_pool.attempts.count', 'int'],
  ['outcome.kind', 'model_pool.outcome.kind', 'string'],
  ['outcome.completionTokens', 'model_pool.outcome.completion_tokens', 'int'],
  ['outcome.contentLen', 'model_pool.outcome.content_length', 'int'],
  ['outcome.emptyRetries', 'model_pool.outcome.empty_retries', 'int'],
  ['outcome.class', 'model_pool.outcome.class', 'string'],
  ['finishReason', 'gen_ai.response.finish_reasons', 'string[]'],
  ['rawReason', 'model_pool.finish.raw_reason', 'string'],
  ['error.code', 'error.type', 'string'],
  ['error.message', 'model_pool.error.message', 'string'],
  ['retryKind', 'model_pool.retry.kind', 'string'],
  ['retryAfterMs', 'model_pool.retry.after_ms', 'double'],
  ['rateLimit.scope', 'model_pool.rate_limit.scope', 'string'],
  ['rateLimit.limit', 'model_pool.rate_limit.limit', 'int'],
  ['rateLimit.remaining', 'model_pool.rate_limit.remaining', 'int'],
  ['rateLimit.resetAt', 'model_pool.rate_limit.reset_at', 'string'],
  ['escalation.backend', 'model_pool.escalation.from_backend', 'string'],
  ['escalation.provider', 'model_pool.escalation.from_provider', 'string'],
  ['escalation.model', 'model_pool.escalation.from_model', 'string'],
  ['escalation.reason', 'model_pool.escalation.reason', 'string'],
  ['usage.inputTokens', 'gen_ai.usage.input_tokens', 'int'],
  ['usage.outputTokens', 'gen_ai.usage.output_tokens', 'int'],
  ['usage.cachedTokens', 'gen_ai.usage.cache_read.input_tokens', 'int'],
  ['usage.reasoningTokens', 'gen_ai.usage.reasoning.output_tokens', 'int'],
  ['timings.loadMs', 'model_pool.timings.load_ms', 'double'],
  ['timings.promptMs', 'model_pool.timings.prompt_ms', 'double'],
  ['timings.decodeMs', 'model_pool.timings.decode_ms', 'double'],
  ['timings.promptTokPerSec', 'model_pool.timings.prompt_tokens_per_second', 'double'],
  ['timings.decodeTokPerSec', 'model_pool.timings.decode_tokens_per_second', 'double'],
  ['timings.measuredBy', 'model_pool.timings.measured_by', 'string'],
  ['registry.source', 'model_pool.registry.source', 'string'],
  ['registry.ageMs', 'model_pool.registry.age_ms', 'double'],
  ['gpuShare', 'model_pool.gpu_share', 'double'],
  ['fit.kind', 'model_pool.fit.kind', 'string'],
  ['fit.contextTokens', 'model_pool.fit.context_tokens', 'int'],
];

/** Every field of one of the record's attempts. */
export const ATTEMPT_ATTRIBUTES: readonly AttributeRow[] = [
  ['n', 'model_pool.attempt.number', 'int'],
  ['route', 'model_pool.attempt.route', 'string'],
  ['startedAt', 'model_pool.attempt.started_at', 'string'],
  ['durationMs', 'model_pool.attempt.duration_ms', 'double'],
  ['status', 'http.response.status_code', 'int'],
  ['reason', 'model_pool.attempt.reason', 'string'],
  ['delayMs', 'model_pool.attempt.delay_ms', 'double'],
  ['delayOrigin', 'model_pool.attempt.delay_origin', 'string'],
  ['firstChunk', 'model_pool.attempt.first_chunk', 'boolean'],
  ['usage.inputTokens', 'gen_ai.usage.input_tokens', 'int'],
  ['usage.outputTokens', 'gen_ai.usage.output_tokens', 'int'],
  ['usage.cachedTokens', 'gen_ai.usage.cache_read.input_tokens', 'int'],
  ['usage.reasoningTokens', 'gen_ai.usage.reasoning.output_tokens', 'int'],
];

const DERIVED: Readonly<Record<string, (record: DispatchRecord) => unknown>> = {
  'gen_ai.operation.name': () => 'chat',
  'gen_ai.response.time_to_first_chunk': ({ ttftMs }) => (ttftMs === null ? null : ttftMs / 1_000),
  'gen_ai.provider.name': providerName,
  'server.address': ({ host }) => serverOf(host)?.address,
  'server.port': ({ host }) => serverOf(host)?.port,
  'model_pool.attempts.count': ({ attempts }) => attempts.length,
  'gen_ai.response.finish_reasons': ({ finishReason }) => [finishReason],
  'error.type': errorType,
};

/** A value that is known, under its name. Whole numbers are safe integers. */
export type Attribute =
  | { readonly name: string; readonly type: 'string'; readonly value: string }
  | { readonly name: string; readonly type: 'int' | 'double'; readonly value: number }
  | { readonly name: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly name: string; readonly type: 'string[]'; readonly value: readonly string[] };

/** What is known of a call, in the order of the table. Nothing stands for null, for an empty text, or no stop words. */
export function recordAttributes(record: DispatchRecord): readonly Attribute[] {
  return RECORD_ATTRIBUTES.flatMap((row) => {
    const derived = DERIVED[row[1]];
    return known(row, derived ? derived(record) : valueAt(record, row[0])) ?? [];
  });
}

/** What is known of an attempt, in the order of its table. */
export function attemptAttributes(attempt: DispatchRecord['attempts'][number]): readonly Attribute[] {
  return ATTEMPT_ATTRIBUTES.flatMap((row) => known(row, valueAt(attempt, row[0])) ?? []);
}

/**
 * The class of what went wrong, as `error.type` wants it of an operation that failed: the record's error, else the
 * outcome where that is a failure. Null of a call that was served, or that its user ended.
 */
export function errorType({ error, outcome }: DispatchRecord): string | null {
  if (error) return error.code;
  switch (outcome.kind) {
    case 'usage_limit':
    case 'empty_completion_terminal':
      return outcome.kind;
    case 'provider_error':
      return outcome.class;
    case 'served':
    case 'empty_completion_transient_recovered':
    case 'cancelled':
    case 'refused':
      return null;
  }
}

function valueAt(of: object, field: string): unknown {
  let value: unknown = of;
  for (const key of field.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function known([, name, type]: AttributeRow, value: unknown): Attribute | null {
  if (typeof value === 'string') {
    return value !== '' && type === 'string' ? { name, type, value: value.toWellFormed() } : null;
  }
  if (typeof value === 'boolean') return type === 'boolean' ? { name, type, value } : null;
  if (typeof value === 'number') {
    if (type === 'double') return { name, type, value };
    const whole = Math.round(value);
    return type === 'int' && Number.isSafeInteger(whole) ? { name, type, value: whole } : null;
  }
  if (!Array.isArray(value) || value.length === 0 || type !== 'string[]') return null;
  return { name, type, value: value.map((item) => String(item).toWellFormed()) };
}

/** The conventions' own spelling of some providers; all others may have the name that we know them by. */
const WELL_KNOWN_PROVIDERS: Readonly<Record<string, string>> = {
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  xai: 'x_ai',
};

function providerName({ provider, wireFormat }: DispatchRecord): string {
  // Google also makes models that others serve: only its own service is that of the conventions.
  if (wireFormat === 'gemini') return 'gcp.gemini';
  return WELL_KNOWN_PROVIDERS[provider] ?? provider;
}

/** Null of the editor's own models and of a call that never had an address. */
function serverOf(host: string): { readonly address: string; readonly port: number } | null {
  if (!/^https?:/.test(host) || !URL.canParse(host)) return null;
  const { hostname, port, protocol } = new URL(host);
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return { address, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}
