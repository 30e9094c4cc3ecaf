import type { RegisteredModel } from '../registry/row';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { shorten } from '../shared/shorten';
import type { ChatFinish, ChatRequest, ChatUsage, EscalationReason } from './chat';
import { MAX_MESSAGE_CHARACTERS } from './failureText';
import type { Outcome } from './outcome';
import type { Resolution } from './resolve';
import type { DelayOrigin } from './retryDecision';
import type { Provenance, Route } from './route';

/** One attempt that has ended. Times in milliseconds. */
export interface AttemptFacts {
  /** From 1, over all routes. */
  readonly n: number;
  readonly route: 'primary' | 'escalation';
  /** Since the start of the call. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** Of the HTTP response; null where there was none. */
  readonly status: number | null;
  /** Why it did not serve; null where it did. */
  readonly reason: string | null;
  /** The wait before it. */
  readonly delay: { readonly delayMs: number; readonly delayOrigin: DelayOrigin } | null;
  /** Whether anything of an answer came. */
  readonly firstChunk: boolean;
  readonly usage: ChatUsage;
}

export interface CallIds {
  readonly recordId: string;
  readonly callId: string;
  readonly spanId: string;
}

/** How a model fits its machine by our estimate; undefined where nobody knows. */
export type FitOf = (model: RegisteredModel, contextTokens: number | null) => DispatchRecord['fit'];

/** Everything about one call that has ended. Times in milliseconds; wall-clock times since the epoch. */
export interface EndedCall {
  readonly ids: CallIds;
  readonly request: ChatRequest;
  /** Of the route that was used last. */
  readonly resolution: Resolution;
  /** Set where that was the escalation route. */
  readonly escalationReason: EscalationReason | null;
  readonly finish: ChatFinish;
  readonly outcome: Outcome;
  readonly attempts: readonly AttemptFacts[];
  /** As they were sent last. */
  readonly stop: readonly string[];
  /** Of all attempts. */
  readonly usage: ChatUsage;
  readonly hasThinking: boolean;
  readonly startedAt: number;
  readonly durationMs: number;
  /** Null where nothing came. */
  readonly ttftMs: number | null;
  readonly fitOf: FitOf;
}

const MICROSECONDS_PER_MILLISECOND = 1_000;
const MAX_NAME_CHARACTERS = 200;
const SPAN_ID_CHARACTERS = 16;

/** The id of a call's span as OpenTelemetry wants it, 16 hexadecimal digits, from a unique id such as a UUID. */
export function spanIdOf(uniqueId: string): string {
  return uniqueId
    .toLowerCase()
    .replaceAll(/[^0-9a-f]/g, '')
    .slice(-SPAN_ID_CHARACTERS)
    .padStart(SPAN_ID_CHARACTERS, '0');
}

/** What all attempts used together; null where none of them told. */
export function totalUsage(attempts: readonly { readonly usage: ChatUsage }[]): ChatUsage {
  const total = (field: keyof ChatUsage): number | null =>
    attempts.reduce<number | null>((sum, { usage }) => {
      const value = usage[field] ?? null;
      return value === null ? sum : (sum ?? 0) + value;
    }, null);
  const [cachedTokens, reasoningTokens] = [total('cachedTokens'), total('reasoningTokens')];
  return {
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
    ...(cachedTokens === null ? {} : { cachedTokens }),
    ...(reasoningTokens === null ? {} : { reasoningTokens }),
  };
}

/** The record of a call, built from what was really sent. Holds nothing of what was asked or answered. */
export function buildRecord(call: EndedCall): DispatchRecord {
  const { finish, request, ids, startedAt, durationMs, ttftMs, outcome, escalationReason } = call;
  const { failure, rawReason, responseModel, retryAfterMs, rateLimit, escalatedFrom } = finish;
  return {
    type: 'resolved_dispatch',
    schemaVersion: 1,
    ...ids,
    sessionId: request.sessionId,
    startedAt: iso(startedAt),
    // From the start and the monotonic clock, so that a stepped wall clock cannot put the end before the start.
    firstTokenAt: ttftMs === null ? null : iso(startedAt + ttftMs),
    endedAt: iso(startedAt + durationMs),
    iteration: request.iteration ?? 1,
    ...routeFields(call),
    stop: [...call.stop],
    streaming: true,
    attempts: call.attempts.map((attempt) => attemptOf(attempt, startedAt)),
    outcome,
    outcomeKind: outcome.kind,
    finishReason: finish.finishReason,
    ...(rawReason === undefined ? {} : { rawReason: rawReason.slice(0, 100) }),
    retryKind: finish.retryKind,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(escalatedFrom === undefined || escalationReason === null
      ? {}
      : {
          escalation: {
            backend: escalatedFrom.backend,
            provider: escalatedFrom.provider,
            model: escalatedFrom.modelId,
            reason: escalationReason,
          },
        }),
    ...(responseModel === undefined ? {} : { responseModel: shorten(responseModel, MAX_NAME_CHARACTERS) }),
    usage: call.usage,
    timings: finish.timings ?? null,
    ttftMs,
    durationMs,
    error: failure ? { code: failure.code, message: shorten(failure.message, MAX_MESSAGE_CHARACTERS) } : null,
  };
}

function attemptOf(attempt: AttemptFacts, callStartedAt: number): DispatchRecord['attempts'][number] {
  const { n, route, startedMs, durationMs, status, reason, delay, firstChunk, usage } = attempt;
  return {
    n,
    route,
    startedAt: iso(callStartedAt + startedMs),
    durationMs,
    status,
    reason,
    delayMs: delay?.delayMs ?? null,
    delayOrigin: delay?.delayOrigin ?? null,
    firstChunk,
    ...(isKnown(usage) ? { usage } : {}),
  };
}

function isKnown(usage: ChatUsage): boolean {
  return Object.values(usage).some((value) => value !== null);
}

type RouteFields = Pick<
  DispatchRecord,
  | 'backend'
  | 'provider'
  | 'model'
  | 'digest'
  | 'quant'
  | 'host'
  | 'wireFormat'
  | 'thinking'
  | 'toolFormat'
  | 'thinkingNote'
  | 'contextRequested'
  | 'contextAllocated'
  | 'provenance'
  | 'registry'
  | 'gpuShare'
  | 'fit'
>;

function routeFields({ resolution, hasThinking, startedAt, fitOf }: EndedCall): RouteFields {
  if (!resolution.ok) return unroutedFields(resolution.ref, resolution.origin);
  const { route, model, thinkingNote } = resolution;
  const { capabilities, running } = model ?? {};
  const contextAllocated = running?.contextTokens ?? capabilities?.allocatedContext ?? null;
  const gpuShare = gpuShareOf(running);
  const fit = model ? fitOf(model, route.contextTokens ?? contextAllocated) : undefined;
  return {
    backend: route.ref.backend,
    provider: route.ref.provider,
    model: route.ref.modelId,
    digest: capabilities?.digest ?? null,
    quant: capabilities?.quant ?? null,
    host: route.host,
    wireFormat: route.wireFormat,
    thinking: thinkingOf(route, capabilities?.thinking, hasThinking),
    toolFormat: route.toolFormat,
    ...(thinkingNote === undefined ? {} : { thinkingNote }),
    contextRequested: route.contextTokens,
    contextAllocated,
    provenance: { ...route.provenance },
    registry: model && {
      source: model.source,
      ageMs: Math.max(0, startedAt - model.refreshedAt / MICROSECONDS_PER_MILLISECOND),
    },
    ...(gpuShare === undefined ? {} : { gpuShare }),
    ...(fit === undefined ? {} : { fit }),
  };
}

/** Of a call that no request was sent for. */
function unroutedFields(
  ref: { readonly backend: string; readonly provider: string; readonly modelId: string } | null,
  origin: Provenance,
): RouteFields {
  return {
    backend: ref?.backend ?? '',
    provider: ref?.provider ?? '',
    model: ref?.modelId ?? '',
    digest: null,
    quant: null,
    host: '',
    wireFormat: '',
    thinking: { mode: 'default', enabled: null },
    toolFormat: 'none',
    contextRequested: null,
    contextAllocated: null,
    provenance: {
      backend: origin,
      provider: origin,
      model: origin,
      wireFormat: 'unknown',
      thinking: 'unknown',
      toolFormat: 'unknown',
      contextTokens: 'unknown',
    },
    registry: null,
  };
}

/** The part of a loaded model that lies in GPU memory, 0 to 1; undefined where its server does not tell. */
function gpuShareOf(running: RegisteredModel['running']): number | undefined {
  const { vramBytes, sizeBytes } = running ?? {};
  if (vramBytes === undefined || sizeBytes === undefined || sizeBytes <= 0) return undefined;
  return Math.min(1, Math.max(0, vramBytes / sizeBytes));
}

function thinkingOf(
  { thinking }: Route,
  canThink: boolean | undefined,
  hasThinking: boolean,
): DispatchRecord['thinking'] {
  const { mode } = thinking;
  return {
    mode,
    enabled: thinkingEnabled(mode, canThink, hasThinking),
    ...(mode === 'enabled' && thinking.budgetTokens !== undefined
      ? { budgetTokens: thinking.budgetTokens }
      : {}),
    ...(mode === 'effort' ? { level: thinking.level } : {}),
  };
}

/** Whether the model thought; null where it or its server decided and nothing showed. */
function thinkingEnabled(
  mode: Route['thinking']['mode'],
  canThink: boolean | undefined,
  hasThinking: boolean,
): boolean | null {
  if (hasThinking || mode === 'enabled' || mode === 'effort') return true;
  return mode === 'off' || canThink === false ? false : null;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
