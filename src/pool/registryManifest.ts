import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import { huggingFacePageOf } from '../shared/huggingFacePage';
import type { HttpClient } from '../shared/http';
import type { PoolBlob } from './poolState';

const layer = z.object({ digest: z.string(), size: z.number().nonnegative() });
const manifestSchema = z.object({ config: z.exactOptional(layer), layers: z.array(layer) });

const LIBRARY = 'registry.ollama.ai';
/** As Ollama asks (server/images.go), else the registry answers with a page. */
const ACCEPT = 'application/vnd.docker.distribution.manifest.v2+json';
/** A person waits for it; the size that the catalogue has is nearly as good. */
const TIMEOUT_MS = 4_000;
/** A manifest has some kilobytes. */
const MAX_BYTES = 1024 * 1024;

export interface RegistryManifestOptions {
  readonly http: HttpClient;
  /** Whether outside hosts may be asked at all. */
  readonly online: () => boolean;
  /** Address of a registry by its host; `https://<host>` by default. */
  readonly addressOf?: (registryHost: string) => string;
}

/**
 * The layers that pulling a model would bring, as its registry says: what Ollama itself asks first. `gated` where
 * Hugging Face gives them to nobody that it does not know. Null where the registry does not say, may not be asked, or is
 * not one of the two that need no account (Ollama's and hf.co's).
 */
export async function askRegistry(
  modelName: string,
  { online, http, addressOf = (host) => `https://${host}` }: RegistryManifestOptions,
): Promise<readonly PoolBlob[] | 'gated' | null> {
  const where = manifestPath(modelName);
  if (where === null || !online()) return null;
  const { host, path } = where;
  try {
    const answer = await http.json(`${addressOf(host)}${path}`, manifestSchema, {
      ...{ headers: { accept: ACCEPT }, maxBytes: MAX_BYTES, signal: AbortSignal.timeout(TIMEOUT_MS) },
    });
    if (!answer.ok) {
      const { status } = answer.failure;
      return huggingFacePageOf(modelName) !== null && (status === 401 || status === 403) ? 'gated' : null;
    }
    const { config, layers } = answer.value;
    return [...layers, ...(config ? [config] : [])].map(({ digest, size }) => ({ digest, bytes: size }));
  } catch {
    // Too slow.
    return null;
  }
}

/** Where a registry has the manifest of a model; null for another registry than those two. */
function manifestPath(modelName: string): { readonly host: string; readonly path: string } | null {
  // Hugging Face tells upper case from lower: only what is compared may be normalised.
  const bare = modelName.trim().replace(/^https?:\/\//i, '');
  const ofHub = /^(?:hf\.co|huggingface\.co)\/([^/:]+)\/([^/:]+):([^/:]+)$/i.exec(bare);
  if (ofHub) {
    const [, owner = '', repo = '', tag = ''] = ofHub;
    return { host: 'hf.co', path: `/v2/${encode(owner)}/${encode(repo)}/manifests/${encode(tag)}` };
  }
  const ofLibrary = /^(?:([^/:]+)\/)?([^/:]+):([^/:]+)$/.exec(normaliseModelName(bare));
  if (!ofLibrary) return null;
  const [, namespace = 'library', model = '', tag = ''] = ofLibrary;
  return { host: LIBRARY, path: `/v2/${encode(namespace)}/${encode(model)}/manifests/${encode(tag)}` };
}

const encode = encodeURIComponent;
