/** Longest name that a file's name is made into. */
const LONGEST = 80;

/**
 * The name under which a Modelfile's model would be created, from the file's own: `reviewer.modelfile` and
 * `Modelfile.reviewer` are `reviewer`, a bare `Modelfile` is its folder. Always a name that Ollama takes.
 */
export function createdName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  const file = parts.at(-1) ?? '';
  const named = /^modelfile\.(.+)$/i.exec(file)?.[1] ?? /^(.+)\.modelfile$/i.exec(file)?.[1] ?? parts.at(-2);
  const name = (named ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9_]+/, '')
    .slice(0, LONGEST)
    .replace(/[-.]+$/, '');
  return name === '' ? 'my-model' : name;
}
