import * as l10n from '@vscode/l10n';

/** A command of a Modelfile, as written in small letters; any case is a command. */
export type CommandKeyword =
  | 'from'
  | 'license'
  | 'template'
  | 'system'
  | 'adapter'
  | 'draft'
  | 'renderer'
  | 'parser'
  | 'parameter'
  | 'message'
  | 'requires';

/** What a second command of the same kind does: `adds` to the first, or replaces it without a word (`last-wins`). */
type Repetition = 'adds' | 'last-wins';

export interface CommandDescription {
  /** One line, our words. */
  readonly meaning: () => string;
  readonly repetition: Repetition;
  /** A line as one would write it. */
  readonly example: string;
}

/**
 * What each command does and what a second one does (Ollama v0.32.15). FROM adds up for local files; of several model
 * names the last wins. Files of DRAFT add up as well, for a model in parts. PARAMETER is judged by its name: see the parameter table.
 */
export const COMMANDS: Readonly<Record<CommandKeyword, CommandDescription>> = {
  from: {
    meaning: () =>
      l10n.t('The model to start from: a model name, a GGUF file, or a folder of safetensors. Required.'),
    repetition: 'last-wins',
    example: 'FROM llama3.2:3b',
  },
  license: {
    meaning: () => l10n.t('A licence text that is shown with the model. Several add up.'),
    repetition: 'adds',
    example: 'LICENSE """Apache-2.0"""',
  },
  template: {
    meaning: () =>
      l10n.t(
        'How messages become the prompt, in the template language of Go. Replaces that of the base model.',
      ),
    repetition: 'last-wins',
    example: 'TEMPLATE """{{ .Prompt }}{{ .Response }}"""',
  },
  system: {
    meaning: () => l10n.t('The system message that the model gets when a request brings none.'),
    repetition: 'last-wins',
    example: 'SYSTEM """You are a careful reviewer."""',
  },
  adapter: {
    meaning: () => l10n.t('A LoRA adapter for the base model: a GGUF file or a folder of safetensors.'),
    repetition: 'last-wins',
    example: 'ADAPTER ./adapter.gguf',
  },
  draft: {
    meaning: () => l10n.t('A small model that guesses tokens ahead, so that the large one only checks them.'),
    repetition: 'adds',
    example: 'DRAFT ./draft.gguf',
  },
  renderer: {
    meaning: () =>
      l10n.t('One of the ways built into Ollama to turn messages into a prompt, instead of a template.'),
    repetition: 'last-wins',
    example: 'RENDERER qwen3-coder',
  },
  parser: {
    meaning: () =>
      l10n.t('One of the ways built into Ollama to read thinking and tool calls out of the answer.'),
    repetition: 'last-wins',
    example: 'PARSER qwen3-coder',
  },
  parameter: {
    meaning: () => l10n.t('A default for a run-time option, such as num_ctx or temperature.'),
    repetition: 'adds',
    example: 'PARAMETER num_ctx 8192',
  },
  message: {
    meaning: () =>
      l10n.t('A message that stands before every conversation: system, user or assistant. Several add up.'),
    repetition: 'adds',
    example: 'MESSAGE user Is Toronto in Canada?',
  },
  requires: {
    meaning: () => l10n.t('The oldest version of Ollama that can run the model.'),
    repetition: 'last-wins',
    example: 'REQUIRES 0.14.0',
  },
};

/** The command that a word names, in any case, or null. */
export function commandKeyword(word: string): CommandKeyword | null {
  const keyword = word.toLowerCase();
  return isKeyword(keyword) ? keyword : null;
}

function isKeyword(word: string): word is CommandKeyword {
  return Object.hasOwn(COMMANDS, word);
}

/** Roles of MESSAGE, with their case. */
export const MESSAGE_ROLES = ['system', 'user', 'assistant'] as const;

/**
 * Names under which the parser hands on commands that are no parameter: `PARAMETER model x` is a FROM, and
 * `PARAMETER message x` a message whose role nobody checked.
 */
const COMMAND_NAMES: ReadonlySet<string> = new Set([
  ...['model', 'license', 'template', 'system', 'adapter'],
  ...['draft', 'renderer', 'parser', 'requires', 'message'],
]);

/** Whether a parsed command sets a parameter, by its name. */
export function isParameterName(commandName: string): boolean {
  return !COMMAND_NAMES.has(commandName);
}
