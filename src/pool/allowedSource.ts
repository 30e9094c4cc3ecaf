import type { PoolState } from './poolState';

/** Names under which Ollama pulls from Hugging Face: `hf.co/<owner>/<repository>:<quant>`. */
const HUGGING_FACE_NAME = /^(?:hf\.co|huggingface\.co)\/([^/]+)\//i;

/**
 * Whether policy may download what a name stands for: builds of Ollama's own library, and repositories whose owner is on
 * the list. Whoever allows a maker has not allowed everybody who offers files under the name of its models: those are
 * proposed, and wait for a person.
 */
export function isSourceAllowed(bounds: Pick<PoolState, 'allowedOrgs'>, ollamaName: string): boolean {
  const owner = HUGGING_FACE_NAME.exec(ollamaName)?.[1];
  // A name without an address is of the library; any other address is nobody's whom a list could name.
  if (owner === undefined) return !ollamaName.includes('/');
  return bounds.allowedOrgs.includes(owner);
}
