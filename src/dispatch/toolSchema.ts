import type { ChatTool } from './chat';

/** A tool as both Ollama and OpenAI-like servers want it described. */
export function encodeTool({ name, description, parameters }: ChatTool): Readonly<Record<string, unknown>> {
  return { type: 'function', function: { name, description, parameters } };
}
