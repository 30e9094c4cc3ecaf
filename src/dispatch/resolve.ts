import type { BackendConfig } from '../backends/contract';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import { originOf } from '../shared/http';
import type { ModelRef } from '../shared/modelRef';
import type { Task } from '../shared/settings';
import { shorten } from '../shared/shorten';
import type { CapabilityRule } from './capabilityTable';
import { wireFormatOf } from './capabilityTable';
import type { ChatRequest, DispatchFailure } from './chat';
import { MAX_MESSAGE_CHARACTERS } from './failureText';
import type { Provenance, Route, WireFormat } from './route';

/** What a route is resolved from; nothing of it asks the network. */
export interface RouteSources {
  readonly registry: Pick<ModelRegistry, 'find' | 'backend' | 'listForBackend'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  /** The model that the user picked. */
  readonly pick: () => ModelRef | undefined;
  readonly task: () => Task;
  /** The best installed and reachable chat model for a task. */
  readonly bestModel: (task: Task) => ModelRef | undefined;
  readonly capabilityRules?: readonly CapabilityRule[];
}

export type Resolution = Resolved | Unresolved;

interface Resolved {
  readonly ok: true;
  readonly route: Route;
  /** Null while the backend has not been probed yet: the server itself will say whether it has the model. */
  readonly model: RegisteredModel | null;
  /** Set where thinking was asked for and the model is known not to do it. */
  readonly thinkingNote?: string;
}

interface Unresolved {
  readonly ok: false;
  readonly failure: DispatchFailure;
  /** The model that was asked for, where one was. */
  readonly ref: ModelRef | null;
  readonly origin: Provenance;
}

/**
 * The route of a call: its explicit model, else the user's pick, else the best installed one; the wire format from the
 * capability table; the rest from the request and from what the registry knows of the model.
 */
export function resolveRoute(request: ChatRequest, sources: RouteSources): Resolution {
  const target = targetOf(request, sources);
  if (!target) {
    return unresolved('no_route', null, 'unknown', [
      'There is no model to ask: none is picked, and no backend that answers has one that can chat.',
      'Install a recommended model or start a model server, then try again.',
    ]);
  }
  const { ref, origin } = target;
  const config = sources.backend(ref.backend);
  if (!config) {
    return unresolved('no_route', ref, origin, [
      `The backend ${ref.backend} of the model ${ref.modelId} is not configured.`,
      'Pick another model, or add that backend in the setting modelPool.backends.',
    ]);
  }
  const wireFormat = wireFormatOf(config.kind, ref.modelId, sources.capabilityRules);
  if (wireFormat === null) {
    return unresolved('no_route', ref, origin, [
      `Model Pool lists the models of ${ref.backend}, but cannot talk to them yet.`,
      'Pick a model of another backend.',
    ]);
  }
  const model = sources.registry.find(ref.backend, ref.provider, ref.modelId) ?? null;
  const missing = model ? undefined : whyMissing(ref, origin, sources);
  if (missing) return missing;
  return { ok: true, model, ...routeOf(request, ref, origin, config, model, wireFormat) };
}

function targetOf(
  request: ChatRequest,
  sources: RouteSources,
): { readonly ref: ModelRef; readonly origin: Provenance } | undefined {
  if (request.model) return { ref: request.model, origin: 'pipeline_input' };
  const picked = sources.pick();
  if (picked) return { ref: picked, origin: 'operator_pin' };
  const best = sources.bestModel(sources.task());
  return best && { ref: best, origin: 'catalog_default' };
}

/** Why the registry does not have a model; undefined where it cannot know yet. */
function whyMissing(ref: ModelRef, origin: Provenance, { registry }: RouteSources): Unresolved | undefined {
  const other = registry.listForBackend(ref.backend).find((model) => model.modelId === ref.modelId);
  if (other) {
    return unresolved('model_missing', ref, origin, [
      `${ref.backend} serves ${ref.modelId} as a model of ${other.provider}, not of ${ref.provider}.`,
      'Pick it again.',
    ]);
  }
  const state = registry.backend(ref.backend);
  if (!state) return undefined;
  switch (state.readiness) {
    case 'ok':
      return unresolved('model_missing', ref, origin, [
        `${ref.backend} does not have the model ${ref.modelId}.`,
        'Install it, or pick another model.',
      ]);
    case 'unknown':
      return undefined;
    default:
      return unresolved('no_route', ref, origin, [
        state.message ?? `${ref.backend} cannot be used now.`,
        state.nextStep ?? 'Pick a model of another backend, or see what is wrong with this one.',
      ]);
  }
}

function routeOf(
  request: ChatRequest,
  ref: ModelRef,
  origin: Provenance,
  config: BackendConfig,
  model: RegisteredModel | null,
  wireFormat: WireFormat,
): Pick<Resolved, 'route' | 'thinkingNote'> {
  const { tools, thinking: canThink, allocatedContext, contextLength } = model?.capabilities ?? {};
  const asked = request.parameters ?? {};
  // Only Ollama takes a context length with the request; elsewhere it was fixed when the server started.
  const contextTokens = wireFormat === 'ollama' ? (asked.contextTokens ?? null) : null;
  const contextKnown = allocatedContext !== undefined || contextLength !== undefined;
  const route: Route = {
    ref,
    url: config.url,
    host: originOf(config.url),
    wireFormat,
    toolFormat: (request.tools ?? []).length > 0 && tools !== false ? 'native' : 'none',
    // A model that is known not to think is not told anything: some servers refuse even to be told not to.
    thinking: canThink === false ? 'default' : (asked.thinking ?? 'default'),
    contextTokens,
    provenance: {
      backend: origin,
      provider: origin,
      model: origin,
      wireFormat: 'catalog_default',
      thinking: canThink !== false && asked.thinking !== undefined ? 'pipeline_input' : 'catalog_default',
      toolFormat: 'catalog_default',
      contextTokens: contextTokens !== null ? 'pipeline_input' : contextKnown ? 'catalog_default' : 'unknown',
    },
  };
  if (canThink !== false || asked.thinking !== 'on') return { route };
  return { route, thinkingNote: `Thinking was asked for, but ${ref.modelId} does not support it.` };
}

function unresolved(
  code: 'no_route' | 'model_missing',
  ref: ModelRef | null,
  origin: Provenance,
  sentences: readonly string[],
): Unresolved {
  return {
    ok: false,
    failure: { code, message: shorten(sentences.join(' '), MAX_MESSAGE_CHARACTERS) },
    ref,
    origin,
  };
}
