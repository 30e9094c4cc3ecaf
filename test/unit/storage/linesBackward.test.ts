import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileHandle } from '../../../src/storage/fileLayer';
import { linesBackward } from '../../../src/storage/linesBackward';

it('yields the lines of any text last first, whatever the chunk size cuts through', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (texts, endsWithNewline, chunkBytes) => {
        const lines = texts.map((text) => text.replaceAll('\n', '').trim());
        const bytes = Buffer.from(lines.join('\n') + (endsWithNewline ? '\n' : ''));
        const found: string[] = [];
        for await (const line of linesBackward(memoryFile(bytes), bytes.length, chunkBytes)) found.push(line);
        expect(found).toEqual(lines.filter((line) => line !== '').reverse());
      },
    ),
  );
});

it('reads no more than the end of a large file for its last line', async () => {
  const bytes = Buffer.from(`${'x'.repeat(99)}\n`.repeat(10_000));
  const reads: number[] = [];
  const lines = linesBackward(memoryFile(bytes, reads), bytes.length);
  expect((await lines.next()).value).toBe('x'.repeat(99));
  await lines.return(undefined);
  expect(reads).toEqual([bytes.length - 64 * 1024]);
});

it('leaves out what was written after the size that it was given', async () => {
  const bytes = Buffer.from('first\nsecond\nthird\n');
  const found: string[] = [];
  for await (const line of linesBackward(memoryFile(bytes), 'first\nsecond\n'.length)) found.push(line);
  expect(found).toEqual(['second', 'first']);
});

it.each(['at the start', 'in the middle', 'at the end'])('leaves out a line over 1 MiB %s', async (where) => {
  const long = 'x'.repeat(1_200_000);
  const texts = { 'at the start': [long, 'a', 'b'], 'in the middle': ['a', long, 'b'] }[where] ?? [
    'a',
    'b',
    long,
  ];
  const bytes = Buffer.from(texts.join('\n'));
  const found: string[] = [];
  for await (const line of linesBackward(memoryFile(bytes), bytes.length)) found.push(line);
  expect(found).toEqual(['b', 'a']);
});

function memoryFile(bytes: Buffer, reads: number[] = []): FileHandle {
  return {
    sizeBytes: () => Promise.resolve(bytes.length),
    read(offset, length) {
      reads.push(offset);
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    append: () => Promise.reject(new Error('read only')),
    close: () => Promise.resolve(),
  };
}
