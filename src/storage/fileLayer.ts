import { mkdir, open, readdir } from 'node:fs/promises';

/** A file that is read at offsets, or written at its end. */
export interface FileHandle {
  sizeBytes(): Promise<number>;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Writes some of `bytes` at the end and says how many; rejects when none could be written. */
  append(bytes: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** The few file operations that storage needs, so that tests can make any of them fail. */
export interface FileLayer {
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder, in no order; none where the folder does not exist. */
  names(folder: string): Promise<readonly string[]>;
  /** `append` creates the file where it is missing; `read` rejects then. */
  open(file: string, mode: 'read' | 'append'): Promise<FileHandle>;
}

export const nodeFileLayer: FileLayer = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  async names(folder) {
    try {
      return await readdir(folder);
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'ENOENT') return [];
      throw thrown;
    }
  },
  async open(file, mode) {
    // Readable as well, because the writer looks at the last byte of a file that it goes on with.
    const handle = await open(file, mode === 'read' ? 'r' : 'a+');
    return {
      sizeBytes: async () => (await handle.stat()).size,
      async read(offset, length) {
        const buffer = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return buffer.subarray(0, filled);
      },
      append: async (bytes) => (await handle.write(bytes)).bytesWritten,
      close: () => handle.close(),
    };
  },
};

/** Node's code of a failed file operation, for example `ENOSPC`. */
export function systemCodeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
