import { readFileSync } from 'node:fs';
import { z } from 'zod';

const CAPTURES = new URL('../../../fixtures/ollama/captures.jsonl', import.meta.url);

const capturedSchema = z.object({
  /** Place in the whole capture. */
  n: z.number(),
  name: z.string(),
  method: z.string(),
  path: z.string(),
  requestHeaders: z.record(z.string(), z.string()),
  requestBody: z.string().nullable(),
  /** Null where the client went away before the answer. */
  status: z.number().nullable(),
  headers: z.record(z.string(), z.string()),
  end: z.enum(['complete', 'client-cancelled', 'server-closed-early']),
  body: z.string().optional(),
  /** Streamed answers: milliseconds since the request and text; no milliseconds where chunks were left out. */
  chunks: z.array(z.tuple([z.number().nullable(), z.string()])).optional(),
  chunkCount: z.number().optional(),
});

/** One exchange of the real server. */
export type Captured = Readonly<z.infer<typeof capturedSchema>>;

/** The captured exchanges in the order in which they happened. */
export function loadCaptures(): Captured[] {
  return readFileSync(CAPTURES, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => capturedSchema.parse(JSON.parse(line)));
}
