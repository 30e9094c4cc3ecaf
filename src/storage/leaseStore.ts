/** The models that one window uses now: a digest each, or another key where a model has none. */
export interface Lease {
  readonly windowId: string;
  readonly models: readonly string[];
}

/**
 * Which models are in use in any window, so that none is removed under a call. Implemented by `leaseFiles.ts`: one small
 * file a window, written when the set changes and every 5 s, ignored when it is older than 20 s.
 */
export interface LeaseStore {
  /** Sets what this window uses. Returns at once; never throws. */
  hold(models: readonly string[]): void;
  /** What other windows use now. Rejects never; a file that cannot be read counts as in use until it is too old. */
  others(): Promise<readonly Lease[]>;
  /** Takes this window's file away. */
  dispose(): Promise<void>;
}
