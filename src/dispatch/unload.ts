import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { BackendKind } from '../backends/contract';
import type { HttpClient, HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import type { ModelRef } from '../shared/modelRef';
import type { Route } from './route';
import type { TrialDispatcher } from './trialCall';
import { routeOfTrial, whyNotOurs } from './warm';

/** How long a server may take to let go of a model: it waits for nothing but its own memory. */
const UNLOAD_MS = 30_000;

/** Kinds of servers that let go of a model on request. */
export const UNLOADING_KINDS: readonly BackendKind[] = ['ollama', 'llama_server'];

export interface UnloadOrder {
  readonly model: ModelRef;
  readonly signal: AbortSignal;
}

export interface UnloadTools {
  readonly dispatcher: TrialDispatcher;
  /** The client of a backend, which adds its headers and key. */
  readonly http: (backendId: string) => HttpClient;
}

/** `ok`: the server has the order. Ollama carries it out when the calls that run have ended. */
export type Unloaded = { readonly ok: true } | { readonly ok: false; readonly message: string };

const ollamaAnswer = z.object({ done: z.literal(true) });
const routerAnswer = z.object({ success: z.literal(true) });

/**
 * Tells a server to let go of a model now: Ollama by a generate request without a prompt and with `keep_alive: 0`, a
 * llama-server that serves many models by `/models/unload`. Refuses, in sentences, where a server has no way to do it.
 * Rejects only with the reason of an abort.
 */
export async function unloadModel(tools: UnloadTools, { model, signal }: UnloadOrder): Promise<Unloaded> {
  const resolved = routeOfTrial(tools.dispatcher, { model, sessionId: 'unload' });
  if (!resolved.ok) return resolved;
  const { route } = resolved;
  const why = whyNotOurs(route);
  if (why !== undefined) return { ok: false, message: why };
  const failure = await order(tools.http(model.backend), route, signal);
  signal.throwIfAborted();
  if (failure === undefined) return { ok: true };
  return { ok: false, message: failure };
}

/** What went wrong; undefined where nothing did. */
async function order(
  http: HttpClient,
  { kind, url, ref: { modelId, backend } }: Route,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limits = { headersTimeoutMs: UNLOAD_MS, signal };
  switch (kind) {
    case 'ollama': {
      const json = { model: modelId, keep_alive: 0, stream: false };
      const answer = await http.json(`${url}/api/generate`, ollamaAnswer, { json, ...limits });
      return answer.ok ? undefined : refusal(answer.failure, modelId);
    }
    case 'llama_server': {
      const json = { model: modelId };
      const answer = await http.json(`${url}/models/unload`, routerAnswer, { json, ...limits });
      if (answer.ok) return undefined;
      return answer.failure.status === 404
        ? l10n.t(
            '{0} was started with {1} alone, and has it for as long as it runs. Stop that server to free the memory.',
            backend,
            modelId,
          )
        : refusal(answer.failure, modelId);
    }
    default:
      return l10n.t(
        '{0} does not let go of a model on request. Unload {1} in its own window, or stop that server.',
        backend,
        modelId,
      );
  }
}

function refusal({ url, message, nextStep }: HttpFailure, modelId: string): string {
  return l10n.t(
    '{0} did not unload {1}: {2}. {3}',
    originOf(url),
    modelId,
    message,
    nextStep ?? l10n.t('Look into the log of that server, then try again.'),
  );
}
