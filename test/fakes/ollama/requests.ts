import { z } from 'zod';
import { decodeGoJson } from './goJson';

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** A field of one of Ollama's request structs: its Go type, as errors print it, and the JSON kind that fits. */
interface GoField {
  readonly type: string;
  readonly kind: 'string' | 'bool' | 'array' | 'object';
}

type GoFields = Readonly<Record<string, GoField>>;

const text: GoField = { type: 'string', kind: 'string' };
const bool: GoField = { type: 'bool', kind: 'bool' };
const optionMap: GoField = { type: 'map[string]interface {}', kind: 'object' };

const MODEL_FIELDS: GoFields = { model: text, name: text };
const FIELDS = {
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
  return parse(body, 'PullRequest', pullSchema);
}

/** Body of `/api/delete`. */
export function parseDeleteBody(body: string): Parsed<z.infer<typeof deleteSchema>> {
  return parse(body, 'DeleteRequest', deleteSchema);
}

/** Body of `/api/show`. */
export function parseShowBody(body: string): Parsed<z.infer<typeof showSchema>> {
  return parse(body, 'ShowRequest', showSchema);
}

/** Body of `/api/chat`. */
export function parseChatBody(body: string): Parsed<ChatBody> {
  const parsed = parse(body, 'ChatRequest', chatSchema);
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
  return parse(body, 'GenerateRequest', generateSchema);
}

function parse<T>(body: string, struct: keyof typeof FIELDS, schema: z.ZodType<T>): Parsed<T> {
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

function kindOf(value: unknown): string {
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

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Longest time that Go's Duration holds: 2^63 - 1 nanoseconds, 292 years. */
const FOREVER_MS = 9_223_372_036_854;

/** Default of `OLLAMA_KEEP_ALIVE`. */
const DEFAULT_KEEP_ALIVE_MS = 300_000;

/** `keep_alive` in milliseconds: a number of seconds or a Go duration ("10s", "1h30m"); below zero means for ever. */
export function parseKeepAlive(value: unknown): Parsed<number> {
  if (value === undefined || value === null) return { ok: true, value: DEFAULT_KEEP_ALIVE_MS };
  if (typeof value === 'number') return { ok: true, value: value < 0 ? FOREVER_MS : value * 1_000 };
  if (typeof value !== 'string') return { ok: false, error: `Unsupported type: '${kindOf(value)}'` };
  if (value === '0') return { ok: true, value: 0 };
  if (/^[+-]?[\d.]+$/.test(value)) return { ok: false, error: `time: missing unit in duration "${value}"` };
  const match = /^(-?)\+?((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(value);
  if (match === null) return { ok: false, error: `time: invalid duration "${value}"` };
  const [, sign, body = ''] = match;
  if (sign === '-') return { ok: true, value: FOREVER_MS };
  let milliseconds = 0;
  for (const [, amount = '0', unit = 's'] of body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    milliseconds += Number(amount) * (DURATION_UNITS_MS[unit] ?? 0);
  }
  return { ok: true, value: milliseconds };
}

/** What `think` asks for: null where the caller leaves it to the model. */
export function parseThink(value: unknown): Parsed<boolean | null> {
  if (value === undefined || value === null) return { ok: true, value: null };
  if (typeof value === 'boolean') return { ok: true, value };
  if (typeof value === 'string' && ['high', 'medium', 'low', 'max'].includes(value)) {
    return { ok: true, value: true };
  }
  return {
    ok: false,
    error: `invalid think value: ${JSON.stringify(value)} (must be "high", "medium", "low", "max", true, or false)`,
  };
}

const INTEGER_OPTIONS = [
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'num_keep',
  'num_predict',
  'seed',
  'top_k',
  'repeat_last_n',
];
const FLOAT_OPTIONS = [
  'temperature',
  'top_p',
  'min_p',
  'typical_p',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
];

/** The text of the 500 for an option of the wrong type, or null; unknown options are ignored. */
export function optionError(given: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(given)) {
    if (INTEGER_OPTIONS.includes(name) && typeof value !== 'number') {
      return `option "${name}" must be of type integer`;
    }
    if (FLOAT_OPTIONS.includes(name) && typeof value !== 'number') {
      return `option "${name}" must be of type float32`;
    }
    if (name === 'stop' && !Array.isArray(value)) return 'option "stop" must be of type array';
  }
  return null;
}
