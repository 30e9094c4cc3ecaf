import { watch } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { systemCodeOf } from '../fileLayer';

/** What tells one file from another that has the same name. */
export interface FileFacts {
  /** Inode, modification time and size: another key means another file, or one that was written to. */
  readonly key: string;
  readonly sizeBytes: number;
  /** By the wall clock of the file system; may lie in the future. */
  readonly modifiedMs: number;
}

/** A file that was created just now and is written once. */
interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the content is on the disk. */
  sync(): Promise<void>;
  facts(): Promise<FileFacts>;
  close(): Promise<void>;
}

/** Every file operation of the state database, so that tests can stop it after each of them. */
export interface StateFiles {
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder, in no order; none where the folder does not exist. */
  names(folder: string): Promise<readonly string[]>;
  facts(file: string): Promise<FileFacts | undefined>;
  read(file: string): Promise<Uint8Array | undefined>;
  /** Rejects with `EEXIST` where there is a file of that name. */
  create(file: string): Promise<NewFile>;
  /** Gives a file a second name; rejects with `EEXIST` where that name is taken. */
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Does nothing where there is no such file. */
  remove(file: string): Promise<void>;
  /** Puts the names of a folder on the disk, where the platform can. */
  syncFolder(folder: string): Promise<void>;
  /** Calls `onChange` when names change, and `onEnd` when it cannot go on. Throws where the folder cannot be watched. */
  watch(folder: string, onChange: (name: string | null) => void, onEnd: () => void): () => void;
}

export const nodeStateFiles: StateFiles = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  names: async (folder) => (await unlessMissing(readdir(folder))) ?? [],
  async facts(file) {
    const stats = await unlessMissing(stat(file, { bigint: true }));
    return stats && factsOf(stats);
  },
  read: (file) => unlessMissing(readFile(file)),
  async create(file) {
    const handle = await open(file, 'wx');
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      facts: async () => factsOf(await handle.stat({ bigint: true })),
      close: () => handle.close(),
    };
  },
  link,
  rename,
  async remove(file) {
    await unlessMissing(unlink(file));
  },
  async syncFolder(folder) {
    try {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch {
      // Windows opens no folder, and some network file systems sync none. The file itself is on the disk.
    }
  },
  watch(folder, onChange, onEnd) {
    const watcher = watch(folder, { persistent: false }, (_event, name) => onChange(name));
    watcher.on('error', () => {
      watcher.close();
      onEnd();
    });
    return () => watcher.close();
  },
};

async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function factsOf({ ino, mtimeNs, mtimeMs, size }: BigIntStats): FileFacts {
  return { key: `${ino}:${mtimeNs}:${size}`, sizeBytes: Number(size), modifiedMs: Number(mtimeMs) };
}
