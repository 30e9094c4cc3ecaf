import * as l10n from '@vscode/l10n';
import type { Shell } from './shellQuote';
import { refusalOfArgument, shellQuote } from './shellQuote';

export const INSTALL_TOOLS = ['ollama', 'lmstudio', 'vllm', 'llamacpp'] as const;
export type InstallTool = (typeof INSTALL_TOOLS)[number];

/** What is needed to name a model to every tool. */
export interface InstallTarget {
  /** Hugging Face id of the model itself (its safetensors repository). */
  readonly hfRepoId: string;
  /** Name in Ollama's library, where there is one. */
  readonly ollamaName?: string;
  /** Hugging Face repository of its GGUF files, where there is one. */
  readonly ggufRepo?: string;
  /** Hugging Face repository of its MLX files, where this build is one; only LM Studio downloads those. */
  readonly mlxRepo?: string;
  /** Quantisation as the files name it, for example `Q4_K_M`. */
  readonly quant?: string;
}

export interface InstallCommandOptions {
  /** Context to serve with, in tokens: the longest that fits this machine. Left out where nobody knows. */
  readonly contextTokens?: number;
  /** The same for the unquantised model, which vLLM serves; 0: it does not fit. Left out where nobody knows. */
  readonly unquantisedContextTokens?: number;
  /** Layers to put on the GPU for llama.cpp; 0 = CPU only. Left out: llama.cpp decides. */
  readonly gpuLayers?: number;
  readonly shell: Shell;
}

export interface InstallCommand {
  readonly tool: InstallTool;
  readonly label: string;
  /** One line for the user's shell; absent where there is no safe or no possible command: `note` says why. */
  readonly command?: string;
  readonly note: string;
}

export const TOOL_LABELS = {
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  vllm: 'vLLM',
  llamacpp: 'llama.cpp',
} as const satisfies Record<InstallTool, string>;

/** What fits the machine; see `InstallCommandOptions`. */
export type CommandLimits = Pick<InstallCommandOptions, 'contextTokens' | 'gpuLayers'>;

/**
 * How each tool is asked for a model by the tool's own name of it. Spellings: `ollama pull --help`; lms,
 * src/subcommands/get.ts; docs.vllm.ai, "vllm serve"; `llama-server --help`. llama.cpp takes a file where the name says so.
 */
export const TOOL_WORDS: Record<InstallTool, (name: string, limits: CommandLimits) => readonly string[]> = {
  ollama: (name) => ['ollama', 'pull', name],
  lmstudio: (name) => ['lms', 'get', name],
  vllm: (name, { contextTokens }) => ['vllm', 'serve', name, ...option('--max-model-len', contextTokens)],
  llamacpp: (name, { contextTokens, gpuLayers }) => [
    ...['llama-server', /\.gguf$/i.test(name) ? '-m' : '-hf', name],
    ...option('-c', contextTokens),
    ...option('-ngl', gpuLayers),
  ],
};

function option(flag: string, value: number | undefined): readonly string[] {
  return value === undefined ? [] : [flag, String(value)];
}

/** Words of a command and which names from outside went into them, or why there is none. */
type Plan =
  | { readonly words: readonly string[]; readonly names: readonly string[]; readonly note: string }
  | { readonly note: string };

/**
 * `owner/name` as Hugging Face allows it, or a bare name of old; more than a shell needs, because the id becomes part of
 * an address, and because a tool that is given anything else may take it for a path.
 */
const REPOSITORY = /^(?:[A-Za-z0-9_][\w.-]*\/)?[A-Za-z0-9_][\w.-]*$/;

/** The command of each tool that gets this model, in the order of `INSTALL_TOOLS`; nothing is run. */
export function renderInstallCommands(
  model: InstallTarget,
  options: InstallCommandOptions,
): readonly InstallCommand[] {
  return INSTALL_TOOLS.map((tool) => {
    const plan = PLANS[tool](model, options);
    const base = { tool, label: TOOL_LABELS[tool] };
    if (!('words' in plan)) return { ...base, note: plan.note };
    const command = renderCommand(plan.words, plan.names, options.shell);
    if (typeof command === 'string') return { ...base, command, note: plan.note };
    return { ...base, note: l10n.t('No command for this name: {0}.', command.refusal) };
  });
}

/**
 * One command line: `words` quoted for the shell. `names` came from outside and are inside the words; one that could be
 * read as an option, that holds control characters, or that the shell cannot carry is refused.
 */
export function renderCommand(
  words: readonly string[],
  names: readonly string[],
  shell: Shell,
): string | { readonly refusal: string } {
  for (const name of names) {
    const refusal = refusalOfArgument(name);
    if (refusal !== null) return { refusal };
  }
  const quoted = words.map((word) => shellQuote(shell, word));
  if (quoted.includes(null)) return { refusal: NO_QUOTES[shell]() };
  return quoted.join(' ');
}

const NO_QUOTES = {
  posix: () => l10n.t('the shell has no safe way to write it'),
  powershell: () => l10n.t('PowerShell has no safe way to write it'),
  cmd: () => l10n.t('cmd has no safe way to write it'),
  other: () => l10n.t('Model Pool does not know how your shell quotes it'),
} as const satisfies Record<Shell, () => string>;

const PLANS: Record<InstallTool, (model: InstallTarget, options: InstallCommandOptions) => Plan> = {
  ollama({ ollamaName, ggufRepo, quant }) {
    if (ollamaName !== undefined) {
      const note = l10n.t('Model Pool can also install it for you, with progress and cancel.');
      return { words: TOOL_WORDS.ollama(ollamaName, {}), names: [ollamaName], note };
    }
    if (ggufRepo === undefined) {
      return { note: l10n.t('Not in the Ollama library, and no GGUF files are known for it.') };
    }
    const name = withQuant(`hf.co/${ggufRepo}`, quant, ':');
    // The hub answers 400 to a pull of split files (https://github.com/ollama/ollama/issues/5245).
    const note = l10n.t(
      'Downloads the GGUF file from Hugging Face, where it is a single file. Model Pool can also install it for you.',
    );
    return ofRepository(ggufRepo, { words: TOOL_WORDS.ollama(name, {}), note });
  },
  // A full address names one repository; a bare `owner/name` is an LM Studio Hub artifact (lms, src/subcommands/get.ts).
  lmstudio({ ggufRepo, mlxRepo, quant }) {
    const note = l10n.t('Needs LM Studio and its `lms` tool. LM Studio asks before it downloads.');
    const get = (repo: string, name: string): Plan =>
      ofRepository(repo, { words: TOOL_WORDS.lmstudio(`https://huggingface.co/${name}`, {}), note });
    if (ggufRepo !== undefined) return get(ggufRepo, withQuant(ggufRepo, quant, '@'));
    // A repository of MLX files holds one quantisation.
    if (mlxRepo !== undefined) return get(mlxRepo, mlxRepo);
    return { note: l10n.t('No GGUF files are known for it. Search for it in LM Studio itself.') };
  },
  vllm({ hfRepoId }, { unquantisedContextTokens: tokens }) {
    const fits = tokens === undefined || tokens === 0 ? {} : { contextTokens: tokens };
    const note =
      tokens === 0
        ? l10n.t('Does not fit this machine: vLLM serves the original, unquantised repository.')
        : l10n.t(
            'vLLM serves the original safetensors repository, not the GGUF file, so it needs more memory than the quantised size shown here.',
          );
    return ofRepository(hfRepoId, { words: TOOL_WORDS.vllm(hfRepoId, fits), note });
  },
  llamacpp({ ggufRepo, quant }, limits) {
    if (ggufRepo === undefined) return { note: l10n.t('No GGUF files are known for it.') };
    const note = l10n.t(
      'Downloads the file, all parts of a split one, on the first start and serves it until it is stopped.',
    );
    return ofRepository(ggufRepo, {
      words: TOOL_WORDS.llamacpp(withQuant(ggufRepo, quant, ':'), limits),
      note,
    });
  },
};

function ofRepository(repo: string, { words, note }: { words: readonly string[]; note: string }): Plan {
  if (refusalOfArgument(repo) === null && !REPOSITORY.test(repo)) {
    return { note: l10n.t('No command for this name: it is not the name of a Hugging Face repository.') };
  }
  return { words, names: [repo], note };
}

function withQuant(name: string, quant: string | undefined, separator: string): string {
  return quant === undefined || quant === '' ? name : `${name}${separator}${quant}`;
}
