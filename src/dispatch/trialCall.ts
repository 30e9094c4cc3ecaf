import { abortReason } from '../shared/abort';
import type { ChatFinish, ChatRequest, ChatToolCall } from './chat';
import type { Dispatcher } from './dispatcher';

/** The one door to models, as trials use it. */
export type TrialDispatcher = Pick<Dispatcher, 'dispatch' | 'explain'>;

/** What a call came to that was made to learn something of a model. */
export type TrialCall =
  | {
      readonly ok: true;
      readonly calls: readonly ChatToolCall[];
      /** Whether it said or thought anything. */
      readonly spoke: boolean;
      readonly finish: ChatFinish;
    }
  | {
      readonly ok: false;
      /** What happened and what to do. */
      readonly message: string;
      /** Null where the call was left before its end. */
      readonly recordId: string | null;
    };

/**
 * Makes one call to exactly this model; its text is thrown away. What another model would answer in its place says nothing
 * about it, so an escalation is left at once. Rejects only with the reason of an abort.
 */
export async function trialCall(
  dispatcher: Pick<Dispatcher, 'dispatch'>,
  request: ChatRequest & { readonly signal: AbortSignal },
): Promise<TrialCall> {
  const calls: ChatToolCall[] = [];
  let spoke = false;
  for await (const event of dispatcher.dispatch(request)) {
    switch (event.type) {
      case 'text':
      case 'thinking':
        spoke = true;
        break;
      case 'toolCall':
        calls.push(event.call);
        break;
      case 'retrying':
        break;
      case 'escalated':
        return { ok: false, message: event.message, recordId: null };
      case 'finish':
        if (request.signal.aborted) throw abortReason(request.signal);
        if (event.failure) return { ok: false, message: event.failure.message, recordId: event.recordId };
        return { ok: true, calls, spoke, finish: event };
    }
  }
  throw new Error('the call ended without a finish');
}
