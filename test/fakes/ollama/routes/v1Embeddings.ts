import { z } from 'zod';
import { decodeGoJson } from '../goJson';
import { replyOpenAi, replyOpenAiError, replyUnreadable } from '../openAi';
import type { Exchange, Route } from '../world';
import { embedInput } from './embed';

/** OpenAI's embeddings over the same models. */
export const v1EmbeddingRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/embeddings', handle: embeddings },
];

const schema = z.object({
  model: z.string().default(''),
  input: z.unknown().optional(),
  dimensions: z.number().optional(),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

async function embeddings(exchange: Exchange): Promise<void> {
  const { body, response } = exchange;
  const decoded = decodeGoJson(body);
  if (!decoded.ok) return replyUnreadable(response, decoded.error);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) return replyUnreadable(response, 'json: cannot unmarshal');
  const { model, input, dimensions, encoding_format: encoding } = parsed.data;
  const done = await embedInput(exchange, model, input, dimensions === undefined ? {} : { dimensions });
  if (done === null) return;
  if (!done.ok) return replyOpenAiError(response, done.status, done.error);
  replyOpenAi(response, 200, {
    object: 'list',
    data: done.vectors.map((vector, index) => ({
      object: 'embedding',
      embedding: encoding === 'base64' ? base64Of(vector) : vector,
      index,
    })),
    model,
    usage: { prompt_tokens: done.tokens, total_tokens: done.tokens },
  });
}

/** 32-bit numbers, the lowest byte first. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}
