import type { BackendKind } from '../backends/contract';
import type { ModelRef } from '../shared/modelRef';
import type { CapabilityRule, WireFormat } from '../shared/routeSettings';

/** What a rule is matched with. */
export interface ModelTraits {
  readonly backend: string;
  readonly backendKind: string;
  readonly provider: string;
  readonly modelId: string;
  readonly family?: string | undefined;
}

/** What each kind of backend speaks. */
const BY_KIND: Readonly<Record<string, WireFormat>> = {
  ollama: 'ollama',
  llama_server: 'openai_compat',
  lm_studio: 'openai_compat',
  vllm: 'openai_compat',
  openai_compatible: 'openai_compat',
  openai: 'openai_compat',
  anthropic: 'anthropic_native',
  gemini: 'gemini',
  vscode: 'vscode',
} satisfies Readonly<Record<BackendKind, WireFormat>>;

/** What a server of an unknown kind most likely speaks. */
const FALLBACK: WireFormat = 'openai_compat';

/** What the user's rules and our own table say of a model. */
export interface ModelCapabilities {
  readonly wireFormat: WireFormat;
  /** Whether the wire format is the user's word. */
  readonly wireFormatPinned: boolean;
  /** The user's word; absent: whatever the registry knows. */
  readonly tools?: boolean;
  readonly thinking?: boolean;
}

export function traitsOf(ref: ModelRef, backendKind: string, family: string | undefined): ModelTraits {
  return { backend: ref.backend, backendKind, provider: ref.provider, modelId: ref.modelId, family };
}

/**
 * How a model is called and what it can do: for each of these the first of the user's rules that matches the model and
 * says it, else our own table. Never chosen from what a server answered. The editor's own models are asked through the
 * editor and no others are: a rule that says otherwise of the wire format does not count.
 */
export function capabilitiesOf(
  model: ModelTraits,
  userRules: readonly CapabilityRule[] = [],
): ModelCapabilities {
  const matching = userRules.filter((rule) => matches(rule, model));
  const own = BY_KIND[model.backendKind] ?? FALLBACK;
  const wireFormat = matching.find(
    (rule) => rule.wireFormat !== undefined && (rule.wireFormat === 'vscode') === (own === 'vscode'),
  )?.wireFormat;
  const tools = matching.find((rule) => rule.tools !== undefined)?.tools;
  const thinking = matching.find((rule) => rule.thinking !== undefined)?.thinking;
  return {
    wireFormat: wireFormat ?? own,
    wireFormatPinned: wireFormat !== undefined,
    ...(tools === undefined ? {} : { tools }),
    ...(thinking === undefined ? {} : { thinking }),
  };
}

function matches(rule: CapabilityRule, model: ModelTraits): boolean {
  return (
    (rule.backend === undefined || rule.backend === model.backend) &&
    (rule.provider === undefined || rule.provider === model.provider) &&
    (rule.family === undefined || rule.family.toLowerCase() === model.family?.toLowerCase()) &&
    matchesGlob(rule.model, model.modelId)
  );
}

/** Walks both texts with one point of return, so that no pattern takes more than length times length steps. */
function matchesGlob(glob: string, text: string): boolean {
  const pattern = Array.from(glob.toLowerCase());
  const subject = Array.from(text.toLowerCase());
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let index = 0; index < subject.length;) {
    const sign = pattern[at];
    if (sign === '*') {
      star = at;
      starAt = index;
      at += 1;
    } else if (sign !== undefined && (sign === '?' || sign === subject[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      starAt += 1;
      index = starAt;
    } else return false;
  }
  return pattern.slice(at).every((sign) => sign === '*');
}
