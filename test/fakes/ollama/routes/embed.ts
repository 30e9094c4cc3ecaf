import { z } from 'zod';
import { embeddingOf, embeddingRefusal } from '../embedding';
import { nanoseconds } from '../goTime';
import { findModel } from '../modelLookup';
import { parseModelName } from '../names';
import { replyError, replyJson } from '../reply';
import { DEFAULT_KEEP_ALIVE_MS } from '../runOptions';
import { parseBody } from '../requests';
import { countTokens } from '../script';
import type { StoredModel } from '../store';
import type { Exchange, Route, World } from '../world';

export const embedRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/embed', handle: embed },
  { method: 'POST', path: '/api/embeddings', handle: embeddings },
];

const embedSchema = z.object({
  model: z.string().nullish(),
  input: z.unknown().optional(),
  truncate: z.boolean().nullish(),
  dimensions: z.number().nullish(),
});
const embeddingsSchema = z.object({ model: z.string().nullish(), prompt: z.string().nullish() });

/** Vectors of texts; `input` is as it came. `error` is what Ollama's own route would say; null: nobody listens. */
export async function embedInput(
  { signal, world }: Exchange,
  modelName: string,
  input: unknown,
  options: { readonly truncate?: boolean; readonly dimensions?: number },
): Promise<
  | { readonly ok: true; readonly model: StoredModel; readonly vectors: number[][]; readonly tokens: number }
  | { readonly ok: false; readonly status: number; readonly error: string }
  | null
> {
  const texts = textsOf(input);
  if (texts === null) return { ok: false, status: 400, error: 'invalid input type' };
  const found = embeddingModel(world, modelName);
  if (!found.ok) return found;
  const { model } = found;
  const { contextLength } = model.package.facts;
  const longest = Math.max(0, ...texts.map(countTokens));
  if (longest > contextLength && options.truncate === false) {
    return { ok: false, status: 400, error: 'the input length exceeds the context length' };
  }
  const refusal = texts.length === 0 ? null : embeddingRefusal(model);
  if (refusal !== null) return { ok: false, status: 501, error: refusal };
  if (texts.length > 0 && !(await isLoaded(world, model, signal))) return null;
  return {
    ...{ ok: true, model },
    vectors: texts.map((text) => embeddingOf(text, model.package.facts.embeddingLength, options.dimensions)),
    tokens: texts.reduce((sum, text) => sum + Math.min(contextLength, countTokens(text)), 0),
  };
}

async function embed(exchange: Exchange): Promise<void> {
  const { body, response } = exchange;
  const started = performance.now();
  const parsed = parseBody(body, 'EmbedRequest', embedSchema);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const { model = '', input, truncate, dimensions } = parsed.value;
  const done = await embedInput(exchange, model ?? '', input, {
    truncate: truncate ?? true,
    ...(dimensions === null || dimensions === undefined ? {} : { dimensions }),
  });
  if (done === null) return;
  if (!done.ok) return replyError(response, done.status, done.error);
  const empty = done.vectors.length === 0;
  replyJson(response, 200, {
    model,
    embeddings: done.vectors,
    ...(empty
      ? {}
      : {
          total_duration: nanoseconds(performance.now() - started + 1),
          load_duration: nanoseconds(1),
          prompt_eval_count: done.tokens,
        }),
  });
}

/** The older route: one text, and no lengths. */
async function embeddings({ body, response, signal, world }: Exchange): Promise<void> {
  const parsed = parseBody(body, 'EmbeddingRequest', embeddingsSchema);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const found = embeddingModel(world, parsed.value.model ?? '');
  if (!found.ok) return replyError(response, found.status, found.error);
  const prompt = parsed.value.prompt ?? '';
  if (prompt === '') return replyJson(response, 200, { embedding: [] });
  const refusal = embeddingRefusal(found.model);
  if (refusal !== null) return replyError(response, 500, refusal);
  if (!(await isLoaded(world, found.model, signal))) return;
  replyJson(response, 200, { embedding: embeddingOf(prompt, found.model.package.facts.embeddingLength) });
}

/** Loads the model as a call does, and has done with it at once; false where the caller has left meanwhile. */
async function isLoaded({ runners }: World, model: StoredModel, signal: AbortSignal): Promise<boolean> {
  const wish = { contextTokens: undefined, shift: true };
  const lease = await runners.acquire(model, wish, DEFAULT_KEEP_ALIVE_MS, signal);
  if (lease.status !== 'ready') return false;
  lease.release();
  return true;
}

function embeddingModel(world: World, requested: string): ReturnType<typeof findModel> {
  const name = parseModelName(requested);
  const found = name === null ? null : findModel(world, name, requested);
  if (found?.ok === true || (found !== null && found.status !== 404)) return found;
  return {
    ok: false,
    status: 404,
    error: `model ${JSON.stringify(requested)} not found, try pulling it first`,
  };
}

/** Null for what is neither text nor texts. */
function textsOf(input: unknown): string[] | null {
  if (input === undefined || input === null || input === '') return [];
  if (typeof input === 'string') return [input];
  const texts = z.array(z.string()).safeParse(input);
  return texts.success ? texts.data : null;
}
