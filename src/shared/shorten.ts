/** The text, or its beginning with an ellipsis: at most `maxCharacters` UTF-16 units, no character cut in half. */
export function shorten(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
