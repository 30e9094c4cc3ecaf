import type { Wire } from './wire';
import { anthropicWire } from './wireAnthropic';
import { geminiWire } from './wireGemini';
import { ollamaWire } from './wireOllama';
import { llamaServerWire, openaiWire } from './wireOpenai';

/** Every dialect, as every kind of server that differs from the others writes it. */
export const WIRES: readonly Wire[] = [ollamaWire, llamaServerWire, openaiWire, anthropicWire, geminiWire];
