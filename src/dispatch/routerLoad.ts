import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { type Clock, sleep } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import type { LoadEnd } from './modelLoad';
import { COLD_LOAD_MS, failedLoad, refusal } from './modelLoad';

/** How often a router is asked whether the model is there. */
const POLL_MS = 250;

/** How long the order to stop a load may take, which nobody waits for. */
const UNLOAD_MS = 5_000;

/** llama-server's status for everything while it reads its only model. */
const LOADING = 503;

/**
 * Refusals that do not mean that the model is not there: 404 where the server is no router, or has no such model; 400
 * where the model runs already, or loads.
 */
const ANSWERS_OF_ONE_THAT_SERVES: ReadonlySet<number> = new Set([400, 404, LOADING]);

const success = z.object({ success: z.literal(true) });

const models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      status: z
        .object({
          value: z.enum(['unloaded', 'loading', 'loaded']),
          failed: z.boolean().optional(),
          exit_code: z.number().optional(),
        })
        .optional(),
    }),
  ),
});

export interface RouterLoad {
  readonly http: HttpClient;
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly modelId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Loads a model into a llama-server that serves many (a router), and waits until it is there. A server that was started
 * with one model has it already. Rejects only when `signal` aborts; the load is called off then, unless another one had
 * begun it.
 */
export async function loadInRouter(load: RouterLoad): Promise<LoadEnd> {
  const { http, url, modelId, signal } = load;
  const asked = await http.json(`${url}/models/load`, success, { json: { model: modelId }, signal });
  if (!asked.ok && !ANSWERS_OF_ONE_THAT_SERVES.has(asked.failure.status ?? 0))
    return failedLoad(asked.failure, modelId);
  try {
    return await untilLoaded(load, asked.ok);
  } catch (thrown) {
    if (asked.ok && signal.aborted) {
      void http.json(`${url}/models/unload`, success, {
        json: { model: modelId },
        headersTimeoutMs: UNLOAD_MS,
      });
    }
    throw thrown;
  }
}

async function untilLoaded(load: RouterLoad, ordered: boolean): Promise<LoadEnd> {
  const { http, url, modelId, clock, signal } = load;
  const startedMs = clock.monotonicMs();
  let loading = false;
  for (;;) {
    const answer = await http.json(`${url}/models`, models, { signal });
    if (answer.ok) {
      const listed = answer.value.data.find(({ id }) => id === modelId);
      if (!listed)
        return refusal(
          l10n.t('The server does not have the model {0}. Refresh the list, or pick another one.', modelId),
        );
      const { status } = listed;
      // Without a status it is no router, and what it lists is what it was started with.
      if (!status || status.value === 'loaded') return { ok: true, loaded: ordered || loading };
      // An order that was taken shows as `unloaded` until its process has started.
      if (status.failed === true || (status.value === 'unloaded' && (loading || !ordered)))
        return refusal(notLoaded(modelId, status.exit_code));
      if (status.value === 'loading') loading = true;
    } else if (answer.failure.status !== LOADING) return failedLoad(answer.failure, modelId);
    else loading = true;
    if (clock.monotonicMs() - startedMs >= COLD_LOAD_MS)
      return refusal(
        l10n.t('{0} was not loaded after ten minutes. Look into the log of that server.', modelId),
      );
    await sleep(clock, POLL_MS, signal);
  }
}

function notLoaded(modelId: string, exitCode: number | undefined): string {
  return exitCode === undefined
    ? l10n.t('llama-server could not load {0}: its process ended. Look into the log of that server.', modelId)
    : l10n.t(
        'llama-server could not load {0}: its process ended (exit code {1}). Look into the log of that server.',
        modelId,
        exitCode,
      );
}
