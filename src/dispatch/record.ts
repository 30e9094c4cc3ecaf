import type { DispatchRecord } from '../shared/dispatchRecord';
import { shorten } from '../shared/shorten';
import type { ChatFinish, ChatRequest } from './chat';
import { MAX_MESSAGE_CHARACTERS } from './failureText';
import type { CallResult } from './outcome';
import { outcomeOf } from './outcome';
import type { Resolution } from './resolve';
import type { Provenance, Route } from './route';

/** Everything about one call that has ended. Times in milliseconds; wall-clock times since the epoch. */
export interface EndedCall {
  readonly callId: string;
  readonly request: ChatRequest;
  readonly resolution: Resolution;
  readonly finish: ChatFinish;
  readonly result: CallResult;
  readonly startedAt: number;
  readonly durationMs: number;
  /** Null where nothing came. */
  readonly ttftMs: number | null;
  /** Whether a request was sent. */
  readonly attempted: boolean;
  /** Of the HTTP response; null where there was none. */
  readonly status: number | null;
}

const MICROSECONDS_PER_MILLISECOND = 1_000;

/** The record of a call, built from what was really sent. Holds nothing of what was asked or answered. */
export function buildRecord(call: EndedCall): DispatchRecord {
  const { finish, request, startedAt, durationMs, ttftMs } = call;
  const outcome = outcomeOf(call.result);
  const { failure, rawReason } = finish;
  return {
    type: 'resolved_dispatch',
    schemaVersion: 1,
    recordId: finish.recordId,
    callId: call.callId,
    sessionId: request.sessionId,
    spanId: null,
    startedAt: iso(startedAt),
    // From the start and the monotonic clock, so that a stepped wall clock cannot put the end before the start.
    firstTokenAt: ttftMs === null ? null : iso(startedAt + ttftMs),
    endedAt: iso(startedAt + durationMs),
    iteration: 1,
    ...routeFields(call),
    stop: [...(request.parameters?.stop ?? [])],
    streaming: true,
    attempts: call.attempted ? [attemptOf(call)] : [],
    outcome,
    outcomeKind: outcome.kind,
    finishReason: finish.finishReason,
    ...(rawReason === undefined ? {} : { rawReason: rawReason.slice(0, 100) }),
    retryKind: 'none',
    usage: finish.usage,
    timings: finish.timings ?? null,
    ttftMs,
    durationMs,
    error: failure ? { code: failure.code, message: shorten(failure.message, MAX_MESSAGE_CHARACTERS) } : null,
  };
}

function attemptOf({
  finish,
  startedAt,
  durationMs,
  status,
  ttftMs,
}: EndedCall): DispatchRecord['attempts'][number] {
  const reason = finish.finishReason === 'cancelled' ? 'cancelled' : (finish.failure?.code ?? null);
  return {
    n: 1,
    startedAt: iso(startedAt),
    durationMs,
    status,
    reason,
    delayMs: null,
    delayOrigin: null,
    firstChunk: ttftMs !== null,
    usage: finish.usage,
  };
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
>;

function routeFields({ resolution, result, startedAt }: EndedCall): RouteFields {
  if (!resolution.ok) return unroutedFields(resolution.ref, resolution.origin);
  const { route, model, thinkingNote } = resolution;
  const { capabilities, running } = model ?? {};
  return {
    backend: route.ref.backend,
    provider: route.ref.provider,
    model: route.ref.modelId,
    digest: capabilities?.digest ?? null,
    quant: capabilities?.quant ?? null,
    host: route.host,
    wireFormat: route.wireFormat,
    thinking: {
      mode: route.thinking,
      enabled: thinkingEnabled(route, capabilities?.thinking, result.hasThinking),
    },
    toolFormat: route.toolFormat,
    ...(thinkingNote === undefined ? {} : { thinkingNote }),
    contextRequested: route.contextTokens,
    contextAllocated: running?.contextTokens ?? capabilities?.allocatedContext ?? null,
    provenance: { ...route.provenance },
    registry: model && {
      source: model.source,
      ageMs: Math.max(0, startedAt - model.refreshedAt / MICROSECONDS_PER_MILLISECOND),
    },
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

/** Whether the model thought; null where the server decided and nothing showed. */
function thinkingEnabled(route: Route, canThink: boolean | undefined, hasThinking: boolean): boolean | null {
  if (hasThinking || route.thinking === 'on') return true;
  return route.thinking === 'off' || canThink === false ? false : null;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
