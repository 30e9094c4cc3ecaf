import type { ChatMessage, ChatRequest, ChatTool } from '../chat';
import type { WireRequest } from '../dialect';
import type { Route } from '../route';
import { encodeGeminiThinking, wantsThoughtSignatures } from './geminiThinking';

/**
 * Stands for the signature of a thought that is not kept: Gemini 3 refuses a call in the history without one, and takes
 * this word of https://ai.google.dev/gemini-api/docs/thought-signatures (FAQ) for calls that it did not make itself.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

type Part = Readonly<Record<string, unknown>>;

/** Messages of one role in a row. Results of tools have a content of their own, right after the calls. */
interface Turn {
  readonly role: 'user' | 'model';
  readonly results: Part[];
  readonly others: Part[];
}

/**
 * Writes a request for `streamGenerateContent` (https://ai.google.dev/api/generate-content; for tools
 * https://ai.google.dev/gemini-api/docs/function-calling). Thoughts of earlier answers are not sent back, for a
 * conversation of ours does not keep them.
 */
export function encodeGemini(route: Route, request: ChatRequest): WireRequest {
  // As the registry keeps ids they have no prefix; a person may have written one.
  const modelId = route.ref.modelId.replace(/^models\//, '');
  const system = request.messages.filter(({ role, content }) => role === 'system' && content.trim() !== '');
  const tools = route.toolFormat === 'native' ? (request.tools ?? []) : [];
  const generationConfig = generationConfigOf(modelId, route, request);
  return {
    path: `/v1beta/models/${encodeURIComponent(modelId)}:streamGenerateContent?alt=sse`,
    headers: { accept: 'text/event-stream' },
    stop: request.parameters?.stop ?? [],
    json: {
      ...(system.length === 0
        ? {}
        : { systemInstruction: { parts: system.map(({ content }) => ({ text: content })) } }),
      contents: contentsOf(request.messages, wantsThoughtSignatures(modelId)),
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools.map(encodeTool) }] }),
      ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    },
  };
}

function generationConfigOf(modelId: string, route: Route, request: ChatRequest): Part {
  const { maxTokens, temperature, seed, stop } = request.parameters ?? {};
  const thinkingConfig = encodeGeminiThinking(modelId, route.thinking);
  return {
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stopSequences: stop }),
    ...(thinkingConfig === undefined ? {} : { thinkingConfig }),
  };
}

function contentsOf(messages: readonly ChatMessage[], signed: boolean): readonly Part[] {
  const turns: Turn[] = [];
  /** Names of the calls so far; ids of ours are used again in each answer. */
  const names = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'system') continue;
    for (const { id, name } of message.toolCalls ?? []) names.set(id, name);
    const results = message.role === 'tool' ? resultParts(message, names) : [];
    const others = message.role === 'tool' ? [] : partsOf(message, signed);
    // An empty message would be refused.
    if (results.length + others.length === 0) continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = turns.at(-1);
    const turn: Turn = last?.role === role ? last : { role, results: [], others: [] };
    if (turn !== last) turns.push(turn);
    turn.results.push(...results);
    turn.others.push(...others);
  }
  return turns.flatMap(({ role, results, others }) =>
    [results, others].flatMap((parts) => (parts.length === 0 ? [] : [{ role, parts }])),
  );
}

/** Pictures before the text about them; blank text is left out. Of several calls at once the first is signed. */
function partsOf(message: ChatMessage, signed: boolean): readonly Part[] {
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: args }, position) => ({
    functionCall: { id, name, args },
    ...(signed && position === 0 ? { thoughtSignature: NO_SIGNATURE } : {}),
  }));
  return [
    ...pictures(message),
    ...(message.content.trim() === '' ? [] : [{ text: message.content }]),
    ...calls,
  ];
}

/** The API wants the result's name and an object, whose key for what went well is `output`. */
function resultParts(message: ChatMessage, names: ReadonlyMap<string, string>): readonly Part[] {
  const { toolCallId: id, toolName, content: output } = message;
  const name = toolName ?? names.get(id ?? '') ?? '';
  const functionResponse = { ...(id === undefined ? {} : { id }), name, response: { output } };
  return [{ functionResponse }, ...pictures(message)];
}

function pictures({ images = [] }: ChatMessage): readonly Part[] {
  return images.map(({ mediaType, base64 }) => ({ inlineData: { mimeType: mediaType, data: base64 } }));
}

/** A JSON Schema as it is: the older field takes a part of OpenAPI's only. */
function encodeTool({ name, description, parameters }: ChatTool): Part {
  return { name, description, parametersJsonSchema: { type: 'object', ...parameters } };
}
