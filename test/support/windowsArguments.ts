/**
 * Models of how Windows divides a command line, after the documented rules, to check quoted words where no Windows is.
 */

const BLANK = /[ \t]/;

/**
 * What a program finds in argv (learn.microsoft.com, "Parsing C command-line arguments"): blanks divide, a double quote
 * begins and ends a part in which they do not, 2n backslashes before a quote are n, 2n + 1 are n and a plain quote.
 */
export function argumentsOfProgram(commandLine: string): readonly string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < commandLine.length; at += 1) {
    const character = commandLine[at] ?? '';
    if (!quoted && BLANK.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
      continue;
    }
    const backslashes = /^\\+(?=")/.exec(commandLine.slice(at))?.[0].length ?? 0;
    word ??= '';
    if (backslashes > 0) {
      word += '\\'.repeat(Math.floor(backslashes / 2)) + (backslashes % 2 === 1 ? '"' : '');
      at += backslashes - (backslashes % 2 === 1 ? 0 : 1);
    } else if (character === '"') quoted = !quoted;
    else word += character;
  }
  return word === undefined ? found : [...found, word];
}

/**
 * What cmd hands to the program (learn.microsoft.com, "cmd"): the line as it is.
 *
 * @throws where cmd would do more than hand it over: expand a variable, or end or redirect the command.
 */
export function commandLineOfCmd(line: string): string {
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    if (/[%!\r\n]/.test(character) || (!quoted && /[&|<>^()]/.test(character))) {
      throw new Error(`cmd reads ${JSON.stringify(character)} in ${line}`);
    }
  }
  if (quoted) throw new Error(`an open quote in ${line}`);
  return line;
}

/** U+2018 to U+201B count as the single quote (PowerShell's source, CharTraits.cs). */
const SINGLE_QUOTED = /^['\u2018-\u201b]((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)['\u2018-\u201b]$/;

/**
 * What Windows PowerShell 5.1 hands to a program for words of which none holds a blank outside quotes
 * (learn.microsoft.com, about_Parsing and about_Quoting_Rules; "Legacy" in about_Preference_Variables): the values with
 * blanks in them in double quotes, and nothing escaped.
 *
 * @throws for a word that is neither plain nor in single quotes.
 */
export function commandLineOfPowerShell(words: readonly string[]): string {
  const values = words.map((word) => {
    const inner = SINGLE_QUOTED.exec(word)?.[1];
    if (inner !== undefined) return inner.replace(/(['\u2018-\u201b])['\u2018-\u201b]/g, '$1');
    if (/[\s'"`,;(){}|&<>$\u2018-\u201e]|^[@#]|^--%$/.test(word)) {
      throw new Error(`PowerShell reads more than a word in ${word}`);
    }
    return word;
  });
  return values.map((value) => (/\s/.test(value) ? `"${value}"` : value)).join(' ');
}
