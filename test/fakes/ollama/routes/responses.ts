import { z } from 'zod';
import type { AnswerFormat, Figures } from '../answer';
import { chatBody } from '../chatRequest';
import { decodeGoJson, encodeGoJson } from '../goJson';
import { callId, numberId } from '../madeUpIds';
import { OPENAI_VOICE, replyUnreadable } from '../openAi';
import type { Voice } from '../reply';
import type { Piece } from '../script';
import type { Exchange, Route, World } from '../world';
import { answerChat } from './chat';

/**
 * OpenAI's responses over the same models. The captures hold answers with thinking and text; tool calls are from
 * OpenAI's API reference.
 */
export const responseRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/responses', handle: responses },
];

const itemSchema = z.object({ role: z.string().optional(), content: z.unknown().optional() });
const schema = z.object({
  model: z.string().default(''),
  input: z.union([z.string(), z.array(itemSchema)]).default(''),
  instructions: z.string().nullish(),
  tools: z.array(z.object({ name: z.string(), parameters: z.unknown().optional() })).default([]),
  stream: z.boolean().default(false),
  max_output_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
});
type Asked = z.infer<typeof schema>;

const eventType = z.object({ type: z.string() });
const VOICE: Voice = {
  ...OPENAI_VOICE,
  dress: {
    headers: { 'Cache-Control': 'no-cache', Connection: 'keep-alive', 'Content-Type': 'text/event-stream' },
    encode: (value) => `event: ${eventType.parse(value).type}\ndata: ${encodeGoJson(value)}\n\n`,
  },
};

async function responses(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const decoded = decodeGoJson(exchange.body);
  if (!decoded.ok) return replyUnreadable(response, decoded.error);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) return replyUnreadable(response, 'json: cannot unmarshal');
  const asked = parsed.data;
  const body = chatBody({
    model: asked.model,
    messages: messagesOf(asked),
    tools: asked.tools.map((tool) => ({ parameters: undefined, ...tool })),
    stream: asked.stream,
    maxTokens: asked.max_output_tokens ?? undefined,
    temperature: asked.temperature ?? undefined,
    think: undefined,
  });
  if (!body.ok) return replyUnreadable(response, body.error);
  await answerChat(exchange, body.value, VOICE, (world) => responseFormat(world, asked));
}

function messagesOf({ input, instructions }: Asked): { readonly role: string; readonly content: string }[] {
  const given =
    typeof input === 'string'
      ? [{ role: 'user', content: input }]
      : input.map(({ role = 'user', content }) => ({ role, content: textOf(content) }));
  return [...(instructions ? [{ role: 'system', content: instructions }] : []), ...given];
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = z.array(z.object({ text: z.string().default('') })).safeParse(content);
  return parts.success ? parts.data.map(({ text }) => text).join('') : '';
}

interface Item {
  readonly kind: 'thinking' | 'content' | 'tool';
  readonly id: string;
  text: string;
  readonly name?: string;
}

function responseFormat(world: World, asked: Asked): AnswerFormat {
  const id = numberId('resp_', 1_000_000);
  const seconds = (): number => Math.floor(world.nowMs() / 1_000);
  const created = seconds();
  const items: Item[] = [];
  let open: Item | null = null;
  let sequence = 0;
  const event = (type: string, more: object): object => ({ type, sequence_number: sequence++, ...more });
  const place = (): object => ({ output_index: items.length - 1, item_id: items.at(-1)?.id });
  const response = (status: 'in_progress' | 'completed', figures: Figures | null): object => ({
    ...{ id, object: 'response', created_at: created, status, model: asked.model, error: null },
    completed_at: status === 'completed' ? seconds() : null,
    output: status === 'completed' ? items.map(whole) : [],
    usage: figures && usageOf(figures),
    ...{ incomplete_details: null, previous_response_id: null, instructions: asked.instructions ?? null },
    ...{ tools: asked.tools, tool_choice: 'auto', truncation: 'disabled', parallel_tool_calls: true },
    ...{ text: { format: { type: 'text' } }, top_p: 1, presence_penalty: 0, frequency_penalty: 0 },
    ...{ top_logprobs: 0, temperature: asked.temperature ?? 1, reasoning: null },
    ...{ max_output_tokens: asked.max_output_tokens ?? null, max_tool_calls: null, store: false },
    ...{ background: false, service_tier: 'default', metadata: {}, safety_identifier: null },
    prompt_cache_key: null,
  });
  const closing = (): object[] => {
    const item = open;
    open = null;
    if (item === null) return [];
    return [
      ...ends(item, event, place),
      event('response.output_item.done', { output_index: items.length - 1, item: whole(item) }),
    ];
  };
  const turn = (kind: Item['kind'], name?: string): object[] => {
    if (open?.kind === kind && kind !== 'tool') return [];
    const closed = closing();
    open = {
      kind,
      id: numberId(PREFIXES[kind], 1_000_000),
      text: '',
      ...(name === undefined ? {} : { name }),
    };
    items.push(open);
    const added = event('response.output_item.added', { output_index: items.length - 1, item: begun(open) });
    const part = { content_index: 0, ...place(), part: textPart('') };
    return [...closed, added, ...(kind === 'content' ? [event('response.content_part.added', part)] : [])];
  };
  const take = (piece: Piece): readonly object[] => {
    if (piece.kind === 'hidden') return [];
    const turned = turn(piece.kind, piece.kind === 'tool' ? piece.name : undefined);
    const text = piece.kind === 'tool' ? JSON.stringify(piece.arguments) : piece.text;
    if (open !== null) open.text += text;
    return [...turned, event(DELTAS[piece.kind], { ...place(), delta: text, ...EXTRAS[piece.kind] })];
  };
  return {
    opening: () => [
      event('response.created', { response: response('in_progress', null) }),
      event('response.in_progress', { response: response('in_progress', null) }),
    ],
    lines: take,
    end: (_reason, figures) => [
      ...closing(),
      event('response.completed', { response: response('completed', figures) }),
    ],
    died: [],
    // The items are there: every token went through `lines`.
    whole: (_whole, _reason, figures) => response('completed', figures),
  };
}

const PREFIXES = { thinking: 'rs_', content: 'msg_', tool: 'fc_' } as const;
const DELTAS = {
  thinking: 'response.reasoning_summary_text.delta',
  content: 'response.output_text.delta',
  tool: 'response.function_call_arguments.delta',
} as const;
const EXTRAS = {
  thinking: { summary_index: 0 },
  content: { content_index: 0, logprobs: [] },
  tool: {},
} as const;

function ends(item: Item, event: (type: string, more: object) => object, place: () => object): object[] {
  const { text } = item;
  switch (item.kind) {
    case 'thinking':
      return [event('response.reasoning_summary_text.done', { ...place(), ...EXTRAS.thinking, text })];
    case 'content':
      return [
        event('response.output_text.done', { ...place(), content_index: 0, logprobs: [], text }),
        event('response.content_part.done', { ...place(), content_index: 0, part: textPart(text) }),
      ];
    case 'tool':
      return [event('response.function_call_arguments.done', { ...place(), arguments: text })];
  }
}

function begun({ kind, id, name }: Item): object {
  switch (kind) {
    case 'thinking':
      return { id, type: 'reasoning', summary: [] };
    case 'content':
      return { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
    case 'tool':
      return { id, type: 'function_call', status: 'in_progress', call_id: callId(), name, arguments: '' };
  }
}

function whole({ kind, id, name, text }: Item): object {
  switch (kind) {
    case 'thinking':
      return { id, type: 'reasoning', summary: [{ type: 'summary_text', text }], encrypted_content: text };
    case 'content':
      return { id, type: 'message', status: 'completed', role: 'assistant', content: [textPart(text)] };
    case 'tool':
      return { id, type: 'function_call', status: 'completed', call_id: callId(), name, arguments: text };
  }
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function usageOf({ prompt_eval_count: input, eval_count: output }: Figures): object {
  return {
    ...{ input_tokens: input, output_tokens: output, total_tokens: input + output },
    ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
  };
}
