import type { PlatformPath } from 'node:path';
import { looksLikePath } from './modelName';
import type { ModelfileCommand, ParsedModelfile } from './parse';

/**
 * Whether a command names a file or folder, and no model. An ADAPTER and a DRAFT do; a FROM does where it looks like a
 * path, and where it is one of `localNames`: Ollama (v0.32.15) looks into the Modelfile's folder first, and takes a FROM
 * for the name of a model only where nothing is there.
 */
export function namesFile(
  { name, args }: Pick<ModelfileCommand, 'name' | 'args'>,
  localNames: readonly string[] = [],
): boolean {
  if (name === 'adapter' || name === 'draft') return true;
  return name === 'model' && (looksLikePath(args) || localNames.includes(args));
}

/** The paths that a file names, each once, as they are written there. */
export function namedPaths({ commands }: ParsedModelfile): readonly string[] {
  const paths = commands.filter((command) => namesFile(command) && command.args !== '');
  return [...new Set(paths.map(({ args }) => args))];
}

/** What FROM names that looks like a model and may lie beside the Modelfile, each once, as written there. */
export function bareNames({ commands }: ParsedModelfile): readonly string[] {
  const bare = commands.filter((command) => command.name === 'model' && !namesFile(command));
  return [...new Set(bare.map(({ args }) => args))];
}

/** What a path in a Modelfile is read against. */
export interface PathPlace {
  /** The folder of the Modelfile. */
  readonly folder: string;
  readonly homeFolder: string;
  /** `node:path`, or one of its two kinds. */
  readonly path: PlatformPath;
}

/**
 * A path as Ollama's client takes it. Undefined for another user's home, which only the system knows, and for a share of
 * another machine than the folder's: on Windows to look at one is to call that machine and to say who one is, and
 * whoever wrote the file, perhaps in a folder that nobody trusts, must not choose whom.
 */
export function resolveNamedPath(named: string, { folder, homeFolder, path }: PathPlace): string | undefined {
  if (named.includes('\0')) return undefined;
  if (/^~(?:[\\/]|$)/.test(named)) return path.join(homeFolder, named.slice(1));
  if (named.startsWith('~')) return undefined;
  // To Ollama `q:8b` is a name in the folder; `resolve` alone would look on the drive Q.
  const resolved = path.resolve(folder, path.isAbsolute(named) ? named : path.join(folder, named));
  const { root } = path.parse(resolved);
  const isShare = root.startsWith('\\\\');
  return isShare && root.toLowerCase() !== path.parse(folder).root.toLowerCase() ? undefined : resolved;
}

/** Those of some names of which something holds where they lead, in their order; none that may not be looked at. */
export async function namesWhere(
  names: readonly string[],
  place: PathPlace,
  holds: (file: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const checked = await Promise.all(
    names.map(async (named) => {
      const resolved = resolveNamedPath(named, place);
      return resolved !== undefined && (await holds(resolved)) ? [named] : [];
    }),
  );
  return checked.flat();
}
