import * as z from 'zod';
import { factsOf } from './facts';
import { fitHint, modelCardLines } from './modelCard';
import { readOtherFile } from './otherFiles';
import type { MachineFacts, ReferenceCard } from './protocol';

/** The parameters of the request: which file it is and what stands in it. */
const params = z.object({ path: z.string(), text: z.string() });

/** What this machine knows of the models that another file names; nothing for parameters of another shape. */
export function referenceCards(received: unknown, facts: MachineFacts | undefined): readonly ReferenceCard[] {
  const parsed = params.safeParse(received);
  if (!parsed.success || !facts) return [];
  const { references, contextTokens = facts.defaultContextTokens } = readOtherFile(
    parsed.data.path,
    parsed.data.text,
  );
  return references.flatMap(({ name, range }) => {
    const model = factsOf(name, facts);
    if (!model) return [];
    const limit = model.maxContextTokens ?? Infinity;
    const tokens = contextTokens === undefined ? undefined : Math.min(contextTokens, limit);
    const hint = fitHint(model, facts, tokens);
    return [{ range, title: model.name, hint, lines: modelCardLines(model, facts, tokens) }];
  });
}
