import * as l10n from '@vscode/l10n';

/**
 * The shells for which a command can be written: `posix` is sh, bash, dash, ksh and zsh; `other` is every shell with
 * quotes of its own (fish, Nushell, csh, ...), which gets a command only where nothing needs quotes.
 */
export type Shell = 'posix' | 'powershell' | 'cmd' | 'other';

/**
 * What a reader does not see, or sees in another place or as a plain space: control and format characters (zero-width,
 * bidirectional), lone surrogates, line separators, blanks other than the space. With them a command could read as
 * another than the one that runs, so they are refused, not shown. Letters that merely look alike are visible and stay.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|[^\S ]/u;

/** Means itself in every shell, without quotes. Neither `~`, `=` nor `@` comes first, where some shells expand them. */
const PLAIN = /^[A-Za-z0-9_/-][A-Za-z0-9_@+:./-]*$/;

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Says why a name from outside must not become an argument of a command, or null when it may: empty, starting with
 * `-` (it would be read as an option), or with characters that are not seen (a line break would run a second command).
 */
export function refusalOfArgument(argument: string): string | null {
  if (argument === '') return l10n.t('it is empty');
  if (argument.startsWith('-')) return l10n.t('it starts with "-", which a tool would read as an option');
  if (UNSEEN.test(argument)) return l10n.t('it contains control or invisible characters');
  return null;
}

/**
 * The argument as one word of the given shell, bare where that is safe everywhere, or null where that shell has no safe
 * way to write it. Refuses the empty word, which Windows PowerShell drops, and unseen characters in every shell.
 *
 * - posix: single quotes, in which nothing is special (POSIX.1-2024, XCU 2.2.2); an inner quote closes, escapes and
 *   opens again. bash and zsh expand no history there.
 * - powershell: single quotes, inner ones doubled (learn.microsoft.com, about_Quoting_Rules). Refused: double quotes,
 *   which version 5.1 drops on the way to a program, and a backslash at the end, which it puts before a closing quote
 *   (about_Parsing, "Passing arguments that contain quote characters"); and what cmd would read where the program is a
 *   batch file, because PowerShell hands a word without blanks to it without quotes.
 * - cmd: double quotes, in which `&`, `|`, `<`, `>` and `^` are plain (learn.microsoft.com, "cmd"). Refused: `"`, `%` and
 *   `!`, which work inside quotes too.
 * - Both on Windows carry ASCII alone: PowerShell takes typographic quotes for quotes, and a program that asks for its
 *   arguments in the ANSI code page gets look-alikes of quotes and hyphens turned into real ones.
 */
export function shellQuote(shell: Shell, argument: string): string | null {
  if (argument === '' || UNSEEN.test(argument)) return null;
  if (PLAIN.test(argument)) return argument;
  switch (shell) {
    case 'posix':
      return `'${argument.replaceAll("'", "'\\''")}'`;
    case 'powershell':
      if (!PRINTABLE_ASCII.test(argument) || /["%&<>^|]|\\$/.test(argument)) return null;
      return `'${argument.replaceAll("'", "''")}'`;
    case 'cmd':
      if (!PRINTABLE_ASCII.test(argument) || /["%!]/.test(argument)) return null;
      // Backslashes in front of the closing quote would escape it for the program's own parser.
      return `"${argument.replace(/\\+$/, '$&$&')}"`;
    case 'other':
      return null;
  }
}
