/** Context that a server allocates where it does not say: Ollama's and llama-server's smallest common default. */
const UNKNOWN_CONTEXT_TOKENS = 4_096;
/** Share of the context that is kept for the answer. */
const OUTPUT_SHARE = 0.25;

/**
 * How VS Code's chat may use a context: both together are all of it, in tokens, and neither is less than 1. Undefined stands
 * for one that nobody knows.
 */
export function chatLimits(contextTokens = UNKNOWN_CONTEXT_TOKENS): {
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
} {
  const maxOutputTokens = Math.max(1, Math.floor(contextTokens * OUTPUT_SHARE));
  return { maxInputTokens: Math.max(1, contextTokens - maxOutputTokens), maxOutputTokens };
}
