import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { AnswerFormat, DoneReason, Figures } from '../answer';
import { chatBody } from '../chatRequest';
import { decodeGoJson, encodeGoJson } from '../goJson';
import { callId, longId } from '../madeUpIds';
import type { Voice } from '../reply';
import { replyBody, replyJson } from '../reply';
import type { Piece } from '../script';
import type { Exchange, Route, World } from '../world';
import { answerChat } from './chat';

/** Anthropic's messages over the same models. */
export const messageRoutes: readonly Route[] = [{ method: 'POST', path: '/v1/messages', handle: messages }];

const blockSchema = z.object({ text: z.string().optional(), content: z.unknown().optional() });
const contentSchema = z.union([z.string(), z.array(blockSchema)]);
const schema = z.object({
  model: z.string().default(''),
  max_tokens: z.number().default(0),
  system: contentSchema.optional(),
  messages: z.array(z.object({ role: z.string(), content: contentSchema })).default([]),
  tools: z.array(z.object({ name: z.string(), input_schema: z.unknown().optional() })).default([]),
  stream: z.boolean().default(false),
  temperature: z.number().optional(),
  thinking: z.object({ type: z.string() }).optional(),
});

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  503: 'overloaded_error',
};

const VOICE: Voice = {
  whole: (response, body) => replyBody(response, 200, 'application/json', `${encodeGoJson(body)}\n`),
  error: replyFailure,
  streamError: replyFailure,
  dress: {
    headers: { 'Cache-Control': 'no-cache', Connection: 'keep-alive', 'Content-Type': 'text/event-stream' },
    encode: (value) => `event: ${eventType.parse(value).type}\ndata: ${encodeGoJson(value)}\n\n`,
  },
};
const eventType = z.object({ type: z.string() });

async function messages(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const unreadable = (text: string): void => replyJson(response, 400, failureOf(400, text));
  const decoded = decodeGoJson(exchange.body);
  if (!decoded.ok) return unreadable(decoded.error === 'missing request body' ? 'EOF' : decoded.error);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) return unreadable('json: cannot unmarshal');
  const asked = parsed.data;
  if (asked.max_tokens <= 0) return unreadable('max_tokens is required and must be positive');
  const system = asked.system === undefined ? [] : [{ role: 'system', content: textOf(asked.system) }];
  const body = chatBody({
    model: asked.model,
    messages: [...system, ...asked.messages.map(({ role, content }) => ({ role, content: textOf(content) }))],
    tools: asked.tools.map(({ name, input_schema: parameters }) => ({ name, parameters })),
    stream: asked.stream,
    maxTokens: asked.max_tokens,
    temperature: asked.temperature,
    think: asked.thinking === undefined ? undefined : asked.thinking.type === 'enabled',
  });
  if (!body.ok) return unreadable(body.error);
  await answerChat(exchange, body.value, VOICE, messageFormat);
}

function textOf(content: z.infer<typeof contentSchema>): string {
  if (typeof content === 'string') return content;
  return content.map(({ text, content: inner }) => text ?? (typeof inner === 'string' ? inner : '')).join('');
}

function failureOf(status: number, message: string): object {
  const type = ERROR_TYPES[status] ?? 'api_error';
  return { type: 'error', error: { type, message }, request_id: longId('req') };
}

function replyFailure(response: ServerResponse, status: number, text: string): void {
  replyBody(response, status, 'application/json', `${encodeGoJson(failureOf(status, text))}\n`);
}

function stopReason(reason: DoneReason, called: boolean): string {
  if (reason === 'length') return 'max_tokens';
  return called ? 'tool_use' : 'end_turn';
}

function usageOf({ prompt_eval_count: input, eval_count: output }: Figures): object {
  return { input_tokens: input, output_tokens: output };
}

function messageFormat(_world: World, model: string): AnswerFormat {
  const message = { id: longId('msg'), type: 'message', role: 'assistant', model };
  const blocks = new Blocks();
  return {
    opening: (promptTokens) => {
      const usage = { input_tokens: promptTokens, output_tokens: 0 };
      return [{ type: 'message_start', message: { ...message, content: [], usage } }];
    },
    lines: (piece) => blocks.take(piece),
    end: (reason, figures) => [
      ...blocks.close(),
      {
        type: 'message_delta',
        delta: { stop_reason: stopReason(reason, blocks.called) },
        usage: usageOf(figures),
      },
      { type: 'message_stop' },
    ],
    // The stream just ends.
    died: [],
    whole: ({ content, thinking, calls }, reason, figures) => ({
      ...message,
      content: [
        ...(thinking === '' ? [] : [{ type: 'thinking', thinking }]),
        ...(content === '' ? [] : [{ type: 'text', text: content }]),
        ...calls.map((call) => ({ type: 'tool_use', id: callId(), name: call.name, input: call.arguments })),
      ],
      stop_reason: stopReason(reason, calls.length > 0),
      usage: usageOf(figures),
    }),
  };
}

/** The blocks of a streamed message: one of each kind after the other, each opened and closed. */
class Blocks {
  #index = -1;
  #open: Piece['kind'] | null = null;
  #called = false;

  get called(): boolean {
    return this.#called;
  }

  take(piece: Piece): readonly object[] {
    switch (piece.kind) {
      case 'hidden':
        return [];
      case 'tool':
        return this.#call(piece);
      case 'thinking':
        return [
          ...this.#turn('thinking', { type: 'thinking', thinking: '' }),
          this.#delta({ type: 'thinking_delta', thinking: piece.text }),
        ];
      case 'content':
        return [
          ...this.#turn('content', { type: 'text', text: '' }),
          this.#delta({ type: 'text_delta', text: piece.text }),
        ];
    }
  }

  close(): readonly object[] {
    if (this.#open === null) return [];
    this.#open = null;
    return [{ type: 'content_block_stop', index: this.#index }];
  }

  #call(call: Piece & { readonly kind: 'tool' }): readonly object[] {
    this.#called = true;
    return [
      ...this.#turn('tool', { type: 'tool_use', id: callId(), name: call.name, input: {} }),
      this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify(call.arguments) }),
      ...this.close(),
    ];
  }

  #turn(kind: Piece['kind'], block: object): readonly object[] {
    if (this.#open === kind) return [];
    const closed = this.close();
    this.#open = kind;
    this.#index += 1;
    return [...closed, { type: 'content_block_start', index: this.#index, content_block: block }];
  }

  #delta(delta: object): object {
    return { type: 'content_block_delta', index: this.#index, delta };
  }
}
