import type { FileHandle } from './fileLayer';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** A longer line is left out, so that no file can fill the memory. A record has about 1.5 kB. */
const MAX_LINE_BYTES = 1024 * 1024;

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
  let restBytes = 0;
  while (end > 0) {
    const start = Math.max(0, end - chunkBytes);
    const chunk = await file.read(start, end - start);
    let cut = chunk.length;
    while (cut > 0) {
      const newline = chunk.lastIndexOf(NEWLINE, cut - 1);
      if (newline === -1) break;
      const line = restBytes > MAX_LINE_BYTES ? '' : textOf(chunk.subarray(newline + 1, cut), rest);
      if (line !== '') yield line;
      rest = [];
      restBytes = 0;
      cut = newline;
    }
    restBytes += cut;
    if (restBytes > MAX_LINE_BYTES) rest = [];
    else rest.unshift(chunk.subarray(0, cut));
    end = start;
  }
  const first = restBytes > MAX_LINE_BYTES ? '' : textOf(Buffer.alloc(0), rest);
  if (first !== '') yield first;
}

function textOf(head: Buffer, rest: readonly Buffer[]): string {
  return Buffer.concat([head, ...rest])
    .toString('utf8')
    .trim();
}
