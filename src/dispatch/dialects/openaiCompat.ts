import type { Dialect } from '../dialect';
import { encodeOpenAi } from './openaiRequest';
import { decodeOpenAi } from './openaiStream';

/** `/v1/chat/completions` with server-sent events, as llama-server, vLLM, LM Studio and OpenAI speak it. */
export const openaiCompatDialect: Dialect = {
  wireFormat: 'openai_compat',
  encode: encodeOpenAi,
  decode: decodeOpenAi,
};
