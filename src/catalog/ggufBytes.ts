import type { HttpClient, HttpHeaders, HttpStream } from '../shared/http';
import { httpFailureOf, originOf } from '../shared/http';
import { ModelPoolError } from '../shared/errors';

/**
 * Why a GGUF header could not be read. `truncated`: the file ends within its header; `lies`: a count, a length or an
 * offset that no file of this size can hold; `too_large`: the header is longer than the caller allows.
 */
export type GgufErrorCode =
  'not_gguf' | 'unsupported_version' | 'truncated' | 'lies' | 'too_large' | 'network';

/** Thrown within the reader only; `readGgufModel` turns it into a failure. */
export class GgufFault extends ModelPoolError<GgufErrorCode> {}

/** Where a file is and how much of it may be fetched. */
export interface GgufSource {
  readonly url: string;
  /** Must not add secrets of its own: redirects lead to other hosts. */
  readonly http: HttpClient;
  /** Sent to the host of `url` only, never to one that it redirects to; for example a token. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Most bytes to fetch. */
  readonly maxBytes: number;
}

const FIRST_RANGE_BYTES = 256 * 1024;
const LARGEST_RANGE_BYTES = 4 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** No file is as long as this, in bytes: what says so is wrong, and sums below it are exact. */
const LONGEST_PLAUSIBLE_BYTES = 2 ** 50;
const RANGE_NOT_SATISFIABLE = 416;
/** A header of 64 MiB takes 25; a server that hands out single bytes is not waited for. */
const MAX_RANGES = 64;

/**
 * A file read from its start by HTTP ranges that double from 256 KiB to 4 MiB; one range is held at a time, and what is
 * skipped beyond it is never fetched. The readers need their bytes in memory: `ensure` first.
 */
export class GgufBytes {
  /** Offset of the next byte in the file. */
  position = 0;
  littleEndian = true;
  /** The file's length, once the server has told it. */
  fileBytes: number | undefined;
  fetchedBytes = 0;
  #held: Buffer = Buffer.alloc(0);
  #heldFrom = 0;
  #rangeBytes = FIRST_RANGE_BYTES;
  #ranges = 0;
  /** Where redirects led to. */
  #url: string;

  constructor(private readonly source: GgufSource) {
    this.#url = source.url;
  }

  /** True when the next `count` bytes are in memory. */
  has(count: number): boolean {
    return this.position + count <= this.#heldFrom + this.#held.length;
  }

  /** Fetches on until the next `count` bytes are in memory. */
  async ensure(count: number): Promise<void> {
    while (!this.has(count)) {
      this.#mustFit(count);
      const heldTo = this.#heldFrom + this.#held.length;
      const from = Math.max(this.position, heldTo);
      const missing = this.position + count - from;
      const wanted = Math.min(
        Math.max(this.#rangeBytes, missing),
        this.source.maxBytes - this.fetchedBytes,
        (this.fileBytes ?? Infinity) - from,
      );
      if (wanted < missing) {
        throw new GgufFault('too_large', `The header is longer than ${this.source.maxBytes} bytes.`);
      }
      const fetched = await this.#fetch(from, wanted);
      const kept = this.position < heldTo ? this.#held.subarray(this.position - this.#heldFrom) : null;
      this.#held = kept ? Buffer.concat([kept, fetched]) : fetched;
      this.#heldFrom = this.position;
      this.#rangeBytes = Math.min(this.#rangeBytes * 2, LARGEST_RANGE_BYTES);
      if (fetched.length < wanted) this.fileBytes ??= from + fetched.length;
      if (fetched.length === 0) throw endsEarly();
    }
  }

  /** Goes on by `count` bytes, of which none needs to be fetched. */
  skip(count: number): void {
    this.#mustFit(count);
    this.position += count;
  }

  /** Checks that a length or a size that the header names can be in this file at all. */
  mustBePlausible(bytes: number, what: string): void {
    if (bytes > (this.fileBytes ?? LONGEST_PLAUSIBLE_BYTES)) {
      throw new GgufFault('lies', `The header says that ${what} takes more bytes than the file has.`);
    }
  }

  u8(): number {
    return this.#held.readUInt8(this.#advance(1));
  }

  i8(): number {
    return this.#held.readInt8(this.#advance(1));
  }

  u16(): number {
    const at = this.#advance(2);
    return this.littleEndian ? this.#held.readUInt16LE(at) : this.#held.readUInt16BE(at);
  }

  i16(): number {
    const at = this.#advance(2);
    return this.littleEndian ? this.#held.readInt16LE(at) : this.#held.readInt16BE(at);
  }

  u32(): number {
    const at = this.#advance(4);
    return this.littleEndian ? this.#held.readUInt32LE(at) : this.#held.readUInt32BE(at);
  }

  i32(): number {
    const at = this.#advance(4);
    return this.littleEndian ? this.#held.readInt32LE(at) : this.#held.readInt32BE(at);
  }

  f32(): number {
    const at = this.#advance(4);
    return this.littleEndian ? this.#held.readFloatLE(at) : this.#held.readFloatBE(at);
  }

  f64(): number {
    const at = this.#advance(8);
    return this.littleEndian ? this.#held.readDoubleLE(at) : this.#held.readDoubleBE(at);
  }

  /** Rounded to the nearest number beyond 2^53. */
  u64(): number {
    const at = this.#advance(8);
    return Number(this.littleEndian ? this.#held.readBigUInt64LE(at) : this.#held.readBigUInt64BE(at));
  }

  /** Rounded to the nearest number beyond 2^53. */
  i64(): number {
    const at = this.#advance(8);
    return Number(this.littleEndian ? this.#held.readBigInt64LE(at) : this.#held.readBigInt64BE(at));
  }

  text(bytes: number): string {
    const at = this.#advance(bytes);
    return this.#held.toString('utf8', at, at + bytes);
  }

  #advance(count: number): number {
    const at = this.position - this.#heldFrom;
    this.position += count;
    return at;
  }

  #mustFit(count: number): void {
    if (this.position + count > (this.fileBytes ?? LONGEST_PLAUSIBLE_BYTES)) throw endsEarly();
  }

  async #fetch(from: number, count: number): Promise<Buffer> {
    if (++this.#ranges > MAX_RANGES) {
      throw new GgufFault('network', `${originOf(this.#url)} answers with less than it is asked for.`);
    }
    const answer = await this.#open(from, count);
    const { body, status, headers } = answer;
    const partial = status === 206 ? contentRangeOf(headers) : null;
    if (partial ? partial.from !== from : from > 0) {
      answer.close();
      throw new GgufFault('network', `${originOf(this.#url)} does not answer requests for parts of a file.`);
    }
    const total = partial ? partial.total : wholeNumber(headers['content-length']);
    if (total !== undefined && total <= LONGEST_PLAUSIBLE_BYTES) this.fileBytes ??= total;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const chunk of body) {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (partial ? bytes > count : bytes >= count) break;
      }
    } catch (thrown) {
      const { message } = httpFailureOf(thrown, this.#url, this.source.signal);
      throw new GgufFault('network', message, { cause: thrown });
    } finally {
      // A server that does not know ranges would send the whole file.
      if (bytes > count || !partial) answer.close();
    }
    this.fetchedBytes += Math.min(bytes, count);
    return Buffer.concat(chunks, Math.min(bytes, count));
  }

  async #open(from: number, count: number): Promise<HttpStream> {
    const { http, signal, headers, url } = this.source;
    for (let redirects = 0; ; redirects++) {
      const opened = await http.stream(this.#url, {
        headers: {
          ...(originOf(this.#url) === originOf(url) && headers),
          accept: '*/*',
          range: `bytes=${from}-${from + count - 1}`,
        },
        ...(signal && { signal }),
      });
      if (opened.ok) return opened.value;
      const { status, headers: answered, message } = opened.failure;
      if (status === RANGE_NOT_SATISFIABLE) throw endsEarly();
      const next = status === undefined ? null : redirectOf(this.#url, status, answered);
      if (next === null || redirects === MAX_REDIRECTS) throw new GgufFault('network', message);
      this.#url = next;
    }
  }
}

function endsEarly(): GgufFault {
  return new GgufFault('truncated', 'The file ends within its header.');
}

/** Where a redirect leads; null where it is none, leads to no web address, or gives up encryption. */
function redirectOf(url: string, status: number, headers: HttpHeaders | undefined): string | null {
  const location = headers?.['location'];
  if (status < 300 || status > 399 || typeof location !== 'string' || !URL.canParse(location, url))
    return null;
  const next = new URL(location, url);
  const kept = next.protocol === 'https:' || (next.protocol === 'http:' && url.startsWith('http:'));
  return kept ? next.href : null;
}

function contentRangeOf(headers: HttpHeaders): { readonly from: number; readonly total?: number } | null {
  const text = headers['content-range'];
  const match = typeof text === 'string' ? /^bytes (\d{1,15})-\d{1,15}\/(?:(\d{1,15})|\*)$/.exec(text) : null;
  if (!match) return null;
  return { from: Number(match[1]), ...(match[2] !== undefined && { total: Number(match[2]) }) };
}

function wholeNumber(text: string | readonly string[] | undefined): number | undefined {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
