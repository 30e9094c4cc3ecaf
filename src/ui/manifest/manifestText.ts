/**
 * What stands in package.json for a text that people read: `%key%` where the reader's language is looked up (by VS Code,
 * in package.nls.json and package.nls.de.json), the English itself where the tables are read as they are.
 *
 * @param key says what the text is, not what it says: it stays when the text changes
 */
export type ManifestText = (key: string, english: string) => string;

/** Says what the tables say. */
export const inEnglish: ManifestText = (_key, english) => english;

/** Words of a JSON schema that say nothing about where in a setting one is. */
const SCHEMA_WORDS: ReadonlySet<string> = new Set([
  ...['properties', 'items', 'additionalProperties', 'oneOf', 'anyOf', 'allOf', 'if', 'then', 'else'],
]);

/** A JSON schema with what `text` gives for each of its descriptions; their keys follow the names of properties. */
export function schemaWithTexts(schema: object, key: string, text: ManifestText): Record<string, unknown> {
  const placed = ([name, value]: [string, unknown]): [string, unknown] => {
    if (name === 'description' && typeof value === 'string') return [name, text(`${key}.${name}`, value)];
    return [name, valueWithTexts(value, SCHEMA_WORDS.has(name) ? key : `${key}.${name}`, text)];
  };
  return Object.fromEntries(Object.entries(schema).map(placed));
}

function valueWithTexts(value: unknown, key: string, text: ManifestText): unknown {
  if (Array.isArray(value)) return value.map((each) => valueWithTexts(each, key, text));
  return typeof value === 'object' && value !== null ? schemaWithTexts(value, key, text) : value;
}
