import type { ModelsFolder } from './modelsFolder';
import type { Layer, ModelPackage } from './package';
import { manifestDigest, weightsLayer } from './package';
import type { ModelName } from './names';
import { nameKey, parseModelName, shortName } from './names';

/** Where the real server of the captures kept its models; error texts name files in it. */
const MODELS_DIR = '/home/user/.ollama/models';

/** Partials and blobs that no manifest names are deleted at a server start when they are older than this. */
const PRUNE_AGE_MS = 3_600_000;

export interface StoredModel {
  readonly name: ModelName;
  readonly package: ModelPackage;
  /** Bare hex digest of the manifest. */
  readonly digest: string;
  readonly modifiedAtMs: number;
  /** Set where the manifest file is damaged: what reading it says. */
  readonly manifestError?: string;
}

export interface Blob {
  readonly bytes: number;
  readonly storedAtMs: number;
  /** Of a small layer. */
  readonly content?: string;
  /** Of an uploaded file: the model that Ollama makes of it, null where it is no GGUF file. */
  readonly file?: ModelPackage | null;
  /** Set where loading these weights fails: what the loader says. */
  loadError?: string;
}

/** A download that was broken off. */
export interface PartialDownload {
  readonly totalBytes: number;
  /** What the part files say is done: a resumed pull continues here. */
  completedBytes: number;
  /** Blocks on disk; the file itself is sparse and of full apparent size. */
  allocatedBytes: number;
  touchedAtMs: number;
}

/** The models folder: manifests by name, blobs and partials by digest. Bytes are counted, never allocated. */
export class ModelStore {
  readonly manifests: Map<string, StoredModel>;
  readonly blobs: Map<string, Blob>;
  readonly partials: Map<string, PartialDownload>;
  /** Manifests whose capabilities the server has read while the weights were there; forgotten at a restart. */
  readonly #known = new Set<string>();

  /** `folder` is kept as the real models folder; null for none. */
  constructor(
    private readonly nowMs: () => number,
    folder: ModelsFolder | null = null,
  ) {
    this.manifests = folder?.manifests ?? new Map<string, StoredModel>();
    this.blobs = folder?.blobs ?? new Map<string, Blob>();
    this.partials = folder?.partials ?? new Map<string, PartialDownload>();
  }

  /** Puts a model and all its layers there, as a finished pull or create does. */
  install(name: string, model: ModelPackage): void {
    for (const layer of model.layers) {
      if (!this.blobs.has(layer.digest)) this.addBlob(layer);
    }
    this.writeManifest(nameOrThrow(name), model);
  }

  /** Gives an installed model a second name; all layers are shared. */
  copy(source: string, destination: string): void {
    const model = this.find(nameOrThrow(source));
    if (model === undefined) throw new Error(`no model ${source} to copy`);
    this.writeManifest(nameOrThrow(destination), model.package);
  }

  find(name: ModelName): StoredModel | undefined {
    return this.manifests.get(nameKey(name));
  }

  /** Names of what is installed, sorted. */
  names(): string[] {
    return [...this.manifests.values()].map((model) => shortName(model.name)).sort();
  }

  /** Writes a manifest over the one before, whose layers go where nothing needs them. */
  writeManifest(name: ModelName, model: ModelPackage): { readonly replacedLayers: boolean } {
    const before = this.find(name);
    this.manifests.set(nameKey(name), {
      name: before?.name ?? name,
      package: model,
      digest: manifestDigest(model),
      modifiedAtMs: this.nowMs(),
    });
    if (before === undefined) return { replacedLayers: false };
    this.#dropUnused(before.package.layers);
    const kept = new Set(model.layers.map((layer) => layer.digest));
    return { replacedLayers: before.package.layers.some((layer) => !kept.has(layer.digest)) };
  }

  /** Removes the manifest and every layer that no other manifest names. Partials stay. */
  remove(model: StoredModel): void {
    this.manifests.delete(nameKey(model.name));
    this.#dropUnused(model.package.layers);
  }

  /** Damages a manifest file: the model leaves the list, and reading it fails with this text. */
  corruptManifest(name: string, error: string): void {
    const model = this.find(nameOrThrow(name));
    if (model === undefined) throw new Error(`no model ${name} to damage`);
    this.manifests.set(nameKey(model.name), { ...model, manifestError: error });
  }

  addBlob(layer: Layer): void {
    this.blobs.set(layer.digest, {
      bytes: layer.transferBytes ?? layer.size,
      storedAtMs: this.nowMs(),
      ...(layer.content === undefined ? {} : { content: layer.content }),
    });
    this.partials.delete(layer.digest);
  }

  /** Keeps an uploaded file; `file` is the model that is made of it, null where it is no GGUF file. */
  addFile(digest: string, bytes: number, file: ModelPackage | null): void {
    this.blobs.set(digest, { bytes, storedAtMs: this.nowMs(), file });
  }

  hasWeights(model: StoredModel): boolean {
    const layer = weightsLayer(model.package);
    return layer !== undefined && this.blobs.has(layer.digest);
  }

  /** Why loading these weights fails, or undefined. */
  loadError(model: StoredModel): string | undefined {
    return this.blobs.get(weightsLayer(model.package)?.digest ?? '')?.loadError;
  }

  /**
   * Capabilities as the server sees them now: none where the weights are not a GGUF file, and none where the blob is
   * gone, unless the server had read them before.
   */
  capabilities(model: StoredModel): readonly string[] {
    if (!model.package.facts.readable) return [];
    const key = `${nameKey(model.name)} ${model.digest}`;
    if (this.hasWeights(model)) this.#known.add(key);
    return this.#known.has(key) ? model.package.facts.capabilities : [];
  }

  /** Bytes on disk: blobs, and the allocated blocks of partials. */
  usedBytes(): number {
    let sum = 0;
    for (const blob of this.blobs.values()) sum += blob.bytes;
    for (const partial of this.partials.values()) sum += partial.allocatedBytes;
    return sum;
  }

  /** What a server start does: old partials and old blobs without a manifest go, and what was read is forgotten. */
  startUp(): void {
    const oldest = this.nowMs() - PRUNE_AGE_MS;
    const used = this.#usedDigests();
    for (const [digest, partial] of this.partials) {
      if (partial.touchedAtMs <= oldest) this.partials.delete(digest);
    }
    for (const [digest, blob] of this.blobs) {
      if (!used.has(digest) && blob.storedAtMs <= oldest) this.blobs.delete(digest);
    }
    this.#known.clear();
  }

  #dropUnused(layers: readonly Layer[]): void {
    const used = this.#usedDigests();
    for (const { digest } of layers) {
      if (!used.has(digest)) this.blobs.delete(digest);
    }
  }

  #usedDigests(): Set<string> {
    const digests = new Set<string>();
    for (const model of this.manifests.values()) {
      for (const layer of model.package.layers) digests.add(layer.digest);
    }
    return digests;
  }
}

/** Path of a blob's file, as error texts print it. */
export function blobPath(digest: string): string {
  return `${MODELS_DIR}/blobs/${digest.replace(':', '-')}`;
}

/** Path of a manifest's file, as error texts print it. */
export function manifestPath({ host, namespace, model, tag }: ModelName): string {
  return `${MODELS_DIR}/manifests/${host}/${namespace}/${model}/${tag}`;
}

function nameOrThrow(text: string): ModelName {
  const name = parseModelName(text);
  if (name === null) throw new Error(`not a model name: ${text}`);
  return name;
}
