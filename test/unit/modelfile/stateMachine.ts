import { isPrintable } from '../../../src/modelfile/printable';

/** A verdict on a text's syntax, as Ollama would print it. */
export type Verdict =
  | { readonly commands: readonly { readonly name: string; readonly args: string }[] }
  | { readonly error: string };

const COMMANDS =
  'from license template system adapter draft renderer parser parameter message requires'.split(' ');
const COMMAND_ERROR = `command must be one of ${COMMANDS.map((name) => `"${name}"`)
  .join(', ')
  .replace(
    '"parser", "parameter", "message", "requires"',
    '"parser", "parameter", "message", or "requires"',
  )}`;
const ROLE_ERROR = 'message role must be one of "system", "user", or "assistant"';

/**
 * The rules of Ollama's parser once more, one character at a time and as plainly as they can be said: a second opinion
 * for the parser in `src`, which works by lines and keeps ranges.
 */
export function readByCharacter(text: string): Verdict {
  const commands: { name: string; args: string }[] = [];
  let state: 'between' | 'comment' | 'word' | 'parameter' | 'role' | 'value' = 'between';
  let line = 1;
  let buffer = '';
  let name = '';
  let role = '';
  const keep = (character: string) => {
    if (isPrintable(character.codePointAt(0) ?? 0)) buffer += character;
  };
  const emit = (args: string) => {
    commands.push({ name, args: role === '' ? args : `${role}: ${args}` });
    role = '';
  };
  for (const character of text.toWellFormed()) {
    const isNewline = character === '\n' || character === '\r';
    const isBlank = character === ' ' || character === '\t';
    const isLetter = /^[A-Za-z]$/.test(character);
    if (isNewline) line += 1;
    switch (state) {
      case 'between':
        if (isNewline || isBlank) break;
        buffer = '';
        state = character === '#' ? 'comment' : 'word';
        if (state === 'word') keep(character);
        break;
      case 'comment':
        if (isNewline) state = 'between';
        break;
      case 'word': {
        if (isLetter) {
          keep(character);
          break;
        }
        const word = buffer.toLowerCase();
        if (!isBlank || !COMMANDS.includes(word)) return { error: `(line ${line}): ${COMMAND_ERROR}` };
        state = word === 'parameter' ? 'parameter' : word === 'message' ? 'role' : 'value';
        name = word === 'from' ? 'model' : word;
        buffer = '';
        break;
      }
      case 'parameter':
      case 'role':
        if (isLetter || (state === 'parameter' && /^[0-9_]$/.test(character))) {
          keep(character);
          break;
        }
        if (!isBlank) return { error: `unexpected EOF: ${buffer}` };
        if (state === 'parameter') name = buffer;
        else {
          if (!['system', 'user', 'assistant'].includes(buffer))
            return { error: `(line ${line}): ${ROLE_ERROR}` };
          role = buffer;
        }
        state = 'value';
        buffer = '';
        break;
      case 'value': {
        const value = isNewline ? unquote(buffer) : null;
        if (value === null) {
          if (isNewline || isBlank) buffer += character;
          else keep(character);
          break;
        }
        emit(value);
        state = 'between';
      }
    }
  }
  if (state === 'value') {
    const value = unquote(buffer);
    if (value === null) return { error: 'unexpected EOF' };
    emit(value);
  } else if (state !== 'between' && state !== 'comment') return { error: 'unexpected EOF' };
  return commands.some((command) => command.name === 'model') ? { commands } : { error: 'no FROM line' };
}

/** A value without its quotes; null while they are open. */
function unquote(raw: string): string | null {
  const value = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  if (value.startsWith('"""')) return value.length >= 6 && value.endsWith('"""') ? value.slice(3, -3) : null;
  if (value.startsWith('"')) return value.length >= 2 && value.endsWith('"') ? value.slice(1, -1) : null;
  return value;
}
