/** Longest host, and longest namespace, model and tag of a model's name. */
const LONGEST_HOST = 350;
const LONGEST_PART = 80;

const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/;
const NAMESPACE = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;
const MODEL_OR_TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Whether a FROM most likely means a file or folder; an empty one is the Modelfile's own folder. */
export function looksLikePath(text: string): boolean {
  return text === '' || /^[./~\\]|^[A-Za-z]:[\\/]|\\|\.(?:gguf|safetensors|bin)$/i.test(text);
}

/**
 * Whether Ollama (v0.32.15) takes a text for a model's name: `[host/][namespace/]model[:tag]`, each of letters, digits,
 * `_`, `-` and, but for the namespace, `.`, beginning with a letter, digit or `_`. A digest after `@` is not checked.
 */
export function isModelName(text: string): boolean {
  const [name = ''] = text.replace(/^[a-z]+:\/\//, '').split('@', 1);
  const parts = name.split('/');
  const [model = '', tag = 'latest', ...rest] = (parts.pop() ?? '').split(':');
  const namespace = parts.pop() ?? 'library';
  const host = parts.join('/') || 'host';
  return (
    rest.length === 0 &&
    isPart(model, MODEL_OR_TAG, LONGEST_PART) &&
    isPart(tag, MODEL_OR_TAG, LONGEST_PART) &&
    isPart(namespace, NAMESPACE, LONGEST_PART) &&
    isPart(host, HOST, LONGEST_HOST)
  );
}

function isPart(text: string, shape: RegExp, longest: number): boolean {
  return text.length <= longest && shape.test(text);
}

/** A model's name with everything that Ollama adds left out, so that two ways to write one name are the same. */
export function sameModelKey(name: string): string {
  const lower = name
    .toLowerCase()
    .replace(/^(?:registry\.)?ollama\.(?:ai|com)\//, '')
    .replace(/^library\//, '');
  return /:[^/]*$/.test(lower) ? lower : `${lower}:latest`;
}
