import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import type { BackendConfig } from '../backends/contract';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import { originOf } from '../shared/http';
import type { ModelRef } from '../shared/modelRef';
import { sameModelRef } from '../shared/modelRef';
import type { RetryChoice } from '../shared/retryPolicy';
import type { EscalationSetting } from '../shared/routeSettings';
import { DEFAULT_SETTINGS, type Task } from '../shared/settings';
import { shorten } from '../shared/shorten';
import type { Thinking } from '../shared/thinking';
import { thinkingOf } from '../shared/thinking';
import type { ModelKnowledge, RunnerUp } from './bestModel';
import { bestModels, callsTools } from './bestModel';
import type { BreakerView } from './breaker';
import { capabilitiesOf, traitsOf } from './capabilityTable';
import type { ChatRequest, DispatchFailure, ModelChoice, ModelNeed } from './chat';
import { MAX_MESSAGE_CHARACTERS } from './failureText';
import type { Provenance, Route, RouteField, RouteThinking } from './route';
import { untoldThinking } from './thinkingNote';

/** What a route is resolved from; nothing of it asks the network. */
export interface RouteSources extends ModelKnowledge {
  readonly registry: Pick<ModelRegistry, 'find' | 'backend' | 'listForBackend'>;
  /** What the user picked: a model, or the best one for a task at each call. */
  readonly pick: () => ModelChoice | undefined;
  /** What the user set for calls that do not say so themselves; undefined: nothing is asked. */
  readonly thinking: () => Thinking | undefined;
  readonly retry: () => RetryChoice;
  readonly escalation: () => EscalationSetting | null;
  /** The context that a model is to be loaded with on its machine, at least `need` tokens; null: the server's own. */
  readonly contextFor: (model: RegisteredModel, need: number | undefined) => number | null;
  /** Ranks the models for a task, and never rejects; undefined where that was done, and absent where nothing ranks. */
  readonly missingRanking?: (task: Task) => (() => Promise<void>) | undefined;
}

export type Resolution = Resolved | Unresolved;

export interface Resolved {
  readonly ok: true;
  readonly route: Route;
  /** Null while the backend has not been probed yet: the server itself will say whether it has the model. */
  readonly model: RegisteredModel | null;
  readonly retry: RetryChoice;
  /** Set where thinking was asked for and the model is known not to do it, or cannot be told. */
  readonly thinkingNote?: string;
  /**
   * Where the best model was taken: those that could have been taken instead, best first; at most ten. None where the
   * model was named or picked: a call does not wait for a choice that nobody makes, and `otherModels` makes it.
   */
  readonly runnersUp: readonly RunnerUp[];
}

export interface Unresolved {
  readonly ok: false;
  readonly failure: DispatchFailure;
  /** The model that was asked for, where one was. */
  readonly ref: ModelRef | null;
  readonly origin: Provenance;
  readonly runnersUp: readonly RunnerUp[];
}

/** A model on its way to a route: which one, and where each part of its name came from. */
export interface Target {
  readonly ref: ModelRef;
  readonly origins: Readonly<Record<'backend' | 'provider' | 'model', Provenance>>;
}

/** A value with its origin. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: Provenance;
}

/** What is asked of a target besides its name. */
export interface RouteWishes {
  /** Absent: nothing is asked. */
  readonly thinking?: Sourced<Thinking>;
  /** Absent: what is right for the model. */
  readonly contextTokens?: Sourced<number>;
  /** Least context, in tokens. */
  readonly minContext?: number | undefined;
}

/** What a target turned out to be. */
interface Found {
  readonly ok: true;
  readonly config: BackendConfig;
  readonly model: RegisteredModel | null;
}

const MAX_RUNNERS_UP = 10;

/**
 * The route of a call: its explicit model, else the best one for the need that it names, else the user's pick (a model, or
 * the best one for a task), else the best one for the task that is set; the wire format from the capability table; the
 * rest from the request, the settings and what the registry knows of the model. Asks no network.
 */
export function resolveRoute(request: ChatRequest, sources: RouteSources, breaker: BreakerView): Resolution {
  const pinned = pinnedTarget(request, sources);
  if (pinned) return resolveTarget(pinned, request, sources);
  const best = bestModels(needOf(request, sources), sources, breaker);
  if (!best.ok) return unresolved('no_route', null, 'unknown', best.sentences);
  const [{ ref }, ...others] = best.models;
  const resolution = resolveTarget(targetOf(ref, 'catalog_default'), request, sources);
  return { ...resolution, runnersUp: others.slice(0, MAX_RUNNERS_UP) };
}

/**
 * How to rank the models among which this call chooses, where that was not done yet: until then what is loaded stands
 * first. Undefined where the model is named or picked, and where models are ranked.
 */
export function missingRankingOf(
  request: ChatRequest,
  sources: RouteSources,
): (() => Promise<void>) | undefined {
  if (pinnedTarget(request, sources)) return undefined;
  return sources.missingRanking?.(needOf(request, sources).task ?? sources.task());
}

/** The models that could be taken instead of one that was named or picked, best first; at most ten. */
export function otherModels(
  named: ModelRef,
  sources: RouteSources,
  breaker: BreakerView,
): readonly RunnerUp[] {
  const best = bestModels({}, sources, breaker);
  const others = best.ok ? best.models.filter(({ ref }) => !sameModelRef(ref, named)) : [];
  return others.slice(0, MAX_RUNNERS_UP);
}

function resolveTarget(target: Target, request: ChatRequest, sources: RouteSources): Resolution {
  const found = findTarget(target, sources);
  if (!found.ok) return found;
  const route = routeTo(target, found, request, wishesOf(request, sources), sources);
  return { ok: true, model: found.model, ...route, retry: request.retry ?? sources.retry(), runnersUp: [] };
}

function pinnedTarget({ model }: ChatRequest, sources: RouteSources): Target | undefined {
  if (model) return 'best' in model ? undefined : targetOf(model, 'pipeline_input');
  const picked = sources.pick();
  return picked && !('best' in picked) ? targetOf(picked, 'operator_pin') : undefined;
}

/** What the best model is taken for. Under a pick of the best one a call with tools needs a model that calls them. */
function needOf({ model, tools = [] }: ChatRequest, sources: RouteSources): ModelNeed {
  if (model) return 'best' in model ? model.best : {};
  const picked = sources.pick();
  if (!picked || !('best' in picked)) return {};
  return tools.length > 0 ? { ...picked.best, requireToolCalling: true } : picked.best;
}

function targetOf(ref: ModelRef, origin: Provenance): Target {
  return { ref, origins: { backend: origin, provider: origin, model: origin } };
}

/**
 * What a call asks besides the model. A setting that has its default is nobody's word, and counts as `catalog_default`.
 */
export function wishesOf({ model, parameters }: ChatRequest, sources: RouteSources): RouteWishes {
  const thinking = askedThinking(parameters?.thinking, sources);
  const contextTokens = parameters?.contextTokens;
  return {
    ...(thinking === undefined ? {} : { thinking }),
    ...(contextTokens === undefined
      ? {}
      : { contextTokens: { value: contextTokens, origin: 'pipeline_input' as const } }),
    minContext: model && 'best' in model ? model.best.minContext : undefined,
  };
}

function askedThinking(ofCall: Thinking | undefined, sources: RouteSources): Sourced<Thinking> | undefined {
  if (ofCall) return { value: ofCall, origin: 'pipeline_input' };
  const value = sources.thinking();
  if (!value) return undefined;
  const isDefault = isDeepStrictEqual(value, thinkingOf(DEFAULT_SETTINGS.thinking));
  return { value, origin: isDefault ? 'catalog_default' : 'operator_pin' };
}

/** Where a target is and what is known of it; or why it cannot be called. An id of another provider is an error. */
export function findTarget({ ref, origins }: Target, sources: RouteSources): Found | Unresolved {
  const config = sources.backend(ref.backend);
  if (!config) {
    return unresolved('no_route', ref, origins.backend, [
      l10n.t('The backend {0} of the model {1} is not configured.', ref.backend, ref.modelId),
      l10n.t('Pick another model, or add that backend in the setting modelPool.backends.'),
    ]);
  }
  const model = sources.registry.find(ref.backend, ref.provider, ref.modelId) ?? null;
  return (model ? undefined : whyMissing(ref, origins.model, sources)) ?? { ok: true, config, model };
}

/** Why the registry does not have a model; undefined where it cannot know yet. */
function whyMissing(ref: ModelRef, origin: Provenance, { registry }: RouteSources): Unresolved | undefined {
  const other = registry.listForBackend(ref.backend).find((model) => model.modelId === ref.modelId);
  if (other) {
    return unresolved('model_missing', ref, origin, [
      l10n.t(
        '{0} serves {1} as a model of {2}, not of {3}.',
        ref.backend,
        ref.modelId,
        other.provider,
        ref.provider,
      ),
      l10n.t('Pick it again.'),
    ]);
  }
  const state = registry.backend(ref.backend);
  if (!state) return undefined;
  switch (state.readiness) {
    case 'ok':
      return unresolved('model_missing', ref, origin, [
        l10n.t('{0} does not have the model {1}.', ref.backend, ref.modelId),
        l10n.t('Install it, or pick another model.'),
      ]);
    case 'unknown':
      return undefined;
    default:
      return unresolved('no_route', ref, origin, [
        state.message ?? l10n.t('{0} cannot be used now.', ref.backend),
        state.nextStep ?? l10n.t('Pick a model of another backend, or see what is wrong with this one.'),
      ]);
  }
}

/** The route to a target that was found, with the origin of every field. */
export function routeTo(
  { ref, origins }: Target,
  { config, model }: Found,
  { tools }: Pick<ChatRequest, 'tools'>,
  wishes: RouteWishes,
  sources: RouteSources,
): Pick<Resolved, 'route' | 'thinkingNote'> {
  const known = model?.capabilities ?? {};
  const ruled = capabilitiesOf(traitsOf(ref, config.kind, known.family), sources.capabilityRules());
  const canThink = ruled.thinking ?? known.thinking;
  const thinking = thinkingFor(canThink, wishes.thinking);
  const hasTools = (tools ?? []).length > 0;
  const context =
    // Only Ollama takes a context length with the request; elsewhere it was fixed when the server started.
    ruled.wireFormat === 'ollama' ? (wishes.contextTokens ?? ownContext(model, wishes, sources)) : undefined;
  const contextKnown = known.allocatedContext !== undefined || known.contextLength !== undefined;
  const provenance: Record<RouteField, Provenance> = {
    ...origins,
    wireFormat: ruled.wireFormatPinned ? 'operator_pin' : 'catalog_default',
    thinking: thinking.origin,
    toolFormat: hasTools && ruled.tools !== undefined ? 'operator_pin' : 'catalog_default',
    contextTokens: context?.origin ?? (contextKnown ? 'catalog_default' : 'unknown'),
  };
  const route: Route = {
    ref,
    kind: config.kind,
    hosted: sources.isHosted(config.kind),
    url: config.url,
    host: config.url === '' ? config.kind : originOf(config.url),
    wireFormat: ruled.wireFormat,
    toolFormat: hasTools && callsTools(model, ruled, sources) !== false ? 'native' : 'none',
    thinking: thinking.value,
    contextTokens: context?.value ?? null,
    provenance,
  };
  const isAsked = (wishes.thinking?.value.mode ?? 'off') !== 'off';
  const thinkingNote =
    canThink === false && isAsked
      ? l10n.t('Thinking was asked for, but {0} does not support it.', ref.modelId)
      : untoldThinking(route, route.toolFormat === 'native');
  return { route, ...(thinkingNote === undefined ? {} : { thinkingNote }) };
}

/** A model that is known not to think is not told anything: some servers refuse even to be told not to. */
function thinkingFor(
  canThink: boolean | undefined,
  asked: Sourced<Thinking> | undefined,
): Sourced<RouteThinking> {
  if (asked && canThink !== false) return asked;
  return { value: { mode: 'default' }, origin: 'catalog_default' };
}

function ownContext(
  model: RegisteredModel | null,
  { minContext }: RouteWishes,
  { contextFor }: RouteSources,
): Sourced<number> | undefined {
  const value = model && contextFor(model, minContext);
  return value === null ? undefined : { value, origin: 'catalog_default' };
}

export function unresolved(
  code: 'no_route' | 'model_missing',
  ref: ModelRef | null,
  origin: Provenance,
  sentences: readonly string[],
): Unresolved {
  const message = shorten(sentences.join(' '), MAX_MESSAGE_CHARACTERS);
  return { ok: false, failure: { code, message }, ref, origin, runnersUp: [] };
}
