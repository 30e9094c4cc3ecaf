import type { RepoFormat } from './discoveryLists';

/**
 * Organisations of Hugging Face that discovery asks, in the order of the first refresh; afterwards whoever was asked
 * longest ago comes first. Chosen from the snapshot, by whose GGUF files people install (data/PROVENANCE.md):
 *
 * - Converters first: four fifths of the snapshot's repositories are theirs, and they have files of a new model within
 *   days of its release, also of makers that publish none themselves (DeepSeek, Meta, Moonshot, MiniMax, OpenAI).
 *   mradermacher is left out on purpose: hundreds of merges a week would push everything else out.
 * - Then makers of chat models since 2025 that publish GGUF files of their own.
 *
 * Makers without GGUF files are not asked: the answer would always be empty, and cost two requests.
 */
export const DISCOVERY_ORGANISATIONS: readonly string[] = [
  ...['unsloth', 'bartowski', 'ggml-org', 'lmstudio-community'],
  ...['Qwen', 'google', 'mistralai', 'ibm-granite', 'LiquidAI', 'microsoft', 'nvidia', 'zai-org', 'allenai'],
  ...[
    'HuggingFaceTB',
    'LGAI-EXAONE',
    'openbmb',
    'NousResearch',
    'arcee-ai',
    'tencent',
    'baidu',
    'inclusionAI',
  ],
  ...['ai21labs', 'tiiuae', 'JetBrains', 'internlm', 'CohereLabs', 'swiss-ai', 'dphn'],
];

/** Where MLX conversions of others' models are. */
const MLX_ORGANISATIONS: readonly string[] = ['mlx-community', 'lmstudio-community'];

/** An organisation and what is looked for there; each format costs two requests. */
export interface AskedOrganisation {
  readonly name: string;
  readonly formats: readonly RepoFormat[];
}

/**
 * Whom a refresh asks: those whom the user allowed, for every format that runs here, then the built-in list. MLX files
 * are looked for on Apple machines alone, because nothing else runs them.
 */
export function organisationsToAsk(
  allowed: readonly string[],
  { runsMlx }: { readonly runsMlx: boolean },
): readonly AskedOrganisation[] {
  const asked = new Map<string, AskedOrganisation>();
  const add = (names: readonly string[], format: RepoFormat): void => {
    for (const name of names) {
      const formats = asked.get(name)?.formats ?? [];
      if (!formats.includes(format)) asked.set(name, { name, formats: [...formats, format] });
    }
  };
  add([...allowed, ...DISCOVERY_ORGANISATIONS], 'gguf');
  if (runsMlx) add([...allowed, ...MLX_ORGANISATIONS], 'mlx');
  return [...asked.values()];
}
