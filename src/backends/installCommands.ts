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

/** Words of a command and which names from outside went into them, or why there is none. */
type Plan =
  | { readonly words: readonly string[]; readonly names: readonly string[]; readonly note: string }
  | { readonly note: string };

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
    return { ...base, note: `No command for this name: ${command.refusal}.` };
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
  if (quoted.includes(null)) return { refusal: `${SHELL_NAMES[shell]} has no safe way to write it` };
  return quoted.join(' ');
}

const SHELL_NAMES = { posix: 'the shell', powershell: 'PowerShell', cmd: 'cmd' } as const satisfies Record<
  Shell,
  string
>;

const PLANS: Record<InstallTool, (model: InstallTarget, options: InstallCommandOptions) => Plan> = {
  ollama(model) {
    const name =
      model.ollamaName ?? (model.ggufRepo && withQuant(`hf.co/${model.ggufRepo}`, model.quant, ':'));
    if (!name) return { note: 'Not in the Ollama library, and no GGUF files are known for it.' };
    const note =
      model.ollamaName === undefined
        ? 'Downloads the GGUF file from Hugging Face. Model Pool can also install it for you.'
        : 'Model Pool can also install it for you, with progress and cancel.';
    return { words: ['ollama', 'pull', name], names: [model.ollamaName ?? model.ggufRepo ?? name], note };
  },
  // A full address names one repository; a bare `owner/name` is a search or an LM Studio Hub artifact
  // (lms, src/subcommands/get.ts).
  lmstudio(model) {
    const repo = model.ggufRepo;
    if (repo === undefined)
      return { note: 'No GGUF files are known for it. Search for it in LM Studio itself.' };
    const name = withQuant(`https://huggingface.co/${repo}`, model.quant, '@');
    return {
      words: ['lms', 'get', name],
      names: [repo],
      note: 'Needs LM Studio and its `lms` tool. LM Studio asks before it downloads.',
    };
  },
  vllm(model, { unquantisedContextTokens: tokens }) {
    const limit = tokens === undefined || tokens === 0 ? [] : ['--max-model-len', String(tokens)];
    return {
      words: ['vllm', 'serve', model.hfRepoId, ...limit],
      names: [model.hfRepoId],
      note:
        tokens === 0
          ? 'Does not fit this machine: vLLM serves the original, unquantised repository.'
          : 'vLLM serves the original safetensors repository, not the GGUF file, so it needs more memory than the quantised size shown here.',
    };
  },
  llamacpp(model, { contextTokens, gpuLayers }) {
    const repo = model.ggufRepo;
    if (repo === undefined) return { note: 'No GGUF files are known for it.' };
    const name = withQuant(repo, model.quant, ':');
    return {
      words: [
        ...['llama-server', '-hf', name],
        ...(contextTokens === undefined ? [] : ['-c', String(contextTokens)]),
        ...(gpuLayers === undefined ? [] : ['-ngl', String(gpuLayers)]),
      ],
      names: [repo],
      note: 'Downloads the file on the first start and serves it until it is stopped.',
    };
  },
};

function withQuant(name: string, quant: string | undefined, separator: string): string {
  return quant === undefined || quant === '' ? name : `${name}${separator}${quant}`;
}
