import type { ParsedTemplate } from './goTemplateParser';
import type { SourceRange } from './textEdit';

/** A part of a template that an editor can fold, from the end of what opens it to the beginning of what ends it. */
export interface TemplateFold extends SourceRange {
  readonly kind: 'block' | 'comment';
}

/** Blocks, each branch of its own, and comments, in the order of their beginnings. A block without an end is none. */
export function templateFolds({ blocks, comments }: ParsedTemplate): readonly TemplateFold[] {
  const branches = blocks.flatMap(({ opening, middles, closing }) => {
    if (closing === undefined) return [];
    const ends = [...middles, closing];
    return [opening, ...middles].map(({ end }, index): TemplateFold => ({
      kind: 'block',
      start: end,
      end: ends[index]?.start ?? end,
    }));
  });
  const noted = comments.map(({ start, end }): TemplateFold => ({ kind: 'comment', start, end }));
  return [...branches, ...noted].sort((a, b) => a.start - b.start);
}
