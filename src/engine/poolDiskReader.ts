import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { BackendConfig } from '../backends/contract';
import { freeBytes, ollamaModelsFolder } from '../pool/diskSpace';
import { readManifestBlobs, readPartials, type PartialDownload } from '../pool/modelsFolder';
import type { PoolBlob } from '../pool/poolState';
import { LOCAL_HOST } from '../shared/modelRef';

/** Where Ollama would be on this machine: stands for no backend (the empty id), for the first budget. */
const UNCONFIGURED = { kind: 'ollama', url: 'http://127.0.0.1:11434', host: LOCAL_HOST } as const;

type ModelsFolderBackend = Pick<BackendConfig, 'kind' | 'url' | 'host'>;

/** What can be read of the disk on which a backend keeps its models; null where it cannot be seen from here. */
export class PoolDiskReader {
  constructor(
    private readonly options: {
      readonly backends: { readonly config: (id: string) => ModelsFolderBackend | undefined };
      readonly env: Readonly<Record<string, string | undefined>>;
    },
  ) {}

  /** Free bytes on that volume. */
  async freeBytes(backendId: string): Promise<number | null> {
    const folder = await this.#folderOf(backendId);
    return folder === null ? null : freeBytes(folder);
  }

  /** Unfinished downloads, largest first. */
  async partials(backendId: string): Promise<readonly PartialDownload[] | null> {
    const folder = await this.#folderOf(backendId);
    return folder === null ? null : readPartials(folder);
  }

  /** The layers of an installed model. */
  async manifestBlobs(backendId: string, name: string): Promise<readonly PoolBlob[] | null> {
    const folder = await this.#folderOf(backendId);
    return folder === null ? null : readManifestBlobs(folder, name);
  }

  async #folderOf(backendId: string): Promise<string | null> {
    const { backends, env } = this.options;
    const backend = backendId === '' ? UNCONFIGURED : backends.config(backendId);
    if (backend?.kind !== 'ollama') return null;
    return ollamaModelsFolder({
      ...{ backend, env, platform: process.platform, homeFolder: homedir() },
      exists: (candidate) =>
        access(candidate).then(
          () => true,
          () => false,
        ),
    });
  }
}
