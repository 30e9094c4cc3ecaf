import * as l10n from '@vscode/l10n';
import type { Clock } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import type { ModelRef } from '../shared/modelRef';
import type { ChatRequest } from './chat';
import type { LoadEnd } from './modelLoad';
import { loadInOllama, WARM_KEEP_MINUTES } from './ollamaLoad';
import { loadInRouter } from './routerLoad';
import type { Route } from './route';
import type { TrialDispatcher } from './trialCall';
import { trialCall } from './trialCall';

/** A model to be loaded before it is needed. */
export interface WarmOrder {
  readonly model: ModelRef;
  /** Whether it is loaded now, as far as its backend was asked. */
  readonly isLoaded: boolean;
  /** With how many tokens; null: as its server likes it. */
  readonly contextTokens: number | null;
  readonly signal: AbortSignal;
}

export interface WarmTools {
  readonly dispatcher: TrialDispatcher;
  /** The client of a backend, which adds its headers and key. */
  readonly http: (backendId: string) => HttpClient;
  readonly clock: Clock;
}

export type Warmed =
  | {
      readonly ok: true;
      /** False: it was there already. */
      readonly loaded: boolean;
      /** From the order until the model could answer, by our clock; null where it was there already. */
      readonly loadMs: number | null;
      /** How long it stays without a call; null: as long as its server likes. */
      readonly keptMinutes: number | null;
    }
  | { readonly ok: false; readonly message: string };

/** Why a model cannot be warmed nor measured: it does not run on a machine of ours. Undefined where it may. */
export function whyNotOurs({
  kind,
  hosted,
  ref,
}: Pick<Route, 'kind' | 'hosted' | 'ref'>): string | undefined {
  if (kind === 'vscode')
    return l10n.t('{0} is a model of the editor: no machine of yours loads it.', ref.modelId);
  if (hosted) return l10n.t('{0} runs at its provider: no machine of yours loads it.', ref.modelId);
  return undefined;
}

/** The route of a trial, or why there is none. */
export function routeOfTrial(
  dispatcher: TrialDispatcher,
  request: Pick<ChatRequest, 'model' | 'sessionId'>,
): { readonly ok: true; readonly route: Route } | { readonly ok: false; readonly message: string } {
  const resolution = dispatcher.explain({ ...request, messages: [] });
  if (resolution.ok) return { ok: true, route: resolution.route };
  return { ok: false, message: resolution.failure.message };
}

/**
 * Loads a model so that the first call does not wait for it. Ollama keeps it for half an hour then, whatever its own
 * setting says. Refuses what does not run on a machine of ours. Rejects only when the order's signal aborts.
 */
export async function warmModel(tools: WarmTools, order: WarmOrder): Promise<Warmed> {
  const { model, signal } = order;
  const resolved = routeOfTrial(tools.dispatcher, { model, sessionId: 'warm' });
  if (!resolved.ok) return resolved;
  const { route } = resolved;
  const why = whyNotOurs(route);
  if (why !== undefined) return { ok: false, message: why };
  const startedMs = tools.clock.monotonicMs();
  const end = await load(tools, route, order);
  signal.throwIfAborted();
  if (!end.ok) return end;
  return {
    ok: true,
    loaded: end.loaded,
    loadMs: end.loaded ? tools.clock.monotonicMs() - startedMs : null,
    keptMinutes: route.kind === 'ollama' ? WARM_KEEP_MINUTES : null,
  };
}

async function load(tools: WarmTools, { kind, url }: Route, order: WarmOrder): Promise<LoadEnd> {
  const { model, contextTokens, signal, isLoaded } = order;
  const { modelId } = model;
  const server = { http: tools.http(model.backend), url, modelId, signal };
  switch (kind) {
    case 'ollama': {
      const end = await loadInOllama({ ...server, contextTokens });
      return end.ok ? { ok: true, loaded: !isLoaded } : end;
    }
    case 'llama_server':
      return loadInRouter({ ...server, clock: tools.clock });
    default:
      return isLoaded ? { ok: true, loaded: false } : loadByCalling(tools, model, signal);
  }
}

/** Servers without a way to load are asked for one token. */
async function loadByCalling(
  { dispatcher }: WarmTools,
  model: ModelRef,
  signal: AbortSignal,
): Promise<LoadEnd> {
  const called = await trialCall(dispatcher, {
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    parameters: { maxTokens: 1, temperature: 0, thinking: { mode: 'off' } },
    sessionId: 'warm',
    retry: false,
    signal,
  });
  return called.ok ? { ok: true, loaded: true } : called;
}
