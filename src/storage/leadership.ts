/**
 * One window at a time leads: it runs the background work of all. A leader that is closed or dies is followed by
 * another window within 30 s. Two leaders for a moment do no harm: every stored change is safe without it.
 * Implemented by `leaderLock.ts`.
 */
export interface Leadership {
  readonly leads: boolean;
  /** Calls the listener when this window begins or ceases to lead. */
  readonly onDidChange: (listener: (leads: boolean) => void) => () => void;
  /** Begins to stand for it; once, for one that was stopped does not start again. */
  start(): void;
  /** Steps down at once and resolves when another window can follow. Idempotent; rejects never. */
  stop(): Promise<void>;
}
