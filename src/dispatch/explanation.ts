import * as l10n from '@vscode/l10n';
import type { ModelRetryPolicy } from '../shared/retryPolicy';
import { retryPolicyOf } from '../shared/retryPolicy';
import type { RunnerUp } from './bestModel';
import type { BreakerState, BreakerView } from './breaker';
import type { ChatRequest } from './chat';
import { resolveEscalation } from './escalationRoute';
import type { Resolution, RouteSources, Unresolved } from './resolve';
import { missingRankingOf, otherModels, resolveRoute } from './resolve';
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
    warnings: [
      ...(missingRankingOf(request, sources) === undefined ? [] : [notRankedYet()]),
      ...primaryWarnings(primary, after),
      ...(after ? escalationWarnings(after) : []),
    ],
  };
}

function notRankedYet(): string {
  return l10n.t(
    'The models are not ranked for this task yet. A call ranks them first, and may take another one.',
  );
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
  const leftAlone = escalation?.ok
    ? l10n.t(
        '{0} of {1} failed again and again, and is left alone for a while: the call goes to the escalation at once.',
        ref.modelId,
        ref.backend,
      )
    : l10n.t('{0} of {1} failed again and again, and is left alone for a while.', ref.modelId, ref.backend);
  return [...(thinkingNote === undefined ? [] : [thinkingNote]), ...(breaker === 'open' ? [leftAlone] : [])];
}

function escalationWarnings(escalation: ExplainedResolution): readonly string[] {
  if (!escalation.ok) return [`${l10n.t('The escalation leads nowhere.')} ${escalation.failure.message}`];
  const words = fieldsInWords(escalation);
  const inherited = ROUTE_FIELDS.filter((field) => escalation.provenance[field] === 'inherited_from_primary');
  return [
    ...(inherited.length === 0
      ? []
      : [
          l10n.t(
            'The escalation takes over from the first route: {0}.',
            inherited.map((field) => words[field]).join(', '),
          ),
        ]),
    ...(escalation.thinkingNote === undefined ? [] : [escalation.thinkingNote]),
  ];
}

/** Every field whose origin is told, in words. */
function fieldsInWords(route: ExplainedRoute): Readonly<Record<RouteField, string>> {
  const { ref, wireFormat, thinking, toolFormat, contextTokens } = route;
  return {
    model: l10n.t('model {0}', ref.modelId),
    backend: l10n.t('backend {0}', ref.backend),
    provider: l10n.t('provider {0}', ref.provider),
    wireFormat: l10n.t('wire format {0}', wireFormat),
    thinking: l10n.t('thinking {0}', thinking.mode === 'effort' ? thinking.level : thinking.mode),
    toolFormat: l10n.t('tools {0}', toolFormat),
    contextTokens:
      contextTokens === null
        ? l10n.t("the server's own context")
        : l10n.t('context of {0} tokens', contextTokens),
  };
}
