import type { InstallErrorCode } from '../backends/installAdapter';
import { normaliseModelName } from '../backends/installAdapter';
import { parseJson } from '../shared/json';
import { BYTES_PER_GIB } from '../shared/units';
import type { HostId } from '../shared/modelRef';

/** Why the pool did not do what it was asked. Closed: the codes of the installers, and the pool's own. */
export type PoolErrorCode =
  | InstallErrorCode
  /** Policy may not install this: its organisation or family is not on the user's lists. */
  | 'not_allowed'
  | 'budget_exceeded'
  /** A call uses the model now. */
  | 'in_use'
  /** Something that is under way must end first, or has changed what was agreed to. */
  | 'busy'
  /** The state cannot be written now, so nothing was begun. */
  | 'storage_unavailable';

/** Every one of them, for reading them back. */
export const POOL_ERROR_CODES = [
  ...['advisory_only', 'failed_target_missing', 'installer_unavailable', 'install_failed'],
  ...['not_in_pool', 'parse_failed', 'disk_full', 'gated', 'cancelled', 'not_allowed'],
  ...['budget_exceeded', 'in_use', 'busy', 'storage_unavailable'],
] as const satisfies readonly PoolErrorCode[];

/** A layer on the server's disk. Two models with the same layer hold it once. */
export interface PoolBlob {
  /** `sha256:...`; another key where nobody said the real one. */
  readonly digest: string;
  readonly bytes: number;
}

/** What the pool knows of one installed model. Its key is backend and normalised name (`entryKey`). */
export interface PoolEntry {
  readonly backend: string;
  /** As the backend is asked for it. */
  readonly ollamaName: string;
  /** The catalogue's id; null where it has none for this model. */
  readonly hfRepoId: string | null;
  readonly quant: string;
  readonly family?: string;
  /** Bare hex digest of the manifest; null until the server has said it. */
  readonly digest: string | null;
  /** GiB as the server's manifest declares it. */
  readonly sizeOnDiskGb: number;
  readonly blobs: readonly PoolBlob[];
  /** Where `blobs` come from: the pull's events, the manifest on disk, or the tag's size alone. */
  readonly basis: 'pull' | 'manifest' | 'tag';
  /** ISO 8601. */
  readonly installedAt: string;
  /** ISO 8601; null: never since it is in the pool. */
  readonly lastUsedAt: string | null;
  /** 0..100 for the user's task. */
  readonly currentScore: number;
  readonly pinned: boolean;
  /** `user`: known, but outside the budget, and never removed by the pool. */
  readonly origin: 'pool' | 'user';
  readonly toolCalling?: boolean;
  /** It goes as soon as nothing uses it. No call chooses it by itself; who names it is answered as long as it is there. */
  readonly pendingEviction?: true;
}

/** Disk of one host: the budget binds each. */
export interface PoolDisk {
  readonly host: HostId;
  /** Distinct layers of the pool's own models, GiB. */
  readonly usedGb: number;
}

/** Bounds of the user, and what is installed within them. */
export interface PoolState {
  /** GiB on each host; 0 until it was configured. */
  readonly diskBudgetGb: number;
  /** Derived: what the pool holds on all hosts together, GiB. */
  readonly diskUsedGb: number;
  /** Derived, by host; hosts without an entry are absent. */
  readonly disks: readonly PoolDisk[];
  /** Sorted by backend and name. */
  readonly entries: readonly PoolEntry[];
  /** Organisations that policy may install from, case-sensitive; empty: none. */
  readonly allowedOrgs: readonly string[];
  /** Families that policy may install, case-insensitive; empty: all. */
  readonly allowedFamilies: readonly string[];
  /** ISO 8601; null: never. */
  readonly lastRefreshAt: string | null;
}

/** Names one model in the pool; a text, for maps and for lists in the state. */
export function entryKey(model: { readonly backend: string; readonly ollamaName: string }): string {
  return JSON.stringify([model.backend, normaliseModelName(model.ollamaName)]);
}

/** The normalised name in an `entryKey`. */
export function nameOfKey(key: string): string {
  const parts: unknown = parseJson(key);
  return Array.isArray(parts) ? String(parts[1]) : key;
}

/** Whole bytes of a size in GiB. Exact for what was bytes before. */
export function gibToBytes(gib: number): number {
  return Math.round(gib * BYTES_PER_GIB);
}
