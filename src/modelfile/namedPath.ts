import type { PlatformPath } from 'node:path';

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
  const resolved = path.resolve(folder, named);
  const { root } = path.parse(resolved);
  const isShare = root.startsWith('\\\\');
  return isShare && root.toLowerCase() !== path.parse(folder).root.toLowerCase() ? undefined : resolved;
}
