import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import type { ModelRef } from '../shared/modelRef';
import { sameModelRef } from '../shared/modelRef';
import type { EscalationSetting } from '../shared/routeSettings';
import type { ChatRequest } from './chat';
import type { BreakerView } from './breaker';
import type { Resolution, Resolved, RouteSources, RouteWishes, Sourced, Target, Unresolved } from './resolve';
import { findTarget, routeTo, unresolved, wishesOf } from './resolve';
import type { Provenance, Route } from './route';

/**
 * Where a call goes once more after its primary route has failed for good; null where no escalation is set. What the
 * setting names is `escalation_override`; what it does not name is taken over from the primary route and says so.
 *
 * Three things are not taken over blindly. The provider: where the primary's does not serve the model and exactly one
 * other does on that backend, it is that one (`catalog_default`); several are an error. The context: what the call asked
 * for is taken over, but what was chosen for the primary's model is chosen anew for another one, because it would be
 * loaded anew for a foreign number. Wire and tool format follow from the model, and are inherited where backend and
 * model are.
 *
 * An escalation that comes to the very call that has failed is unresolved, and so is one to a model that is left alone
 * because it failed again and again.
 */
export function resolveEscalation(
  primary: Resolved,
  request: ChatRequest,
  sources: RouteSources,
  breaker: BreakerView,
): Resolution | null {
  const setting = sources.escalation();
  if (!setting) return null;
  const target = escalationTarget(setting, primary.route.ref, sources);
  if (!('origins' in target)) return target;
  const found = findTarget(target, sources);
  if (!found.ok) return found;
  const wishes = escalationWishes(setting, request, sources);
  const { route: own, ...note } = routeTo(target, found, request, wishes, sources);
  const route = withInheritedFormats(own);
  if (isSameCall(route, primary.route)) {
    return unresolved('no_route', route.ref, 'escalation_override', [
      l10n.t('The escalation is the very route that has failed.'),
      l10n.t('Name another model or backend in the setting modelPool.route.escalation.'),
    ]);
  }
  if (breaker.stateOf(route.ref) === 'open') {
    return unresolved('no_route', route.ref, 'escalation_override', [
      l10n.t(
        "The escalation's model {0} failed again and again, and is left alone for a while.",
        route.ref.modelId,
      ),
      l10n.t('Name another model or backend in the setting modelPool.route.escalation.'),
    ]);
  }
  const retry = request.retry ?? setting.retry ?? sources.retry();
  return { ok: true, route, model: found.model, retry, ...note, runnersUp: [] };
}

function escalationTarget(
  setting: EscalationSetting,
  primary: ModelRef,
  { registry }: RouteSources,
): Target | Unresolved {
  const backend = named(setting.backend, primary.backend);
  const model = named(setting.model, primary.modelId);
  const withProvider = (provider: Sourced<string>): Target => ({
    ref: { backend: backend.value, provider: provider.value, modelId: model.value },
    origins: { backend: backend.origin, provider: provider.origin, model: model.origin },
  });
  const provider = named(setting.provider, primary.provider);
  if (provider.origin === 'escalation_override') return withProvider(provider);
  const [first, ...others] = registry
    .listForBackend(backend.value)
    .filter(({ modelId }) => modelId === model.value)
    .map((each) => each.provider);
  if (first === undefined || first === primary.provider || others.includes(primary.provider)) {
    return withProvider(provider);
  }
  if (others.length === 0) return withProvider({ value: first, origin: 'catalog_default' });
  return unresolved('no_route', withProvider(provider).ref, model.origin, [
    l10n.t(
      '{0} serves {1} of several providers: {2}.',
      backend.value,
      model.value,
      [first, ...others].join(', '),
    ),
    l10n.t('Name one of them as provider in the setting modelPool.route.escalation.'),
  ]);
}

function named(own: string | undefined, ofPrimary: string): Sourced<string> {
  return own === undefined
    ? { value: ofPrimary, origin: 'inherited_from_primary' }
    : { value: own, origin: 'escalation_override' };
}

/** What the primary was asked for, not what came of it: another model may well think. */
function escalationWishes(
  setting: EscalationSetting,
  request: ChatRequest,
  sources: RouteSources,
): RouteWishes {
  const primary = wishesOf(request, sources);
  const thinking = setting.thinking ?? primary.thinking?.value;
  const contextTokens = setting.contextTokens ?? primary.contextTokens?.value;
  const origin = (own: unknown): Provenance =>
    own === undefined ? 'inherited_from_primary' : 'escalation_override';
  return {
    ...(thinking === undefined ? {} : { thinking: { value: thinking, origin: origin(setting.thinking) } }),
    ...(contextTokens === undefined
      ? {}
      : { contextTokens: { value: contextTokens, origin: origin(setting.contextTokens) } }),
    minContext: primary.minContext,
  };
}

function withInheritedFormats(route: Route): Route {
  const { provenance } = route;
  const inherited: Provenance = 'inherited_from_primary';
  if (provenance.backend !== inherited || provenance.model !== inherited) return route;
  return { ...route, provenance: { ...provenance, wireFormat: inherited, toolFormat: inherited } };
}

function isSameCall(a: Route, b: Route): boolean {
  return (
    sameModelRef(a.ref, b.ref) &&
    isDeepStrictEqual(a.thinking, b.thinking) &&
    a.contextTokens === b.contextTokens
  );
}
