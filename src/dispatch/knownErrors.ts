import type { WireErrorCode } from './dialect';

/**
 * Names that providers give their errors, as `type`, `code`, or Google's `status`. Names that say no more than the status
 * does (`invalid_request_error`, `api_error`, `INVALID_ARGUMENT`) are not here.
 *
 * Sources: OpenAI's and Anthropic's pages on error codes, Google's `google.rpc.Code`, Azure's content filter, and the
 * captured answers of llama-server b11669.
 */
export const BY_NAME: Readonly<Record<string, WireErrorCode>> = {
  // OpenAI, and those who speak like it.
  invalid_api_key: 'auth',
  context_length_exceeded: 'context_length_exceeded',
  rate_limit_exceeded: 'rate_limited',
  slow_down: 'rate_limited',
  insufficient_quota: 'usage_limit',
  credit_balance_exhausted: 'usage_limit',
  billing_hard_limit_reached: 'usage_limit',
  billing_not_active: 'usage_limit',
  model_not_found: 'model_missing',
  DeploymentNotFound: 'model_missing',
  server_is_overloaded: 'overloaded',
  service_unavailable_error: 'overloaded',
  content_policy_violation: 'content_policy',
  content_filter: 'content_policy',
  invalid_prompt: 'content_policy',
  // Anthropic.
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'usage_limit',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
  // Google.
  API_KEY_INVALID: 'auth',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'auth',
  NOT_FOUND: 'model_missing',
  RESOURCE_EXHAUSTED: 'rate_limited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  // llama-server.
  exceed_context_size_error: 'context_length_exceeded',
  unavailable_error: 'provider_unavailable',
  not_supported_error: 'invalid_request',
};

/** Names that count only inside a stream, where no status says more. */
export const BY_NAME_IN_STREAM: Readonly<Record<string, WireErrorCode>> = {
  invalid_request_error: 'invalid_request',
  request_too_large: 'invalid_request',
  not_found_error: 'model_missing',
  BadRequestError: 'invalid_request',
  NotFoundError: 'model_missing',
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
};

/**
 * Whole messages of servers that give no telling name. Anchored at both ends, and what varies in them is a number, a size
 * or a plain name, so that a text that merely quotes one of them is not taken for it.
 */
export const BY_MESSAGE: readonly { readonly pattern: RegExp; readonly code: WireErrorCode }[] = [
  // Ollama.
  {
    pattern: /^model requires more system memory \([^()]+\) than is available \([^()]+\)$/,
    code: 'out_of_memory',
  },
  {
    pattern: /^memory layout cannot be allocated(?: with num_gpu = \d+)?$/,
    code: 'out_of_memory',
  },
  { pattern: /^model ['"][^'"]{1,300}['"] not found(?:, try pulling it first)?$/, code: 'model_missing' },
  {
    pattern: /^an error was encountered while running the model: [\w .:-]{1,120}$/,
    code: 'provider_unavailable',
  },
  { pattern: /^the input length exceeds the context length$/, code: 'context_length_exceeded' },
  {
    pattern:
      /^you(?:'ve| \([^()]{1,100}\) have) reached your \w{1,20} usage limit, [\w :/.]{1,200}(?: \(ref: [\w-]{1,80}\))?$/,
    code: 'usage_limit',
  },
  {
    pattern:
      /^this model requires a subscription, upgrade for access: https:\/\/ollama\.com\/upgrade(?: \(ref: [\w-]{1,80}\))?$/,
    code: 'usage_limit',
  },
  // ggml in Ollama, llama-server and LM Studio, and PyTorch in vLLM.
  {
    pattern:
      /^(?:llama runner process has terminated: |error loading model: ){0,2}(?:cudaMalloc failed: out of memory|CUDA error: out of memory|unable to allocate (?:CUDA|ROCm|Metal|Vulkan|CPU)[\w-]{0,20} buffer)$/,
    code: 'out_of_memory',
  },
  {
    pattern:
      /^(?:torch\.OutOfMemoryError: )?CUDA out of memory\. Tried to allocate [\d.]+ [KMGT]iB\b[^"'`{}]{0,600}$/,
    code: 'out_of_memory',
  },
  // llama-server.
  { pattern: /^File Not Found$/, code: 'invalid_request' },
  { pattern: /^Context size has been exceeded\.?$/, code: 'context_length_exceeded' },
  // vLLM.
  {
    pattern:
      /^This model's maximum context length is \d+ tokens\. However, (?:you requested|your request has) \d+ [\w ,()-]{1,200}\. Please reduce the length of [\w ,-]{1,80}\.(?: \([\w=, ]{1,80}\))?$/,
    code: 'context_length_exceeded',
  },
  // LM Studio.
  {
    pattern:
      /^Trying to keep the first \d+ tokens when context the overflows\. However, the model is loaded with context length of only \d+ tokens, which is not enough\. Try to load the model with a larger context length, or provide a shorter input\.?$/,
    code: 'context_length_exceeded',
  },
  // Anthropic.
  { pattern: /^prompt is too long: \d+ tokens > \d+ maximum$/, code: 'context_length_exceeded' },
  {
    pattern:
      /^input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+, decrease input length or `max_tokens` and try again$/,
    code: 'context_length_exceeded',
  },
  {
    pattern:
      /^Your credit balance is too low to access the (?:Anthropic|Claude) API\. Please go to Plans & Billing to upgrade or purchase credits\.$/,
    code: 'usage_limit',
  },
  // Gemini.
  {
    pattern:
      /^The input token count(?: \(\d+\))? exceeds the maximum number of tokens allowed(?: \(?\d+\)?)?\.?$/,
    code: 'context_length_exceeded',
  },
];

/** What a status means where nothing else is known; what is not here is judged by its hundreds. */
export const BY_STATUS: Readonly<Record<number, WireErrorCode>> = {
  401: 'auth',
  402: 'usage_limit',
  403: 'auth',
  404: 'model_missing',
  408: 'timeout',
  429: 'rate_limited',
  501: 'invalid_request',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};
