import { createHash } from 'node:crypto';
import { encodeGoJson } from './goJson';

/** `data` is a layer that nothing here reads. */
type LayerRole = 'data' | 'model' | 'template' | 'system' | 'license' | 'params' | 'messages' | 'config';

export interface Layer {
  readonly role: LayerRole;
  /** `sha256:<64 hex>`. */
  readonly digest: string;
  /** Bytes as the manifest declares them. */
  readonly size: number;
  /** Bytes that the registry really sends, where it lies about the size. */
  readonly transferBytes?: number;
  /** Of the small layers, whose digest is true; weights have none. */
  readonly content?: string;
}

type ParameterValue = number | string | boolean | readonly string[];

/** What the weights and the small layers say of a model; the source of tags, show and ps. */
export interface ModelFacts {
  readonly family: string;
  readonly parameterCount: number;
  /** As Ollama prints it, for example `8.0B`. */
  readonly parameterSize: string;
  readonly quantization: string;
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly blockCount: number;
  readonly headCount: number;
  readonly feedForwardLength: number;
  readonly capabilities: readonly string[];
  readonly template: string;
  readonly system?: string;
  readonly license?: string;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly parentModel?: string;
  /** GGUF's own number; converted files have it, others may not. */
  readonly quantizationVersion?: number;
  /** False where the weights are not a GGUF file: listed, but nothing can be done with it. */
  readonly readable: boolean;
}

/** What a model says; absent parts have defaults. */
interface ModelScript {
  readonly answer?: string;
  readonly thinking?: string;
  /** The call that the model makes when it has tools; by default the first tool offered. */
  readonly toolCall?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
  /** The model writes its tool call as text that Ollama does not recognise. */
  readonly toolCallAsText?: boolean;
  /** The answer repeats until something stops it. */
  readonly endless?: boolean;
}

/** How the registry treats this one model. */
export interface RegistryTrouble {
  /** Instead of the manifest: a status with a raw body, an error's text, or silence. */
  readonly manifest?: { readonly status: number; readonly body: string } | { readonly text: string } | 'hang';
  readonly blob?: 'missing' | 'no-location' | 'digest-mismatch';
  /** Each transfer stops moving here. */
  readonly stallAfterBytes?: number;
  /** The transfer breaks off here so many times, and loses what it had. */
  readonly drops?: { readonly afterBytes: number; readonly times: number };
}

/** A model as a registry offers it: layers in the order in which they are pulled, the config last. */
export interface ModelPackage {
  readonly layers: readonly Layer[];
  readonly facts: ModelFacts;
  readonly script?: ModelScript;
  readonly trouble?: RegistryTrouble;
}

export interface ModelDescription extends Partial<Omit<ModelFacts, 'readable'>> {
  /** Bytes of the weights. Default 400 MB. */
  readonly weightsBytes?: number;
  /** Digest of the weights; by default made from the other facts, so that equal descriptions share a blob. */
  readonly weightsDigest?: string;
  readonly readable?: boolean;
  readonly script?: ModelScript;
  readonly trouble?: RegistryTrouble;
  /** Layers as given, where their digests and sizes matter. */
  readonly layers?: readonly Layer[];
}

const DEFAULT_WEIGHTS_BYTES = 400_000_000;

/** A plausible model from whatever the test cares about. */
export function describeModel(description: ModelDescription = {}): ModelPackage {
  const { weightsBytes, weightsDigest, layers, script, trouble, ...given } = description;
  const facts: ModelFacts = {
    family: 'llama',
    parameterCount: 630_000_000,
    parameterSize: '630M',
    quantization: 'Q4_K_M',
    contextLength: 32_768,
    embeddingLength: 1_024,
    blockCount: 2,
    headCount: 16,
    feedForwardLength: 3_072,
    capabilities: ['completion'],
    template: '{{ .Prompt }}',
    readable: true,
    ...given,
  };
  return {
    layers: layers ?? layersOf(facts, weightsBytes ?? DEFAULT_WEIGHTS_BYTES, weightsDigest),
    facts,
    ...(script === undefined ? {} : { script }),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** `sha256:<hex>` of a text or of bytes. */
export function digestOf(text: string | Buffer): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The layer that holds the weights. */
export function weightsLayer(model: ModelPackage): Layer | undefined {
  return model.layers.find((layer) => layer.role === 'model');
}

/** Bytes of all layers as the manifest declares them: `size` in `/api/tags`. */
export function declaredBytes(model: ModelPackage): number {
  return model.layers.reduce((sum, layer) => sum + layer.size, 0);
}

/** Bare hex digest of the manifest: `digest` in `/api/tags`. */
export function manifestDigest(model: ModelPackage): string {
  const manifest = model.layers.map(({ role, digest, size }) => ({ role, digest, size }));
  return digestOf(JSON.stringify(manifest)).slice('sha256:'.length);
}

function layersOf(facts: ModelFacts, weightsBytes: number, weightsDigest: string | undefined): Layer[] {
  const seed = `${facts.family} ${facts.parameterSize} ${facts.quantization} ${weightsBytes}`;
  const small = (role: LayerRole, content: string | undefined): Layer[] =>
    content === undefined ? [] : [contentLayer(role, content)];
  return [
    { role: 'model', digest: weightsDigest ?? digestOf(`weights:${seed}`), size: weightsBytes },
    ...small('template', facts.template),
    ...small('system', facts.system),
    ...small('license', facts.license),
    ...small('params', facts.parameters && goDocument(sorted(facts.parameters))),
    ...small('messages', facts.messages && goDocument(facts.messages)),
    ...small('config', JSON.stringify({ model_family: facts.family, model_type: facts.parameterSize, seed })),
  ];
}

function contentLayer(role: LayerRole, content: string): Layer {
  return { role, digest: digestOf(content), size: Buffer.byteLength(content), content };
}

/** As Go's encoder writes a file: maps by key, and a line end. */
function goDocument(value: unknown): string {
  return `${encodeGoJson(value)}\n`;
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
