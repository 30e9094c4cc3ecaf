import { expect } from 'vitest';

/** vitest's own, typed: theirs are `any`. */
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
