import { createHash } from 'node:crypto';
import type { StoredModel } from './store';

/** Digits after the point, as many as a 32-bit number shows. */
const DIGITS = 8;

/** Why the model's process makes no vectors, or null. */
export function embeddingRefusal(model: StoredModel): string | null {
  if (model.package.facts.capabilities.includes('embedding')) return null;
  return 'This server does not support embeddings. Start it with `--embeddings`';
}

/** A made-up vector of length 1, the same for the same text; cut to `dimensions` it has length 1 again. */
export function embeddingOf(text: string, length: number, dimensions = length): number[] {
  const raw = Array.from({ length: Math.min(dimensions, length) }, (_, index) => {
    const hash = createHash('sha256').update(`${index} ${text}`).digest();
    return hash.readInt32LE(0) / 2 ** 31;
  });
  const norm = Math.hypot(...raw);
  return raw.map((value) => Number((value / norm).toFixed(DIGITS)));
}
