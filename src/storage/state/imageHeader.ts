/** https://www.sqlite.org/fileformat2.html, section 1.3. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_BYTES = 100;
const PAGE_SIZE_OFFSET = 16;
const CHANGE_COUNTER_OFFSET = 24;
const PAGE_COUNT_OFFSET = 28;
const VALID_FOR_OFFSET = 92;

/**
 * What the first bytes of a database file say against it. `incomplete`: what is there may be the beginning of a good
 * file that is still being written; an empty file is one. SQLite itself opens an empty file as an empty database.
 */
export type HeaderProblem = 'incomplete' | 'not_sqlite';

export function headerProblem(image: Uint8Array): HeaderProblem | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const begin = Math.min(MAGIC.length, bytes.length);
  if (!bytes.subarray(0, begin).equals(MAGIC.subarray(0, begin))) return 'not_sqlite';
  if (bytes.length < HEADER_BYTES) return 'incomplete';
  const written = bytes.readUInt16BE(PAGE_SIZE_OFFSET);
  const pageBytes = written === 1 ? 65_536 : written;
  // The page count holds only where the version that it is valid for is the current one.
  const counted = bytes.readUInt32BE(CHANGE_COUNTER_OFFSET) === bytes.readUInt32BE(VALID_FOR_OFFSET);
  return counted && bytes.length < pageBytes * bytes.readUInt32BE(PAGE_COUNT_OFFSET)
    ? 'incomplete'
    : undefined;
}
