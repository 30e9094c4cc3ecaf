import type { PoolEntry } from '../../src/pool/poolState';
import { BYTES_PER_GIB, bytesToGib } from '../../src/shared/units';

/** An entry of which a test says only what it is about. Its one blob is its own, of the size that it has. */
export function poolEntry(name: string, given: Partial<PoolEntry> = {}): PoolEntry {
  const sizeOnDiskGb = given.sizeOnDiskGb ?? 1;
  return {
    backend: 'ollama',
    ollamaName: name,
    hfRepoId: `org/${name}`,
    quant: 'Q4_K_M',
    digest: `digest-of-${name}`,
    sizeOnDiskGb,
    blobs: [{ digest: `sha256:${name}`, bytes: Math.round(sizeOnDiskGb * BYTES_PER_GIB) }],
    basis: 'pull',
    installedAt: '2026-11-01T00:00:00.000Z',
    lastUsedAt: null,
    currentScore: 50,
    pinned: false,
    origin: 'pool',
    ...given,
  };
}

/** An entry that holds these layers, of so many bytes each. */
export function entryOfBlobs(
  name: string,
  blobs: Readonly<Record<string, number>>,
  given: Partial<PoolEntry> = {},
): PoolEntry {
  const list = Object.entries(blobs).map(([digest, bytes]) => ({ digest, bytes }));
  const sum = list.reduce((total, { bytes }) => total + bytes, 0);
  return poolEntry(name, { ...given, blobs: list, sizeOnDiskGb: bytesToGib(sum) });
}
