/**
 * Keeps the answers to a page in order. Questions about one topic are worked out at the same time, and some take
 * longer: an answer is not told any more when that to a later question is out, or when its page is gone.
 */
export class AnswersInOrder<Topic> {
  #asked = 0;
  #gone = 0;
  readonly #told = new Map<Topic, number>();

  /** To be called with a question; the function it returns with its answer: true where that may be told. */
  ask(topic: Topic): () => boolean {
    this.#asked += 1;
    const turn = this.#asked;
    return () => {
      if (turn <= this.#gone || turn < (this.#told.get(topic) ?? 0)) return false;
      this.#told.set(topic, turn);
      return true;
    };
  }

  /** What was asked until now was asked by a page that is gone. */
  reset(): void {
    this.#gone = this.#asked;
  }
}
