import type { Dialect } from '../dialect';
import { encodeGemini } from './geminiRequest';
import { decodeGemini } from './geminiStream';

/**
 * Google's Gemini API, `streamGenerateContent` with server-sent events
 * (https://ai.google.dev/api/generate-content).
 */
export const geminiDialect: Dialect = {
  wireFormat: 'gemini',
  encode: encodeGemini,
  decode: decodeGemini,
};
