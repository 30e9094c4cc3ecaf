import type { ChatUsage } from './chat';
import type { WireEvent, WireFailure } from './dialect';
import { sseItems, type SseItem } from './sse';
import { failedEnd, malformedEnd } from './wireEnds';

/** What one dialect makes of the items of an event stream, in their order. */
export interface SseReading<T> {
  /** What an item holds; `ending`: the end mark; `other`: nothing of interest; undefined: nothing that can be read. */
  parse(item: SseItem): SseParsed<T>;
  events(value: T): Iterable<WireEvent>;
  /** The last events: after the end mark, else at the end of the body. None where the answer has no end. */
  ending(marked: boolean): Iterable<WireEvent>;
  /** What was counted until now. */
  usage(): ChatUsage;
}

export type SseParsed<T> =
  { readonly value: T } | { readonly failure: WireFailure } | 'ending' | 'other' | undefined;

/** Reads an answer that comes as an event stream, for `Dialect.decode`. After its end only the rest is read. */
export async function* readSseAnswer<T>(
  body: AsyncIterable<Uint8Array>,
  reading: SseReading<T>,
): AsyncGenerator<WireEvent, void, undefined> {
  let ended = false;
  for await (const item of sseItems(body)) {
    if (ended) continue;
    const parsed = reading.parse(item);
    if (parsed === 'other') continue;
    if (parsed === 'ending') ended = yield* passed(reading.ending(true));
    else if (parsed === undefined) {
      // A cut event is the last one: the connection broke off in it.
      if (item.type === 'data' && item.cut) break;
      yield malformedEnd(reading.usage());
      return;
    } else if ('failure' in parsed) {
      yield failedEnd(parsed.failure, reading.usage());
      return;
    } else ended = yield* passed(reading.events(parsed.value));
  }
  if (ended || (yield* passed(reading.ending(false)))) return;
  yield failedEnd({ code: 'truncated' }, reading.usage());
}

/** Hands events on, and returns whether the end was among them. */
function* passed(events: Iterable<WireEvent>): Generator<WireEvent, boolean, undefined> {
  let ended = false;
  for (const event of events) {
    ended ||= event.type === 'end';
    yield event;
  }
  return ended;
}
