import type { HostId } from '../shared/modelRef';
import { bytesToGib } from '../shared/units';
import type { PoolBlob, PoolDisk, PoolEntry } from './poolState';

/** Bytes of the layers that these models hold on one disk, each layer once. */
export function distinctBytes(entries: readonly Pick<PoolEntry, 'blobs'>[]): number {
  let sum = 0;
  for (const bytes of blobSizes(entries).values()) sum += bytes;
  return sum;
}

/**
 * Bytes that removing `leaving` frees on a disk that holds `entries`: layers that no other model there has, each once.
 * Models are compared as objects: `leaving` are some of `entries`.
 */
export function freedBytes(entries: readonly PoolEntry[], leaving: readonly PoolEntry[]): number {
  const gone = new Set(leaving);
  const kept = blobSizes(entries.filter((entry) => !gone.has(entry)));
  let sum = 0;
  for (const [digest, bytes] of blobSizes(leaving)) if (!kept.has(digest)) sum += bytes;
  return sum;
}

/** What the pool's own models hold, host by host, sorted by host. */
export function disksOf(
  entries: readonly PoolEntry[],
  hostOf: (backend: string) => HostId,
): readonly PoolDisk[] {
  const own = entries.filter(({ origin }) => origin === 'pool');
  const byHost = Map.groupBy(own, ({ backend }) => hostOf(backend));
  return [...byHost]
    .map(([host, models]) => ({ host, usedGb: bytesToGib(distinctBytes(models)) }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

/**
 * The layers that a pull told about, made whole: a layer that arrives between two of the server's lines is never told,
 * so that what the tag declares beyond them is counted as one layer of this model alone.
 */
export function wholeBlobs(told: readonly PoolBlob[], tagBytes: number, digest: string): readonly PoolBlob[] {
  const missing = tagBytes - distinctBytes([{ blobs: told }]);
  return missing > 0 ? [...told, { digest: `rest:${digest}`, bytes: missing }] : told;
}

/** Two who tell different sizes of one layer: the larger counts. */
function blobSizes(entries: readonly Pick<PoolEntry, 'blobs'>[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { blobs } of entries) {
    for (const { digest, bytes } of blobs) sizes.set(digest, Math.max(bytes, sizes.get(digest) ?? 0));
  }
  return sizes;
}
