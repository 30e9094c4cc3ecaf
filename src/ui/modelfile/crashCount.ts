/** Counts how often something has crashed lately. */
export class CrashCount {
  #crashesMs: readonly number[] = [];

  /**
   * @param most crashes that are too many
   * @param windowMs milliseconds within which they count together
   */
  constructor(
    private readonly most: number,
    private readonly windowMs: number,
  ) {}

  /** Notes a crash at a moment, in milliseconds since any fixed one; true where it was one too many. */
  isTooOften(nowMs: number): boolean {
    this.#crashesMs = [...this.#crashesMs.filter((ms) => nowMs - ms < this.windowMs), nowMs];
    return this.#crashesMs.length >= this.most;
  }
}
