/** A model's name in its four parts, as Ollama reads it. */
export interface ModelName {
  readonly host: string;
  readonly namespace: string;
  readonly model: string;
  readonly tag: string;
}

const DEFAULT_HOST = 'registry.ollama.ai';
const DEFAULT_NAMESPACE = 'library';
const DEFAULT_TAG = 'latest';

const HOST_PART = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}$/;
const NAMESPACE_PART = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/;
const MODEL_PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/;

/**
 * Reads `[http[s]://][host/][namespace/]model[:tag]` and fills in the defaults; null where a part has characters that
 * Ollama refuses (a space, for example).
 */
export function parseModelName(text: string): ModelName | null {
  const withoutScheme = text.replace(/^https?:\/\//, '');
  const parts = withoutScheme.split('/');
  const last = parts.pop() ?? '';
  const colon = last.lastIndexOf(':');
  const model = colon === -1 ? last : last.slice(0, colon);
  const tag = colon === -1 ? DEFAULT_TAG : last.slice(colon + 1);
  const namespace = parts.pop() ?? DEFAULT_NAMESPACE;
  const host = parts.length === 0 ? DEFAULT_HOST : parts.join('/');
  const valid =
    HOST_PART.test(host) && NAMESPACE_PART.test(namespace) && MODEL_PART.test(model) && MODEL_PART.test(tag);
  return valid ? { host, namespace, model, tag } : null;
}

/** All four parts: what capability errors print. */
export function fullName(name: ModelName): string {
  return `${name.host}/${name.namespace}/${name.model}:${name.tag}`;
}

/** Without default host and namespace, always with the tag: what `/api/tags` prints. */
export function shortName(name: ModelName): string {
  const model = `${name.model}:${name.tag}`;
  if (name.host !== DEFAULT_HOST) return `${name.host}/${name.namespace}/${model}`;
  return name.namespace === DEFAULT_NAMESPACE ? model : `${name.namespace}/${model}`;
}

/** Names that differ only in case are one model. */
export function nameKey(name: ModelName): string {
  return fullName(name).toLowerCase();
}

/** Names that Ollama forwards to its own cloud instead of running them here. */
export function isCloudName(name: ModelName): boolean {
  return name.tag === 'cloud' || name.tag.endsWith('-cloud');
}
