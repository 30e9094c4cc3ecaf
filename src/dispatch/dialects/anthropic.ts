import type { Dialect } from '../dialect';
import { encodeAnthropic } from './anthropicRequest';
import { decodeAnthropic } from './anthropicStream';

/**
 * Anthropic's Messages API, `/v1/messages` with server-sent events
 * (https://platform.claude.com/docs/en/api/messages), as llama-server and other servers speak it too.
 */
export const anthropicDialect: Dialect = {
  wireFormat: 'anthropic_native',
  encode: encodeAnthropic,
  decode: decodeAnthropic,
};
