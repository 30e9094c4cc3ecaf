import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { isPrintable } from '../../../src/modelfile/printable';

it('keeps exactly the code points that Go keeps', () => {
  const file = new URL('../../fixtures/modelfile/isprint.json', import.meta.url);
  const { ranges } = z
    .object({ ranges: z.array(z.tuple([z.number(), z.number()])) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  const kept = new Set(
    ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
  );
  const wrong: number[] = [];
  for (let codePoint = 0; codePoint <= 0x10_ffff; codePoint += 1) {
    if (isPrintable(codePoint) !== kept.has(codePoint)) wrong.push(codePoint);
  }
  expect(kept.size).toBeGreaterThan(140_000);
  expect(wrong).toEqual([]);
});
