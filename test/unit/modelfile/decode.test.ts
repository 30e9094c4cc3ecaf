import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModelfile } from '../../../src/modelfile/decode';
import { rounds } from '../../support/soak';

const text = 'FROM a\nSYSTEM héllo 世界 🎉\n';

describe('decoding a Modelfile', () => {
  it('reads UTF-8 with and without a byte order mark', () => {
    expect(decodeModelfile(Buffer.from(text))).toBe(text);
    expect(decodeModelfile(Buffer.from(`\ufeff${text}`))).toBe(text);
  });

  it('drops one byte order mark, not two', () => {
    expect(decodeModelfile(Buffer.from(`\ufeff\ufeff${text}`))).toBe(`\ufeff${text}`);
  });

  it('reads UTF-16 of both byte orders by its mark, and leaves the bytes as they are', () => {
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    const before = Buffer.from(big);
    expect(decodeModelfile(little)).toBe(text);
    expect(decodeModelfile(big)).toBe(text);
    expect(big).toEqual(before);
  });

  it('marks an odd last byte and half a pair of UTF-16 as bad', () => {
    expect(decodeModelfile(Uint8Array.of(0xff, 0xfe, 0x61, 0x00, 0x62))).toBe('a\ufffd');
    expect(decodeModelfile(Uint8Array.of(0xfe, 0xff, 0xd8, 0x3c, 0x00, 0x61))).toBe('\ufffda');
  });

  it('marks each maximal bad part without a mark, each bad byte after one', () => {
    const bad = [0xf0, 0x9f, 0x98, 0x41, 0xe0, 0x80, 0x42, 0xed, 0xa0, 0x80, 0x43, 0xc3];
    expect(decodeModelfile(Uint8Array.from(bad))).toBe('\ufffdA\ufffd\ufffdB\ufffd\ufffd\ufffdC\ufffd');
    expect(decodeModelfile(Uint8Array.from([0xef, 0xbb, 0xbf, ...bad]))).toBe(
      '\ufffd\ufffd\ufffdA\ufffd\ufffdB\ufffd\ufffd\ufffdC\ufffd',
    );
  });

  it(
    'reads good text after a mark as without one, and never throws',
    { timeout: rounds(60_000, 600_000) },
    () => {
      const mark = [0xef, 0xbb, 0xbf];
      const numRuns = rounds(1_000, 100_000);
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (string, bytes) => {
          const encoded = Buffer.from(string);
          expect(decodeModelfile(Uint8Array.from([...mark, ...encoded]))).toBe(encoded.toString('utf8'));
          expect(decodeModelfile(Uint8Array.from([...mark, ...bytes])).replaceAll('\ufffd', '')).toBe(
            Buffer.from(bytes).toString('utf8').replaceAll('\ufffd', ''),
          );
          decodeModelfile(bytes);
        }),
        { numRuns },
      );
    },
  );
});
