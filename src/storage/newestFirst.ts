import * as z from 'zod';

/** Records of one writer's file (or of memory), newest first. */
export interface RecordSource {
  /** Nothing in the source ended after this; ISO 8601 text, compared as text. */
  readonly latest: string;
  records(): AsyncIterator<unknown>;
}

const ended = z.object({ endedAt: z.string() });

interface Head {
  readonly iterator: AsyncIterator<unknown>;
  readonly record: unknown;
  readonly endedAt: string;
}

/**
 * Merges the records of several writers, newest first by their `endedAt`; a record without one keeps its place in its
 * source. A source is opened only when it may hold the next record.
 */
export async function* newestFirst(
  sources: readonly RecordSource[],
): AsyncGenerator<unknown, void, undefined> {
  const closed = [...sources].sort((a, b) => (a.latest < b.latest ? 1 : a.latest > b.latest ? -1 : 0));
  let heads: Head[] = [];
  try {
    for (;;) {
      const newest = heads.reduce<Head | undefined>(
        (best, head) => (best && best.endedAt >= head.endedAt ? best : head),
        undefined,
      );
      const next = closed[0];
      if (next && (!newest || next.latest >= newest.endedAt)) {
        closed.shift();
        const head = await advance(next.records(), next.latest);
        if (head) heads.push(head);
        continue;
      }
      if (!newest) return;
      yield newest.record;
      const following = await advance(newest.iterator, newest.endedAt);
      heads = heads.flatMap((head) => (head === newest ? (following ? [following] : []) : [head]));
    }
  } finally {
    for (const head of heads) await head.iterator.return?.();
  }
}

async function advance(iterator: AsyncIterator<unknown>, fallback: string): Promise<Head | undefined> {
  const step = await iterator.next();
  if (step.done === true) return undefined;
  const record: unknown = step.value;
  const parsed = ended.safeParse(record);
  return { iterator, record, endedAt: parsed.success ? parsed.data.endedAt : fallback };
}
