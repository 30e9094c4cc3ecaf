/** The shells for which a command can be written. */
export type Shell = 'posix' | 'powershell' | 'cmd';

// eslint-disable-next-line no-control-regex -- finding control characters is what it is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;

/**
 * Says why a name from outside must not become an argument of a command, or null when it may: empty, starting with
 * `-` (it would be read as an option), or with control characters (a line break would run a second command).
 */
export function refusalOfArgument(argument: string): string | null {
  if (argument === '') return 'it is empty';
  if (argument.startsWith('-')) return 'it starts with "-", which a tool would read as an option';
  if (CONTROL.test(argument)) return 'it contains control characters';
  return null;
}

/**
 * The argument as one word of the given shell, bare where that is safe, or null where that shell has no safe way to
 * write it. Refuses control characters in every shell.
 *
 * - posix: single quotes; an inner quote closes, escapes and opens again.
 * - powershell: single quotes, inner ones doubled, the typographic ones too, which PowerShell treats alike. Double
 *   quotes are refused: Windows PowerShell 5.1 drops them on the way to a native program.
 * - cmd: double quotes; `"`, `%` and `!` are refused, because cmd expands variables even inside quotes.
 */
export function shellQuote(shell: Shell, argument: string): string | null {
  if (CONTROL.test(argument)) return null;
  switch (shell) {
    case 'posix':
      // A leading `=` or `~` means something to zsh and to every shell.
      if (/^[A-Za-z0-9_./-][A-Za-z0-9_@%+=:,./-]*$/.test(argument)) return argument;
      return `'${argument.replaceAll("'", "'\\''")}'`;
    case 'powershell':
      if (/["\u201c-\u201e]/.test(argument)) return null;
      if (/^[A-Za-z0-9_./:=+-]+$/.test(argument)) return argument;
      return `'${argument.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
    case 'cmd':
      if (/["%!]/.test(argument)) return null;
      if (/^[A-Za-z0-9_./:@+\\-]+$/.test(argument)) return argument;
      // Backslashes in front of the closing quote would escape it for the program's own parser.
      return `"${argument.replace(/\\+$/, '$&$&')}"`;
  }
}
