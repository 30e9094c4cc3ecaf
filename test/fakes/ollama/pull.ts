import type { Downloads, Pace } from './downloads';
import type { FaultSwitches } from './faults';
import { strikes } from './faults';
import type { ModelName } from './names';
import type { Layer, ModelPackage } from './package';
import { digestOf } from './package';
import type { RemoteRegistry } from './remoteRegistry';
import type { ModelStore } from './store';
import { blobPath } from './store';
import { pause } from './pause';

/** One line of a pull's stream. */
export interface PullLine {
  readonly status: string;
  readonly digest?: string;
  readonly total?: number;
  /** Left out when 0, as Go's omitempty does. */
  readonly completed?: number;
}

export type PullEnd =
  | { readonly status: 'success' }
  | { readonly status: 'failed'; readonly error: string }
  /** The client went away; what was downloaded stays as a partial. */
  | { readonly status: 'left' };

interface PullParts {
  readonly store: ModelStore;
  readonly downloads: Downloads;
  readonly registry: RemoteRegistry;
  readonly faults: FaultSwitches;
  readonly pace: Pace;
}

const LEFT: PullEnd = { status: 'left' };

/**
 * Pulls a model layer after layer. `emit` gets every line but the error; the model is listed once this resolves with
 * success, never before.
 */
export async function pullModel(
  parts: PullParts,
  name: ModelName,
  insecure: boolean,
  emit: (line: PullLine) => void,
  signal: AbortSignal,
): Promise<PullEnd> {
  emit({ status: 'pulling manifest' });
  const manifest = parts.registry.manifest(name, insecure);
  if (manifest.status === 'silent') return pause(Infinity, signal).then(() => LEFT);
  if (manifest.status === 'failed') {
    return { status: 'failed', error: `pull model manifest: ${manifest.error}` };
  }
  if (strikes(parts.faults, 'readOnlyDisk')) {
    const partial = `${blobPath(manifest.package.layers[0]?.digest ?? '')}-partial`;
    return { status: 'failed', error: `open ${partial}: read-only file system` };
  }
  const fetched: Layer[] = [];
  for (const layer of manifest.package.layers) {
    const end = await pullLayer(parts, layer, manifest.package, emit, signal);
    if (end === 'cached') continue;
    if (end.status !== 'success') return end;
    fetched.push(layer);
  }
  emit({ status: 'verifying sha256 digest' });
  if ((await pause(parts.pace.verifyMs, signal)) === 'aborted') return LEFT;
  const mismatch = verify(parts, fetched, manifest.package);
  if (mismatch !== null) return { status: 'failed', error: mismatch };
  emit({ status: 'writing manifest' });
  const { replacedLayers } = parts.store.writeManifest(name, manifest.package);
  if (replacedLayers) emit({ status: 'removing unused layers' });
  emit({ status: 'success' });
  return { status: 'success' };
}

async function pullLayer(
  parts: PullParts,
  layer: Layer,
  model: ModelPackage,
  emit: (line: PullLine) => void,
  signal: AbortSignal,
): Promise<PullEnd | 'cached'> {
  const { digest } = layer;
  const line = (completedBytes: number, totalBytes: number): PullLine => ({
    status: `pulling ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
    digest,
    total: totalBytes,
    ...(completedBytes === 0 ? {} : { completed: completedBytes }),
  });
  const blob = parts.store.blobs.get(digest);
  if (blob !== undefined) {
    emit(line(blob.bytes, blob.bytes));
    return 'cached';
  }
  if (model.trouble?.blob === 'missing') return { status: 'failed', error: 'file does not exist' };
  if (model.trouble?.blob === 'no-location') {
    return { status: 'failed', error: 'http: no Location header in response' };
  }
  const end = await parts.downloads.fetch(
    layer,
    model.trouble,
    (completed, total) => emit(line(completed, total)),
    signal,
  );
  return end.status === 'done' ? { status: 'success' } : end;
}

/** Hashes what was downloaded; a layer that fails is removed and must be downloaded again. */
function verify(parts: PullParts, fetched: readonly Layer[], model: ModelPackage): string | null {
  const first = fetched[0];
  if (first === undefined) return null;
  if (model.trouble?.blob !== 'digest-mismatch' && !strikes(parts.faults, 'digestMismatch')) return null;
  parts.store.blobs.delete(first.digest);
  const got = digestOf(`damaged ${first.digest}`);
  return `digest mismatch, file must be downloaded again: want ${first.digest}, got ${got}`;
}
