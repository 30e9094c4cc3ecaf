import * as z from 'zod';
import type { FakeModel } from './models';
import { FAKE_MODELS } from './models';

/** A refusal: its status and what its body says. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
}

const functionCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({ url: z.string().regex(/^(?:https:|data:image\/[a-z]+;base64,)/) }),
  }),
]);

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(part)]) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullish(),
    tool_calls: z.array(functionCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: z.string() }),
]);

/** A request as the API reference has it, as far as the fake reads it; anything else is an unknown parameter. */
const requestSchema = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  max_tokens: z.number().int().min(1).optional(),
  max_completion_tokens: z.number().int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  seed: z.number().int().optional(),
  stop: z.array(z.string()).max(4).optional(),
  reasoning_effort: z.string().optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string(),
          parameters: z.looseObject({ type: z.literal('object') }),
        }),
      }),
    )
    .optional(),
});
export type FakeRequest = z.infer<typeof requestSchema>;

/** The request that a body holds, or why the service refuses it. */
export function readRequest(body: string): { readonly request: FakeRequest } | Refusal {
  const parsed = requestSchema.safeParse(JSON.parse(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const isUnknown = issue?.code === 'unrecognized_keys' && issue.path.length === 0;
    return refused(isUnknown ? 'unknown_parameter' : null, isUnknown ? (issue.keys[0] ?? null) : null);
  }
  const request = parsed.data;
  const model = FAKE_MODELS[request.model];
  if (!model) return { ...refused('model_not_found'), status: 404 };
  return refusalOf(request, model) ?? { request };
}

function refusalOf(request: FakeRequest, model: FakeModel): Refusal | undefined {
  const { reasoning_effort: effort, tools = [] } = request;
  const acts = effort ?? model.usualEffort;
  const reasons = acts !== undefined && acts !== 'none';
  if (JSON.stringify(request.messages).length / 4 > model.contextTokens) {
    return refused('context_length_exceeded', 'messages');
  }
  if (!answersItsCalls(request)) return refused(null, 'messages');
  if (effort !== undefined && !model.efforts?.includes(effort)) {
    return refused(model.efforts ? 'unsupported_value' : 'unsupported_parameter', 'reasoning_effort');
  }
  if (model.efforts === undefined) return undefined;
  if (request.max_tokens !== undefined) return refused('unsupported_parameter', 'max_tokens');
  if (request.stop !== undefined) return refused('unsupported_parameter', 'stop');
  if (reasons && (request.temperature ?? 1) !== 1) return refused('unsupported_value', 'temperature');
  return tools.length > 0 && reasons && model.toolsOnlyWithoutReasoning === true
    ? refused(null, 'reasoning_effort')
    : undefined;
}

/** Whether every answer of a tool follows the call that it answers. */
function answersItsCalls({ messages }: FakeRequest): boolean {
  const made = new Set<string>();
  return messages.every((entry) => {
    if (entry.role === 'assistant') for (const { id } of entry.tool_calls ?? []) made.add(id);
    return entry.role !== 'tool' || made.has(entry.tool_call_id);
  });
}

function refused(code: string | null, param: string | null = null): Refusal {
  return { status: 400, type: 'invalid_request_error', code, param };
}
