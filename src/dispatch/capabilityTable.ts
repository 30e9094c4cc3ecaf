import type { WireFormat } from './route';

/** Which models speak which wire format. */
export interface CapabilityRule {
  /** A backend kind; absent = any. */
  readonly backendKind?: string;
  /** Glob on the model id: `*` is any text, `?` any character, everything else itself; letters of either case. */
  readonly model: string;
  readonly wireFormat: WireFormat;
}

/** What we know of a kind ourselves; null: it cannot be called yet, for no dialect here speaks as it does. */
interface BuiltInRule {
  readonly backendKind: string;
  readonly model: string;
  readonly wireFormat: WireFormat | null;
}

const BUILT_IN_RULES: readonly BuiltInRule[] = [
  { backendKind: 'ollama', model: '*', wireFormat: 'ollama' },
  { backendKind: 'llama_server', model: '*', wireFormat: 'openai_compat' },
  { backendKind: 'lm_studio', model: '*', wireFormat: 'openai_compat' },
  { backendKind: 'vllm', model: '*', wireFormat: 'openai_compat' },
  { backendKind: 'openai_compatible', model: '*', wireFormat: 'openai_compat' },
  { backendKind: 'openai', model: '*', wireFormat: 'openai_compat' },
  { backendKind: 'anthropic', model: '*', wireFormat: null },
  { backendKind: 'gemini', model: '*', wireFormat: null },
  { backendKind: 'vscode', model: '*', wireFormat: null },
];

/** What a server of an unknown kind most likely speaks. */
const FALLBACK: WireFormat = 'openai_compat';

/**
 * The wire format of a model: the first rule that matches, the user's before the built-in ones. Never chosen from what
 * a server answered. Null where the model is listed but cannot be called.
 */
export function wireFormatOf(
  backendKind: string,
  modelId: string,
  userRules: readonly CapabilityRule[] = [],
): WireFormat | null {
  const rule = [...userRules, ...BUILT_IN_RULES].find(
    (candidate) =>
      (candidate.backendKind === undefined || candidate.backendKind === backendKind) &&
      matchesGlob(candidate.model, modelId),
  );
  return rule === undefined ? FALLBACK : rule.wireFormat;
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
