import type { ChatEvent, ChatFinish, ChatRequest } from '../../../../src/dispatch/chat';
import type { Resolution } from '../../../../src/dispatch/resolve';
import type { Route } from '../../../../src/dispatch/route';
import type { TrialDispatcher } from '../../../../src/dispatch/trialCall';
import { REF } from './rig';

/** What a call yields; a function is called in its place, for what happens at that moment. */
export type Step = ChatEvent | (() => void);

export interface ScriptedDispatcher extends TrialDispatcher {
  readonly requests: readonly ChatRequest[];
  /** How many calls were left before their end. */
  readonly left: number;
}

export function finish(change: Partial<ChatFinish> = {}): ChatFinish {
  return {
    type: 'finish',
    finishReason: 'stop',
    usage: { inputTokens: 10, outputTokens: 10 },
    retryKind: 'none',
    recordId: 'record',
    ...change,
  };
}

/** A dispatcher that answers each call with the next script, and further ones with the last. */
export function scriptedDispatcher(
  scripts: readonly (readonly Step[])[],
  change: Partial<Route> = {},
): ScriptedDispatcher {
  const requests: ChatRequest[] = [];
  let left = 0;
  const resolution: Resolution = {
    ok: true,
    route: {
      ...{ ref: REF, kind: 'ollama', hosted: false, url: 'http://127.0.0.1:9', host: 'http://127.0.0.1:9' },
      ...{ wireFormat: 'ollama', toolFormat: 'native', thinking: { mode: 'default' }, contextTokens: null },
      provenance: {
        ...{ backend: 'pipeline_input', provider: 'pipeline_input', model: 'pipeline_input' },
        ...{ wireFormat: 'catalog_default', thinking: 'catalog_default', toolFormat: 'catalog_default' },
        contextTokens: 'unknown',
      },
      ...change,
    },
    ...{ model: null, retry: false, runnersUp: [] },
  };
  async function* answer(
    script: readonly Step[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    let ended = false;
    try {
      for (const step of script) {
        await Promise.resolve();
        if (typeof step === 'function') step();
        if (signal?.aborted) {
          ended = true;
          yield finish({ finishReason: 'cancelled' });
          return;
        }
        if (typeof step === 'function') continue;
        ended = step.type === 'finish';
        yield step;
      }
    } finally {
      if (!ended) left += 1;
    }
  }
  return {
    requests,
    get left() {
      return left;
    },
    explain: () => resolution,
    dispatch(request) {
      const script = scripts[Math.min(requests.length, scripts.length - 1)] ?? [];
      requests.push(request);
      return answer(script, request.signal);
    },
  };
}
