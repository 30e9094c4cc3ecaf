import type { FileHandle } from './fileLayer';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a file's first `sizeBytes` bytes, last one first, without their newlines. Reads from the end in chunks,
 * so that the newest lines of a large file cost little. Empty lines are left out.
 */
export async function* linesBackward(
  file: FileHandle,
  sizeBytes: number,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<string, void, undefined> {
  let end = sizeBytes;
  // Bytes, not text: a character may be split over two chunks.
  let rest: Buffer[] = [];
  while (end > 0) {
    const start = Math.max(0, end - chunkBytes);
    const chunk = await file.read(start, end - start);
    let cut = chunk.length;
    while (cut > 0) {
      const newline = chunk.lastIndexOf(NEWLINE, cut - 1);
      if (newline === -1) break;
      const line = textOf(chunk.subarray(newline + 1, cut), rest);
      if (line !== '') yield line;
      rest = [];
      cut = newline;
    }
    rest.unshift(chunk.subarray(0, cut));
    end = start;
  }
  const first = textOf(Buffer.alloc(0), rest);
  if (first !== '') yield first;
}

function textOf(head: Buffer, rest: readonly Buffer[]): string {
  return Buffer.concat([head, ...rest])
    .toString('utf8')
    .trim();
}
