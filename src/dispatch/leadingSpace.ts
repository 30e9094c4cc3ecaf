import type { WireEvent } from './dialect';

export type AnswerEvent = Exclude<WireEvent, { readonly type: 'end' }>;

/**
 * Holds back the white space that an answer begins with until something real comes: an answer that is nothing else is
 * empty, and can be asked for again as long as nothing of it was shown.
 */
export class LeadingSpace {
  #held: readonly AnswerEvent[] | null = [];

  /** What can be handed on now, in the order in which it came. */
  pass(event: AnswerEvent): readonly AnswerEvent[] {
    if (this.#held === null) return [event];
    const joined = join(this.#held, event);
    if (event.type !== 'toolCall' && event.text.trim() === '') {
      this.#held = joined;
      return [];
    }
    this.#held = null;
    return joined;
  }
}

/** The events with one more, which is joined to the last one where both are of one kind. */
function join(events: readonly AnswerEvent[], next: AnswerEvent): readonly AnswerEvent[] {
  const last = events.at(-1);
  if (last?.type === 'text' && next.type === 'text') {
    return [...events.slice(0, -1), { type: 'text', text: last.text + next.text }];
  }
  if (last?.type === 'thinking' && next.type === 'thinking') {
    return [...events.slice(0, -1), { type: 'thinking', text: last.text + next.text }];
  }
  return [...events, next];
}
