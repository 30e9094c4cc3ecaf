import type { Completion } from './completion';
import type { SourceRange } from './textEdit';

/** A file or folder beside a Modelfile, as a FROM, ADAPTER or DRAFT would name it. */
export interface NamedFile {
  /** As it is written: `./model.gguf`, `../models/`. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Of a file, in words. */
  readonly detail: string;
}

/** Files that Ollama can build from. */
const MODEL_FILE = /\.(?:gguf|safetensors|bin)$/i;

/** Whether a file is worth offering where a path is written. */
export function isModelFile(name: string): boolean {
  return MODEL_FILE.test(name);
}

/**
 * The folder to look into for a path that is half typed, as it is written there (`./`, `../models/`); undefined where
 * what is typed is no path.
 */
export function typedFolder(typed: string): string | undefined {
  if (typed === '') return './';
  const slash = Math.max(typed.lastIndexOf('/'), typed.lastIndexOf('\\'));
  if (slash < 0) return './';
  const folder = typed.slice(0, slash + 1);
  // `user/model` is a name; only what begins like a path is one.
  return /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(folder) ? folder : undefined;
}

/** Offers of files and folders, folders last. */
export function fileCompletions(range: SourceRange, files: readonly NamedFile[]): readonly Completion[] {
  return [...files]
    .sort((a, b) => Number(a.isFolder) - Number(b.isFolder))
    .map(({ path, isFolder, detail }) => ({
      ...{ kind: isFolder ? 'folder' : 'file', label: path, detail, range, newText: path },
    }));
}
