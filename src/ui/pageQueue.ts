/** Messages that the page has not confirmed yet; further ones wait, so that a busy page is not flooded. */
const MAX_UNCONFIRMED = 32;
/** Messages that wait. Above it the oldest that only tell of progress are dropped. */
const MAX_WAITING = 1_024;

export interface PageQueueOptions<Message> {
  readonly send: (message: Message) => void;
  /** Whether a message only tells how something goes on, so that a later one makes up for it. */
  readonly isProgress: (message: Message) => boolean;
}

/**
 * Messages on their way to a page, in order. The page confirms each that it has handled; while it does not keep up at
 * most 1,024 wait. The oldest progress is dropped then, and counted; all other messages are kept, however many.
 */
export class PageQueue<Message> {
  #waiting: Message[] = [];
  #unconfirmed = 0;
  #dropped = 0;

  constructor(private readonly options: PageQueueOptions<Message>) {}

  /** How many messages were dropped since the page was loaded. */
  get dropped(): number {
    return this.#dropped;
  }

  push(message: Message): void {
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) this.#dropOldestProgress();
    this.#sendOn();
  }

  /** The page has handled one message. */
  confirmed(): void {
    this.#unconfirmed = Math.max(0, this.#unconfirmed - 1);
    this.#sendOn();
  }

  /** The page is gone or loaded anew: what waited for it means nothing to the next one. */
  reset(): void {
    this.#waiting = [];
    this.#unconfirmed = 0;
    this.#dropped = 0;
  }

  #sendOn(): void {
    while (this.#unconfirmed < MAX_UNCONFIRMED) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#unconfirmed += 1;
      this.options.send(message);
    }
  }

  #dropOldestProgress(): void {
    const oldest = this.#waiting.findIndex(this.options.isProgress);
    if (oldest < 0) return;
    this.#waiting.splice(oldest, 1);
    this.#dropped += 1;
  }
}
