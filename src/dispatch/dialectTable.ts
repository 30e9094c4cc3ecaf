import type { Dialect } from './dialect';
import { ollamaDialect } from './dialects/ollama';
import { openaiCompatDialect } from './dialects/openaiCompat';
import type { WireFormat } from './route';

/** The dialect of every wire format. Adding one is one file in `dialects` and one row here. */
export const DIALECTS: Readonly<Record<WireFormat, Dialect>> = {
  ollama: ollamaDialect,
  openai_compat: openaiCompatDialect,
};
