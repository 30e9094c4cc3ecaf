import * as z from 'zod';
import type { Logger } from '../shared/logger';

/** What the answers of several servers are made of. What makes no sense counts as not said, and costs no entry. */

/** The registry takes no longer texts. */
const MAX_TEXT_CHARACTERS = 200;

export const text = z.string().max(MAX_TEXT_CHARACTERS).optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
/** Bytes, parameters. */
export const amount = z.number().nonnegative().optional().catch(undefined);
export const tokens = z.number().int().positive().optional().catch(undefined);
export const names = z.array(z.string()).optional().catch(undefined);

/** A list as OpenAI's API has it, its entries not parsed yet; Ollama writes null for an empty one. */
export const dataAnswer = z.object({ data: z.array(z.unknown()).nullable() });

/** Log lines for one answer: a server that sends thousands of bad entries says nothing new with each. */
const MAX_DROPPED_LINES = 10;

/** The entries that are of the shape, in order; each other one is dropped with a log line. */
export function parseEach<T>(
  schema: z.ZodType<T>,
  entries: readonly unknown[] | null,
  route: string,
  logger: Logger,
): readonly T[] {
  const good: T[] = [];
  let dropped = 0;
  for (const [index, entry] of (entries ?? []).entries()) {
    const parsed = schema.safeParse(entry);
    if (parsed.success) good.push(parsed.data);
    else if (++dropped <= MAX_DROPPED_LINES) {
      logger.log('warn', 'backend.entry_dropped', { route, index, problem: z.prettifyError(parsed.error) });
    }
  }
  if (dropped > MAX_DROPPED_LINES) logger.log('warn', 'backend.entries_dropped', { route, count: dropped });
  return good;
}
