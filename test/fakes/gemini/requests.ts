import * as z from 'zod';
import type { FakeGeminiModel } from './models';

const object = z.record(z.string(), z.unknown());
const name = z.string().regex(/^[A-Za-z_][\w.:-]{0,127}$/);

/** Exactly one kind of data each, apart from the signature. */
const partSchema = z
  .strictObject({
    text: z.string().optional(),
    inlineData: z.strictObject({ mimeType: z.string(), data: z.base64() }).optional(),
    functionCall: z.strictObject({ id: z.string().optional(), name, args: object.optional() }).optional(),
    functionResponse: z.strictObject({ id: z.string().optional(), name, response: object }).optional(),
    /** Bytes, so base64 of either alphabet. */
    thoughtSignature: z
      .string()
      .regex(/^[\w+/-]+={0,2}$/)
      .optional(),
  })
  .refine((part) => Object.keys(part).filter((key) => key !== 'thoughtSignature').length === 1, {
    message: 'oneof field "data" must have one initialized field',
  });

const contentSchema = z.strictObject({
  role: z.enum(['user', 'model']).optional(),
  parts: z.array(partSchema),
});

/** A body of `streamGenerateContent`; the API refuses every field that it does not know. */
const bodySchema = z.strictObject({
  contents: z.array(contentSchema),
  systemInstruction: contentSchema.optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(
          z.strictObject({ name, description: z.string(), parametersJsonSchema: object.optional() }),
        ),
      }),
    )
    .optional(),
  generationConfig: z
    .strictObject({
      maxOutputTokens: z.number().int().min(1).optional(),
      temperature: z.number().min(0).max(2).optional(),
      seed: z.number().int().optional(),
      stopSequences: z.array(z.string().min(1)).max(5).optional(),
      thinkingConfig: z
        .strictObject({
          includeThoughts: z.boolean().optional(),
          thinkingBudget: z.number().int().optional(),
          thinkingLevel: z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']).optional(),
        })
        .optional(),
    })
    .optional(),
});
export type GeminiBody = z.infer<typeof bodySchema>;
type Content = GeminiBody['contents'][number];

export type ReadBody =
  { readonly ok: true; readonly body: GeminiBody } | { readonly ok: false; readonly message: string };

/** The shape of a body, or what the API says is wrong with it. */
export function readBody(value: unknown): ReadBody {
  const parsed = bodySchema.safeParse(value);
  if (parsed.success) return { ok: true, body: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const problem =
    issue?.code === 'unrecognized_keys'
      ? `Unknown name "${issue.keys[0] ?? ''}" at '${path}': Cannot find field.`
      : `Invalid value at '${path}': ${issue?.message ?? ''}`;
  return { ok: false, message: `Invalid JSON payload received. ${problem}` };
}

/** What the API says of a body whose shape is right; undefined where it takes it. */
export function refusalOf(body: GeminiBody, model: FakeGeminiModel): string | undefined {
  return thinkingRefusal(body, model) ?? orderRefusal(body.contents, model);
}

function thinkingRefusal({ generationConfig }: GeminiBody, model: FakeGeminiModel): string | undefined {
  const config = generationConfig?.thinkingConfig;
  if (!config) return undefined;
  const { thinkingBudget: budget, thinkingLevel: level } = config;
  if (budget !== undefined && level !== undefined) {
    return 'You can only set only one of thinking budget and thinking level.';
  }
  if (!model.budget && !model.levels) return 'Thinking is not supported for this model.';
  if (level !== undefined && !model.levels?.includes(level)) {
    return `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`;
  }
  if (budget === undefined || budget === -1) return undefined;
  if (!model.budget) return 'The fake wants a thinking level of this model.';
  if (budget === 0) {
    return model.budget.canStop ? undefined : 'Budget 0 is invalid. This model only works in thinking mode.';
  }
  const { min, max } = model.budget;
  return budget < min || budget > max
    ? `The thinking budget ${budget} is invalid. Please choose a value between ${min} and ${max}.`
    : undefined;
}

/** Turns of calls and results, as https://ai.google.dev/gemini-api/docs/function-calling wants them. */
function orderRefusal(contents: readonly Content[], model: FakeGeminiModel): string | undefined {
  if (contents.length === 0) return '* GenerateContentRequest.contents: contents is not specified';
  for (const [at, content] of contents.entries()) {
    if (content.parts.length === 0) {
      return `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
    }
    const before = contents[at - 1];
    const calls = callsIn(content);
    if (calls.length > 0 && (content.role !== 'model' || before?.role !== 'user')) {
      return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
    }
    if (model.wantsSignatures && calls.length > 0 && calls[0]?.thoughtSignature === undefined) {
      return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${calls[0]?.functionCall?.name ?? ''}\` , position ${at + 1}.`;
    }
    const responses = content.parts.filter((part) => part.functionResponse);
    const asked = before ? callsIn(before) : [];
    if (responses.length > 0 && asked.length === 0) {
      return 'Please ensure that function response turn comes immediately after a function call turn.';
    }
    if (asked.length !== responses.length) {
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    }
    const names = new Set(asked.map((part) => part.functionCall?.name));
    if (responses.some((part) => !names.has(part.functionResponse?.name ?? ''))) {
      return 'The name of a function response is not that of its call.';
    }
  }
  return contents.at(-1)?.role === 'model' ? 'The fake wants a user to speak last.' : undefined;
}

function callsIn(content: Content): readonly Content['parts'][number][] {
  return content.parts.filter((part) => part.functionCall);
}
