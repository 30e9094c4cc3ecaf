import * as z from 'zod';
import { retryChoiceSchema } from '../shared/retryPolicy';
import { TASKS } from '../shared/settings';
import { thinkingSchema } from '../shared/thinking';
import { SessionError } from './sessionError';

const ref = z.object({ backend: z.string(), provider: z.string(), modelId: z.string() });
// Strict, so that a need that is misspelt is not one that is left out.
const need = z.strictObject({
  task: z.exactOptional(z.enum(TASKS)),
  requireToolCalling: z.exactOptional(z.boolean()),
  minContext: z.exactOptional(z.number().int().positive()),
  host: z.exactOptional(z.string().min(1)),
});
const record = z.record(z.string(), z.unknown());

const toolCall = z.object({ id: z.string(), name: z.string(), arguments: record });

const message = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  images: z.exactOptional(z.array(z.object({ mediaType: z.string(), base64: z.string() }))),
  toolCalls: z.exactOptional(z.array(toolCall)),
  toolCallId: z.exactOptional(z.string()),
  toolName: z.exactOptional(z.string()),
});

const parameters = z.object({
  maxTokens: z.exactOptional(z.number().int().positive()),
  temperature: z.exactOptional(z.number().min(0)),
  seed: z.exactOptional(z.number().int()),
  stop: z.exactOptional(z.array(z.string())),
  contextTokens: z.exactOptional(z.number().int().positive()),
  thinking: z.exactOptional(thinkingSchema),
});

const routed = {
  model: z.exactOptional(z.union([ref, z.strictObject({ best: need })])),
  tools: z.exactOptional(
    z.array(z.object({ name: z.string().min(1), description: z.string(), parameters: record })),
  ),
  parameters: z.exactOptional(parameters),
  retry: z.exactOptional(retryChoiceSchema),
};
const routeSchema = z.object(routed);
const chatSchema = z.object({
  ...routed,
  messages: z.array(message).min(1),
  iteration: z.exactOptional(z.number().int().positive()),
  signal: z.exactOptional(z.instanceof(AbortSignal)),
});
const reportsSchema = z.array(z.unknown());
const reportSchema = z.object({
  backend: z.unknown(),
  provider: z.unknown(),
  models: z.array(z.unknown()),
});
const reportedModel = z.object({
  modelId: z.string(),
  displayName: z.exactOptional(z.string()),
  capabilities: z.exactOptional(record),
});

/** What comes from another extension is a boundary like any other; these throw `bad_request`, never quoting it. */
export function parseRouteRequest(
  raw: unknown,
  method: 'resolveModel' | 'explain',
): z.infer<typeof routeSchema> {
  return parsed(routeSchema, raw ?? {}, method);
}

export function parseChatRequest(raw: unknown): z.infer<typeof chatSchema> {
  return parsed(chatSchema, raw, 'dispatch');
}

export function parseSessionName(raw: unknown): string {
  return parsed(z.string().trim().min(1).max(64), raw, 'registerSession');
}

/** The rows that a report writes, still to be validated by the registry; null where it is no list at all. */
export function reportedRows(raw: unknown):
  | readonly {
      readonly backend: unknown;
      readonly provider: unknown;
      readonly models: readonly unknown[];
    }[]
  | null {
  const list = reportsSchema.safeParse(raw);
  if (!list.success) return null;
  return list.data.flatMap((entry) => {
    const report = reportSchema.safeParse(entry);
    if (!report.success) return [{ backend: undefined, provider: undefined, models: [] }];
    const { backend, provider, models } = report.data;
    return [{ backend, provider, models: models.map(withDefaults) }];
  });
}

/** A consumer need not repeat the id, nor say that it knows nothing more. */
function withDefaults(raw: unknown): unknown {
  const model = reportedModel.safeParse(raw);
  if (!model.success) return raw;
  const { modelId, displayName = modelId, capabilities = {} } = model.data;
  return { modelId, displayName, capabilities };
}

function parsed<T>(schema: z.ZodType<T>, raw: unknown, method: string): T {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new SessionError(
    'bad_request',
    `Model Pool's ${method} was called with something of another shape${where}. See the types of its API.`,
  );
}
