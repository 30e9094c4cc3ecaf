import type { SourceRange } from './textEdit';

/**
 * - `unknown-command`: a line begins with a word that is no command.
 * - `blank-missing-after-command`: a command with something other than a blank after it, a newline too.
 * - `unfinished-command`: the file ends in a command, name or role.
 * - `unfinished-parameter`, `unfinished-message`: no blank after the name or role.
 * - `extra-blank-after-message`: more than one blank after MESSAGE, which makes an empty role.
 * - `unknown-role`: a role other than system, user, assistant.
 * - `unclosed-quote`: no line ends with the closing quote.
 * - `missing-from`: no FROM anywhere.
 */
export type SyntaxFailureCode =
  | 'unknown-command'
  | 'blank-missing-after-command'
  | 'unfinished-command'
  | 'unfinished-parameter'
  | 'unfinished-message'
  | 'extra-blank-after-message'
  | 'unknown-role'
  | 'unclosed-quote'
  | 'missing-from';

/** Why Ollama's parser refuses a file. */
export interface SyntaxFailure {
  readonly code: SyntaxFailureCode;
  /** Where a reader has to look, which is often not where Ollama's line points. */
  readonly range: SourceRange;
  /** Ollama's exact text, as it would be if this failure were the first. */
  readonly ollamaMessage: string;
  /** Ollama's line, counted from 1 with CR and LF each as one; null where it names none. */
  readonly ollamaLine: number | null;
}

const COMMAND_MESSAGE =
  'command must be one of "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", ' +
  '"parameter", "message", or "requires"';
const ROLE_MESSAGE = 'message role must be one of "system", "user", or "assistant"';
const END_MESSAGE = 'unexpected EOF';

/** A failure with Ollama's text (v0.32.15). `name` is the part of a parameter's name or role that was read. */
export function syntaxFailure(
  code: SyntaxFailureCode,
  range: SourceRange,
  { line = null, name = '' }: { readonly line?: number | null; readonly name?: string } = {},
): SyntaxFailure {
  const place = line === null ? '' : `(line ${line}): `;
  return { code, range, ollamaMessage: place + messageOf(code, name), ollamaLine: line };
}

function messageOf(code: SyntaxFailureCode, name: string): string {
  switch (code) {
    case 'unknown-command':
    case 'blank-missing-after-command':
      return COMMAND_MESSAGE;
    case 'extra-blank-after-message':
    case 'unknown-role':
      return ROLE_MESSAGE;
    case 'unfinished-parameter':
    case 'unfinished-message':
      return `${END_MESSAGE}: ${name}`;
    case 'unfinished-command':
    case 'unclosed-quote':
      return END_MESSAGE;
    case 'missing-from':
      return 'no FROM line';
  }
}
