import type { WireFormat } from '../shared/routeSettings';
import type { Dialect } from './dialect';
import { anthropicDialect } from './dialects/anthropic';
import { geminiDialect } from './dialects/gemini';
import { ollamaDialect } from './dialects/ollama';
import { openaiCompatDialect } from './dialects/openaiCompat';

/** Every wire format that is spoken over HTTP; the editor's own models are asked through the editor. */
type HttpWireFormat = Exclude<WireFormat, 'vscode'>;

/** The dialect of every wire format. Adding one is one file in `dialects` and one row here. */
export const DIALECTS: Readonly<Record<HttpWireFormat, Dialect>> = {
  ollama: ollamaDialect,
  openai_compat: openaiCompatDialect,
  anthropic_native: anthropicDialect,
  gemini: geminiDialect,
};
