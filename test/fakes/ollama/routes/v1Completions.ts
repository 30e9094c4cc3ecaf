import { z } from 'zod';
import type { AnswerFormat } from '../answer';
import { decodeGoJson } from '../goJson';
import { numberId } from '../madeUpIds';
import { OPENAI_VOICE, replyUnreadable, usageOf } from '../openAi';
import { parseGenerateBody } from '../requests';
import type { Exchange, Route, World } from '../world';
import { answerGenerate } from './generate';

/** OpenAI's older completions. Thinking is not told. */
export const v1CompletionRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/completions', handle: complete },
];

const schema = z.object({
  model: z.string().default(''),
  prompt: z.string().default(''),
  suffix: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
});

async function complete(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const decoded = decodeGoJson(exchange.body);
  if (!decoded.ok) return replyUnreadable(response, decoded.error);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) return replyUnreadable(response, 'json: cannot unmarshal');
  const { model, prompt, suffix, stream, max_tokens: maxTokens, temperature } = parsed.data;
  const options = { num_predict: maxTokens ?? undefined, temperature: temperature ?? undefined };
  const body = parseGenerateBody(JSON.stringify({ model, prompt, suffix, options, stream: stream ?? false }));
  if (!body.ok) return replyUnreadable(response, body.error);
  await answerGenerate(exchange, body.value, OPENAI_VOICE, completionFormat);
}

function completionFormat(world: World, model: string): AnswerFormat {
  const id = numberId('cmpl-', 1_000);
  const completion = (text: string, reason: string | null): object => ({
    ...{ id, object: 'text_completion', created: Math.floor(world.nowMs() / 1_000), model },
    ...{ system_fingerprint: 'fp_ollama', choices: [{ text, index: 0, finish_reason: reason }] },
  });
  return {
    lines: (piece) => [completion(piece.kind === 'content' ? piece.text : '', null)],
    end: (reason) => [completion('', reason), '[DONE]'],
    died: [completion('', null)],
    whole: ({ content }, reason, figures) => ({ ...completion(content, reason), usage: usageOf(figures) }),
  };
}
