import type { FinishReason } from './chat';

/** Ollama's `done_reason`. `load` and `unload` are no ends of an answer: nothing was generated. */
export const OLLAMA_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
};

/** OpenAI's `finish_reason`, current and of before 2023. */
export const OPENAI_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** Anthropic's `stop_reason`. */
export const ANTHROPIC_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context_limit',
};

/** Gemini's `finishReason`. */
export const GEMINI_FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MALFORMED_FUNCTION_CALL: 'malformed',
};

/** The finish reason of a server's own word; `error` for a word that the table does not have. */
export function finishReasonOf(table: Readonly<Record<string, FinishReason>>, raw: string): FinishReason {
  return Object.hasOwn(table, raw) ? (table[raw] ?? 'error') : 'error';
}
