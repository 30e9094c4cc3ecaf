import type { ParseError } from 'eventsource-parser';
import { createParser } from 'eventsource-parser';

/** Largest event that is kept; a server that never ends one cannot fill the memory. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

export type SseItem =
  /** `event`: its name, where it has one. `cut`: the stream ended before the empty line that ends an event. */
  | {
      readonly type: 'data';
      readonly event?: string | undefined;
      readonly data: string;
      readonly cut: boolean;
    }
  /** llama-server of before 2025 writes an error as a field of its own. */
  | { readonly type: 'error'; readonly text: string }
  /** What comes is not an event stream: a web page, plain JSON, an endless event. */
  | { readonly type: 'notSse' };

/** Server-sent events of a byte stream. Nothing is yielded after `notSse`. */
export async function* sseItems(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseItem, void, undefined> {
  const decoder = new TextDecoder();
  let items: SseItem[] = [];
  let sawEvent = false;
  let atEnd = false;
  const onError = (error: ParseError): void => {
    if (error.type === 'unknown-field' && error.field === 'error') {
      items.push({ type: 'error', text: error.value ?? '' });
      return;
    }
    // Once events have come, an unknown field is ignored, as the standard says; the last one may be a known one, cut.
    const unknown = error.type === 'unknown-field' && !sawEvent && !(atEnd && isCutField(error.field ?? ''));
    if (unknown || error.type === 'max-buffer-size-exceeded') items.push({ type: 'notSse' });
  };
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ event, data }) => {
      sawEvent = true;
      items.push({ type: 'data', event, data, cut: atEnd });
    },
    onError,
  });
  const taken = function* (): Generator<SseItem, void, undefined> {
    const ready = items;
    items = [];
    yield* ready;
  };
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    for (const item of taken()) {
      yield item;
      if (item.type === 'notSse') return;
    }
  }
  // Some servers leave out the empty line after the last event.
  atEnd = true;
  parser.feed(`${decoder.decode()}\n\n`);
  yield* taken();
}

function isCutField(field: string): boolean {
  return ['data', 'event', 'id', 'retry'].some((known) => known.startsWith(field));
}
