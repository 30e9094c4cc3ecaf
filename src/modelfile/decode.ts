const REPLACEMENT = 0xfffd;
/** Smallest code point that may be written in so many bytes of UTF-8. */
const SMALLEST_BY_LENGTH = [0, 0, 0x80, 0x800, 0x1_0000];

/**
 * The text of a Modelfile's bytes as Ollama decodes them: UTF-16 where its byte order mark says so, else UTF-8, with
 * the mark dropped. Bad bytes become U+FFFD: one for each maximal bad part, but after a UTF-8 mark one for each byte
 * (Ollama then hands the bytes on unchecked, and Go reads them one by one). UTF-16 without a mark is read as UTF-8.
 */
export function decodeModelfile(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe])) return decodeUtf16(bytes.subarray(2));
  if (startsWith(bytes, [0xfe, 0xff])) return decodeUtf16(withSwappedPairs(bytes.subarray(2)));
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return decodeBytewise(bytes.subarray(3));
  return decodeUtf8(bytes);
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function decodeUtf16(bytes: Uint8Array): string {
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes);
}

/** Big-endian text as little-endian; an odd last byte stays, and is decoded as bad. */
function withSwappedPairs(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    swapped[index] = bytes[index + 1] ?? 0;
    swapped[index + 1] = bytes[index] ?? 0;
  }
  return swapped;
}

/** UTF-8 with one U+FFFD for each byte that belongs to no character. */
function decodeBytewise(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = sequenceLength(bytes[offset] ?? 0);
    const codePoint = codePointOf(bytes.subarray(offset, offset + length), length);
    parts.push(String.fromCodePoint(codePoint ?? REPLACEMENT));
    offset += codePoint === null ? 1 : length;
  }
  return parts.join('');
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function codePointOf(sequence: Uint8Array, length: number): number | null {
  const lead = sequence[0] ?? 0;
  if (length === 1) return lead < 0x80 ? lead : null;
  if (lead > 0xf4 || sequence.length < length) return null;
  let codePoint = lead & (0x7f >> length);
  for (const byte of sequence.subarray(1)) {
    if ((byte & 0xc0) !== 0x80) return null;
    codePoint = codePoint * 64 + (byte & 0x3f);
  }
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  const isTooLong = codePoint < (SMALLEST_BY_LENGTH[length] ?? 0);
  return isSurrogate || isTooLong || codePoint > 0x10_ffff ? null : codePoint;
}
