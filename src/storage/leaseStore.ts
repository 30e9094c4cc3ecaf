/** The models that one window uses now. */
export interface Lease {
  readonly windowId: string;
  /** A digest each, or another key where a model has none; `unknown` where the file cannot be read: it may be any. */
  readonly models: readonly string[] | 'unknown';
}

/**
 * Which models are in use in any window, so that none is removed under a call. Implemented by `leaseFiles.ts`: one small
 * file a window, written when the set changes and every 5 s, ignored when it is older than 20 s.
 */
export interface LeaseStore {
  /** Sets what this window uses. Returns at once; never throws. */
  hold(models: readonly string[]): void;
  /**
   * What other windows use now. Rejects never; a file that cannot be read counts as in use until it is too old, and a
   * folder that cannot be read as one such file.
   */
  others(): Promise<readonly Lease[]>;
  /** Takes this window's file away; nothing is held from then on. Idempotent; rejects never. */
  dispose(): Promise<void>;
}

/** Whether any of these leases is on a model, by any of the keys that it may be known by. */
export function isLeased(leases: readonly Lease[], modelKeys: readonly string[]): boolean {
  return leases.some(({ models }) => models === 'unknown' || models.some((key) => modelKeys.includes(key)));
}
