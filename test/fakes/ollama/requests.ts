import { z } from 'zod';
import { decodeGoJson } from './goJson';

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** A field of one of Ollama's request structs: its Go type, as errors print it, and the JSON kind that fits. */
interface GoField {
  readonly type: string;
  readonly kind: 'string' | 'bool' | 'number' | 'array' | 'object';
}

type GoFields = Readonly<Record<string, GoField>>;

const text: GoField = { type: 'string', kind: 'string' };
const bool: GoField = { type: 'bool', kind: 'bool' };
const optionMap: GoField = { type: 'map[string]interface {}', kind: 'object' };

const MODEL_FIELDS: GoFields = { model: text, name: text };
const FIELDS = {
  CopyRequest: { source: text, destination: text },
  CreateRequest: {
    ...MODEL_FIELDS,
    from: text,
    files: { type: 'map[string]string', kind: 'object' },
    template: text,
    system: text,
    parameters: { type: 'map[string]interface {}', kind: 'object' },
    messages: { type: '[]api.Message', kind: 'array' },
    stream: bool,
  },
  EmbedRequest: {
    model: text,
    truncate: bool,
    dimensions: { type: 'int', kind: 'number' },
    options: optionMap,
  },
  EmbeddingRequest: { model: text, prompt: text, options: optionMap },
  PushRequest: { ...MODEL_FIELDS, insecure: bool, stream: bool },
  PullRequest: { ...MODEL_FIELDS, insecure: bool, stream: bool },
  DeleteRequest: MODEL_FIELDS,
  ShowRequest: { ...MODEL_FIELDS, verbose: bool, options: optionMap },
  ChatRequest: {
    model: text,
    messages: { type: '[]api.Message', kind: 'array' },
    tools: { type: 'api.Tools', kind: 'array' },
    stream: bool,
    options: optionMap,
    truncate: bool,
    shift: bool,
  },
  GenerateRequest: {
    model: text,
    prompt: text,
    suffix: text,
    system: text,
    template: text,
    raw: bool,
    stream: bool,
    options: optionMap,
    truncate: bool,
    shift: bool,
  },
} satisfies Record<string, GoFields>;

const options = z.record(z.string(), z.unknown()).nullish();
const modelFields = { model: z.string().nullish(), name: z.string().nullish() };

const pullSchema = z.object({
  ...modelFields,
  insecure: z.boolean().nullish(),
  stream: z.boolean().nullish(),
});
const deleteSchema = z.object(modelFields);
const showSchema = z.object({ ...modelFields, verbose: z.boolean().nullish(), options });

const toolSchema = z.object({
  function: z
    .object({
      name: z.string().default(''),
      parameters: z
        .object({ properties: z.record(z.string(), z.unknown()).nullish() })
        .nullish()
        .catch(null),
    })
    .default({ name: '' }),
});
const messageSchema = z.object({
  role: z.string().nullish(),
  content: z.string().nullish(),
  images: z.array(z.string()).nullish(),
  tool_calls: z
    .array(z.object({ function: z.object({ arguments: z.unknown().optional() }).nullish() }))
    .nullish()
    .catch(null),
});
const runFields = {
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  options,
  think: z.unknown().optional(),
  keep_alive: z.unknown().optional(),
  format: z.unknown().optional(),
  logprobs: z.unknown().optional(),
  truncate: z.boolean().nullish(),
  shift: z.boolean().nullish(),
};
const chatSchema = z.object({
  ...runFields,
  messages: z.array(messageSchema).nullish(),
  tools: z.array(toolSchema).nullish(),
});
const generateSchema = z.object({
  ...runFields,
  prompt: z.string().nullish(),
  suffix: z.string().nullish(),
  raw: z.boolean().nullish(),
});

/** The model that a request names: `model`, else the older `name`, else nothing. */
export function namedModel(body: {
  readonly model?: string | null | undefined;
  readonly name?: string | null | undefined;
}): string {
  return [body.model, body.name].find((name) => name !== undefined && name !== null && name !== '') ?? '';
}

export type ChatBody = z.infer<typeof chatSchema>;
export type GenerateBody = z.infer<typeof generateSchema>;

/** Body of `/api/pull`, or the text of the 400 that Ollama gives. */
export function parsePullBody(body: string): Parsed<z.infer<typeof pullSchema>> {
  return parseBody(body, 'PullRequest', pullSchema);
}

/** Body of `/api/delete`. */
export function parseDeleteBody(body: string): Parsed<z.infer<typeof deleteSchema>> {
  return parseBody(body, 'DeleteRequest', deleteSchema);
}

/** Body of `/api/show`. */
export function parseShowBody(body: string): Parsed<z.infer<typeof showSchema>> {
  return parseBody(body, 'ShowRequest', showSchema);
}

/** Body of `/api/chat`. */
export function parseChatBody(body: string): Parsed<ChatBody> {
  const parsed = parseBody(body, 'ChatRequest', chatSchema);
  if (!parsed.ok) return parsed;
  for (const message of parsed.value.messages ?? []) {
    for (const image of message.images ?? []) {
      const at = illegalBase64Byte(image);
      if (at !== null) return { ok: false, error: `illegal base64 data at input byte ${at}` };
    }
    for (const call of message.tool_calls ?? []) {
      if (typeof call.function?.arguments === 'string') {
        return { ok: false, error: "Value looks like object, but can't find closing '}' symbol" };
      }
    }
  }
  return parsed;
}

/** Body of `/api/generate`. */
export function parseGenerateBody(body: string): Parsed<GenerateBody> {
  return parseBody(body, 'GenerateRequest', generateSchema);
}

/** A body of Ollama's own routes, or the text of the 400 that the real server gives. */
export function parseBody<T>(body: string, struct: keyof typeof FIELDS, schema: z.ZodType<T>): Parsed<T> {
  const decoded = decodeGoJson(body);
  if (!decoded.ok) return decoded;
  const error = typeError(decoded.value, struct);
  if (error !== null) return { ok: false, error };
  return { ok: true, value: schema.parse(decoded.value ?? {}) };
}

/** Go's words for a value of the wrong type, or null where all fit. */
function typeError(value: unknown, struct: keyof typeof FIELDS): string | null {
  if (value === null) return null;
  if (!isObject(value)) {
    return `json: cannot unmarshal ${kindOf(value)} into Go value of type api.${struct}`;
  }
  const fields: GoFields = FIELDS[struct];
  for (const [name, fieldValue] of Object.entries(value)) {
    const field = fields[name];
    if (field === undefined || fieldValue === null) continue;
    if (kindOf(fieldValue) !== field.kind) return mismatch(fieldValue, `${struct}.${name}`, field.type);
    if (field.type === '[]api.Message' && Array.isArray(fieldValue)) {
      const nested = messageTypeError(fieldValue);
      if (nested !== null) return nested;
    }
  }
  return null;
}

function messageTypeError(messages: readonly unknown[]): string | null {
  for (const message of messages) {
    if (message === null) continue;
    if (!isObject(message)) return mismatch(message, 'ChatRequest.messages', 'api.Message');
    for (const name of ['role', 'content', 'thinking', 'tool_name', 'tool_call_id']) {
      const value = message[name];
      if (value === undefined || value === null || typeof value === 'string') continue;
      return mismatch(value, `ChatRequest.messages.${name}`, 'string');
    }
  }
  return null;
}

function mismatch(value: unknown, where: string, type: string): string {
  return `json: cannot unmarshal ${kindOf(value)} into Go struct field ${where} of type ${type}`;
}

/** What Go calls the kind of a JSON value. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function illegalBase64Byte(data: string): number | null {
  const at = data.replace(/={1,2}$/, '').search(/[^A-Za-z0-9+/]/);
  if (at !== -1) return at;
  return data.length % 4 === 0 ? null : data.length - (data.length % 4);
}
