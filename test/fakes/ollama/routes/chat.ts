import type { AnswerFormat } from '../answer';
import { RUNNER_DIED } from '../answer';
import { generate, innerError, parseRunSettings } from '../generation';
import { goTime } from '../goTime';
import { jsonAnswer } from '../jsonAnswer';
import { cloudRefusal, findModel } from '../modelLookup';
import { fullName, parseModelName } from '../names';
import { callId } from '../madeUpIds';
import type { Voice } from '../reply';
import { OLLAMA_VOICE, replyError } from '../reply';
import type { ChatBody } from '../requests';
import { parseChatBody } from '../requests';
import type { Ask, Piece } from '../script';
import { countTokens } from '../script';
import type { StoredModel } from '../store';
import type { Exchange, Route, World } from '../world';

export const chatRoutes: readonly Route[] = [{ method: 'POST', path: '/api/chat', handle: chat }];

/** Tokens that a message costs beside its text. */
const MESSAGE_TOKENS = 4;

async function chat(exchange: Exchange): Promise<void> {
  const parsed = parseChatBody(exchange.body);
  if (!parsed.ok) return replyError(exchange.response, 400, parsed.error);
  await answerChat(exchange, parsed.value, OLLAMA_VOICE, chatFormat);
}

/** Answers a chat, said in the words of whichever API asked. */
export async function answerChat(
  exchange: Exchange,
  body: ChatBody,
  voice: Voice,
  format: (world: World, model: string) => AnswerFormat,
): Promise<void> {
  const { world, response } = exchange;
  const settings = parseRunSettings(body);
  if (!settings.ok) return voice.error(response, 400, settings.error);
  const requestedName = body.model ?? '';
  const name = parseModelName(requestedName);
  if (name === null) return voice.error(response, 400, 'model is required');
  const refusal = cloudRefusal(world, name, exchange.request.url ?? '');
  if (refusal !== null) return replyError(response, refusal.status, refusal.error);
  const found = findModel(world, name, requestedName);
  if (!found.ok) return voice.error(response, found.status, found.error);
  const { model } = found;
  const messages = body.messages ?? [];
  if (messages.length === 0 && settings.keepAliveMs === 0) {
    world.runners.unload(model);
    return voice.whole(response, ending(world, requestedName, 'unload'));
  }
  const wanted = jsonAnswer(body.format);
  if (!wanted.ok) return voice.error(response, wanted.status, wanted.error);
  const incapable = missingCapability(world, model, requestedName, body, settings.think);
  if (incapable !== null) return voice.error(response, 400, incapable);
  await generate(exchange, {
    model,
    requestedName,
    options: body.options ?? {},
    keepAliveMs: settings.keepAliveMs,
    truncate: body.truncate ?? true,
    shift: body.shift ?? true,
    stream: body.stream ?? true,
    promptTokens: promptTokens(body),
    refusal: imageRefusal(model, body),
    ask: messages.length === 0 ? null : askOf(body, settings.think, wanted.text),
    format: format(world, requestedName),
    voice,
    loaded: ending(world, requestedName, 'load'),
  });
}

function missingCapability(
  world: World,
  model: StoredModel,
  requestedName: string,
  body: ChatBody,
  think: boolean | null,
): string | null {
  const capabilities = world.store.capabilities(model);
  if (!capabilities.includes('completion')) return `"${requestedName}" does not support chat`;
  if ((body.tools ?? []).length > 0 && !capabilities.includes('tools')) {
    return `${fullName(model.name)} does not support tools`;
  }
  if (think === true && !capabilities.includes('thinking')) {
    return `"${requestedName}" does not support thinking`;
  }
  return null;
}

function imageRefusal(model: StoredModel, body: ChatBody): string | null {
  const images = (body.messages ?? []).some((message) => (message.images ?? []).length > 0);
  if (!images || model.package.facts.capabilities.includes('vision')) return null;
  return innerError(
    'Multimodal data provided, but model does not support multimodal requests.',
    'invalid_request_error',
  );
}

function askOf(body: ChatBody, think: boolean | null, json: string | null): Ask {
  const [before, last] = [body.messages?.at(-2), body.messages?.at(-1)];
  const tools = (body.tools ?? []).map((tool) => ({
    name: tool.function.name,
    properties: tool.function.parameters?.properties ?? {},
  }));
  const isQuestion = last?.role === 'user' && before?.role !== 'tool';
  return { isQuestion, lastText: last?.content ?? '', think, tools, json };
}

function promptTokens(body: ChatBody): number {
  return (body.messages ?? []).reduce(
    (sum, message) => sum + MESSAGE_TOKENS + countTokens(message.content ?? ''),
    2,
  );
}

function ending(world: World, model: string, reason: 'load' | 'unload'): object {
  return {
    model,
    created_at: goTime(world.nowMs()),
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: reason,
  };
}

function chatFormat(world: World, model: string): AnswerFormat {
  const line = (message: object): object => ({
    model,
    created_at: goTime(world.nowMs()),
    message: { role: 'assistant', content: '', ...message },
  });
  return {
    lines: (piece) => {
      const message = messageOf(piece);
      return message === null ? [] : [{ ...line(message), done: false }];
    },
    end: (reason, figures) => [{ ...line({}), done: true, done_reason: reason, ...figures }],
    died: [{ error: RUNNER_DIED }],
    whole: ({ content, thinking, calls }, reason, figures) => {
      const message = {
        content,
        ...(thinking === '' ? {} : { thinking }),
        ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
      };
      return { ...line(message), done: true, done_reason: reason, ...figures };
    },
  };
}

function messageOf(piece: Piece): object | null {
  switch (piece.kind) {
    case 'content':
      return { content: piece.text };
    case 'thinking':
      return { thinking: piece.text };
    case 'tool':
      return { tool_calls: [toolCall(piece, 0)] };
    case 'hidden':
      return null;
  }
}

function toolCall(call: Piece & { readonly kind: 'tool' }, index: number): object {
  return { id: callId(), function: { index, name: call.name, arguments: call.arguments } };
}
