import * as z from 'zod';
import type { FakeClaude } from './models';

const text = z.strictObject({ type: z.literal('text'), text: z.string() });
const image = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
    data: z.base64(),
  }),
});
const callId = z.string().regex(/^[a-zA-Z0-9_-]+$/);
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: callId,
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  input: z.record(z.string(), z.unknown()),
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: callId,
  content: z.union([z.string(), z.array(z.union([text, image]))]).optional(),
  is_error: z.boolean().optional(),
});
const block = z.discriminatedUnion('type', [text, image, toolUse, toolResult]);

const messageSchema = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string(), z.array(block).min(1)]),
});

/** A body of `POST /v1/messages`; the API refuses every field that it does not know. */
const bodySchema = z.strictObject({
  model: z.string(),
  max_tokens: z.number().int().min(1),
  messages: z.array(messageSchema).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  stop_sequences: z
    .array(z.string().regex(/\S/, 'each stop sequence must contain non-whitespace'))
    .optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
      }),
    )
    .optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('enabled'),
        budget_tokens: z.number().int().min(1_024),
        display: z.enum(['summarized', 'omitted']).optional(),
      }),
      z.strictObject({
        type: z.literal('adaptive'),
        display: z.enum(['summarized', 'omitted']).optional(),
      }),
      z.strictObject({ type: z.literal('disabled') }),
      z.strictObject({ type: z.literal('between_tools') }),
    ])
    .optional(),
  output_config: z.strictObject({ effort: z.string().optional() }).optional(),
});
export type AnthropicBody = z.infer<typeof bodySchema>;

export type ReadBody =
  { readonly ok: true; readonly body: AnthropicBody } | { readonly ok: false; readonly message: string };

/** The shape of a body, or what the API says is wrong with it. */
export function readBody(value: unknown): ReadBody {
  const parsed = bodySchema.safeParse(value);
  if (parsed.success) return { ok: true, body: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const key = [path, issue.keys[0] ?? ''].filter((part) => part !== '').join('.');
    return { ok: false, message: `${key}: Extra inputs are not permitted` };
  }
  const missing = issue?.code === 'invalid_type' && issue.input === undefined;
  return { ok: false, message: `${path}: ${missing ? 'Field required' : (issue?.message ?? 'invalid')}` };
}

/** What the API says of a body whose shape is right; undefined where it takes it. */
export function refusalOf(body: AnthropicBody, model: FakeClaude): string | undefined {
  return limitRefusal(body, model) ?? thinkingRefusal(body, model) ?? orderRefusal(body);
}

function limitRefusal(
  { max_tokens: max, temperature }: AnthropicBody,
  model: FakeClaude,
): string | undefined {
  if (max > model.maxTokens) {
    return `max_tokens: ${max} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${model.id}`;
  }
  return temperature !== undefined && !model.sampling
    ? '`temperature` is deprecated for this model.'
    : undefined;
}

function thinkingRefusal(body: AnthropicBody, model: FakeClaude): string | undefined {
  const { thinking, output_config: config, max_tokens: max, temperature } = body;
  const effort = config?.effort;
  if (effort !== undefined && !model.efforts.includes(effort)) {
    return model.efforts.length === 0
      ? 'This model does not support the effort parameter.'
      : `output_config.effort: Input should be ${model.efforts.map((word) => `'${word}'`).join(', ')}`;
  }
  if (thinking === undefined) return undefined;
  if (!model.thinking.includes(thinking.type)) {
    return `"thinking.type.${thinking.type}" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`;
  }
  if (thinking.type === 'enabled' && thinking.budget_tokens >= max) {
    return '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.';
  }
  const stops = thinking.type === 'disabled' || thinking.type === 'between_tools';
  if (stops && (effort === 'xhigh' || effort === 'max')) {
    return `"thinking.type.${thinking.type}" is not supported with effort "${effort}".`;
  }
  return !stops && temperature !== undefined && temperature !== 1
    ? '`temperature` may only be set to 1 when thinking is enabled.'
    : undefined;
}

/** Roles, and calls with their results, as https://platform.claude.com/docs/en/agents-and-tools/tool-use wants them. */
function orderRefusal({ messages }: AnthropicBody): string | undefined {
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [at, { role, content }] of messages.entries()) {
    const blocks = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
    if (messages[at + 1]?.role === role) {
      return `messages: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`;
    }
    if (blocks.some((block) => block.type === 'text' && block.text.trim() === '')) {
      return 'messages: text content blocks must contain non-whitespace text';
    }
    const results = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    const before = idsOfCalls(messages[at - 1]);
    const orphan = results.find((id) => !before.includes(id));
    if (orphan !== undefined) {
      return `messages.${at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const missing = before.find((id) => !results.includes(id));
    const misplaced = blocks.slice(0, results.length).some((block) => block.type !== 'tool_result');
    if (missing !== undefined || misplaced) {
      return `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing ?? results.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
  }
  const last = messages.at(-1);
  return last?.role === 'assistant'
    ? 'This model does not support assistant message prefill. The conversation must end with a user message.'
    : undefined;
}

function idsOfCalls(message: AnthropicBody['messages'][number] | undefined): readonly string[] {
  const { role, content } = message ?? {};
  if (role !== 'assistant' || typeof content === 'string') return [];
  return (content ?? []).flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
}
