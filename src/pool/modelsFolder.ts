import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import { parseJson } from '../shared/json';
import type { PoolBlob } from './poolState';

/** Disk that an unfinished download of Ollama holds. */
export interface PartialDownload {
  /** `sha256:...` of the layer. */
  readonly digest: string;
  /** What it really takes: the file is as long as the whole layer from the start, with holes. */
  readonly bytes: number;
  /** ISO 8601 of the last byte written. */
  readonly modifiedAt: string;
}

const layer = z.object({
  digest: z.string().regex(/^sha256[:-][0-9a-f]{64}$/),
  size: z.number().nonnegative(),
});
const manifestSchema = z.object({ config: z.exactOptional(layer), layers: z.array(layer) });

const DEFAULT_REGISTRY = 'registry.ollama.ai';
const DEFAULT_NAMESPACE = 'library';
const PARTIAL = /^sha256-([0-9a-f]{64})-partial$/;
/** Of POSIX, whatever the file system's own. */
const BYTES_PER_BLOCK = 512;

/**
 * The layers of an installed model by its manifest in Ollama's models folder, or null where it cannot be read: another
 * user's folder, another machine's, a name that is not there. The layout (`manifests/<registry>/<namespace>/<model>/<tag>`)
 * is Ollama's own (server/modelpath.go); names there are compared without case.
 */
export async function readManifestBlobs(
  modelsFolder: string,
  modelName: string,
): Promise<readonly PoolBlob[] | null> {
  const parts = manifestParts(modelName);
  if (parts === null) return null;
  try {
    let folder = path.join(modelsFolder, 'manifests');
    for (const part of parts) {
      const names = await readdir(folder);
      const found = names.find((name) => name === part) ?? names.find((name) => name.toLowerCase() === part);
      if (found === undefined) return null;
      folder = path.join(folder, found);
    }
    const parsed = manifestSchema.safeParse(parseJson(await readFile(folder, 'utf8')));
    if (!parsed.success) return null;
    const { config, layers } = parsed.data;
    const blobs = [...layers, ...(config ? [config] : [])];
    return blobs.map(({ digest, size }) => ({ digest: digest.replace('-', ':'), bytes: size }));
  } catch {
    return null;
  }
}

/** Unfinished downloads in Ollama's models folder, largest first; null where it cannot be read. */
export async function readPartials(modelsFolder: string): Promise<readonly PartialDownload[] | null> {
  const folder = path.join(modelsFolder, 'blobs');
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch {
    return null;
  }
  const partials = await Promise.all(
    names.map(async (name): Promise<readonly PartialDownload[]> => {
      const digest = PARTIAL.exec(name)?.[1];
      if (digest === undefined) return [];
      try {
        const { size, blocks, mtimeMs } = await stat(path.join(folder, name));
        // Windows tells no blocks.
        const bytes =
          blocks > 0 ? Math.min(size, blocks * BYTES_PER_BLOCK) : process.platform === 'win32' ? size : 0;
        return [{ digest: `sha256:${digest}`, bytes, modifiedAt: new Date(mtimeMs).toISOString() }];
      } catch {
        // It was finished or taken away meanwhile.
        return [];
      }
    }),
  );
  return partials.flat().sort((a, b) => b.bytes - a.bytes);
}

/** Registry, namespace, model and tag, in lower case; null for a name that could lead out of the folder. */
function manifestParts(modelName: string): readonly string[] | null {
  const normalised = normaliseModelName(modelName);
  const colon = normalised.lastIndexOf(':');
  const names = normalised.slice(0, colon).split('/');
  const tag = normalised.slice(colon + 1);
  const [model, namespace = DEFAULT_NAMESPACE, ...hosts] = names.toReversed();
  if (model === undefined || hosts.length > 1) return null;
  const parts = [hosts[0] ?? DEFAULT_REGISTRY, namespace, model, tag];
  return parts.every((part) => /^[^/\\]+$/.test(part) && part !== '.' && part !== '..') ? parts : null;
}
