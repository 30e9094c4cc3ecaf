import type { ChatMessage, ChatRequest, ChatTool } from '../chat';
import type { WireRequest } from '../dialect';
import type { Route } from '../route';
import type { AnthropicModel } from './anthropicModels';
import { anthropicModelOf } from './anthropicModels';
import type { EncodedThinking } from './anthropicThinking';
import { encodeAnthropicThinking } from './anthropicThinking';

/** The only version there is. Hosted backends send it of themselves; a server of another kind wants it as well. */
const VERSION = '2023-06-01';

/** Where a call names no limit, which this API must have: what every Claude model since 3.7 allows. */
const DEFAULT_MAX_TOKENS = 32_000;
/** The same for models of others, whose contexts are smaller. */
const FOREIGN_MAX_TOKENS = 8_192;

/** Servers that hand this to the chat template; llama-server does not read `thinking.type`. */
const TEMPLATE_KINDS: readonly string[] = ['llama_server', 'vllm'];

type Block = Readonly<Record<string, unknown>>;

/** Messages of one role in a row: the API wants results of tools before all else, and all of them in one message. */
interface Turn {
  readonly role: 'user' | 'assistant';
  readonly results: Block[];
  readonly others: Block[];
}

/**
 * Writes a request for the Messages API (https://platform.claude.com/docs/en/api/messages; for tools
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls). It has no seed. Thinking of earlier
 * answers is not sent back, for a conversation of ours does not keep it: the API allows that, and thinks anew.
 */
export function encodeAnthropic(route: Route, request: ChatRequest): WireRequest {
  const { temperature, stop } = request.parameters ?? {};
  const model = anthropicModelOf(route.ref.modelId);
  const thinking = encodeAnthropicThinking(model, route.thinking);
  const tools = route.toolFormat === 'native' ? (request.tools ?? []) : [];
  const system = request.messages.filter(({ role, content }) => role === 'system' && content.trim() !== '');
  // A Claude model that thinks takes no temperature, and none takes one above 1.
  const takesTemperature = !model.claude || (model.sampling && !thinking.asked);
  return {
    path: '/v1/messages',
    stop: stop ?? [],
    headers: { accept: 'text/event-stream', 'anthropic-version': VERSION },
    json: {
      model: route.ref.modelId,
      max_tokens: maxTokensOf(request, model, thinking),
      ...(system.length === 0 ? {} : { system: system.map(({ content }) => content).join('\n\n') }),
      messages: encodeMessages(request.messages),
      stream: true,
      ...(temperature === undefined || !takesTemperature
        ? {}
        : { temperature: model.claude ? Math.min(temperature, 1) : temperature }),
      ...(stop === undefined || stop.length === 0 ? {} : { stop_sequences: stop }),
      ...(tools.length === 0 ? {} : { tools: tools.map(encodeTool) }),
      ...thinking.fields,
      ...templateFields(route),
    },
  };
}

/** The call's limit is for its answer: a budget for thinking comes on top, as far as the model goes. */
function maxTokensOf(
  request: ChatRequest,
  { claude, maxOutputTokens }: AnthropicModel,
  { budgetTokens }: EncodedThinking,
): number {
  const fallback = claude ? Math.min(DEFAULT_MAX_TOKENS, maxOutputTokens) : FOREIGN_MAX_TOKENS;
  const answer = request.parameters?.maxTokens ?? fallback;
  return Math.max(answer, Math.min(answer + budgetTokens, maxOutputTokens));
}

function templateFields({ kind, thinking }: Route): Block {
  if (thinking.mode === 'default' || !TEMPLATE_KINDS.includes(kind)) return {};
  return { chat_template_kwargs: { enable_thinking: thinking.mode !== 'off' } };
}

function encodeMessages(messages: readonly ChatMessage[]): readonly Block[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const results = message.role === 'tool' ? [encodeResult(message)] : [];
    const others = message.role === 'tool' ? [] : [...contentOf(message), ...callsOf(message)];
    // An empty message would be refused.
    if (results.length + others.length === 0) continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    const turn: Turn = last?.role === role ? last : { role, results: [], others: [] };
    if (turn !== last) turns.push(turn);
    turn.results.push(...results);
    turn.others.push(...others);
  }
  return turns.map(({ role, results, others }) => ({ role, content: [...results, ...others] }));
}

/** Pictures before the text about them. Blank text is left out: the API refuses it. */
function contentOf({ content, images = [] }: ChatMessage): readonly Block[] {
  const pictures = images.map(({ mediaType, base64 }) => ({
    type: 'image',
    source: { type: 'base64', media_type: mediaType, data: base64 },
  }));
  return content.trim() === '' ? pictures : [...pictures, { type: 'text', text: content }];
}

function callsOf({ toolCalls = [] }: ChatMessage): readonly Block[] {
  return toolCalls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id: idOf(id), name, input }));
}

function encodeResult(message: ChatMessage): Block {
  const content = contentOf(message);
  return {
    type: 'tool_result',
    tool_use_id: idOf(message.toolCallId ?? ''),
    ...(content.length === 0 ? {} : { content }),
  };
}

/** Ids of calls that another provider's model made may hold characters that are refused here. */
function idOf(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}

function encodeTool({ name, description, parameters }: ChatTool): Block {
  return { name, description, input_schema: { type: 'object', ...parameters } };
}
