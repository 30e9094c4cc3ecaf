import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../src/shared/lines';

async function read(...chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of linesOf(body())) lines.push(line);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('linesOf', () => {
  it('splits at newlines and leaves empty lines out', async () => {
    await expect(read(bytes('{"a":1}\n\n{"b":2}\r\n   \n'))).resolves.toEqual(['{"a":1}', '{"b":2}']);
  });

  it('yields a last line without its newline', async () => {
    await expect(read(bytes('one\ntwo'))).resolves.toEqual(['one', 'two']);
  });

  it('yields nothing for an empty body', async () => {
    await expect(read()).resolves.toEqual([]);
    await expect(read(bytes(''))).resolves.toEqual([]);
  });

  it('joins what was split anywhere, in the middle of a character too', async () => {
    const texts = fc.array(fc.constantFrom('a', 'ü', '模', '👍', '{', ' x', '\n'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(120), { maxLength: 8 }), async (parts, cuts) => {
        const whole = bytes(parts.join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort(
          (a, b) => a - b,
        );
        const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end));
        const expected = parts
          .join('')
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '');
        expect(await read(...chunks)).toEqual(expected);
      }),
    );
  });

  it('cuts a line without end at 16 Mi characters and reads on', async () => {
    const chunk = bytes('x'.repeat(1024 * 1024));
    const lines = await read(...Array.from({ length: 20 }, () => chunk), bytes('\nnext\n'));
    expect(lines[0]?.length).toBeLessThanOrEqual(17 * 1024 * 1024);
    expect(lines.at(-1)).toBe('next');
  });
});
