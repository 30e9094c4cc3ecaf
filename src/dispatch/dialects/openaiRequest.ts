import type { ChatMessage, ChatRequest } from '../chat';
import type { WireRequest } from '../dialect';
import type { Route } from '../route';
import { encodeTool } from '../toolSchema';
import { openAiReasoningModel } from './openaiModels';
import { openAiEffort, thinkingFields } from './openaiThinking';

type Fields = Readonly<Record<string, unknown>>;

/** A streamed `/v1/chat/completions` request as the kind of server that it goes to takes it. */
export function encodeOpenAi(route: Route, request: ChatRequest): WireRequest {
  const tools = route.toolFormat === 'native' ? (request.tools ?? []) : [];
  const stop = refusesStop(route) ? [] : (request.parameters?.stop ?? []);
  return {
    path: '/v1/chat/completions',
    headers: { accept: 'text/event-stream' },
    stop,
    json: {
      model: route.ref.modelId,
      messages: request.messages.map(encodeMessage),
      stream: true,
      stream_options: { include_usage: true },
      ...(route.kind === 'openai'
        ? openAiFields(route, request, tools.length > 0)
        : plainFields(route, request)),
      ...(stop.length === 0 ? {} : { stop }),
      ...(tools.length === 0 ? {} : { tools: tools.map(encodeTool) }),
    },
  };
}

function plainFields(route: Route, request: ChatRequest): Fields {
  const { maxTokens } = request.parameters ?? {};
  return {
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...sampling(request),
    ...thinkingFields(route.kind, route.thinking),
  };
}

/**
 * OpenAI's own service takes `max_completion_tokens` for all its models and refuses `max_tokens` for those that reason;
 * these refuse a temperature as well while they reason. What a model refuses is left out: the call is worth more than its
 * sampling.
 */
function openAiFields(route: Route, request: ChatRequest, hasTools: boolean): Fields {
  const { maxTokens, seed } = request.parameters ?? {};
  const model = openAiReasoningModel(route.ref.modelId);
  const effort = model && openAiEffort(model, route.thinking, hasTools);
  const reasons = model !== undefined && (effort === undefined ? model.reasonsByDefault : effort !== 'none');
  return {
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    ...(reasons ? (seed === undefined ? {} : { seed }) : sampling(request)),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  };
}

function sampling({ parameters: { temperature, seed } = {} }: ChatRequest): Fields {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** OpenAI's reasoning models refuse stop words always. */
function refusesStop({ kind, ref }: Route): boolean {
  return kind === 'openai' && openAiReasoningModel(ref.modelId) !== undefined;
}

function encodeMessage(message: ChatMessage): Fields {
  const { role, content, images = [], toolCalls = [], toolCallId } = message;
  if (role === 'tool') return { role, content, tool_call_id: toolCallId ?? '' };
  if (toolCalls.length > 0) {
    const calls = toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    return { role, content: content === '' ? null : content, tool_calls: calls };
  }
  if (images.length === 0) return { role, content };
  const parts = images.map(({ mediaType, base64 }) => ({
    type: 'image_url',
    image_url: { url: `data:${mediaType};base64,${base64}` },
  }));
  return { role, content: content === '' ? parts : [{ type: 'text', text: content }, ...parts] };
}
