import { z } from 'zod';
import type { AnswerFormat } from '../answer';
import { chatBody } from '../chatRequest';
import { decodeGoJson } from '../goJson';
import { numberId } from '../madeUpIds';
import { finishReason, functionCall, OPENAI_VOICE, replyUnreadable, usageOf } from '../openAi';
import type { Piece } from '../script';
import type { Exchange, Route, World } from '../world';
import { answerChat } from './chat';

/** OpenAI's chat over the same models. */
export const v1ChatRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/chat/completions', handle: v1Chat },
];

const partSchema = z.object({
  text: z.string().optional(),
  image_url: z.object({ url: z.string() }).optional(),
});
const schema = z.object({
  model: z.string().default(''),
  messages: z
    .array(
      z.object({
        role: z.string(),
        content: z.union([z.string(), z.array(partSchema)]).nullish(),
      }),
    )
    .default([]),
  tools: z
    .array(z.object({ function: z.object({ name: z.string(), parameters: z.unknown().optional() }) }))
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
  reasoning_effort: z.string().nullish(),
  response_format: z
    .object({ type: z.string(), json_schema: z.object({ schema: z.unknown() }).optional() })
    .nullish(),
});

async function v1Chat(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const decoded = decodeGoJson(exchange.body);
  if (!decoded.ok) return replyUnreadable(response, decoded.error);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) return replyUnreadable(response, 'json: cannot unmarshal');
  const asked = parsed.data;
  if (asked.messages.length === 0) return replyUnreadable(response, "[] is too short - 'messages'");
  const body = chatBody({
    model: asked.model,
    messages: asked.messages.map(({ role, content }) => ({ role, ...contentOf(content ?? '') })),
    tools: (asked.tools ?? []).map((tool) => ({ parameters: undefined, ...tool.function })),
    stream: asked.stream ?? false,
    maxTokens: asked.max_tokens ?? undefined,
    temperature: asked.temperature ?? undefined,
    think: asked.reasoning_effort === 'none' ? false : (asked.reasoning_effort ?? undefined),
    format: asked.response_format?.json_schema?.schema ?? jsonMode(asked.response_format?.type),
  });
  if (!body.ok) return replyUnreadable(response, body.error);
  const usage = asked.stream_options?.include_usage === true;
  await answerChat(exchange, body.value, OPENAI_VOICE, (world, model) => chatFormat(world, model, usage));
}

function jsonMode(type: string | undefined): string | undefined {
  return type === 'json_object' ? 'json' : undefined;
}

function contentOf(content: string | readonly z.infer<typeof partSchema>[]): {
  readonly content: string;
  readonly images?: readonly string[];
} {
  if (typeof content === 'string') return { content };
  const images = content.flatMap(({ image_url: image }) =>
    image === undefined ? [] : [image.url.replace(/^data:[^,]*,/, '')],
  );
  return {
    content: content.map(({ text }) => text ?? '').join(''),
    ...(images.length > 0 ? { images } : {}),
  };
}

function chatFormat(world: World, model: string, usage: boolean): AnswerFormat {
  const id = numberId('chatcmpl-', 1_000);
  const head = (object: string, by: string): object => ({
    ...{ id, object, created: Math.floor(world.nowMs() / 1_000), model: by },
    system_fingerprint: 'fp_ollama',
  });
  const chunk = (delta: object, reason: string | null, by = model): object => ({
    ...head('chat.completion.chunk', by),
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  let begun = false;
  let calls = 0;
  return {
    lines: (piece) => {
      const delta = deltaOf(piece, calls);
      if (delta === null) return [];
      if (piece.kind === 'tool') calls += 1;
      const role = begun ? {} : { role: 'assistant' };
      begun = true;
      return [chunk({ ...role, ...delta }, null)];
    },
    end: (reason, figures) => [
      chunk({}, finishReason(reason, calls > 0)),
      ...(usage ? [{ ...head('chat.completion.chunk', model), choices: [], usage: usageOf(figures) }] : []),
      '[DONE]',
    ],
    // An empty piece of no model, and the stream ends without its mark.
    died: [chunk({ content: '' }, null, '')],
    whole: ({ content, thinking, calls: made }, reason, figures) => ({
      ...head('chat.completion', model),
      choices: [
        {
          index: 0,
          message: {
            ...{ role: 'assistant', content },
            ...(thinking === '' ? {} : { reasoning: thinking }),
            ...(made.length === 0 ? {} : { tool_calls: made.map(functionCall) }),
          },
          finish_reason: finishReason(reason, made.length > 0),
        },
      ],
      usage: usageOf(figures),
    }),
  };
}

function deltaOf(piece: Piece, calls: number): object | null {
  switch (piece.kind) {
    case 'content':
      return { content: piece.text };
    case 'thinking':
      return { content: '', reasoning: piece.text };
    case 'tool':
      return { content: '', tool_calls: [functionCall(piece, calls)] };
    case 'hidden':
      return null;
  }
}
