import type { ModelRetryPolicy } from '../shared/retryPolicy';
import { retryPolicyOf } from '../shared/retryPolicy';
import type { RunnerUp } from './bestModel';
import type { BreakerState, BreakerView } from './breaker';
import type { ChatRequest } from './chat';
import { resolveEscalation } from './escalationRoute';
import type { Resolution, RouteSources, Unresolved } from './resolve';
import { otherModels, resolveRoute } from './resolve';
import type { Route, RouteField } from './route';

/** A route as it may be shown to anybody: without the address that is called, which may hold a password. */
export interface ExplainedRoute extends Omit<Route, 'url'> {
  readonly ok: true;
  readonly retry: ModelRetryPolicy;
  readonly breaker: BreakerState;
  /** Set where thinking was asked for and the model is known not to do it. */
  readonly thinkingNote?: string;
}

export type ExplainedResolution = ExplainedRoute | Omit<Unresolved, 'runnersUp'>;

/** What the next call of a request would do, and why. Plain data. */
export interface Explanation {
  readonly primary: ExplainedResolution;
  /** Models that could have been taken instead, best first; at most ten. */
  readonly runnersUp: readonly RunnerUp[];
  /** Where the call would go once more after its primary route had failed for good; null: nowhere. */
  readonly escalation: ExplainedResolution | null;
  /** What a person should know about all this, in sentences. */
  readonly warnings: readonly string[];
}

const ROUTE_FIELDS: readonly RouteField[] = [
  'model',
  'backend',
  'provider',
  'wireFormat',
  'thinking',
  'toolFormat',
  'contextTokens',
];

/**
 * What the next call of this request would be routed to and why, by the resolver that routes it. Asks no network, and
 * changes nothing.
 */
export function explainRoute(request: ChatRequest, sources: RouteSources, breaker: BreakerView): Explanation {
  const resolution = resolveRoute(request, sources, breaker);
  const escalation = resolution.ok ? resolveEscalation(resolution, request, sources, breaker) : null;
  const primary = explained(resolution, breaker);
  const after = escalation && explained(escalation, breaker);
  return {
    primary,
    runnersUp: runnersUpOf(resolution, sources, breaker),
    escalation: after,
    warnings: [...primaryWarnings(primary, after), ...(after ? escalationWarnings(after) : [])],
  };
}

function runnersUpOf(
  resolution: Resolution,
  sources: RouteSources,
  breaker: BreakerView,
): readonly RunnerUp[] {
  const ref = resolution.ok ? resolution.route.ref : resolution.ref;
  const origin = resolution.ok ? resolution.route.provenance.model : resolution.origin;
  const isNamed = ref !== null && origin !== 'catalog_default';
  return isNamed ? otherModels(ref, sources, breaker) : resolution.runnersUp;
}

function explained(resolution: Resolution, breaker: BreakerView): ExplainedResolution {
  if (!resolution.ok) {
    const { failure, ref, origin } = resolution;
    return { ok: false, failure, ref, origin };
  }
  const { route, retry, thinkingNote } = resolution;
  const { ref, kind, hosted, host, wireFormat, toolFormat, thinking, contextTokens, provenance } = route;
  return {
    ok: true,
    ...{ ref, kind, hosted, host, wireFormat, toolFormat, thinking, contextTokens, provenance },
    retry: retryPolicyOf(retry),
    breaker: breaker.stateOf(ref),
    ...(thinkingNote === undefined ? {} : { thinkingNote }),
  };
}

function primaryWarnings(
  primary: ExplainedResolution,
  escalation: ExplainedResolution | null,
): readonly string[] {
  if (!primary.ok) return [];
  const { thinkingNote, breaker, ref } = primary;
  const isLeftAlone = `${ref.modelId} of ${ref.backend} failed again and again, and is left alone for a while`;
  return [
    ...(thinkingNote === undefined ? [] : [thinkingNote]),
    ...(breaker === 'open'
      ? [escalation?.ok ? `${isLeftAlone}: the call goes to the escalation at once.` : `${isLeftAlone}.`]
      : []),
  ];
}

function escalationWarnings(escalation: ExplainedResolution): readonly string[] {
  if (!escalation.ok) return [`The escalation leads nowhere. ${escalation.failure.message}`];
  const words = fieldsInWords(escalation);
  const inherited = ROUTE_FIELDS.filter((field) => escalation.provenance[field] === 'inherited_from_primary');
  return [
    ...(inherited.length === 0
      ? []
      : [
          `The escalation takes over from the first route: ${inherited.map((field) => words[field]).join(', ')}.`,
        ]),
    ...(escalation.thinkingNote === undefined ? [] : [escalation.thinkingNote]),
  ];
}

/** Every field whose origin is told, in words. */
function fieldsInWords(route: ExplainedRoute): Readonly<Record<RouteField, string>> {
  const { ref, wireFormat, thinking, toolFormat, contextTokens } = route;
  return {
    model: `model ${ref.modelId}`,
    backend: `backend ${ref.backend}`,
    provider: `provider ${ref.provider}`,
    wireFormat: `wire format ${wireFormat}`,
    thinking: `thinking ${thinking.mode === 'effort' ? thinking.level : thinking.mode}`,
    toolFormat: `tools ${toolFormat}`,
    contextTokens: contextTokens === null ? "the server's own context" : `context of ${contextTokens} tokens`,
  };
}
