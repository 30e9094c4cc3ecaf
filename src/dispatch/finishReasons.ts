import type { FinishReason } from './chat';

/** Ollama's `done_reason`. `load` and `unload` mean that nothing was generated. */
export const OLLAMA_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  load: 'stop',
  unload: 'stop',
};

/** OpenAI's `finish_reason`. */
export const OPENAI_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** The finish reason of a server's own word; `error` for a word that the table does not have. */
export function finishReasonOf(table: Readonly<Record<string, FinishReason>>, raw: string): FinishReason {
  return Object.hasOwn(table, raw) ? (table[raw] ?? 'error') : 'error';
}
