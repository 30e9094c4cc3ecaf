import * as l10n from '@vscode/l10n';
import type { InstallAdapter, InstalledModel } from '../backends/installAdapter';
import { isInstallError, normaliseModelName } from '../backends/installAdapter';
import { entryKey, gibToBytes, type PoolEntry } from './poolState';
import type { PoolStateStore } from './poolStateStore';

export type Reconciled =
  | {
      readonly status: 'reconciled';
      /** Names of entries that the server no longer has. */
      readonly dropped: readonly string[];
      /** What is installed there outside the pool. */
      readonly outside: readonly InstalledModel[];
    }
  /** Nothing was changed: the server did not answer, it is not ours to drive, or the state cannot be written. */
  | { readonly status: 'unknown'; readonly message: string };

/**
 * Makes the pool agree with what a server lists: entries that it no longer has are dropped, and those that were pulled
 * anew outside get their new size and digest. Nothing is ever taken in. What was installed after the list was asked for
 * stays, for that list cannot know it.
 */
export async function reconcile(
  store: PoolStateStore,
  adapter: InstallAdapter | undefined,
  backend: string,
  signal?: AbortSignal,
): Promise<Reconciled> {
  if (!adapter || adapter.advisory)
    return { status: 'unknown', message: l10n.t('{0} installs nothing for Model Pool.', backend) };
  const before = new Map(
    (await store.load()).entries
      .filter((entry) => entry.backend === backend)
      .map((entry) => [entryKey(entry), entry]),
  );
  let listed: readonly InstalledModel[];
  try {
    listed = await adapter.list(signal ? { signal } : {});
  } catch (thrown) {
    if (!isInstallError(thrown)) throw thrown;
    return { status: 'unknown', message: thrown.message };
  }
  const byName = new Map(listed.map((model) => [normaliseModelName(model.ollamaName), model]));
  const result = await store.update('pool.reconcile', (draft) => {
    const dropped: string[] = [];
    draft.entries = draft.entries.flatMap((entry) => {
      const known = before.get(entryKey(entry));
      if (known?.installedAt !== entry.installedAt) return [entry];
      const model = byName.get(normaliseModelName(entry.ollamaName));
      if (model) return [updated(entry, model)];
      dropped.push(entry.ollamaName);
      return [];
    });
    const own = new Set(draft.entries.map(entryKey));
    const outside = listed.filter(({ ollamaName }) => !own.has(entryKey({ backend, ollamaName })));
    return { dropped, outside };
  });
  if (!result.ok) return { status: 'unknown', message: result.message };
  return { status: 'reconciled', ...result.value };
}

function updated(entry: PoolEntry, model: InstalledModel): PoolEntry {
  const { digest = null, sizeOnDiskGb } = model;
  if (digest === null || digest === entry.digest) return entry;
  const next = { ...entry, digest, sizeOnDiskGb };
  if (entry.digest === null && sizeOnDiskGb === entry.sizeOnDiskGb) return next;
  const bytes = gibToBytes(sizeOnDiskGb);
  return { ...next, blobs: [{ digest: `tag:${digest}`, bytes }], basis: 'tag' };
}
