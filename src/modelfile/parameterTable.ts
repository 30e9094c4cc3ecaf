import * as l10n from '@vscode/l10n';

/** How Ollama reads a parameter's value. `strings`: any text, several add up. `ignored`: never looked at. */
export type ParameterType = 'integer' | 'float' | 'boolean' | 'strings' | 'ignored';

/**
 * - `current`: in use.
 * - `deprecated`: Ollama warns and drops it.
 * - `removed`: Ollama refuses the file.
 */
type ParameterStatus = 'current' | 'deprecated' | 'removed';

export interface ParameterDescription {
  readonly name: string;
  readonly type: ParameterType;
  readonly status: ParameterStatus;
  /** One line, our words. */
  readonly meaning: () => string;
  /** What holds when it is not set: a value, or words for a reader; null for deprecated and removed ones. */
  readonly defaultText: string | (() => string) | null;
  /** Values that make sense, both ends included. Ollama checks none: others are worth a warning, never an error. */
  readonly range: { readonly minimum: number; readonly maximum: number } | null;
  /** What ends of the range mean that are no amounts. */
  readonly note?: () => string;
}

const ANY_COUNT = Number.MAX_SAFE_INTEGER;

/**
 * The defaults are those of Ollama v0.32.15's own code, which differ from its documentation (num_ctx, seed). The ranges
 * are ours: what the samplers and runners behind Ollama can use.
 */
const CURRENT: readonly ParameterDescription[] = [
  integer(
    'num_ctx',
    () => l10n.t('Context length in tokens: what the model can see at once. The KV cache grows with it.'),
    {
      defaultText: () =>
        l10n.t('OLLAMA_CONTEXT_LENGTH, else by VRAM: 262144 from 47 GiB, 32768 from 23 GiB, else 4096'),
      range: { minimum: 0, maximum: ANY_COUNT },
      note: () => l10n.t('0: the default'),
    },
  ),
  integer('num_predict', () => l10n.t('Most tokens to generate.'), {
    defaultText: '-1',
    range: { minimum: -2, maximum: ANY_COUNT },
    note: () => l10n.t('-1: no limit, -2: until the context is full'),
  }),
  integer(
    'num_keep',
    () => l10n.t('Tokens at the start of the prompt that stay when a full context is shifted.'),
    {
      defaultText: '4',
      range: { minimum: -1, maximum: ANY_COUNT },
      note: () => l10n.t('-1: the whole prompt'),
    },
  ),
  integer('num_batch', () => l10n.t('Tokens of the prompt that are processed at once.'), {
    defaultText: '512',
    range: { minimum: 1, maximum: ANY_COUNT },
  }),
  integer('num_gpu', () => l10n.t('Layers to put on the GPU.'), {
    defaultText: '-1',
    range: { minimum: -1, maximum: ANY_COUNT },
    note: () => l10n.t('-1: as many as fit, 0: none'),
  }),
  integer('main_gpu', () => l10n.t('Number of the GPU that holds what is not split.'), {
    defaultText: () => l10n.t('not set'),
    range: { minimum: 0, maximum: 255 },
  }),
  integer('num_thread', () => l10n.t('Processor threads to use.'), {
    defaultText: '0',
    range: { minimum: 0, maximum: 1_024 },
    note: () => l10n.t('0: chosen by the runner'),
  }),
  integer('draft_num_predict', () => l10n.t('Tokens that the draft model guesses ahead.'), {
    defaultText: () => l10n.t('4 with a DRAFT, else 0'),
    range: { minimum: 0, maximum: 64 },
  }),
  integer(
    'seed',
    () => l10n.t('Start of the random numbers; the same seed and prompt give the same answer.'),
    {
      defaultText: '-1',
      range: { minimum: -1, maximum: 4_294_967_295 },
      note: () => l10n.t('-1: another one for each request'),
    },
  ),
  integer('top_k', () => l10n.t('How many of the likeliest tokens may be drawn.'), {
    defaultText: '40',
    range: { minimum: 0, maximum: ANY_COUNT },
    note: () => l10n.t('0: all of them'),
  }),
  integer('repeat_last_n', () => l10n.t('How many tokens back repeat_penalty looks.'), {
    defaultText: '64',
    range: { minimum: -1, maximum: ANY_COUNT },
    note: () => l10n.t('0: none, -1: the whole context'),
  }),
  float(
    'temperature',
    () => l10n.t('How freely tokens are drawn: 0 takes the likeliest, higher is more varied.'),
    '0.8',
    0,
    2,
  ),
  float(
    'top_p',
    () => l10n.t('Draws only from the likeliest tokens that together have this probability.'),
    '0.9',
    0,
    1,
  ),
  float('min_p', () => l10n.t('Leaves out tokens below this share of the likeliest one.'), '0', 0, 1),
  float(
    'typical_p',
    () => l10n.t('Draws only from tokens that are about as surprising as expected; 1 turns it off.'),
    '1',
    0,
    1,
  ),
  float('repeat_penalty', () => l10n.t('How much tokens that were just used lose; 1 is nothing.'), '1', 0, 2),
  float('presence_penalty', () => l10n.t('What a token loses once it has been used.'), '0', -2, 2),
  float('frequency_penalty', () => l10n.t('What a token loses each time it is used.'), '0', -2, 2),
  {
    ...{
      name: 'use_mmap',
      type: 'boolean',
      status: 'current',
      defaultText: () => l10n.t('not set'),
      range: null,
    },
    meaning: () => l10n.t('Whether the model file is mapped into memory instead of being read into it.'),
  },
  {
    ...{ name: 'stop', type: 'strings', status: 'current', defaultText: () => l10n.t('none'), range: null },
    meaning: () => l10n.t('A text that ends the answer. Several add up. Backslashes stay as they are.'),
  },
];

const DEPRECATED: readonly ParameterDescription[] = [
  ignored('penalize_newline', () => l10n.t('Whether newlines were penalised like other tokens.')),
  ignored('low_vram', () => l10n.t('Kept less in VRAM.')),
  ignored('f16_kv', () =>
    l10n.t('Kept the KV cache in 16 bits. OLLAMA_KV_CACHE_TYPE of the server decides now.'),
  ),
  ignored('logits_all', () => l10n.t('Returned the scores of all tokens.')),
  ignored('vocab_only', () => l10n.t('Loaded only the vocabulary.')),
  ignored('use_mlock', () => l10n.t('Kept the model from being swapped out.')),
  ignored('mirostat', () => l10n.t('Turned on a sampler that steered towards one level of surprise.')),
  ignored('mirostat_tau', () => l10n.t('Level of surprise that mirostat steered to.')),
  ignored('mirostat_eta', () => l10n.t('How fast mirostat steered.')),
];

const REMOVED: readonly ParameterDescription[] = [
  removed('tfs_z', () => l10n.t('Tail-free sampling. min_p does a similar thing.')),
  removed('numa', () => l10n.t('Placement of memory on machines with several memory nodes.')),
  removed('num_gqa', () => l10n.t('Number of attention groups, which is now read from the model file.')),
  removed('rope_frequency_base', () =>
    l10n.t('Base of the rotary embedding, which is now read from the model file.'),
  ),
  removed('rope_frequency_scale', () =>
    l10n.t('Scale of the rotary embedding, which is now read from the model file.'),
  ),
  removed('embedding_only', () => l10n.t('Loaded the model for embeddings only.')),
];

/** Every parameter that Ollama v0.32.15 knows, warns about or refuses, by name; names are case-sensitive. */
export const PARAMETERS: ReadonlyMap<string, ParameterDescription> = new Map(
  [...CURRENT, ...DEPRECATED, ...REMOVED].map((parameter) => [parameter.name, parameter]),
);

/** What holds when a parameter is not set, for a reader; null for deprecated and removed ones. */
export function defaultOf({ defaultText }: ParameterDescription): string | null {
  return typeof defaultText === 'function' ? defaultText() : defaultText;
}

function integer(
  name: string,
  meaning: () => string,
  rest: Required<Pick<ParameterDescription, 'defaultText' | 'range'>> & { readonly note?: () => string },
): ParameterDescription {
  return { name, meaning, type: 'integer', status: 'current', ...rest };
}

function float(
  name: string,
  meaning: () => string,
  defaultText: string,
  minimum: number,
  maximum: number,
): ParameterDescription {
  return { name, meaning, type: 'float', status: 'current', defaultText, range: { minimum, maximum } };
}

function ignored(name: string, meaning: () => string): ParameterDescription {
  return { name, meaning, type: 'ignored', status: 'deprecated', defaultText: null, range: null };
}

function removed(name: string, meaning: () => string): ParameterDescription {
  return { name, meaning, type: 'ignored', status: 'removed', defaultText: null, range: null };
}
