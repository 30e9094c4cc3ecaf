import * as l10n from '@vscode/l10n';
import { AbortableReader } from './abortableReader';
import type { Answer, AttemptParts, OpenedAttempt } from './attempt';
import { headersTimeoutMs } from './attempt';
import type { ChatRequest } from './chat';
import type { WireEvent } from './dialect';
import { quotesRequest } from './echo';
import type { EditorChat, EditorChatPart } from './editorChat';
import type { Route } from './route';
import { failedEnd, UNKNOWN_USAGE } from './wireEnds';

/**
 * Asks one of the editor's own models. It has no status and no headers, and may ignore that it is told to stop: it is
 * left then, and whatever it still says is not heard. Never throws.
 */
export function openEditorAttempt(
  editorChat: EditorChat | undefined,
  { clock, timeouts }: AttemptParts,
  route: Route,
  request: ChatRequest,
  signal: AbortSignal,
): OpenedAttempt {
  if (!editorChat) {
    const message = l10n.t('this window has no language models of its own');
    const nextStep = l10n.t('Pick a model of another backend.');
    return { ok: false, failure: { code: 'invalid_request', onTheWay: { message, nextStep } } };
  }
  const closer = new AbortController();
  const { messages, tools, parameters } = request;
  const asked = {
    messages,
    ...(tools === undefined || route.toolFormat === 'none' ? {} : { tools }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  const stop = AbortSignal.any([signal, closer.signal]);
  const events = eventsOf(editorChat.send(route.ref.modelId, asked, stop), request);
  const reader = new AbortableReader(events, signal);
  let limitMs = headersTimeoutMs(route, timeouts);
  const answer: Answer = {
    next() {
      return new Promise((resolve, reject) => {
        const cancel = clock.after(limitMs, () => {
          closer.abort();
          resolve(failedEnd({ code: 'timeout' }));
        });
        reader
          .next()
          .then((step) => resolve(step.done === true ? undefined : step.value), reject)
          .finally(() => {
            cancel();
            limitMs = timeouts.idleMs;
          });
      });
    },
    drain: () => reader.dispose(),
    close() {
      reader.dispose();
      closer.abort();
    },
  };
  return { ok: true, status: null, answer };
}

/** An answer of the editor as the events of a wire; its end is the end of the stream. */
async function* eventsOf(
  parts: AsyncIterable<EditorChatPart>,
  request: ChatRequest,
): AsyncGenerator<WireEvent, void, undefined> {
  let usage = UNKNOWN_USAGE;
  let hasToolCalls = false;
  for await (const part of parts) {
    switch (part.type) {
      case 'usage':
        usage = part.usage;
        break;
      case 'failed': {
        const { code, message } = part;
        yield failedEnd({ code, ...(quotesRequest(message, request) ? {} : { serverText: message }) }, usage);
        return;
      }
      case 'toolCall':
        hasToolCalls = true;
        yield part;
        break;
      default:
        yield part;
    }
  }
  yield { type: 'end', finishReason: hasToolCalls ? 'tool_calls' : 'stop', usage };
}
