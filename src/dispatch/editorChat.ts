import type { ChatRequest, ChatToolCall, ChatUsage } from './chat';
import type { WireErrorCode } from './dialect';

/** One piece of an answer of the editor's own models. */
export type EditorChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'toolCall'; readonly call: ChatToolCall }
  | { readonly type: 'usage'; readonly usage: ChatUsage }
  /** The last one where there is no answer, or no more of it; with the editor's own words. */
  | { readonly type: 'failed'; readonly code: WireErrorCode; readonly message: string };

/**
 * The editor's own chat models, as dispatch needs them; whoever has an editor stands in. The end of the stream is the
 * end of the answer. Rejects with the signal's reason alone.
 */
export interface EditorChat {
  send(
    modelId: string,
    request: Pick<ChatRequest, 'messages' | 'tools' | 'parameters'>,
    signal: AbortSignal,
  ): AsyncIterable<EditorChatPart>;
}
