import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelName } from './names';
import type { Layer, ModelPackage } from './package';
import type { Blob, PartialDownload, StoredModel } from './store';

/** Ollama's types of what a manifest names. */
const MEDIA_TYPES: Readonly<Record<Layer['role'], string>> = {
  data: 'application/vnd.ollama.image.tensor',
  model: 'application/vnd.ollama.image.model',
  template: 'application/vnd.ollama.image.template',
  system: 'application/vnd.ollama.image.system',
  license: 'application/vnd.ollama.image.license',
  params: 'application/vnd.ollama.image.params',
  messages: 'application/vnd.ollama.image.messages',
  config: 'application/vnd.docker.container.image.v1+json',
};

/**
 * A models folder as the real server keeps it (server/modelpath.go): `manifests/<registry>/<namespace>/<model>/<tag>`,
 * `blobs/sha256-<hex>`, and of a broken download `-partial` and `-partial-0`. Small layers are true; weights are files
 * with nothing but holes, as long as they should be, and a partial takes the blocks that it says.
 */
export class ModelsFolder {
  readonly manifests = new Watched<StoredModel>({
    set: (_key, model) => this.#writeManifest(model),
    delete: (_key, { name }) => rmSync(this.#manifestPath(name), { force: true }),
  });
  readonly blobs = new Watched<Blob>({
    set: (digest, { bytes, content }) => {
      if (content === undefined) writeHoles(this.#blobPath(digest), bytes);
      else writeFileSync(this.#blobPath(digest), content);
    },
    delete: (digest) => rmSync(this.#blobPath(digest), { force: true }),
  });
  readonly partials = new Watched<PartialDownload>({
    set: (digest, partial) => this.#writePartial(digest, partial),
    delete: (digest) => {
      for (const end of ['-partial', '-partial-0'])
        rmSync(`${this.#blobPath(digest)}${end}`, { force: true });
    },
  });

  constructor(private readonly folder: string) {
    mkdirSync(path.join(folder, 'blobs'), { recursive: true });
    mkdirSync(path.join(folder, 'manifests'), { recursive: true });
  }

  #writeManifest({ name, package: model, manifestError }: StoredModel): void {
    const file = this.#manifestPath(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, manifestError === undefined ? JSON.stringify(manifestOf(model)) : '{broken');
  }

  #writePartial(digest: string, { totalBytes, allocatedBytes, completedBytes }: PartialDownload): void {
    const file = `${this.#blobPath(digest)}-partial`;
    writeFileSync(file, Buffer.alloc(allocatedBytes, 1));
    truncateSync(file, totalBytes);
    writeFileSync(
      `${file}-0`,
      JSON.stringify({ N: 0, Offset: 0, Size: totalBytes, Completed: completedBytes }),
    );
  }

  #blobPath(digest: string): string {
    return path.join(this.folder, 'blobs', digest.replace(':', '-'));
  }

  #manifestPath({ host, namespace, model, tag }: ModelName): string {
    return path.join(this.folder, 'manifests', host, namespace, model, tag);
  }
}

/** A map that tells of every change. */
class Watched<T> extends Map<string, T> {
  constructor(
    private readonly told: {
      readonly set: (key: string, value: T) => void;
      readonly delete: (key: string, value: T) => void;
    },
  ) {
    super();
  }

  override set(key: string, value: T): this {
    super.set(key, value);
    this.told.set(key, value);
    return this;
  }

  override delete(key: string): boolean {
    const value = this.get(key);
    if (value === undefined) return false;
    this.told.delete(key, value);
    return super.delete(key);
  }
}

function manifestOf(model: ModelPackage): object {
  const described = model.layers.map(({ role, digest, size }) => ({
    mediaType: MEDIA_TYPES[role],
    digest,
    size,
  }));
  const isConfig = ({ mediaType }: { readonly mediaType: string }): boolean =>
    mediaType === MEDIA_TYPES.config;
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: described.find(isConfig),
    layers: described.filter((layer) => !isConfig(layer)),
  };
}

function writeHoles(file: string, bytes: number): void {
  writeFileSync(file, '');
  truncateSync(file, bytes);
}
